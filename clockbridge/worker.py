"""`clockbridge worker`: an ingest worker on this or a further machine."""

import re
import socket
from pathlib import Path
from typing import Annotated

import typer

from clockbridge.language import say
from clockbridge.refusals import refusals, refuse

app = typer.Typer(help="Take messages in, on this or a further machine.", rich_markup_mode=None, add_completion=False)


@app.command()
def worker(
    name: Annotated[str, typer.Option(help="Its name, different from every other worker's; this machine's name when left out.")] = "",
    settings: Annotated[Path | None, typer.Option("--settings", help="Settings file; server.toml here when left out.")] = None,
) -> None:
    """Own a fair share of the shards and admit what comes on them, until Ctrl-C or SIGTERM."""
    from server.worker import run

    if name and not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", name):
        refuse(say("--name: use 1 to 41 of a-z, 0-9 and hyphens.", "--name：请使用 1 至 41 个 a-z、0-9 或连字符。"))
    with refusals():
        run(f"worker-{name or re.sub(r'[^a-z0-9-]', '-', socket.gethostname().lower())[:41]}", settings)
