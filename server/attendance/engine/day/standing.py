"""What stands in for punches: trips, field work, terminals out of order, people and shifts that need not punch, and stays that are closed
because nobody punched out.
"""

from collections.abc import Sequence

from server.attendance.engine.day.entries import Entry, Stay
from server.attendance.engine.day.owing import Owed, standing_spans
from server.attendance.engine.day.pairing import Paired
from server.attendance.engine.day.spans import Span, length
from server.attendance.model.days import AttendanceException, ExceptionKind
from server.attendance.model.grants import Grant
from server.attendance.model.rules import DayRules
from server.roster.model import PlannedDay, RequiredPunches

Standing = list[tuple[int, Span]]


def plan_stands(plan: PlannedDay, entries: Sequence[Entry]) -> bool:
    """Whether the plan counts as worked without a full set of punches: 免打卡, no punch asked for, or one at any time and there is one."""
    if not plan.must_punch or plan.required_punches is RequiredPunches.NONE:
        return True
    return plan.required_punches is RequiredPunches.ANY_ONE and any(not entry.reason for entry in entries)


def whole_plan(owed: Owed) -> Standing:
    return [(index, span) for index, part in enumerate(owed.parts) for span in part.spans]


def granted(owed: Owed, plan: PlannedDay, grants: Sequence[Grant]) -> Standing:
    return standing_spans(owed, plan, grants)


def complete(found: Paired, standing: Standing, owed: Owed, plan: PlannedDay) -> None:
    """Give an OUT without an IN its beginning, and an IN without an OUT its end, where something stands for the punch that is missing."""
    begin, end = _edges(standing, owed, plan)
    if begin is not None and found.lone_outs and not found.stays and found.lone_outs[0].at >= begin:
        out = found.lone_outs.pop(0)
        out.reason = ""
        found.exceptions = [one for one in found.exceptions if one.punch_id != out.punch.id or one.kind is not ExceptionKind.LEADING_OUT]
        found.stays.insert(0, Stay(begin, out.at, begin, max(begin, out.counted_at), out.part, out.shift))
    opened = found.open
    if end is not None and opened is not None:
        found.open = None
        stop = max(end, opened.at)
        found.stays.append(Stay(opened.at, stop, opened.counted_at, max(stop, opened.counted_at), opened.part, opened.shift, assumed=True))


def close_open(found: Paired, owed: Owed, worked: int, rules: DayRules, plan: PlannedDay, now: int) -> int | None:
    """Close an open stay by the rules, if that moment has come: where worked time reaches the plan plus a tolerance, or after the longest
    time; the earlier of the two. The moment assumed. worked: seconds that are paired already.
    """
    opened = found.open
    if opened is None:
        return None
    moments = []
    if rules.longest_open_minutes is not None:
        moments.append(opened.at + rules.longest_open_minutes * 60)
    if rules.close_after_minutes is not None and owed.scheduled:
        moments.append(_reached(opened.at, owed.scheduled + rules.close_after_minutes * 60 - worked, plan))
    if not moments or min(moments) > now:
        return None
    moment = max(min(moments), opened.at)
    found.open = None
    found.stays.append(Stay(opened.at, moment, opened.counted_at, max(moment, opened.counted_at), opened.part, opened.shift, assumed=True))
    found.exceptions.append(AttendanceException(kind=ExceptionKind.ASSUMED_OUT, part=opened.part, at=moment, punch_id=opened.punch.id))
    return moment


def standing_minutes(standing: Standing) -> int:
    return length(span for _, span in standing) // 60


def _edges(standing: Standing, owed: Owed, plan: PlannedDay) -> tuple[int | None, int | None]:
    """From when, until when a missing IN, OUT is taken to be; None where it must have been punched."""
    spans = [span for part in owed.parts for span in part.spans]
    if not spans:
        return None, None
    start, end = spans[0][0], spans[-1][1]
    begin = start if any(span[0] <= start < span[1] for _, span in standing) else None
    stop = end if any(span[0] < end <= span[1] for _, span in standing) else None
    if plan.required_punches is RequiredPunches.OUT_ONLY:
        begin = start
    if plan.required_punches is RequiredPunches.IN_ONLY:
        stop = end
    return begin, stop


def _reached(start: int, seconds: int, plan: PlannedDay) -> int:
    """When somebody who works on from `start` has worked so many seconds, unpaid roster breaks not counted."""
    moment = start + max(seconds, 0)
    for part in plan.parts:
        for one in part.breaks:
            if one.paid or one.start is None or one.end is None:
                continue
            if one.end > start and one.start < moment:
                moment += one.end - max(one.start, start)
    return moment
