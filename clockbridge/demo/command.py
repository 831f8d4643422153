"""`clockbridge demo`: starts everything on this machine, tells where to look, and ends everything with Ctrl-C."""

import asyncio
import contextlib
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from clockbridge.demo.check import CheckError, check
from clockbridge.demo.panel import build_panel
from clockbridge.demo.running import DemoError, RunningDemo
from clockbridge.demo.stage import free_port
from clockbridge.language import say
from clockbridge.server import refusals

app = typer.Typer(help="The whole way on this machine: terminals, sites, server, live page.", rich_markup_mode=None, add_completion=False)

FAILED = 1
WEB_PORT, PANEL_PORT = 8000, 8001


@app.command()
def demo(
    check_only: Annotated[bool, typer.Option("--check", help="Without a person: break everything once, wait for equal counts.")] = False,
    port: Annotated[int, typer.Option(help="Port of the pages; 0 takes a free one.", min=0, max=65_535)] = WEB_PORT,
    panel_port: Annotated[int, typer.Option(help="Port of the control page; 0 takes a free one.", min=0, max=65_535)] = PANEL_PORT,
    keep: Annotated[
        Path | None, typer.Option(help="New or empty folder to keep databases and logs in; removed at the end otherwise.")
    ] = None,
) -> None:
    """Start broker, server, two sites and three terminals with three months of punches, and show them live."""
    if keep is not None and keep.exists() and any(keep.iterdir()):
        print(say(f"There is something in {keep} already.", f"{keep} 不是空文件夹。"), file=sys.stderr)
        raise typer.Exit(2)
    folder = keep.absolute() if keep else Path(tempfile.mkdtemp(prefix="clockbridge-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with refusals():
            asyncio.run(_run(folder, 0 if check_only else port, panel_port, check_only=check_only))
    except (DemoError, CheckError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(FAILED) from error
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


async def _run(folder: Path, port: int, panel_port: int, *, check_only: bool) -> None:
    print(say("Starting terminals, sites and server …", "正在启动考勤机、站点和服务器……"), file=sys.stderr)
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    work = asyncio.create_task(_show(folder, port or free_port(), panel_port, check_only=check_only))
    waiting = asyncio.create_task(ended.wait())
    await asyncio.wait((work, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if work.done():
        work.result()
        return
    print(say("Ending everything …", "正在结束……"), file=sys.stderr)
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work


async def _show(folder: Path, port: int, panel_port: int, *, check_only: bool) -> None:
    async with RunningDemo(folder, port) as running:
        if check_only:
            print(await check(running, lambda text: print(f"· {text}", file=sys.stderr, flush=True)))
            return
        panel_port = panel_port or free_port()
        lines = (
            ("", ""),
            (f"  Pages:     {running.address}", f"  页面：    {running.address}"),
            (f"  Sign in:   admin / {running.stage.password}", f"  登录：    admin / {running.stage.password}"),
            (f"  Break it:  http://127.0.0.1:{panel_port}/", f"  控制台：  http://127.0.0.1:{panel_port}/"),
            ("  Ctrl-C ends everything.", "  按 Ctrl-C 结束。"),
        )
        print("\n".join(say(*line) for line in lines), flush=True)
        await _serve_panel(running, panel_port)


async def _serve_panel(running: RunningDemo, panel_port: int) -> None:
    """Until cancelled; signals are the demo's, not uvicorn's."""
    config = uvicorn.Config(build_panel(running, running.address), host="127.0.0.1", port=panel_port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    with contextlib.suppress(asyncio.CancelledError):
        await server._serve()  # noqa: SLF001 - `serve` would take Ctrl-C for itself and leave the parts to their fate
