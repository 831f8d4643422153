"""What lower areas leave for attendance and for dispatch: something was changed that days, or users of terminals, depend on.

They write, attendance and dispatch drain, each a list of its own; they never call them. A row is written in the transaction of the change
itself, so that neither is ever there without the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, Column, String, Table, delete, select

from server.storage.columns import BigKey, PackedDate, metadata
from server.storage.database import UnitOfWork


class Subject(StrEnum):
    """Whom a change is about; the number beside it says which one. EVERYBODY has the number 0."""

    PERSON = "person"
    DEPARTMENT = "department"
    POSITION = "position"
    SITE = "site"
    ZONE = "zone"
    SHIFT = "shift"
    PATTERN = "pattern"
    CALENDAR = "calendar"
    RULE_SET = "rule-set"
    EVERYBODY = "everybody"


REACHES_TERMINALS = frozenset({"employment", "enrolment", "terminal", "department", "import"})
"""Kinds of facts that say, too, who is on which terminal."""


@dataclass(frozen=True, slots=True)
class UserChange:
    """The users of terminals that this subject means may have to be others: a PERSON, a DEPARTMENT, a ZONE or EVERYBODY."""

    id: int
    subject: Subject
    subject_id: int


@dataclass(frozen=True, slots=True)
class Change:
    """Days from first_day to last_day (both included; None: for ever) of everybody the subject means. what: the kind of fact."""

    id: int
    subject: Subject
    subject_id: int
    first_day: date
    last_day: date | None
    what: str


changed_input = Table(
    "changed_input",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("subject", String(16), nullable=False),
    Column("subject_id", BigInteger, nullable=False),
    Column("first_day", PackedDate, nullable=False),
    Column("last_day", PackedDate),
    Column("what", String(32), nullable=False),
)

changed_user = Table(
    "changed_user",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("subject", String(16), nullable=False),
    Column("subject_id", BigInteger, nullable=False),
)


def leave_change(uow: UnitOfWork, subject: Subject, subject_id: int, first_day: date, last_day: date | None, what: str) -> None:
    """Say that days of this subject may come out otherwise now."""
    leave_changes(uow, subject, [(subject_id, first_day, last_day)], what)


def leave_changes(uow: UnitOfWork, subject: Subject, days: Sequence[tuple[int, date, date | None]], what: str) -> None:
    """Say the same of many. days: (subject's number, first day, last day)."""
    rows = [
        {"subject": subject.value, "subject_id": subject_id, "first_day": first_day, "last_day": last_day, "what": what}
        for subject_id, first_day, last_day in days
    ]
    if rows:
        uow.execute(changed_input.insert(), rows)
    if what in REACHES_TERMINALS:
        leave_user_changes(uow, subject, dict.fromkeys(subject_id for subject_id, *_ in days))


def leave_user_changes(uow: UnitOfWork, subject: Subject, keys: Iterable[int]) -> None:
    """Say that users of terminals may have to be others now: of something that no day depends on."""
    rows = [{"subject": subject.value, "subject_id": key} for key in keys]
    if rows:
        uow.execute(changed_user.insert(), rows)


def waiting_changes(uow: UnitOfWork, limit: int) -> list[Change]:
    """The oldest changes that nobody has taken yet."""
    rows = uow.fetch_all(select(changed_input).order_by(changed_input.c.id).limit(limit))
    return [Change(row.id, Subject(row.subject), row.subject_id, row.first_day, row.last_day, row.what) for row in rows]


def take_changes(uow: UnitOfWork, ids: Sequence[int]) -> None:
    """Take these away: whoever does has put what they mean somewhere durable in the same transaction."""
    uow.execute(delete(changed_input).where(changed_input.c.id.in_(list(ids))))


def waiting_user_changes(uow: UnitOfWork, limit: int) -> list[UserChange]:
    """The oldest of them that nobody has taken yet."""
    rows = uow.fetch_all(select(changed_user).order_by(changed_user.c.id).limit(limit))
    return [UserChange(row.id, Subject(row.subject), row.subject_id) for row in rows]


def take_user_changes(uow: UnitOfWork, ids: Sequence[int]) -> None:
    """As `take_changes`."""
    uow.execute(delete(changed_user).where(changed_user.c.id.in_(list(ids))))
