"""Punches by person and one by one; lists, board and presence are in the store as they are."""

from datetime import date
from itertools import groupby

from server.attendance.model import DayPunches, Punch, PunchLine
from server.attendance.store import lines, lists
from server.errors import NotFoundError
from server.storage import UnitOfWork, unpack_date

_DAY = 1_000_000


def person_days(uow: UnitOfWork, person_id: int, since: date, until: date) -> list[DayPunches]:
    """One person's punches by the date that the terminals showed, the latest date first; both dates included."""
    found = lists.lines_of_person(uow, person_id, since, until)
    days = [DayPunches(unpack_date(day), tuple(of_day)) for day, of_day in groupby(found, key=lambda line: line.wall // _DAY)]
    return days[::-1]


def find_punch(uow: UnitOfWork, punch_id: int) -> Punch:
    """The punch itself, with its bytes; raises NotFoundError."""
    found = lines.punch_by_id(uow, punch_id)
    if found is None:
        raise NotFoundError(what="punch", name=punch_id)
    return found


def find_line(uow: UnitOfWork, punch_id: int, *, see_people: bool = True) -> PunchLine:
    """The punch as lists show it; raises NotFoundError."""
    found = lines.lines_by_id(uow, [punch_id], see_people=see_people).get(punch_id)
    if found is None:
        raise NotFoundError(what="punch", name=punch_id)
    return found


def evidence_punches(uow: UnitOfWork, person_id: int, since: date, until: date) -> list[Punch]:
    """One person's punches with their bytes, in the order of their times; both dates included."""
    return lists.punches_of_person(uow, person_id, since, until)
