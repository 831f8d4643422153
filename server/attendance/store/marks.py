"""The durable queue of days to look at again: marked by whoever changes an input, taken by workers under a lease."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from server.attendance.tables import day_mark
from server.storage import UnitOfWork, pack_date

LEASE = timedelta(seconds=15)
"""A worker that died gives its marks back after this long. A batch takes a fraction of a second; one that takes longer than its lease is
done twice, which changes nothing."""
FIRST = datetime(1970, 1, 1, tzinfo=UTC)
"""Due before everything else: somebody may be looking at the day."""
PAUSES = (timedelta(seconds=2), timedelta(seconds=20), timedelta(minutes=5), timedelta(hours=1))
"""Before a day that could not be worked out is tried again; the last one for ever."""

REACHING = frozenset({"punch", "grant"})

_c = day_mark.c


class Mark(NamedTuple):
    """A mark as it was taken. Only if `times` is still that, nothing came since."""

    person_id: int
    work_date: date
    times: int
    failures: int
    why: str

    @property
    def reaches(self) -> bool:
        """Whether the days beside it may change too: a punch may come to belong to another one."""
        return self.why in REACHING


class Waiting(NamedTuple):
    """Marks that are not taken away yet. oldest_at: when the one was set that waits longest. failing: of days that could not be worked out
    and are tried again later, which are not among the others; failing_since: when the first of those was marked."""

    marks: int
    oldest_at: datetime | None
    failing: int
    failing_since: datetime | None


def mark_days(uow: UnitOfWork, days: Iterable[tuple[int, date]], why: str, now: datetime, *, later: bool = False) -> int:
    """Mark these (person, work date), each once however often it is marked; returns how many were given.

    later: of a change that reaches many days, which wait for those that somebody may be looking at. A day that a worker is busy with is
    marked anew: what the worker began with may not hold what changed now.
    """
    rows = [
        {
            "person_id": person_id,
            "work_date": day,
            "why": why,
            "marked_at": now,
            "due_at": now if later else FIRST,
            "times": 1,
            "failures": 0,
        }
        for person_id, day in sorted(set(days))  # in one order, so that two writers never wait for each other crosswise
    ]
    if not rows:
        return 0
    statement: Any = (sqlite.insert if uow.dialect == "sqlite" else postgresql.insert)(day_mark)
    new = statement.excluded
    sooner = case((new.due_at < _c.due_at, new.due_at), (_c.failures > 0, new.due_at), else_=_c.due_at)
    kept = case((or_(*(_c.why == one for one in sorted(REACHING))), _c.why), else_=new.why)
    again = {"why": kept, "due_at": sooner, "times": _c.times + 1, "failures": 0}
    uow.execute(statement.on_conflict_do_update(index_elements=["person_id", "work_date"], set_=again), rows)
    return len(rows)


def any_due(uow: UnitOfWork, now: datetime) -> bool:
    """Whether a worker would find something to take."""
    return uow.fetch_one(select(_c.person_id).where(_free(now)).limit(1)) is not None


def take_marks(uow: UnitOfWork, now: datetime, limit: int, wholesale: int) -> list[Mark]:
    """Marks for this worker alone until their lease ends, the most urgent first: at most `limit`, or `wholesale` where none is urgent."""
    query = select(_c.person_id, _c.work_date, _c.times, _c.failures, _c.why, _c.due_at).where(_free(now))
    query = query.order_by(_c.due_at, _c.person_id, _c.work_date).limit(wholesale)
    if uow.dialect == "postgresql":
        query = query.with_for_update(skip_locked=True)
    rows = uow.fetch_all(query)
    urgent = bool(rows) and rows[0].due_at == FIRST
    taken = [Mark(*tuple(row)[:-1]) for row in (rows[:limit] if urgent else rows)]
    _change(uow, taken, {"leased_until": now + LEASE})
    return taken


def finish_marks(uow: UnitOfWork, taken: Sequence[Mark]) -> None:
    """Take the marks away, but those set anew meanwhile: they are free for the next worker."""
    if not taken:
        return
    connection = uow.connection
    mark = "?" if uow.dialect == "sqlite" else "%s"
    rows = [(one.person_id, pack_date(one.work_date), one.times) for one in taken]
    where = f"WHERE person_id = {mark} AND work_date = {mark} AND times"
    cursor = connection.connection.cursor()
    try:
        cursor.executemany(f"DELETE FROM day_mark {where} = {mark}", rows)  # noqa: S608 - our own names
        cursor.executemany(f"UPDATE day_mark SET leased_until = NULL {where} > {mark}", rows)  # noqa: S608 - our own names
    finally:
        cursor.close()


def put_off_marks(uow: UnitOfWork, taken: Sequence[Mark], now: datetime) -> None:
    """These could not be worked out: try again later, and let nobody else wait for them."""
    for one in taken:
        pause = PAUSES[min(one.failures, len(PAUSES) - 1)]
        mine = and_(_c.person_id == one.person_id, _c.work_date == one.work_date)
        values = {"leased_until": None, "failures": one.failures + 1, "due_at": now + pause}
        uow.execute(update(day_mark).where(mine, _c.times == one.times).values(**values))
        uow.execute(update(day_mark).where(mine, _c.times > one.times).values(leased_until=None))


def waiting_marks(uow: UnitOfWork) -> Waiting:
    """How much waits."""
    failed = _c.failures > 0
    query = select(failed.label("failed"), func.count().label("marks"), func.min(_c.marked_at).label("at")).group_by(failed)
    found = {bool(row.failed): (int(row.marks), row.at) for row in uow.fetch_all(query)}
    return Waiting(*found.get(False, (0, None)), *found.get(True, (0, None)))


def _free(now: datetime) -> Any:
    return and_(_c.due_at <= now, or_(_c.leased_until.is_(None), _c.leased_until <= now))


def _change(uow: UnitOfWork, taken: Sequence[Mark], values: dict[str, Any]) -> None:
    """By their days, in a few statements: taken marks are rows of few people or of few dates."""
    by_person: dict[int, list[date]] = {}
    for one in taken:
        by_person.setdefault(one.person_id, []).append(one.work_date)
    alike: dict[tuple[date, ...], list[int]] = {}
    for person_id, days in by_person.items():
        alike.setdefault(tuple(days), []).append(person_id)
    for dates, people in alike.items():
        uow.execute(update(day_mark).where(_c.person_id.in_(people), _c.work_date.in_(dates)).values(**values))
