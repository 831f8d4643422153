"""Working out the days that are marked, in batches: taken under a lease, read in one snapshot, written in another transaction."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog

from server.attendance.actions.assessing import work_out
from server.attendance.actions.keeping import keep
from server.attendance.engine.day.dividing import REACH_DAYS
from server.attendance.model.assessed import Assessed
from server.attendance.store.marks import Mark, any_due, finish_marks, put_off_marks, take_marks
from server.directory import actions as directory
from server.storage import Database, StorageError

MARKS_AT_ONCE = 400
"""A batch takes a fraction of a second, and a late punch waits for no more than the one that is under way."""
WHOLESALE_AT_ONCE = 1_200
"""Where nobody waits for a single day: a third more days a second, and a batch still takes less than half a second."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Done:
    """What one batch came to, in days but for `marks`. crossed: changed by somebody else meanwhile, and marked again."""

    marks: int = 0
    written: int = 0
    differences: int = 0
    crossed: int = 0
    failed: int = 0


def assess_marked(database: Database, now: datetime, limit: int = MARKS_AT_ONCE, wholesale: int = WHOLESALE_AT_ONCE) -> Done:
    """Take a batch of marks and bring their days up to date; `Done.marks` 0 where none is due. Raises StorageError."""
    with database.reading() as uow:
        if not any_due(uow, now):
            return Done()
    with database.writing() as uow:
        taken = take_marks(uow, now, limit, wholesale)
    if not taken:
        return Done()
    try:
        return _bring_up(database, taken, now)
    except StorageError:
        raise
    except Exception:  # noqa: BLE001 - one person's day must not keep everybody else's from being worked out
        log.warning("a batch could not be assessed, going through it one by one", marks=len(taken))
        return _one_by_one(database, taken, now)


def _one_by_one(database: Database, taken: Sequence[Mark], now: datetime) -> Done:
    done = Done()
    by_person: dict[int, list[Mark]] = defaultdict(list)
    for mark in taken:
        by_person[mark.person_id].append(mark)
    for person_id, marks in by_person.items():
        try:
            one = _bring_up(database, marks, now)
        except StorageError:
            raise
        except Exception:
            log.exception("a day cannot be assessed, trying again later", person=person_id, first=str(marks[0].work_date), days=len(marks))
            with database.writing() as uow:
                put_off_marks(uow, marks, now)
            one = Done(failed=len(marks))
        done = _sum(done, one)
    return done


def _bring_up(database: Database, taken: Sequence[Mark], now: datetime) -> Done:
    with database.reading() as uow:
        today = directory.today_of(uow, now)
        worked_out: list[Assessed] = []
        for wanted in _in_spans(_wanted(taken, today)):
            people, dates = {person for person, _ in wanted}, [day for _, day in wanted]
            found = work_out(uow, people, min(dates), max(dates), now, only=wanted)
            marked = {(mark.person_id, mark.work_date) for mark in taken}
            worked_out += [one for one in found if (one.person_id, one.work_date) in marked or _is_there(one)]
    with database.writing() as uow:
        kept = keep(uow, worked_out, now)
        finish_marks(uow, taken)
    return Done(len(taken), kept.written, kept.differences, kept.crossed)


def _wanted(taken: Sequence[Mark], today: date) -> set[tuple[int, date]]:
    """The days that marks mean: their own, and those beside them that a punch may come to belong to. None before it has begun."""
    found = set()
    for mark in taken:
        reach = REACH_DAYS if mark.reaches else 0
        days = (mark.work_date + timedelta(days=count) for count in range(-reach, reach + 1))
        found |= {(mark.person_id, day) for day in days if day <= today}
    return found


def _in_spans(wanted: Collection[tuple[int, date]]) -> list[set[tuple[int, date]]]:
    """Days of one month together: one load serves all of them."""
    months: dict[tuple[int, int], set[tuple[int, date]]] = defaultdict(set)
    for person_id, day in wanted:
        months[day.year, day.month].add((person_id, day))
    return list(months.values())


def _is_there(one: Assessed) -> bool:
    """A day beside a marked one is brought up to date, not made out of nothing."""
    return one.known is not None or (one.inputs is not None and bool(one.inputs.punches))


def _sum(one: Done, other: Done) -> Done:
    return Done(
        one.marks + other.marks,
        one.written + other.written,
        one.differences + other.differences,
        one.crossed + other.crossed,
        one.failed + other.failed,
    )
