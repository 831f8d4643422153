"""The day line: one work date as a picture and as a list. Pure: values in, plain values out; templates draw them and say the words.

Places along the line are from 0 to `WIDTH`. The picture shows 24 hours of the site's clock from midnight, moved or made longer only where
something of the day lies outside, as with a night shift.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from zoneinfo import ZoneInfo

from server.attendance.model.days import AttendanceDay, DayState, PunchUse
from server.attendance.model.grants import DayPart, Grant, GrantKind, Heading
from server.roster.model import PlannedDay

WIDTH = 1000.0
HOUR = 3600
LABEL_WIDTH = 92.0
"""What the words beside a punch take; a punch nearer to its neighbour than this is told one row lower."""
GRANT_LABEL_WIDTH = 120.0
NO_BAND = {GrantKind.CORRECTION}
"""Grants that are no span of time: a correction is a punch."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the line. kind: what it is, as the style sheet knows it; word: a kind of grant or leave; row: counted from 0."""

    x: float
    width: float
    kind: str
    minutes: int = 0
    word: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class Tick:
    """A punch. reason: empty where it is used, else the code that says why not. row: how far down its words stand."""

    x: float
    time: str
    place: str
    heading: Heading | None
    reason: str
    punch_id: int
    grant_id: int | None
    row: int
    leftwards: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of the list behind the picture. until: the end of a span, "" for a moment."""

    time: str
    until: str
    kind: str
    word: str = ""
    place: str = ""
    minutes: int = 0
    punch_id: int = 0


@dataclass(frozen=True, slots=True)
class DayLine:
    """All of it. unsettled: drawn hatched. now_x: where the day has come to, None when that is not on the line."""

    hours: tuple[tuple[float, str], ...]
    plan: tuple[Bar, ...]
    breaks: tuple[Bar, ...]
    counted: tuple[Bar, ...]
    marks: tuple[Bar, ...]
    grants: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    moments: tuple[Moment, ...]
    unsettled: bool
    now_x: float | None

    @property
    def grant_rows(self) -> int:
        return 1 + max((bar.row for bar in self.grants), default=-1)

    @property
    def tick_rows(self) -> int:
        return 1 + max((tick.row for tick in self.ticks), default=-1)


def draw_day(
    plan: PlannedDay, day: AttendanceDay, grants: Sequence[Grant] = (), places: Mapping[int, str] | None = None, now: int | None = None
) -> DayLine:
    """places: names of terminals by the id of a punch. now: the moment, for a day that is not over."""
    scale = _Scale.of(plan, day, grants)
    ticks = _ticks(scale, day.uses, places or {})
    return DayLine(
        hours=tuple(scale.hours()),
        plan=tuple(scale.bar(part.start, part.end, "plan", word=part.name) for part in plan.parts),
        breaks=tuple(scale.bar(start, end, "break") for start, end, _ in _breaks(plan)),
        counted=tuple(scale.bar(one.start, one.end, "assumed" if one.assumed else "counted") for one in day.intervals),
        marks=tuple(scale.bar(start, end, kind, minutes) for start, end, kind, minutes in _marks(day)),
        grants=_rows(scale.bar(start, end, "grant", word=_word(grant)) for grant, start, end in _spans(plan, grants)),
        ticks=ticks,
        moments=tuple(_moments(scale, plan, day, grants, places or {})),
        unsettled=day.state is not DayState.FINAL,
        now_x=scale.x(now) if now is not None and scale.first < now < scale.last else None,
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """From instants to places. first, last: instants at the ends of the line."""

    first: int
    last: int
    zone: ZoneInfo

    @classmethod
    def of(cls, plan: PlannedDay, day: AttendanceDay, grants: Sequence[Grant]) -> "_Scale":
        known = [*chain.from_iterable((part.start, part.end) for part in plan.parts), *(use.at for use in day.uses)]
        known += chain.from_iterable((one.start, one.end) for one in day.intervals)
        known += chain.from_iterable((start, end) for grant, start, end in _spans(plan, grants) if grant.starts_at is not None)
        earliest, latest = min(known, default=plan.begins), max(known, default=plan.ends)
        first, length = plan.begins, plan.ends - plan.begins
        if latest > plan.ends or earliest < plan.begins:
            first = plan.begins + (earliest - HOUR - plan.begins) // HOUR * HOUR
        last = first + length
        if latest > last:
            last = first + -(-(latest + HOUR // 2 - first) // HOUR) * HOUR
        return cls(first, last, ZoneInfo(plan.zone))

    def x(self, at: int) -> float:
        share = (at - self.first) / (self.last - self.first)
        return round(min(1.0, max(0.0, share)) * WIDTH, 1)

    def bar(self, start: int, end: int, kind: str, minutes: int = 0, word: str = "") -> Bar:
        return Bar(self.x(start), round(self.x(end) - self.x(start), 1), kind, minutes, word)

    def time(self, at: int) -> str:
        return f"{datetime.fromtimestamp(at, self.zone):%H:%M}"

    def hours(self) -> Iterable[tuple[float, str]]:
        every = 2 * HOUR if self.last - self.first <= 26 * HOUR else 4 * HOUR
        return ((self.x(at), self.time(at)) for at in range(self.first, self.last + 1, every))


def _breaks(plan: PlannedDay) -> Iterable[tuple[int, int, bool]]:
    """Those that stand at a time: (start, end, paid)."""
    for part in plan.parts:
        for one in part.breaks:
            if one.start is not None and one.end is not None:
                yield one.start, one.end, one.paid


def _marks(day: AttendanceDay) -> Iterable[tuple[int, int, str, int]]:
    """Late and early stretches: (start, end, kind, minutes)."""
    for part in day.parts:
        if part.late_minutes and part.arrived_at is not None and part.arrived_at > part.required_in:
            yield part.required_in, part.arrived_at, "late", part.late_minutes
        if part.early_minutes and part.left_at is not None and part.left_at < part.required_out:
            yield part.left_at, part.required_out, "early", part.early_minutes


def _spans(plan: PlannedDay, grants: Sequence[Grant]) -> list[tuple[Grant, int, int]]:
    """What of each grant lies on this date: (grant, start, end)."""
    found = []
    for grant in grants:
        if grant.kind in NO_BAND:
            continue
        if grant.starts_at is not None:
            found.append((grant, grant.starts_at, grant.ends_at if grant.ends_at is not None else grant.starts_at))
        elif _holds_on(grant, plan):
            found.append((grant, *_half(plan, grant.part)))
    return found


def _holds_on(grant: Grant, plan: PlannedDay) -> bool:
    return (grant.first_day is None or grant.first_day <= plan.work_date) and (grant.last_day is None or plan.work_date <= grant.last_day)


def _half(plan: PlannedDay, part: DayPart) -> tuple[int, int]:
    """The day's work, or the half before or after its break (else its middle); the whole date where nothing is planned."""
    if not plan.parts:
        return plan.begins, plan.ends
    start, end = plan.parts[0].start, plan.parts[-1].end
    pauses = [(first, last) for first, last, _ in _breaks(plan)] + [
        (before.end, after.start) for before, after in zip(plan.parts, plan.parts[1:], strict=False)
    ]
    middle = (start + end) // 2
    left, right = max(pauses, key=lambda pause: pause[1] - pause[0], default=(middle, middle))
    return {DayPart.DAY: (start, end), DayPart.MORNING: (start, left), DayPart.AFTERNOON: (right, end)}[part]


def _word(grant: Grant) -> str:
    return grant.leave.value if grant.leave is not None else grant.kind.value


def _rows(bars: Iterable[Bar]) -> tuple[Bar, ...]:
    """Bands that overlap, or whose words would, stand below each other."""
    ends: list[float] = []
    placed = []
    for bar in sorted(bars, key=lambda one: one.x):
        row = next((number for number, end in enumerate(ends) if end <= bar.x), len(ends))
        end = max(bar.x + bar.width, bar.x + GRANT_LABEL_WIDTH)
        ends[row : row + 1] = [end]
        placed.append(Bar(bar.x, bar.width, bar.kind, bar.minutes, bar.word, row))
    return tuple(placed)


def _ticks(scale: _Scale, uses: Sequence[PunchUse], places: Mapping[int, str]) -> tuple[Tick, ...]:
    ends: list[float] = []
    placed = []
    for use in sorted(uses, key=lambda one: one.at):
        x = scale.x(use.at)
        leftwards = x > WIDTH - LABEL_WIDTH
        begins = x - LABEL_WIDTH if leftwards else x
        row = next((number for number, end in enumerate(ends) if end <= begins), len(ends))
        ends[row : row + 1] = [begins + LABEL_WIDTH]
        place = places.get(use.punch_id, "")
        placed.append(Tick(x, scale.time(use.at), place, use.heading, use.reason, use.punch_id, use.grant_id, row, leftwards))
    return tuple(placed)


def _moments(scale: _Scale, plan: PlannedDay, day: AttendanceDay, grants: Sequence[Grant], places: Mapping[int, str]) -> Iterable[Moment]:
    """Everything of the day in the order of time; a span stands at its beginning."""
    found: list[tuple[int, int, Moment]] = []

    def add(rank: int, at: int, until: int | None, kind: str, **facts: str | int) -> None:
        ends = "" if until is None else scale.time(until)
        found.append((at, rank, Moment(scale.time(at), ends, kind, **facts)))  # type: ignore[arg-type]  # facts are those of Moment

    for grant, start, end in _spans(plan, grants):
        add(0, start, end, "grant", word=_word(grant), minutes=(end - start) // 60)
    for part in plan.parts:
        add(1, part.start, part.end, "plan", word=part.name, minutes=(part.end - part.start) // 60)
    for start, end, _ in _breaks(plan):
        add(2, start, end, "break", minutes=(end - start) // 60)
    for start, end, kind, minutes in _marks(day):
        add(3, start, end, kind, minutes=minutes)
    for use in day.uses:
        kind = "ignored" if use.reason or use.heading is None else use.heading.value
        add(4, use.at, None, kind, word=use.reason, place=places.get(use.punch_id, ""), punch_id=use.punch_id)
    return (moment for _, _, moment in sorted(found, key=lambda one: one[:2]))
