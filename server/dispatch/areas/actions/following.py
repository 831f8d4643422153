"""From what changed to marks: the people whose users on terminals can be others now, durably and once."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.dispatch.areas.store import books, facts, marks, rows as rows_store
from server.fleet import actions as fleet
from server.fleet.model import TerminalOverview
from server.storage import Database, Subject, UnitOfWork, take_user_changes, waiting_user_changes

CHANGES_AT_ONCE = 2_000
RESENT_BEFORE_RAISING = 2
"""So often an edge may tell another digest after all was sent again, before revisions are raised above whatever it has."""


def follow_changes(database: Database, now: datetime) -> bool:
    """Mark the people whom the oldest changes mean; whether there were any."""
    with database.reading() as uow:
        if not waiting_user_changes(uow, 1):
            return False
    with database.writing() as uow:
        if not marks.alone(uow):
            return False
        changes = waiting_user_changes(uow, CHANGES_AT_ONCE)
        marks.mark(uow, _people_of(uow, [(one.subject, one.subject_id) for one in changes], now), now)
        take_user_changes(uow, [one.id for one in changes])
        return bool(changes)


def follow_dates(database: Database, now: datetime) -> int:
    """Mark the people with something that begins or ends by itself on a date that has begun since; returns how many."""
    with database.reading() as uow:
        zones = {site.time_zone for site in fleet.list_sites(uow)}
        days = {name: now.astimezone(ZoneInfo(name)).date() for name in zones}
        if _behind(marks.followed_days(uow), days) == {}:
            return 0
    with database.writing() as uow:
        behind = _behind(marks.followed_days(uow), days)
        people = {one for first, last in set(behind.values()) for one in facts.changing_between(uow, first, last)}
        marks.mark(uow, people, now)
        marks.note_followed(uow, {name: days[name] for name in behind})
        return len(people)


def raise_revisions(database: Database, now: datetime) -> None:
    """Let everything wanted at a terminal be newer than whatever its edge has, where sending it again did not make the two agree.

    That happens when the server was put back from a backup: the edge has revisions that this server never gave.
    """
    with database.reading() as uow:
        apart = [key for key, book in books.books(uow).items() if book.resent == RESENT_BEFORE_RAISING]
    for key in apart:
        with database.writing() as uow:
            if marks.alone(uow):
                send_anew(uow, key, now)
                books.change(uow, key, resent=RESENT_BEFORE_RAISING + 1)


def send_anew(uow: UnitOfWork, terminal_id: int, now: datetime, *, only_failed: bool = False) -> int:
    """Give what is wanted at a terminal higher revisions, so that its edge carries it out again; returns of how many users."""
    held = [row for row in rows_store.rows_of_terminal(uow, terminal_id) if not only_failed or row.has_failed]
    newest = int(now.timestamp() * 1000)
    risen = [row.risen(max(row.revision + 1, newest)) for row in held]
    rows_store.write(uow, risen)
    books.follow_rows(uow, {(row.terminal_id, row.user): row for row in held}, risen)
    return len(risen)


def try_again(uow: UnitOfWork, overview: TerminalOverview, by: Actor, now: datetime) -> int:
    """What a terminal did not take is tried once more; returns of how many users."""
    marks.wait_alone(uow)
    count = send_anew(uow, overview.terminal.id, now, only_failed=True)
    if count:
        record(uow, by, "terminal.send-anew", "terminal", overview.terminal.serial, at=now, after={"users": count})
    return count


def _behind(followed: dict[str, date], days: dict[str, date]) -> dict[str, tuple[date, date]]:
    """(followed, today) of zones in which a date has begun. A zone that is new was followed up to the day before: nobody was there."""
    before = {name: followed.get(name, day - timedelta(days=1)) for name, day in days.items()}
    return {name: (before[name], day) for name, day in days.items() if before[name] < day}


def _people_of(uow: UnitOfWork, changes: Collection[tuple[Subject, int]], now: datetime) -> set[int]:
    today = directory.today_of(uow, now) - timedelta(days=1)  # somewhere it is yesterday still
    people = {key for subject, key in changes if subject is Subject.PERSON}
    departments = {key for subject, key in changes if subject is Subject.DEPARTMENT}
    if departments:
        below = facts.below(uow)
        people |= facts.people_of_departments(uow, {one for key in departments for one in below.get(key, ())}, today)
    if any(subject not in {Subject.PERSON, Subject.DEPARTMENT} for subject, _ in changes):
        people |= {who.person_id for who in facts.placed(uow, today)} | rows_store.people_with_rows(uow)
    return people
