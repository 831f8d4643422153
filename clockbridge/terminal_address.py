"""Where a terminal is, as the commands of `clockbridge terminal` are told it, and how they end when it cannot be."""

import sys
from typing import Annotated, NoReturn

import typer

from clockbridge.language import say
from clockbridge.terminal_words import FINDINGS
from edge.devices.driver import TerminalAddress, Transport
from edge.devices.zkteco.discovery import Finding

UNREACHABLE = 2
USUAL_PORT = "4370"

Host = Annotated[str, typer.Argument(metavar="HOST[:PORT]", help="Address of the terminal; port 4370 when left out.")]
Udp = Annotated[bool, typer.Option("--udp", help="Speak UDP, which some older units need.")]
Key = Annotated[
    int,
    typer.Option(
        min=0, max=2**32 - 1, envvar="CLOCKBRIDGE_TERMINAL_KEY", help="Communication key. The environment keeps it out of process lists."
    ),
]


def address_of(host: str, udp: bool, key: int) -> TerminalAddress:
    """Read HOST or HOST:PORT; ends the program with a sentence for what is neither."""
    name, port = _split(host)
    if not name or not (port.isdecimal() and port.isascii() and 0 < int(port) < 65536):
        refuse(say(f"{host!r} is no address: write HOST or HOST:PORT.", f"{host!r} 不是地址：请写成 主机 或 主机:端口。"))
    return TerminalAddress(name, int(port), Transport.UDP if udp else Transport.TCP, key)


def _split(host: str) -> tuple[str, str]:
    """Name and port of HOST, HOST:PORT, an IPv6 address, or [IPv6]:PORT."""
    if host.startswith("["):
        name, _, rest = host[1:].partition("]")
        return name, rest.removeprefix(":") if rest else USUAL_PORT
    if host.count(":") != 1:
        return host, USUAL_PORT
    name, _, port = host.partition(":")
    return name, port


def refuse(text: str) -> NoReturn:
    """Say why on standard error, and end with UNREACHABLE."""
    print(text, file=sys.stderr)
    raise typer.Exit(UNREACHABLE)


def sentence_of(finding: Finding) -> str:
    """What a finding means, and what to do next."""
    what, what_zh, then, then_zh = FINDINGS[finding]
    return say(f"{what} {then}", f"{what_zh}{then_zh}")
