"""What `clockbridge terminal` does on one terminal for whoever stands before it: users and settings told, clock, door, restart.

Who is on which terminal is the server's affair; nothing here writes people.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from clockbridge.language import say
from clockbridge.terminal_address import Host, Key, Udp, address_of, refuse, sentence_of
from clockbridge.terminal_words import PROBLEMS
from edge.devices.driver import DriverError, TerminalAddress, WriteProblem
from edge.devices.zkteco.discovery import ProbeResult, explain
from edge.devices.zkteco.driver import ZkDriver

Result = TypeVar("Result")
USUAL_OPTIONS = (
    "~SerialNumber", "~DeviceName", "~Platform", "~OS", "~ProductTime", "~ZKFPVersion", "ZKFaceVersion", "FingerFunOn", "FaceFunOn",
    "~PIN2Width", "~SSR", "WorkCode", "AlarmReRec", "LockOn", "MAC", "IPAddress", "NetMask", "GATEIPAddress", "DeviceID", "Language",
)  # fmt: skip


def users(host: Host, udp: Udp = False, key: Key = 0) -> None:
    """Print every user of a terminal as one JSON object a line; of passwords only whether there is one."""
    for user in _do(address_of(host, udp, key), lambda driver: driver.writer.read_users()):
        told = {
            "terminal_user": user.user,
            "name": user.name,
            "privilege": user.privilege,
            "card": user.card,
            "group": user.group,
            "has_password": bool(user.password),
        }
        print(json.dumps(told, ensure_ascii=False))


def options(
    host: Host,
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="Settings by the terminal's own names; usual ones.")] = None,
    udp: Udp = False,
    key: Key = 0,
) -> None:
    """Print settings of a terminal, NAME=VALUE; those that it does not know are left out."""
    found = _do(address_of(host, udp, key), lambda driver: driver.writer.read_options(names or USUAL_OPTIONS))
    for name, value in found.items():
        print(f"{name}={value}")


def set_clock(
    host: Host,
    zone: Annotated[str | None, typer.Option(help="Time zone at the terminal, such as Asia/Shanghai; this machine's if not given.")] = None,
    udp: Udp = False,
    key: Key = 0,
) -> None:
    """Set a terminal's clock to this machine's time. Punches that were made under the wrong time stay as they are."""
    try:
        there = ZoneInfo(zone) if zone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        refuse(say(f"There is no time zone {zone}; write one such as Asia/Shanghai.", f"没有时区 {zone}；请写成 Asia/Shanghai 这样。"))
    _do(address_of(host, udp, key), lambda driver: driver.writer.set_clock(datetime.now(UTC).astimezone(there)))
    print(say("The clock is set, and shows it.", "时钟已校准，并已读回确认。"))


def unlock(
    host: Host,
    seconds: Annotated[float, typer.Option(help="How long the door opens, 0.1 to 25.4.")] = 3,
    udp: Udp = False,
    key: Key = 0,
) -> None:
    """Open the door at a terminal for some seconds."""
    _do(address_of(host, udp, key), lambda driver: driver.writer.unlock(seconds))
    print(say("The terminal opens the door.", "终端已开门。"))


def restart(host: Host, udp: Udp = False, key: Key = 0) -> None:
    """Restart a terminal; people cannot punch for about a minute, and what it holds stays."""
    _do(address_of(host, udp, key), lambda driver: driver.writer.restart())
    print(say("The terminal restarts.", "终端正在重启。"))


def _do(address: TerminalAddress, work: Callable[[ZkDriver], Awaitable[Result]]) -> Result:
    """Have it done; ends the program with UNREACHABLE and a sentence when that is not possible."""
    done = asyncio.run(_try(address, work))
    if isinstance(done, ProbeResult):
        refuse(f"{sentence_of(done.finding)} ({done.detail})")
    if isinstance(done, WriteProblem):
        refuse(say(*PROBLEMS[done]))
    return done


async def _try(address: TerminalAddress, work: Callable[[ZkDriver], Awaitable[Result]]) -> Result | ProbeResult | WriteProblem:
    try:
        async with ZkDriver(address) as driver:
            return await work(driver)
    except DriverError as error:
        problem = error.args[0] if error.args else ""
        return problem if isinstance(problem, WriteProblem) else await explain(address, error)
