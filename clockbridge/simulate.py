"""`clockbridge simulate`: terminals that are not there. Every option and fault mode: docs/reference/simulator.md."""

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from threading import Thread
from typing import Annotated

import typer

from clockbridge import simulate_parts
from clockbridge.language import say
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
    state: Annotated[Path | None, typer.Option(help="Keep users and log in this file, so that they survive a crash.")] = None,
    restart_seconds: Annotated[float, typer.Option(min=0, help="How long a restart takes.")] = 1,
    control: Annotated[int | None, typer.Option(min=0, max=65_535, help="Take commands on this loopback port too; 0 = a free one.")] = None,
) -> None:
    """Be a ZKTeco terminal for the pull protocol, on TCP and UDP. Commands are taken on standard input: try `help`."""
    try:
        options = SimulatorOptions(
            host, port, users, punches, from_file, rate, key, record_size, user_size, clock_drift,
            serial, name, seed, tuple(fault or ()), state, zone, restart_seconds,
        )  # fmt: skip
        asyncio.run(_run(options, control))
    except (SimulatorError, FaultError) as problem:
        typer.echo(f"{say('The simulator cannot run', '模拟器无法运行')}: {problem}.", err=True)
        raise typer.Exit(CANNOT_RUN) from problem


app.command(name="fingerprint")(simulate_parts.fingerprint)
app.command(name="card")(simulate_parts.card)
app.command(name="relay")(simulate_parts.relay)


@app.command()
def faults() -> None:
    """List the fault modes by name."""
    for mode in FAULTS.values():
        value = "" if mode.default is True else f"={mode.default}"
        typer.echo(f"{mode.name + value:24} {mode.summary}")


async def _run(options: SimulatorOptions, control: int | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(Simulator(options))
        door = None
        if control is not None:
            try:
                door = await stack.enter_async_context(ControlDoor(simulator, control))
            except OSError as problem:
                raise SimulatorError(f"the control port {control} cannot be opened: {problem.strerror}") from problem
        _obey_standard_input(simulator, loop)
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


def _obey_standard_input(simulator: Simulator, loop: asyncio.AbstractEventLoop) -> None:
    """Take commands from standard input in a thread; its end stops nothing, and a shell's background job never touches it."""
    if sys.stdin is None or (sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp()):
        return

    def obey(line: bytes) -> None:
        sys.stdout.write(answer_line(simulator, line).decode())
        sys.stdout.flush()

    def read() -> None:
        pending = b""
        with suppress(OSError, RuntimeError):  # standard input is gone, or the loop has ended
            while data := os.read(sys.stdin.fileno(), 65_536):
                *lines, pending = (pending + data).split(b"\n")
                for line in lines:
                    loop.call_soon_threadsafe(obey, line)

    Thread(target=read, name="standard-input", daemon=True).start()
