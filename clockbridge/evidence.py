"""`clockbridge evidence`: a person's punches with their proof, and checking such a file. Explained: docs/how-to/verify-evidence.md."""

import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from clockbridge.language import say
from clockbridge.refusals import refusals, refuse

app = typer.Typer(
    help="A person's punches as evidence, and checking it.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)

NOT_PROVEN = 1
FirstDay = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day, by the dates that the terminals showed.")]
LastDay = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day, itself included.")]


@app.callback()
def evidence() -> None:
    """A person's punches as evidence, and checking it."""


@app.command()
def export(
    person: Annotated[str, typer.Argument(help="Employee number.")],
    file: Annotated[Path, typer.Argument(help="New file for the evidence.")],
    since: FirstDay,
    until: LastDay,
    settings: Annotated[Path | None, typer.Option("--settings", help="Settings file; server.toml here when left out.")] = None,
) -> None:
    """Write a person's punches, from the first to the last day, with what their edges sealed."""
    from server.ingest.evidence import export_evidence
    from server.settings import load_settings
    from server.wiring import ready_database

    with refusals():
        with closing(ready_database(load_settings(settings))) as database, database.reading() as uow:
            data = export_evidence(uow, person, since.date(), until.date())
        with file.open("xb") as target:
            target.write(data)
    print(say(f"{file}: check it with `clockbridge evidence check {file}`.", f"{file}：用 `clockbridge evidence check {file}` 验证。"))


@app.command()
def check(file: Annotated[Path, typer.Argument(help="A file that `evidence export` wrote.")]) -> None:
    """Check a file by itself: needs no server and no database; exit 1 when a punch in it is not proven."""
    from server.ingest.evidence import check_evidence

    try:
        findings = check_evidence(file.read_bytes())
    except OSError as error:
        refuse(f"{file}: {error.strerror}. " + say("Name a file that is there.", "请给出存在的文件。"))
    except ValueError as error:
        refuse(f"{file}: " + say(f"{error}.", f"这不是 Clockbridge 的证据文件：{error}。"))
    failed = [finding for finding in findings if not finding.proven]
    for finding in failed:
        print(f"{finding.reason}: {finding.row}", file=sys.stderr)
    proven = len(findings) - len(failed)
    print(say(f"{proven} of {len(findings)} punches are proven.", f"{len(findings)} 条打卡中有 {proven} 条得到证明。"))
    if failed:
        raise typer.Exit(NOT_PROVEN)
