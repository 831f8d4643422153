"""What areas and terminals hold about somebody."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, update

from server.dispatch.areas.engine import row_without
from server.dispatch.areas.store import books, marks, rows
from server.dispatch.areas.tables import area_rule, terminal_right, user_template, wanted_user
from server.storage import DataSubject, Holding, UnitOfWork

KEEP = "person"


def _named(one: DataSubject) -> ColumnElement[bool]:
    return wanted_user.c.person_id == one.person_id


def _erase_wanted(uow: UnitOfWork, one: DataSubject, _now: datetime) -> int:
    """Who it was goes; that a number is to be gone from a terminal, and was, stays: its edge counts it, and it names nobody."""
    marks.wait_alone(uow)
    held = rows.rows_of_people(uow, [one.person_id])
    gone = [row for each in held.values() if (row := row_without(each)) is not None]
    rows.write(uow, gone)
    books.follow_rows(uow, held, gone)
    blank: dict[str, Any] = {"person_id": None, "name": "", "card": "", "templates": [], "there": []}
    return uow.execute(update(wanted_user).where(_named(one)).values(**blank)).rowcount


HOLDINGS = (
    Holding(wanted_user, "Users on terminals", _named, keep=KEEP, erased=_erase_wanted),
    Holding(
        terminal_right,
        "Rights at terminals",
        lambda one: terminal_right.c.person_id == one.person_id,
        secret=("password", "password_version"),
        keep=KEEP,
    ),
    Holding(area_rule, "Areas by name", lambda one: area_rule.c.person_id == one.person_id, keep=KEEP),
    Holding(
        user_template,
        "Templates kept by the server",
        lambda one: user_template.c.person_id == one.person_id,
        secret=("sealed", "fingerprint"),
        keep=KEEP,
    ),
)
