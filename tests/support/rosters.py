"""Shifts and a pattern for a company in a test."""

from datetime import date

from server.roster import actions as roster
from server.roster.model import Anchor, HolidayChoice, PatternTerms, Scope, ShiftPart, ShiftTerms
from server.storage import UnitOfWork
from tests.support.company import NOW, TESTER

SINCE = date(2026, 1, 1)
FIRST_MONDAY = date(2026, 1, 5)
HOURS = {"早班": ("早", 6, 14), "中班": ("中", 14, 22), "夜班": ("夜", 22, 30), "常日班": ("常", 8, 16)}


def make_shifts(uow: UnitOfWork, since: date = SINCE) -> dict[str, int]:
    """早, 中, 夜 and 常, eight hours each, by their signs."""
    made = {}
    for name, (sign, start, end) in HOURS.items():
        terms = ShiftTerms(parts=(ShiftPart(start=start * 60, end=end * 60),))
        made[sign] = roster.add_shift(uow, name, sign, terms, since, TESTER, NOW).id
    return made


def make_week(uow: UnitOfWork, shift_id: int) -> int:
    """A pattern of five days of a shift and two of rest, for the whole company."""
    days = (shift_id,) * 5 + (None,) * 2
    terms = PatternTerms(days=days, anchor=Anchor.WEEK, starts_on=FIRST_MONDAY, holidays=HolidayChoice.OFF)
    made = roster.add_pattern(uow, "五天制", terms, FIRST_MONDAY, TESTER, NOW).id
    roster.assign_pattern(uow, made, Scope.COMPANY, 0, FIRST_MONDAY, None, TESTER, NOW)
    return made
