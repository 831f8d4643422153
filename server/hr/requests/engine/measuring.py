"""How long a request is."""

from decimal import Decimal

from server.hr.requests.engine.overtime import minutes_of as overtime_minutes
from server.hr.requests.engine.surroundings import Surroundings
from server.hr.requests.engine.times import days_of, moments_of
from server.hr.requests.model import Content, FieldWorkContent, LeaveContent, OvertimeContent, TripContent
from server.roster.model import PlannedDay, each_day


def minutes_of(content: Content, around: Surroundings) -> int | None:
    """Minutes of leave, of overtime, or of planned work that a trip stands for; None for what has no length."""
    match content:
        case LeaveContent():
            return around.leave.minutes if around.leave else None
        case OvertimeContent():
            return overtime_minutes(content)
        case TripContent() | FieldWorkContent():
            return _planned_minutes(content, around)
        case _:
            return None


def days_in(content: Content, around: Surroundings) -> Decimal | None:
    """The length in days, as conditions of approval flows ask for it; None for what is not counted in days."""
    match content:
        case LeaveContent() if around.leave:
            return (Decimal(around.leave.minutes) / (around.leave.day_minutes or 480)).quantize(Decimal("0.01"))
        case TripContent() | FieldWorkContent():
            first, last = days_of(content, around.zone)
            return Decimal((last - first).days + 1)
        case _:
            return None


def _planned_minutes(content: TripContent | FieldWorkContent, around: Surroundings) -> int:
    start, end = moments_of(content, around.zone, around.plans)
    first, last = days_of(content, around.zone)
    return sum(_work(around.plans[day], start, end) for day in each_day(first, last) if day in around.plans)


def _work(plan: PlannedDay, start: int, end: int) -> int:
    """Planned time of a day inside a span, without unpaid breaks that are fixed."""
    seconds = 0
    for part in plan.parts:
        seconds += _shared((part.start, part.end), start, end)
        seconds -= sum(
            _shared((rest.start, rest.end), start, end)
            for rest in part.breaks
            if not rest.paid and rest.start is not None and rest.end is not None
        )
    return max(0, seconds) // 60


def _shared(span: tuple[int, int], start: int, end: int) -> int:
    return max(0, min(span[1], end) - max(span[0], start))
