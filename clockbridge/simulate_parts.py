"""`clockbridge simulate fingerprint`, `card` and `relay`: parts of a clock-in point on pseudo-terminals."""

import signal
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from clockbridge.language import say
from edge.devices.serial.cards.numbers import CardFormat, CardNumberError, parse_card
from edge.devices.serial.simulator import CardPort, Faults, ModuleModel, ModulePort, RelayPort
from edge.devices.serial.simulator.port import Port
from edge.devices.serial.zfm.commands import Confirmation

Lost = Annotated[int, typer.Option(min=0, help="One of so many bytes is lost on the way; 0 = none.")]
Noise = Annotated[int, typer.Option(min=0, help="One of so many bytes has a byte of noise before it; 0 = none.")]
Silent = Annotated[bool, typer.Option(help="Answer nothing.")]


def fingerprint(
    capacity: Annotated[int, typer.Option(min=1, max=3000, help="Templates it can hold.")] = 200,
    password: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Password it asks for; 0 = none.")] = 0,
    wrong_checksums: Annotated[int, typer.Option(min=0, help="So many of its first answers are damaged.")] = 0,
    answer_seconds: Annotated[float, typer.Option(min=0, max=10, help="Seconds that each answer takes.")] = 0,
    lost: Lost = 0,
    noise: Noise = 0,
    silent: Silent = False,
) -> None:
    """Be a fingerprint module of the ZFM-20 family on a pseudo-terminal. On standard input: `lay NAME`, `poor NAME`, `lift`."""
    faults = Faults(lost, noise, wrong_checksums, silent, answer_seconds)
    part = ModulePort(ModuleModel(capacity, password), faults, minds_speed=False)

    def obey(word: str, rest: str) -> bool:
        part.model.quality = Confirmation.FEW_POINTS if word == "poor" else Confirmation.OK
        if word not in ("lay", "poor", "lift") or (word != "lift" and not rest):
            return False
        part.lay(None if word == "lift" else rest)
        return True

    _run(part, obey)


def card(
    form: Annotated[CardFormat, typer.Option("--format", help="How numbers are typed here.")] = CardFormat.DECIMAL,
    lost: Lost = 0,
    noise: Noise = 0,
    silent: Silent = False,
) -> None:
    """Be an RDM6300 card reader on a pseudo-terminal. On standard input: `hold NUMBER`."""
    part = CardPort(Faults(lost, noise, silent=silent))

    def obey(word: str, rest: str) -> bool:
        try:
            if word == "hold":
                part.hold(parse_card(rest, form))
        except CardNumberError:
            return False
        return word == "hold"

    _run(part, obey)


def relay() -> None:
    """Be a USB relay on a pseudo-terminal, and tell each change."""
    _run(RelayPort(lambda channel, on: print(f"channel={channel} {'on' if on else 'off'}", flush=True)), lambda _word, _rest: False)


def _run(part: Port, obey: Callable[[str, str], bool]) -> None:
    """Until Ctrl-C or SIGTERM; the end of standard input stops nothing."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    with part:
        print(f"ready port={part.port}", flush=True)
        for line in sys.stdin:
            word, _, rest = line.strip().partition(" ")
            understood = obey(word, rest.strip())
            print("ok" if understood else say("error: see --help", "错误：见 --help"), flush=True)
        while True:
            signal.pause()
