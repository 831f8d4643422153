"""`clockbridge`: every part of the product as a command.

Each command stands in a file of its own and is imported when it is asked for: the server's cost seconds.
"""

import importlib
import importlib.util
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

COMMANDS = {
    "demo": "The whole way on this machine: terminals, sites, server, live page",
    "simulate": "Terminals that are not there: for training, demo and support",
    "terminal": "Look at a terminal: probe, read, compare",
    "edge": "The agent beside the terminals",
    "station": "Who is known at a clock-in point built from parts: cards, fingers, consents",
    "server": "The server: init, run, back up, import and more",
    "worker": "Take messages in, or do long work, on this or a further machine",
    "tail": "Watch the messages on the broker, readable",
    "evidence": "A person's punches as evidence, and checking it",
    "audit": "The trail of who did what, and checking it",
}

SERVER_COMMANDS = frozenset({"demo", "server", "worker", "tail", "evidence", "audit"})
"""Those that need the server's package, which an edge's box does not have."""


def commands_here() -> list[str]:
    """Those whose packages are installed."""
    has_server = importlib.util.find_spec("server") is not None
    return [name for name in COMMANDS if has_server or name not in SERVER_COMMANDS]


class LazyGroup(TyperGroup):
    """Commands by name, each imported from `clockbridge.<name>` when it is used."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return commands_here()

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in commands_here():
            return None
        app = importlib.import_module(f"clockbridge.{cmd_name}").app
        command = typer.main.get_command(app)
        command.name = cmd_name
        command.short_help = COMMANDS[cmd_name]
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in commands_here()])


app = typer.Typer(
    cls=LazyGroup,
    help="Clockbridge carries punches from clock terminals to the people who work with them, and loses none.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"clockbridge {version('clockbridge')}")
        raise typer.Exit


@app.callback()
def clockbridge(
    _version: Annotated[bool, typer.Option("--version", help="Tell the release and end.", callback=_tell_version, is_eager=True)] = False,
) -> None:
    """Clockbridge carries punches from clock terminals to the people who work with them, and loses none."""


def main() -> None:
    """Entry point; Ctrl-C ends with the shell's own code for it and without a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
