"""`clockbridge worker`: an ingest worker, a worker of attendance days, or a runner of long work, on this or a further machine."""

import re
import socket
from pathlib import Path
from typing import Annotated

import typer

from clockbridge.language import say
from clockbridge.refusals import refusals, refuse
from server.worker import Duty, run

KINDS = {Duty.MESSAGES: "worker", Duty.DAYS: "days", Duty.JOBS: "jobs"}
"""How names of workers begin: a certificate's name is one of them, and tells what it is for."""

app = typer.Typer(
    help="Take messages in, assess attendance days, or do long work, on this or a further machine.",
    rich_markup_mode=None,
    add_completion=False,
)


@app.command()
def worker(
    name: Annotated[str, typer.Option(help="Its name, different from every other worker's; this machine's name when left out.")] = "",
    duty: Annotated[
        Duty, typer.Option(help="What it does: take messages in, assess attendance days, or long work such as recalculation.")
    ] = Duty.MESSAGES,
    settings: Annotated[Path | None, typer.Option("--settings", help="Settings file; server.toml here when left out.")] = None,
) -> None:
    """Do a fair share of the work until Ctrl-C or SIGTERM: admit messages, assess attendance days, or do long work."""
    if name and not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", name):
        refuse(say("--name: use 1 to 41 of a-z, 0-9 and hyphens.", "--name：请使用 1 至 41 个 a-z、0-9 或连字符。"))
    whole = f"{KINDS[duty]}-{name or re.sub(r'[^a-z0-9-]', '-', socket.gethostname().lower())[:41]}"
    with refusals():
        run(duty, whole, settings)
