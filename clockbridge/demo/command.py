"""`clockbridge demo`: starts everything on this machine, tells where to look, and ends everything with Ctrl-C."""

import asyncio
import contextlib
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn

from clockbridge.demo.check import CheckError, check
from clockbridge.demo.panel import build_panel
from clockbridge.demo.running import DemoError, RunningDemo
from clockbridge.demo.signins import SIGN_INS
from clockbridge.demo.stage import free_port
from clockbridge.language import say
from clockbridge.refusals import refusals

app = typer.Typer(help="The whole way on this machine: terminals, sites, server, live page.", rich_markup_mode=None, add_completion=False)

FAILED, CANNOT = 1, 2
WEB_PORT, PANEL_PORT = 8000, 8001
LOGINS = [one.login for one in SIGN_INS]
PORTS: dict[str, Any] = {"min": 1, "max": 65_535}
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a polite kill, a terminal window that was closed: each ends every part in order."""


@app.command()
def demo(
    check_only: Annotated[bool, typer.Option("--check", help="Without a person: break everything once, wait for equal counts.")] = False,
    port: Annotated[int | None, typer.Option(help=f"Port of the pages; {WEB_PORT}, or a free one where that is taken.", **PORTS)] = None,
    panel_port: Annotated[
        int | None, typer.Option(help=f"Port of the control page; {PANEL_PORT}, or a free one where that is taken.", **PORTS)
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(help="New or empty folder to keep databases and logs in; removed at the end otherwise.")
    ] = None,
) -> None:
    """Start broker, server, two sites and three terminals with three months of punches, and a company of 200 that works with them."""
    if keep is not None and keep.exists() and any(keep.iterdir()):
        print(
            say(f"There is something in {keep} already; choose a new or empty folder.", f"{keep} 不是空文件夹；请换一个新的或空的文件夹。"),
            file=sys.stderr,
        )
        raise typer.Exit(CANNOT)
    try:
        pages = free_port() if check_only else _choose_port(port, WEB_PORT, "--port")
        panel = None if check_only else _listen(_choose_port(panel_port, PANEL_PORT, "--panel-port"))
    except DemoError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(CANNOT) from error
    folder = keep.absolute() if keep else Path(tempfile.mkdtemp(prefix="clockbridge-demo-"))
    try:
        with refusals():
            folder.mkdir(parents=True, exist_ok=True)
            asyncio.run(_run(folder, pages, panel))
    except (DemoError, CheckError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(FAILED) from error
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _choose_port(asked: int | None, usual: int, option: str) -> int:
    """The port that was asked for, else the usual one, else a free one; raises DemoError when the one asked for is taken."""
    if asked is None:
        return usual if _is_free(usual) else free_port()
    if not _is_free(asked):
        raise DemoError(
            say(
                f"Port {asked} is taken: end the program that listens there, or leave {option} out to get a free one.",
                f"端口 {asked} 已被占用：请结束占用它的程序，或不写 {option}，由程序选用空闲端口。",
            )
        )
    return asked


def _is_free(port: int) -> bool:
    try:
        _listen(port).close()
    except OSError:
        return False
    return True


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


async def _run(folder: Path, port: int, panel: socket.socket | None) -> None:
    """Show the demo until a person ends it; without a panel, check it."""
    print(say("Starting terminals, sites and server …", "正在启动考勤机、站点和服务器……"), file=sys.stderr)
    ended = asyncio.Event()
    for number in ENDINGS:
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup means it
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
    work = asyncio.create_task(_show(folder, port, panel))
    waiting = asyncio.create_task(ended.wait())
    await asyncio.wait((work, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if work.done():
        work.result()
        return
    work.cancel()
    with contextlib.suppress(OSError):  # the terminal window may be gone
        print(say("Ending everything …", "正在结束……"), file=sys.stderr, flush=True)
    with contextlib.suppress(asyncio.CancelledError):
        await work


async def _show(folder: Path, port: int, panel: socket.socket | None) -> None:
    async with RunningDemo(folder, port) as running:
        if panel is None:
            print(await check(running, lambda text: print(f"· {text}", file=sys.stderr, flush=True)))
            return
        control = f"http://127.0.0.1:{panel.getsockname()[1]}/"
        lines = (
            ("", ""),
            (f"  Pages:     {running.address}", f"  页面：    {running.address}"),
            (f"  Sign in:   admin / {running.stage.password}", f"  登录：    admin / {running.stage.password}"),
            (f"  Or as:     {', '.join(LOGINS)} / {running.stage.given}", f"  或用：    {'、'.join(LOGINS)} / {running.stage.given}"),
            (f"  Try it:    {control}", f"  控制台：  {control}"),
            ("  Ctrl-C ends everything.", "  按 Ctrl-C 结束。"),
        )
        print("\n".join(say(*line) for line in lines), flush=True)
        await _serve_panel(running, panel)


async def _serve_panel(running: RunningDemo, listener: socket.socket) -> None:
    """Until cancelled; signals are the demo's, not uvicorn's."""
    config = uvicorn.Config(build_panel(running, running.address), log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    with contextlib.suppress(asyncio.CancelledError):
        await server._serve(sockets=[listener])  # noqa: SLF001 - `serve` would take Ctrl-C for itself and leave the parts to their fate
