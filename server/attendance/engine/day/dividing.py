"""Which punch belongs to which work date.

The roster day wins: a punch in the window of a roster part belongs to the day that part starts on, whatever its own date. The rest are
shifts without a roster (`runs`), booked on the date that the rules say.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from server.attendance.engine.day.directions import set_directions
from server.attendance.engine.day.entries import Entry, said_heading
from server.attendance.engine.day.matching import part_of
from server.attendance.engine.day.pairing import Paired, pair
from server.attendance.engine.day.reading import in_order
from server.attendance.engine.day.runs import booked_date, runs
from server.attendance.engine.day.spans import overlap
from server.attendance.model.days import TimedPunch
from server.attendance.model.grants import Grant, GrantKind, Heading
from server.attendance.model.rules import DayOf, DayRules
from server.roster.model import PlannedDay, PlannedPart, instant_of

REACH_DAYS = 3
"""A day depends on the plans, punches and grants of so many days before and after it, and on nothing farther away."""

RulesOf = DayRules | Callable[[date], DayRules]


def divide(plans: Sequence[PlannedDay], punches: Sequence[TimedPunch], rules_of: RulesOf) -> dict[date, tuple[TimedPunch, ...]]:
    """The punches of each planned date, in order; a date without any is left out.

    plans: one person's, in the order of date. punches: in any order, may hold repeats, corrections already among them. An answer is right
    for dates that have `REACH_DAYS` of plans and punches on both sides. A shift that is split at midnight is given to every date it
    touches, and `assess_day` counts on each what lies there.
    """
    rules_on = rules_of if callable(rules_of) else (lambda _: rules_of)
    given: dict[date, list[TimedPunch]] = {plan.work_date: [] for plan in plans}
    if not given or not punches:
        return {}
    loose = _take_rostered(_Windows(plans, rules_on), in_order(punches), given, rules_on)
    for run in _runs_by_rules(loose, plans, rules_on):
        _book(run, plans, rules_on, given)
    ordered = in_order if loose else list
    return {day: tuple(ordered(own)) for day, own in given.items() if own}


def with_corrections(punches: Sequence[TimedPunch], grants: Iterable[Grant]) -> list[TimedPunch]:
    """The punches and those that corrections add."""
    added = [
        TimedPunch(id=0, at=grant.starts_at, label=grant.heading, grant_id=grant.id)
        for grant in grants
        if grant.kind is GrantKind.CORRECTION and grant.starts_at is not None
    ]
    return [*punches, *added]


class _Windows:
    """All roster parts of the plans, in order, with the date of each; the day boundary put in where nobody set a window."""

    def __init__(self, plans: Sequence[PlannedDay], rules_on: Callable[[date], DayRules]) -> None:
        self.parts: list[PlannedPart] = []
        self.dates: list[date] = []
        for plan in plans:
            self.parts.extend(plan.parts)
            self.dates.extend([plan.work_date] * len(plan.parts))
        if any(rules_on(plan.work_date).day_boundary is not None for plan in plans):
            self._move_borders({plan.work_date: plan for plan in plans}, rules_on)

    def _move_borders(self, plan_of: dict[date, PlannedDay], rules_on: Callable[[date], DayRules]) -> None:
        for place in range(len(self.parts)):
            day = self.dates[place]
            zone, rules = plan_of[day].zone, rules_on(day)
            if place + 1 == len(self.parts) or self.dates[place + 1] != day:
                self._close_at(place, _boundary(day + timedelta(days=1), zone, rules))
            if place == 0 or self.dates[place - 1] != day:
                self._open_at(place, _boundary(day, zone, rules))

    def _close_at(self, place: int, border: int | None) -> None:
        part = self.parts[place]
        later = self.parts[place + 1].start if place + 1 < len(self.parts) else None
        if border is not None and not part.sure_close and part.end <= border and (later is None or border <= later):
            self.parts[place] = _with_edges(part, part.opens, border - 60)

    def _open_at(self, place: int, border: int | None) -> None:
        part = self.parts[place]
        earlier = self.parts[place - 1].end if place else None
        if border is not None and not part.sure_open and border <= part.start and (earlier is None or earlier <= border):
            self.parts[place] = _with_edges(part, border, part.closes)


def _boundary(day: date, zone: str, rules: DayRules) -> int | None:
    return None if rules.day_boundary is None else instant_of(day, rules.day_boundary, zone)


def _with_edges(part: PlannedPart, opens: int, closes: int) -> PlannedPart:
    return PlannedPart(
        name=part.name,
        start=part.start,
        end=part.end,
        opens=opens,
        closes=closes,
        sure_open=part.sure_open or opens != part.opens,
        sure_close=part.sure_close or closes != part.closes,
        breaks=part.breaks,
    )


def _take_rostered(
    windows: _Windows, punches: Sequence[TimedPunch], given: dict[date, list[TimedPunch]], rules_on: Callable[[date], DayRules]
) -> list[TimedPunch]:
    """Put every punch that a window holds to its date; the rest comes back."""
    loose: list[TimedPunch] = []
    first, parts = 0, windows.parts
    for place, punch in enumerate(punches):
        while first < len(parts) and punch.at - punch.at % 60 > parts[first].closes:
            first += 1
        if first == len(parts):
            loose.extend(punches[place:])
            break
        rules = rules_on(windows.dates[first])
        said, start = said_heading(punch, rules), max(first - 1, 0)
        found = part_of(parts, punch.at, said, start)
        if found is None:
            loose.append(punch)
            continue
        if said is not None:
            plain = part_of(parts, punch.at, None, start)
            if plain is not None and windows.dates[plain] != windows.dates[found]:
                found = _with_its_stay(punches, place, found, plain, parts, rules)
        given[windows.dates[found]].append(punch)
    return loose


def _with_its_stay(
    punches: Sequence[TimedPunch], place: int, by_label: int, by_time: int, parts: Sequence[PlannedPart], rules: DayRules
) -> int:
    """Between the shifts of two days a label moves a punch to the other shift only if the stay goes on there; else the nearest has it."""
    if by_label > by_time:
        after = punches[place + 1] if place + 1 < len(punches) else None
        later = parts[by_label]
        goes_on = after is not None and said_heading(after, rules) is Heading.OUT and later.start < after.at <= later.closes
        return by_label if goes_on else by_time
    before = punches[place - 1] if place else None
    if before is None or said_heading(before, rules) is not Heading.IN or before.at < parts[by_label].end:
        return by_label
    of_the_in = part_of(parts, before.at, None, by_label)
    return by_time if of_the_in is None else of_the_in


def _runs_by_rules(
    loose: Sequence[TimedPunch], plans: Sequence[PlannedDay], rules_on: Callable[[date], DayRules]
) -> list[list[TimedPunch]]:
    begins = [plan.begins for plan in plans]

    def terms_at(punch: TimedPunch) -> tuple[DayRules, str]:
        plan = plans[max(bisect_right(begins, punch.at) - 1, 0)]
        return rules_on(plan.work_date), plan.zone

    return runs(loose, terms_at) if loose else []


def _book(
    run: list[TimedPunch], plans: Sequence[PlannedDay], rules_on: Callable[[date], DayRules], given: dict[date, list[TimedPunch]]
) -> None:
    """Give a shift without a roster to its date; to each date it touches where it is split at midnight."""
    plan = plans[max(bisect_right([one.begins for one in plans], run[0].at) - 1, 0)]
    rules, zone = rules_on(plan.work_date), plan.zone
    start, end = booked_date(run[0].at, rules, zone), booked_date(max(run[0].at, run[-1].at - 1), rules, zone)
    if rules.day_of is DayOf.SPLIT_AT_MIDNIGHT:
        days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    elif rules.day_of is DayOf.END:
        days = [end]
    elif rules.day_of is DayOf.LONGEST and start != end:
        days = [_most_worked(run, start, end, plan, rules)]
    else:
        days = [start]
    for day in days:
        if day in given:
            given[day].extend(run)


def _most_worked(run: list[TimedPunch], start: date, end: date, plan: PlannedDay, rules: DayRules) -> date:
    """The date that most of the shift's paired time lies on; the first of equals."""
    entries, found = [Entry(punch, punch.at, punch.at) for punch in run], Paired()
    bare = PlannedDay(work_date=plan.work_date, zone=plan.zone, begins=plan.begins, ends=plan.ends)
    set_directions(entries, bare, rules)
    pair(entries, bare, rules, found)
    stays, boundary = [(stay.arrived, stay.left) for stay in found.stays], rules.day_boundary or 0
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    worked = {day: overlap(stays, instant_of(day, boundary, plan.zone), instant_of(day, boundary + 1440, plan.zone)) for day in days}
    return max(days, key=lambda day: (worked[day], -day.toordinal()))
