"""The demo while it runs: all its parts, what can be done to them, and their counts."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from clockbridge.demo import company, counting, terminals
from clockbridge.demo.parts import Part, parent_of
from clockbridge.demo.relay import Relay
from clockbridge.demo.scene import Condition, Deed, PartState, TerminalCounts, Words
from clockbridge.demo.stage import Stage, captured_event, free_port, set_the_stage
from clockbridge.demo.terminals import F19, TERMINALS, ZEM500
from clockbridge.language import say

LIVE_RATE = 0.4
"""Punches per second and terminal."""
READY_SECONDS = 300.0


class DemoError(Exception):
    """A part did not come up; the message has its last words."""


class RunningDemo:
    """`async with RunningDemo(folder, web_port)` starts everything and ends everything; it lives in the main thread's event loop."""

    def __init__(self, folder: Path, web_port: int) -> None:
        self._folder, self._web_port = folder, web_port
        self._stack = AsyncExitStack()
        self._relays: dict[str, Relay] = {}
        self._edges: dict[str, Part] = {}
        self._simulators: dict[str, Part] = {}
        self._controls: dict[str, int] = {}
        self.stage: Stage
        self._server: Part

    async def __aenter__(self) -> Self:
        try:
            await self._set_up()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        for part in (*self._edges.values(), *self._simulators.values()):
            part.terminate()
        if hasattr(self, "_server"):
            self._server.terminate()
            self._server.stop()
        for part in (*self._edges.values(), *self._simulators.values()):
            part.stop()
        await self._stack.aclose()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._web_port}/"

    # What the page and the check see -----------------------------------------------------------------------------------------------------

    def parts(self) -> Sequence[PartState]:
        listed = [_state("server", Words("server", "服务器"), self._server)]
        names = sorted(self._server_processes())
        listed += [PartState(name, _process_words(name), Condition.RUNNING, (Deed.KILL,)) for name in names]
        for site in company.SITES:
            relay, edge = self._relays[site.code], self._edges[site.code]
            condition, deed = (Condition.CUT, Deed.JOIN) if relay.is_cut else (Condition.RUNNING, Deed.CUT)
            line = Words(f"network of {site.name}", f"{site.name}的网络")
            listed.append(PartState(f"line-{site.code}", line, condition, (deed,)))
            listed.append(_state(f"edge-{site.code}", Words(f"edge of {site.name}", f"{site.name}的边缘网关"), edge))
        for terminal in TERMINALS:
            words = Words(f"terminal {terminal.name}", f"考勤机 {terminal.name}")
            listed.append(_state(terminal.serial, words, self._simulators[terminal.serial], Deed.PUNCH))
        return listed

    def counts(self) -> Sequence[TerminalCounts]:
        sites = {site.code: site.name for site in company.SITES}
        names = {one.serial: (one.name, sites[one.site]) for one in (*TERMINALS, ZEM500, F19)}
        names[terminals.USB_SERIAL] = (terminals.USB_NAME, sites[terminals.USB_SITE])
        held: dict[str, int | None] = {terminals.USB_SERIAL: self.stage.usb_held}
        for serial in self._controls:
            answer = counting.ask_terminal(self._controls[serial], "counts")
            held[serial] = None if answer is None else int(answer["held"])
        appended = counting.appended_of(self.stage.kit_of(site).parent / "data" / "status.json" for site in company.SITES)
        return counting.put_together(names, held, appended, counting.received_of(self.stage.settings.database_file))

    def do(self, key: str, deed: Deed) -> Words:
        """Do it; see `Scene.do`."""
        part = next((part for part in self.parts() if part.key == key and deed in part.deeds), None)
        if part is None:
            raise KeyError(key, deed)
        if key in self._server_processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._server_processes()[key], signal.SIGKILL)
            return Words(f"killed {key}; the server starts it again", f"已强行结束{part.name.zh}；服务器会重新启动它")
        self._carry_out(key, deed)
        return Words(DONE[deed].en.format(part.name.en), DONE[deed].zh.format(part.name.zh))

    def set_rate(self, rate: float) -> None:
        """How many live punches a second each terminal of the company makes."""
        for terminal in TERMINALS:
            counting.ask_terminal(self._controls[terminal.serial], f"rate {rate}")

    # How it comes up ---------------------------------------------------------------------------------------------------------------------

    async def _set_up(self) -> None:
        broker_port = free_port()
        for site in company.SITES:
            self._relays[site.code] = await self._stack.enter_async_context(Relay(broker_port))
        relays = {code: relay.port for code, relay in self._relays.items()}
        self.stage = await asyncio.to_thread(set_the_stage, self._folder, self._web_port, relays, broker_port, datetime.now(UTC))
        logs = self._folder / "logs"
        logs.mkdir()
        self._server = Part(say("server", "服务器"), "server", "run", "--settings", self.stage.settings_file, log=logs / "server.log")
        self._server.start()
        for terminal in (*TERMINALS, ZEM500, F19):
            self._start_simulator(terminal, logs / f"{terminal.serial}.log")
        for site in company.SITES:
            part = Part(site.edge, "edge", "run", "--config", self.stage.kit_of(site), log=logs / f"{site.edge}.log")
            self._edges[site.code] = part
            part.start()
        await self._until_ready()
        user, time_shown = captured_event()
        await asyncio.to_thread(counting.ask_terminal, self._controls[F19.serial], f"punch {user} {time_shown}")

    def _start_simulator(self, terminal: terminals.DemoTerminal, log: Path) -> None:
        serial = terminal.serial
        self._controls[serial] = free_port()
        options: dict[str, object] = {
            "--port": self.stage.ports[serial],
            "--serial": serial,
            "--name": terminal.name,
            "--from-file": self.stage.past_of(terminal),
            "--state": self._folder / f"{serial}.state",
            "--record-size": terminal.record_size,
            "--user-size": terminal.user_size,
            "--key": terminal.key,
            "--clock-drift": terminal.drift,
            "--zone": "Asia/Shanghai",
            "--control": self._controls[serial],
            "--rate": LIVE_RATE if terminal in TERMINALS else 0,
        }
        words = [word for option in options.items() for word in option]
        self._simulators[serial] = Part(terminal.name, "simulate", "zkteco", *words, log=log)
        self._simulators[serial].start()

    async def _until_ready(self) -> None:
        """Wait until the pages answer and every terminal's door is open; says which part failed."""
        until = time.monotonic() + READY_SECONDS
        ready = False
        while not ready:
            await asyncio.sleep(0.2)
            ready = await self._pages_answer() and await asyncio.to_thread(self._doors_open)
            fallen = [part for part in (self._server, *self._simulators.values(), *self._edges.values()) if not part.running]
            if fallen or (not ready and time.monotonic() > until):
                part = fallen[0] if fallen else self._server
                raise DemoError(
                    say(f"{part.name} did not start. It said last:", f"{part.name} 未能启动，最后的输出：") + f"\n{part.last_words()}"
                )

    async def _pages_answer(self) -> bool:
        if "web-1" not in self._server_processes():  # an answer now would be somebody else's
            return False
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._web_port)
            writer.write(b"GET /readyz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            async with asyncio.timeout(5):
                status = await reader.readline()
            writer.close()
        except (OSError, TimeoutError):
            return False
        return b" 200 " in status

    def _doors_open(self) -> bool:
        return all(counting.ask_terminal(port, "counts") for port in self._controls.values())

    # Parts -------------------------------------------------------------------------------------------------------------------------------

    def _carry_out(self, key: str, deed: Deed) -> None:
        match deed:
            case Deed.CUT:
                self._relays[key.removeprefix("line-")].cut()
            case Deed.JOIN:
                self._relays[key.removeprefix("line-")].join()
            case Deed.KILL:
                self._part(key).kill()
            case Deed.START:
                self._part(key).start()
            case Deed.PUNCH:
                counting.ask_terminal(self._controls[key], f"punch {self._somebody(key)}")

    def _part(self, key: str) -> Part:
        if key == "server":
            return self._server
        if key.startswith("edge-"):
            return self._edges[key.removeprefix("edge-")]
        return self._simulators[key]

    def _server_processes(self) -> dict[str, int]:
        """Broker, workers and web processes as the server wrote them down, as far as they are still its own."""
        try:
            found: dict[str, int] = json.loads((self.stage.settings.data_dir / "run" / "parts.json").read_text())
        except (OSError, ValueError):
            return {}
        return {name: pid for name, pid in found.items() if self._server.running and parent_of(pid) == self._server.pid}

    def _somebody(self, serial: str) -> str:
        answer = counting.ask_terminal(self._controls[serial], "users")
        users = answer["users"] if answer else []
        return str(users[int(time.time()) % len(users)][1]) if users else "1"


DONE = {
    Deed.CUT: Words("cut the {}", "已切断{}"),
    Deed.JOIN: Words("joined the {} again", "已恢复{}"),
    Deed.KILL: Words("killed the {}", "已强行结束{}"),
    Deed.START: Words("started the {}", "已启动{}"),
    Deed.PUNCH: Words("somebody punched at the {}", "有人在{}打了卡"),
}


def _state(key: str, name: Words, part: Part, *more: Deed) -> PartState:
    """A part of ours; `more` can be done to it while it runs."""
    if part.running:
        return PartState(key, name, Condition.RUNNING, (Deed.KILL, *more))
    return PartState(key, name, Condition.STOPPED, (Deed.START,))


def _process_words(name: str) -> Words:
    """A process of the server's, by its name in parts.json."""
    kinds = {"broker": "消息代理", "ingest": "接收进程", "web": "网页进程"}
    kind, _, number = name.partition("-")
    return Words(f"{kind} {number}".strip(), f"{kinds.get(kind, kind)} {number}".strip())
