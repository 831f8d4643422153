"""For the person behind a simulated terminal that pushes: one command a line, one JSON object a line as the answer."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from edge.devices.control import ControlError, Facts, drift_of, rate_of, switch
from edge.devices.faults import FaultError
from edge.devices.iclock.simulator.faults import PUSH_FAULTS
from edge.devices.iclock.simulator.options import MAX_RATE
from edge.devices.iclock.simulator.runner import PushSimulator
from protocol.errors import DecodeError
from protocol.instants import pack_wall, show_wall


@dataclass(frozen=True, slots=True)
class PushCommand:
    """One command."""

    form: str
    summary: str
    run: Callable[[PushSimulator, list[str]], Facts]


def answer_line(simulator: PushSimulator, line: bytes) -> bytes:
    """Carry out one line; the answer has "ok" and, when it is false, "error"."""
    return json.dumps(obey_line(simulator, line.decode("utf-8", "replace")), ensure_ascii=False).encode() + b"\n"


def obey_line(simulator: PushSimulator, line: str) -> Facts:
    """As `answer_line`, as values."""
    name, *arguments = line.split() or [""]
    command = PUSH_COMMANDS.get(name.lower())
    if command is None:
        return {"ok": False, "error": f"no command is called {name!r}; there are: {', '.join(PUSH_COMMANDS)}"}
    try:
        return {"ok": True, **command.run(simulator, arguments)}
    except (ControlError, FaultError, DecodeError) as problem:
        return {"ok": False, "error": str(problem)}
    finally:
        simulator.wake()


def _punch(simulator: PushSimulator, arguments: list[str]) -> Facts:
    if not arguments or len(arguments[0].encode()) > 24:
        raise ControlError("write: punch USER [YYYY-MM-DD hh:mm:ss]; a user number has at most 24 bytes")
    made = simulator.punch(arguments[0], pack_wall(" ".join(arguments[1:])) if arguments[1:] else None)
    return {"terminal_user": made.number, "terminal_time": show_wall(made.wall)}


def _rate(simulator: PushSimulator, arguments: list[str]) -> Facts:
    simulator.rate = rate_of(arguments, MAX_RATE)
    return {"rate": simulator.rate}


def _drift(simulator: PushSimulator, arguments: list[str]) -> Facts:
    seconds = drift_of(arguments)
    simulator.unit.drift = timedelta(seconds=seconds)
    return {"drift": seconds}


def _face(simulator: PushSimulator, arguments: list[str]) -> Facts:
    if simulator.options.faces == "none":
        raise ControlError("this terminal takes no faces: begin it with --faces visible")
    if len(arguments) != 1 or arguments[0] not in simulator.memory.users:
        raise ControlError("write: face USER, of somebody who is on the terminal")
    simulator.enrol_face(arguments[0])
    return {"terminal_user": arguments[0], "pieces": len(simulator.memory.faces[arguments[0]])}


def _clear(simulator: PushSimulator, _: list[str]) -> Facts:
    return {"gone": simulator.memory.clear()}


def _restart(simulator: PushSimulator, _: list[str]) -> Facts:
    simulator.unit.greet()
    return {}


def _poll(simulator: PushSimulator, _: list[str]) -> Facts:
    simulator.unit.poll_now()
    return {}


def _fault(simulator: PushSimulator, arguments: list[str]) -> Facts:
    switch(simulator.faults, arguments)
    return {"faults": list(simulator.faults.names())}


def _faults(simulator: PushSimulator, _: list[str]) -> Facts:
    return {"on": list(simulator.faults.names()), "all": {fault.name: fault.summary for fault in PUSH_FAULTS.values()}}


def _counts(simulator: PushSimulator, _: list[str]) -> Facts:
    return simulator.counts()


def _dump(simulator: PushSimulator, _: list[str]) -> Facts:
    return {"serial": simulator.options.serial, "identities": [[number, show_wall(wall)] for number, wall in simulator.memory.identities()]}


def _commands(simulator: PushSimulator, _: list[str]) -> Facts:
    return {
        "commands": [
            [int(number) if number.isascii() and number.isdigit() else number, text] for number, text in simulator.unit.seen[-100:]
        ]
    }


def _help(_: PushSimulator, __: list[str]) -> Facts:
    return {"commands": {command.form: command.summary for command in PUSH_COMMANDS.values()}}


PUSH_COMMANDS: dict[str, PushCommand] = {
    "punch": PushCommand("punch USER [TIME]", "punch as this user, now or at YYYY-MM-DD hh:mm:ss", _punch),
    "rate": PushCommand("rate R", "punch R times a second from now on", _rate),
    "face": PushCommand("face USER", "enrol the face of this user, another one each time", _face),
    "clear": PushCommand("clear", "clear the log, as an administrator does in the terminal's menu", _clear),
    "restart": PushCommand("restart", "greet the server again, as after switching off and on", _restart),
    "poll": PushCommand("poll", "ask for commands at once", _poll),
    "drift": PushCommand("drift SECONDS", "set the clock that far ahead (or behind, when negative)", _drift),
    "fault": PushCommand("fault NAME[=VALUE] on|off", "switch a fault mode", _fault),
    "faults": PushCommand("faults", "list the fault modes, and which are on", _faults),
    "counts": PushCommand("counts", "distinct punches held, rows, cleared, users, rows that wait, requests made", _counts),
    "dump": PushCommand("dump", "every distinct punch held, as [user, time]", _dump),
    "commands": PushCommand("commands", "the newest commands that came, as [number, text]", _commands),
    "help": PushCommand("help", "list these commands", _help),
}
