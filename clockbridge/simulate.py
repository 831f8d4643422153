"""`clockbridge simulate`: terminals that are not there. Every option and fault mode: docs/reference/simulator.md and push-simulator.md."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from enum import StrEnum
from pathlib import Path
from threading import Thread
from typing import Annotated

import typer

from clockbridge import simulate_parts
from clockbridge.language import say
from edge.devices.iclock.simulator import PUSH_FAULTS, PushOptions, PushSimulator, PushSimulatorError, control as push_control
from edge.devices.iclock.simulator.options import MAX_RATE as MAX_PUSH_RATE
from edge.devices.zkteco.simulator import FaultError, Simulator, SimulatorError, SimulatorOptions
from edge.devices.zkteco.simulator.control import ControlDoor, answer_line
from edge.devices.zkteco.simulator.faults import FAULTS
from edge.devices.zkteco.simulator.options import MAX_PUNCHES, MAX_RATE

app = typer.Typer(
    help="Terminals that are not there: for training, demo and support.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)

CANNOT_RUN = 2


@app.callback()
def simulate() -> None:
    """Terminals that are not there: for training, demo and support."""


@app.command()
def zkteco(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port for TCP and UDP at once; 0 takes a free one.")] = 4370,
    users: Annotated[int, typer.Option(min=0, max=65_535, help="Users to begin with.")] = 20,
    punches: Annotated[int, typer.Option(min=0, max=MAX_PUNCHES, help="Punches to begin with, on the working days before now.")] = 0,
    from_file: Annotated[
        Path | None,
        typer.Option(help="Take users and punches from this file: JSON lines as `terminal read` prints them, or a USB export."),
    ] = None,
    rate: Annotated[float, typer.Option(min=0, max=MAX_RATE, help="Live punches per second.")] = 0,
    key: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Communication key it asks for; 0 = none.")] = 0,
    record_size: Annotated[str, typer.Option(help="Bytes of a punch on the wire: 8a, 8b, 16, 40 or 49.")] = "40",
    user_size: Annotated[int, typer.Option(help="Bytes of a user on the wire: 28 or 72.")] = 72,
    clock_drift: Annotated[float, typer.Option(help="Seconds its clock is ahead; negative when it is behind.")] = 0,
    zone: Annotated[str | None, typer.Option(help="Time zone of its clock, such as Asia/Shanghai; this machine's when left out.")] = None,
    serial: Annotated[str, typer.Option(help="Serial number.")] = "CBSIM0001",
    name: Annotated[str, typer.Option(help="Model name it gives.")] = "Clockbridge simulator",
    seed: Annotated[int, typer.Option(help="Everything drawn by chance follows from this number.")] = 1,
    fault: Annotated[list[str] | None, typer.Option(help="NAME or NAME=VALUE; may be repeated. `simulate faults` lists them.")] = None,
    state: Annotated[Path | None, typer.Option(help="Keep what it holds in this file, so that it survives a crash.")] = None,
    restart_seconds: Annotated[float, typer.Option(min=0, help="How long a restart takes.")] = 1,
    algorithm: Annotated[str, typer.Option(help="Algorithm of its fingerprint templates: 9 or 10.")] = "10",
    fingers: Annotated[int, typer.Option(min=0, max=10, help="Templates each user begins with.")] = 0,
    faces: Annotated[int, typer.Option(min=0, max=100_000, help="Faces it says it has.")] = 0,
    users_capacity: Annotated[int, typer.Option(min=0, max=65_535, help="Users it has room for.")] = 65_535,
    fingers_capacity: Annotated[int, typer.Option(min=0, max=1_000_000, help="Templates it has room for.")] = 10_000,
    control: Annotated[int | None, typer.Option(min=0, max=65_535, help="Take commands on this loopback port too; 0 = a free one.")] = None,
) -> None:
    """Be a ZKTeco terminal for the pull protocol, on TCP and UDP. Commands are taken on standard input: try `help`."""
    try:
        options = SimulatorOptions(
            host, port, users, punches, from_file, rate, key, record_size, user_size, clock_drift,
            serial, name, seed, tuple(fault or ()), state, zone, restart_seconds,
            algorithm, fingers, faces, users_capacity, fingers_capacity,
        )  # fmt: skip
        asyncio.run(_run(options, control))
    except (SimulatorError, FaultError) as problem:
        typer.echo(f"{say('The simulator cannot run', '模拟器无法运行')}: {problem}.", err=True)
        raise typer.Exit(CANNOT_RUN) from problem


app.command(name="fingerprint")(simulate_parts.fingerprint)
app.command(name="card")(simulate_parts.card)
app.command(name="relay")(simulate_parts.relay)


@app.command()
def push(
    server: Annotated[str, typer.Option(help="Edge that it pushes to, HOST:PORT.")] = "127.0.0.1:8081",
    serial: Annotated[str, typer.Option(help="Serial number; the edge must have approved it.")] = "CBPUSH001",
    dialect: Annotated[str, typer.Option(help="attendance (push 2.x) or security (push 3.x).")] = "attendance",
    users: Annotated[int, typer.Option(min=0, max=10_000, help="Users to begin with.")] = 20,
    punches: Annotated[int, typer.Option(min=0, max=500_000, help="Punches to begin with, one a minute before now.")] = 0,
    rate: Annotated[float, typer.Option(min=0, max=MAX_PUSH_RATE, help="Live punches per second.")] = 0,
    clock_drift: Annotated[float, typer.Option(help="Seconds its clock is ahead until the server tells the time.")] = 0,
    zone: Annotated[str, typer.Option(help="Time zone its clock begins in.")] = "Asia/Shanghai",
    seed: Annotated[int, typer.Option(help="Everything drawn by chance follows from this number.")] = 1,
    faces: Annotated[str, typer.Option(help="Faces: none, visible, near, pieces (attendance only), or palms: palm.")] = "none",
    fault: Annotated[list[str] | None, typer.Option(help="NAME or NAME=VALUE; may be repeated. `simulate faults push` lists them.")] = None,
) -> None:
    """Be a terminal that pushes (ADMS), in either dialect. Commands are taken on standard input: try `help`."""
    try:
        host, port = _address(server)
        options = PushOptions(
            host, port, serial, dialect, users, punches, rate, clock_drift, zone, seed, tuple(fault or ()), faces=faces
        )  # fmt: skip
        asyncio.run(_run_push(options))
    except (PushSimulatorError, FaultError) as problem:
        typer.echo(f"{say('The simulator cannot run', '模拟器无法运行')}: {problem}.", err=True)
        raise typer.Exit(CANNOT_RUN) from problem


class Family(StrEnum):
    """Whose fault modes are listed."""

    ZKTECO = "zkteco"
    PUSH = "push"


@app.command()
def faults(family: Annotated[Family, typer.Argument(help="zkteco (pull) or push.")] = Family.ZKTECO) -> None:
    """List the fault modes by name."""
    for mode in (FAULTS if family is Family.ZKTECO else PUSH_FAULTS).values():
        value = "" if mode.default is True else f"={mode.default}"
        typer.echo(f"{mode.name + value:24} {mode.summary}")


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65_536:
        raise PushSimulatorError(f"{text!r} is no address; write one such as 192.168.1.10:8081")
    return host, int(port)


async def _run_push(options: PushOptions) -> None:
    stop = _stop_on_signals()
    async with PushSimulator(options) as simulator:
        _obey_standard_input(lambda line: push_control.answer_line(simulator, line), asyncio.get_running_loop())
        counts = simulator.counts()
        typer.echo(f"ready server={options.host}:{options.port} serial={options.serial} users={counts['users']} punches={counts['rows']}")
        sys.stdout.flush()
        await stop.wait()


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _run(options: SimulatorOptions, control: int | None) -> None:
    stop = _stop_on_signals()
    async with AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(Simulator(options))
        door = None
        if control is not None:
            try:
                door = await stack.enter_async_context(ControlDoor(simulator, control))
            except OSError as problem:
                raise SimulatorError(f"the control port {control} cannot be opened: {problem.strerror}") from problem
        _obey_standard_input(lambda line: answer_line(simulator, line), asyncio.get_running_loop())
        _say_ready(simulator, door)
        waiting = [asyncio.create_task(event.wait()) for event in (stop, simulator.failed)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        if simulator.failure:
            raise simulator.failure


def _say_ready(simulator: Simulator, door: ControlDoor | None) -> None:
    counts = simulator.counts()
    facts = {
        "host": simulator.options.host,
        "port": simulator.port,
        "control": door.port if door else "-",
        "serial": counts["serial"],
        "users": counts["users"],
        "punches": counts["rows"],
    }
    typer.echo("ready " + " ".join(f"{key}={value}" for key, value in facts.items()))
    sys.stdout.flush()


def _obey_standard_input(answer: Callable[[bytes], bytes], loop: asyncio.AbstractEventLoop) -> None:
    """Take commands from standard input in a thread; its end stops nothing, and a shell's background job never touches it."""
    if sys.stdin is None or (sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp()):
        return

    def obey(line: bytes) -> None:
        sys.stdout.write(answer(line).decode())
        sys.stdout.flush()

    def read() -> None:
        pending = b""
        with suppress(OSError, RuntimeError):  # standard input is gone, or the loop has ended
            while data := os.read(sys.stdin.fileno(), 65_536):
                *lines, pending = (pending + data).split(b"\n")
                for line in lines:
                    loop.call_soon_threadsafe(obey, line)

    Thread(target=read, name="standard-input", daemon=True).start()
