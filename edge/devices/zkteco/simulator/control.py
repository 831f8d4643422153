"""The door for the person behind a simulated terminal: one command a line, one JSON object a line as the answer.

A command is plain text (`punch 1001`), or a JSON object (`{"command": "punch", "arguments": ["1001"]}`). It comes on standard
input or over a loopback connection; there is no sign-in, so it is never opened to a network.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from edge.devices.control import ControlError, Facts, drift_of, rate_of, switch
from edge.devices.zkteco.simulator.faults import FAULTS, FaultError
from edge.devices.zkteco.simulator.options import MAX_RATE, SimulatorError
from edge.devices.zkteco.simulator.server import Simulator
from protocol.errors import DecodeError
from protocol.instants import pack_wall, show_wall

MAX_LINE = 65_536
GOODBYE = 2.0
"""Seconds in which open conversations end when the door is closed."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the door."""

    form: str
    summary: str
    run: Callable[[Simulator, list[str]], Facts]


def obey(simulator: Simulator, line: str) -> Facts:
    """Carry out one line; the answer has "ok" and, when it is false, "error". Raises nothing for a wrong line."""
    try:
        name, arguments = _parse(line)
        return {"ok": True, **_command(name).run(simulator, arguments)}
    except (ControlError, FaultError, DecodeError, SimulatorError) as problem:
        return {"ok": False, "error": str(problem)}


def _command(name: str) -> Command:
    command = COMMANDS.get(name)
    if command is None:
        raise ControlError(f"no command is called {name!r}; there are: {', '.join(COMMANDS)}")
    return command


def _parse(line: str) -> tuple[str, list[str]]:
    if not line.lstrip().startswith("{"):
        words = line.split()
        if not words:
            raise ControlError("an empty line is no command; try help")
        return words[0].lower(), words[1:]
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise ControlError("this line is no JSON") from None
    arguments = row.get("arguments", [])
    if not isinstance(row.get("command"), str) or not isinstance(arguments, list):
        raise ControlError('write {"command": "punch", "arguments": ["1001"]}')
    return row["command"].lower(), [str(argument) for argument in arguments]


def _punch(simulator: Simulator, arguments: list[str]) -> Facts:
    if not arguments:
        raise ControlError("write: punch USER [YYYY-MM-DD hh:mm:ss]")
    number, time = arguments[0], " ".join(arguments[1:])
    if len(number.encode()) > 24:
        raise ControlError("a user number has at most 24 bytes")
    try:
        made = simulator.punch(number, pack_wall(time) if time else None)
    except ValueError as problem:
        raise ControlError(str(problem)) from problem
    return {"terminal_user": made.number, "terminal_time": show_wall(made.wall)}


def _rate(simulator: Simulator, arguments: list[str]) -> Facts:
    simulator.rate = rate_of(arguments, MAX_RATE)
    return {"rate": simulator.rate}


def _drift(simulator: Simulator, arguments: list[str]) -> Facts:
    seconds = drift_of(arguments)
    simulator.terminal.drift = timedelta(seconds=seconds)
    return {"drift": seconds}


def _clear(simulator: Simulator, _arguments: list[str]) -> Facts:
    return {"gone": simulator.clear()}


def _restart(simulator: Simulator, _arguments: list[str]) -> Facts:
    simulator.restart()
    return {"restarts": simulator.restarts}


def _fault(simulator: Simulator, arguments: list[str]) -> Facts:
    switch(simulator.faults, arguments)
    return {"faults": list(simulator.faults.names())}


def _faults(simulator: Simulator, _arguments: list[str]) -> Facts:
    return {"on": list(simulator.faults.names()), "all": {fault.name: fault.summary for fault in FAULTS.values()}}


def _counts(simulator: Simulator, _arguments: list[str]) -> Facts:
    return simulator.counts()


def _dump(simulator: Simulator, _arguments: list[str]) -> Facts:
    identities = [[number, show_wall(wall)] for number, wall in simulator.log.identities()]
    return {"serial": simulator.terminal.serial, "identities": identities}


def _users(simulator: Simulator, _arguments: list[str]) -> Facts:
    return {"users": [[user.uid, user.number, user.name] for user in simulator.terminal.users.values()]}


def _fingers(simulator: Simulator, _arguments: list[str]) -> Facts:
    terminal = simulator.terminal
    numbers = {uid: user.number for uid, user in terminal.users.items()}
    return {"algorithm": terminal.options["~ZKFPVersion"], "fingers": [[numbers[uid], finger] for uid, finger in terminal.prints]}


def _help(_simulator: Simulator, _arguments: list[str]) -> Facts:
    return {"commands": {command.form: command.summary for command in COMMANDS.values()}}


COMMANDS: dict[str, Command] = {
    "punch": Command("punch USER [TIME]", "punch as this user, now or at YYYY-MM-DD hh:mm:ss", _punch),
    "rate": Command("rate R", "punch R times a second from now on", _rate),
    "clear": Command("clear", "clear the log, as an administrator does in the terminal's menu", _clear),
    "restart": Command("restart", "switch off and on: connections and sessions are lost, the log stays", _restart),
    "drift": Command("drift SECONDS", "set the clock that far ahead (or behind, when negative)", _drift),
    "fault": Command("fault NAME[=VALUE] on|off", "switch a fault mode", _fault),
    "faults": Command("faults", "list the fault modes, and which are on", _faults),
    "counts": Command(
        "counts", "serial, distinct identities held, rows, distinct identities cleared, users, fingers, doors opened", _counts
    ),
    "dump": Command("dump", "every distinct identity held, as [user, time]", _dump),
    "users": Command("users", "every user, as [uid, number, name]", _users),
    "fingers": Command("fingers", "algorithm of its templates, and every finger, as [number, finger]", _fingers),
    "help": Command("help", "list these commands", _help),
}


class ControlDoor:
    """Listens on a loopback port for lines; `async with` opens and closes it."""

    def __init__(self, simulator: Simulator, port: int) -> None:
        self._simulator = simulator
        self._wanted = port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self.port = 0

    async def __aenter__(self) -> Self:
        """Open the port; raises OSError when it is taken."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._wanted, limit=MAX_LINE)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the port and every connection."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()
        if self._serving:
            await asyncio.wait(self._serving, timeout=GOODBYE)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while line := await reader.readline():
                writer.write(answer_line(self._simulator, line))
                await writer.drain()
        except (OSError, ValueError):
            pass  # gone, or a line longer than any command
        finally:
            self._writers.discard(writer)
            writer.close()


def answer_line(simulator: Simulator, line: bytes) -> bytes:
    """Obey one line of bytes and write the answer as one line of JSON."""
    answer = obey(simulator, line.decode("utf-8", "replace").strip())
    return json.dumps(answer, ensure_ascii=False).encode() + b"\n"
