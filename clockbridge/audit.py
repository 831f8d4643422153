"""`clockbridge audit`: whether the trail of who did what still holds: docs/how-to/verify-the-trail.md."""

import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from clockbridge.language import say
from clockbridge.refusals import refusals, refuse

if TYPE_CHECKING:
    from server.audit.model import BrokenLink, Head

app = typer.Typer(help="The trail of who did what, and checking it.", no_args_is_help=True, rich_markup_mode=None, add_completion=False)

BROKEN = 1


@app.callback()
def audit() -> None:
    """The trail of who did what, and checking it."""


@app.command()
def verify(
    settings: Annotated[Path | None, typer.Option("--settings", help="Settings file; server.toml here when left out.")] = None,
    head: Annotated[str, typer.Option(help="An end of the chain that an earlier check told: finds also what was cut off since.")] = "",
) -> None:
    """Follow the whole chain of the trail and name the first row that does not fit; exit 1 when there is one. Reads only."""
    from server.audit.actions import verify as follow
    from server.settings import load_settings
    from server.wiring import ready_database

    with refusals():
        noted = _noted(head)
        loaded = load_settings(settings)
        with closing(ready_database(loaded)) as database, database.reading() as uow:
            found = follow(uow, noted)
    zone = ZoneInfo(loaded.time_zone)
    first, last = _told_time(found.first_at, zone), _told_time(found.last_at, zone)
    if found.rows:
        print(
            say(
                f"{found.rows:,} rows hold, from {first} to {last} ({loaded.time_zone}).",
                f"{found.rows:,} 行完好，时间从 {first} 到 {last}（{loaded.time_zone}）。",
            )
        )
    if found.broken:
        print(say(*told_break(found.broken)), file=sys.stderr)
        raise typer.Exit(BROKEN)
    if not found.rows:
        print(say("The trail is empty.", "审计留痕为空。"))
    print(say(f"Head: {found.head}", f"链尾：{found.head}"))
    if not noted:
        told = "Note it down elsewhere: with `--head` a later check also finds rows that were cut off at the end."
        print(say(told, "请另行记下：以后用 `--head` 核验，还能发现末尾被删掉的行。"))


def told_break(broken: "BrokenLink") -> tuple[str, str]:
    """Where the trail does not hold, in both languages."""
    from server.web.language import translator

    kinds = {
        "changed": ("changed", "被改动"),
        "missing": ("missing", "缺失"),
        "out-of-order": ("out of order", "顺序不对"),
        "added": ("added", "多出"),
    }
    english, chinese = kinds[broken.kind]
    reason = translator("zh")(broken.reason)
    return f"row {broken.row}: {english} ({broken.reason})", f"第 {broken.row} 行：{chinese}（{reason}）"


def _noted(text: str) -> "Head | None":
    from server.audit.engine import NoHeadError, read_head

    if not text:
        return None
    try:
        return read_head(text)
    except NoHeadError:
        refuse(
            say(
                "--head: give the number and the 64 digits behind `Head:` that an earlier check told, such as 1234:ab…",
                "--head：请给出以前核验时“链尾：”后面的编号和 64 位数字，例如 1234:ab…",
            )
        )


def _told_time(moment: "datetime | None", zone: ZoneInfo) -> str:
    return "" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"
