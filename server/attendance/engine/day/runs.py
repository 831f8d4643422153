"""Work without a roster: which punches make one shift.

A gap ends a shift when it is long enough (`new_shift_minutes`) and lies between an OUT and the next IN. Where no label says which gap that
is, it must be longer than the gaps on both sides, or too long to be work. Every answer goes by punches close by, so that it does not
depend on how far back somebody looks; a chain of punches that is longer than `LONGEST_RUN` is therefore taken apart by calendar dates.
"""

from collections.abc import Callable, Sequence
from datetime import date

from server.attendance.engine.day.entries import said_heading
from server.attendance.model.days import TimedPunch
from server.attendance.model.grants import Heading
from server.attendance.model.rules import DayRules
from server.roster.model import date_of

LONGEST_RUN = 48 * 3600
"""No shift without a roster is longer; an IN waits so long for its OUT."""

LONGEST_STAY_MINUTES = 960
"""Without labels and without `longest_shift_minutes`, a longer gap is not work."""

NIGHT_BREAK_MINUTES = 240
"""Where `new_shift_minutes` is not set, a gap of this over midnight ends the shift; within one date nothing does."""


TermsAt = Callable[[TimedPunch], tuple[DayRules, str]]
"""The rules and the zone that hold where a punch is."""


def runs(punches: Sequence[TimedPunch], terms_at: TermsAt) -> list[list[TimedPunch]]:
    """The shifts. punches: in order."""
    found: list[list[TimedPunch]] = []
    for place, punch in enumerate(punches):
        if found and not _ends(punches, place, found[-1][0], *terms_at(punches[place - 1])):
            found[-1].append(punch)
        else:
            found.append([punch])
    return [run for whole in found for run in _bounded(whole, *terms_at(whole[0]))]


def booked_date(at: int, rules: DayRules, zone: str) -> date:
    """The date a moment without a roster belongs to: that of the clock, moved by the day boundary."""
    return date_of(at - (rules.day_boundary or 0) * 60, zone)


def _ends(punches: Sequence[TimedPunch], place: int, first: TimedPunch, rules: DayRules, zone: str) -> bool:
    """Whether the shift ends before this punch."""
    before, punch = punches[place - 1], punches[place]
    gap = _gap(before, punch)
    least = rules.new_shift_minutes
    if least is None:
        if booked_date(first.at, rules, zone) == booked_date(punch.at, rules, zone):
            return False
        least = NIGHT_BREAK_MINUTES if rules.day_boundary is None else 0
    said, next_said = said_heading(before, rules), said_heading(punch, rules)
    if said is Heading.IN and next_said is Heading.OUT:
        return gap > LONGEST_RUN
    if said is not None and next_said is not None:
        return gap >= least * 60
    if gap > (rules.longest_shift_minutes or LONGEST_STAY_MINUTES) * 60:
        return True
    return gap >= least * 60 and gap > _gap_beside(punches, place - 2, rules) and gap > _gap_beside(punches, place, rules)


def _gap(before: TimedPunch, punch: TimedPunch) -> int:
    return punch.at // 60 * 60 - before.at // 60 * 60


def _gap_beside(punches: Sequence[TimedPunch], place: int, rules: DayRules) -> int:
    """The gap behind the punch at that place; one that is no work, or none, is longer than any."""
    if not 0 <= place < len(punches) - 1:
        return LONGEST_RUN
    gap = _gap(punches[place], punches[place + 1])
    return LONGEST_RUN if gap > (rules.longest_shift_minutes or LONGEST_STAY_MINUTES) * 60 else gap


def _bounded(run: list[TimedPunch], rules: DayRules, zone: str) -> list[list[TimedPunch]]:
    if run[-1].at - run[0].at <= LONGEST_RUN:
        return [run]
    by_date: dict[date, list[TimedPunch]] = {}
    for punch in run:
        by_date.setdefault(booked_date(punch.at, rules, zone), []).append(punch)
    return list(by_date.values())
