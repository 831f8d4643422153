"""What stands in the way of another shift, or of a swap: rest, leave, what is planned on both sides."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from server.hr.requests.engine.clashes import away_on
from server.hr.requests.engine.surroundings import NewShift, Surroundings
from server.hr.requests.engine.times import midnight
from server.hr.requests.model import (
    Finding,
    FindingCode,
    Severity,
    ShiftChangeContent,
    ShiftChangeRules,
    SwapContent,
    SwapRules,
)
from server.roster.model import PlannedDay

DAY = timedelta(days=1)
NIGHT = (22 * 3600, 30 * 3600)
"""From 22:00 to 06:00, in seconds from midnight."""
Worked = tuple[int, int] | None
"""From when until when somebody works on a day; None: off."""


def judge_shift_change(content: ShiftChangeContent, rules: ShiftChangeRules, around: Surroundings) -> Iterator[Finding]:
    """Whether it changes anything, is asked for in time, and leaves enough rest."""
    yield from _notice(content.day, rules.notice_days, around, "day")
    plan = around.plans.get(content.day)
    if plan and plan.rostered and plan.shift_id == content.shift_id:
        yield Finding(FindingCode.SAME_SHIFT, Severity.STOPS, "shift")
    if plan is None:
        return
    wanted = {content.day: _moments(around.shift)}
    yield from _side(around, around.plans, wanted, own=True)


def judge_swap(content: SwapContent, rules: SwapRules, around: Surroundings) -> Iterator[Finding]:
    """The same on both sides, and that nobody swaps with what is not there."""
    yield from _notice(min(content.day, content.partner_day), rules.notice_days, around, "day")
    if abs((content.partner_day - content.day).days) > rules.apart_days:
        yield Finding(FindingCode.TOO_LONG, Severity.STOPS, "partner_day", {"days": rules.apart_days})
    partner = around.partner
    if partner is None:
        return
    gone = next((day for day in (content.day, content.partner_day) if not partner.plans[day].employed), None)
    if gone is not None:
        yield Finding(FindingCode.NOT_EMPLOYED, Severity.STOPS, "partner", {"day": gone.isoformat()})
        return
    if around.plans[content.day].zone != partner.plans[content.day].zone:
        yield Finding(FindingCode.OTHER_ZONE, Severity.WARNS, "partner")
    if _nothing_to_swap(content, around.plans, partner.plans):
        yield Finding(FindingCode.SAME_SHIFT, Severity.STOPS, "partner_day")
        return
    own, other = swapped(content, around.plans, partner.plans)
    yield from _side(around, around.plans, own, own=True)
    yield from _side(around, partner.plans, other, own=False)


def swapped(
    content: SwapContent, mine: Mapping[date, PlannedDay], theirs: Mapping[date, PlannedDay]
) -> tuple[dict[date, Worked], dict[date, Worked]]:
    """What each of the two works on the days of a swap afterwards."""
    days = (content.day, content.partner_day)
    return {day: worked(theirs[day]) for day in days}, {day: worked(mine[day]) for day in days}


def worked(plan: PlannedDay) -> Worked:
    return (plan.parts[0].start, plan.parts[-1].end) if plan.parts else None


def _nothing_to_swap(content: SwapContent, mine: Mapping[date, PlannedDay], theirs: Mapping[date, PlannedDay]) -> bool:
    return all(mine[day].shift_id == theirs[day].shift_id for day in (content.day, content.partner_day))


def _notice(day: date, notice_days: int, around: Surroundings, field: str) -> Iterator[Finding]:
    if (day - around.today).days < notice_days:
        yield Finding(FindingCode.NOTICE, Severity.STOPS, field, {"days": notice_days})


def _side(around: Surroundings, plans: Mapping[date, PlannedDay], wanted: Mapping[date, Worked], *, own: bool) -> Iterator[Finding]:
    """One person's days with the new ones among them. own: of the asker."""
    field = "day" if own else "partner"
    grants = around.grants if own else around.partner.grants if around.partner else ()
    for day, span in sorted(wanted.items()):
        if span is None:
            continue
        for before, after in _neighbours(day, span, plans, wanted):
            yield from _rest(before, after, around.rest_minutes, field, day, own=own)
        if any(away_on(one, around, *span) for one in grants):
            severity = Severity.WARNS if own else Severity.STOPS
            yield Finding(FindingCode.ON_LEAVE, severity, field, {"day": day.isoformat(), "own": own})
        if plans[day].protected and _at_night(day, span, plans[day].zone):
            yield Finding(FindingCode.PROTECTED_NIGHT, Severity.WARNS, field, {"day": day.isoformat(), "own": own})


def _neighbours(
    day: date, span: tuple[int, int], plans: Mapping[date, PlannedDay], wanted: Mapping[date, Worked]
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Pairs of spans that follow each other, of which one is the day's."""

    def on(other: date) -> Worked:
        return wanted[other] if other in wanted else worked(plans[other]) if other in plans else None

    if before := on(day - DAY):
        yield before, span
    if (after := on(day + DAY)) and day + DAY not in wanted:
        yield span, after


def _rest(
    before: tuple[int, int], after: tuple[int, int], rest_minutes: int | None, field: str, day: date, *, own: bool
) -> Iterator[Finding]:
    rest = (after[0] - before[1]) // 60
    facts = {"day": day.isoformat(), "own": own, "minutes": rest}
    if rest < 0:
        yield Finding(FindingCode.SHIFTS_OVERLAP, Severity.STOPS, field, facts)
    elif rest_minutes is not None and rest < rest_minutes:
        yield Finding(FindingCode.SHORT_REST, Severity.WARNS, field, {**facts, "most_minutes": rest_minutes})


def _at_night(day: date, span: tuple[int, int], zone: str) -> bool:
    start = midnight(day, zone)
    return any(span[0] < start + until and start + since < span[1] for since, until in (NIGHT, (NIGHT[0] - 86_400, NIGHT[1] - 86_400)))


def _moments(shift: NewShift | None) -> Worked:
    return None if shift is None else (shift.starts_at, shift.ends_at)
