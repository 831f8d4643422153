"""`clockbridge worker`: an ingest worker on this or a further machine."""

import socket
from pathlib import Path
from typing import Annotated

import typer

from clockbridge.server import refusals

app = typer.Typer(help="Take messages in, on this or a further machine.", rich_markup_mode=None, add_completion=False)


@app.command()
def worker(
    name: Annotated[str, typer.Option(help="Its name, different from every other worker's; this machine's name when left out.")] = "",
    settings: Annotated[Path | None, typer.Option("--settings", help="Settings file; server.toml here when left out.")] = None,
) -> None:
    """Own a fair share of the shards and admit what comes on them, until Ctrl-C or SIGTERM."""
    from server.worker import run

    with refusals():
        run(name or f"worker-{socket.gethostname()[:40]}", settings)
