"""Punches and approvals of a case."""

from collections.abc import Sequence

from protocol.identifiers import PunchIdentity, TerminalSerial, TerminalUser
from protocol.instants import pack_moment
from server.attendance.model.days import TimedPunch
from server.attendance.model.grants import DayPart, Grant, GrantKind, Heading, LeaveKind
from tests.cases.attendance_format.moments import Clock

LABELS = {"in": Heading.IN, "out": Heading.OUT, "auto": None}
UNDEFINED = 255
PARTS = {"day": DayPart.DAY, "morning": DayPart.MORNING}


class Facts:
    """instants: of the punches, in the order the case lists them."""

    def __init__(self, case: dict, clock: Clock) -> None:
        self.case, self.clock, self.context = case, clock, case.get("context", {})
        self.listed = case["punches"]
        self.instants: list[int] = []
        for punch in self.listed:
            before = self.instants[-1] if self.instants else None
            self.instants.append(clock.instant(punch["at"], before))

    def arriving(self) -> list[int]:
        """Places in the list in the order of arrival, re-deliveries among them."""
        order = sorted(range(len(self.listed)), key=lambda place: (self.listed[place].get("arrives", 0), self.instants[place]))
        return [place for place in order for _ in range(self.listed[place].get("deliveries", 1))]

    def identity(self, place: int) -> PunchIdentity:
        punch, (when, seconds) = self.listed[place], self.clock.split(self.listed[place]["at"])
        wall = pack_moment(_naive(when, seconds))
        return PunchIdentity(TerminalSerial(punch.get("terminal", "T")), wall, TerminalUser(punch.get("user", "1")))

    def admitted(self, order: Sequence[int]) -> dict[tuple[PunchIdentity, str], int]:
        """What is kept after re-deliveries: the first place of each record, in the order they came in.

        Times of cases have no seconds, so an OUT and an IN at one time are two records, as they would be in life.
        """
        kept: dict[tuple[PunchIdentity, str], int] = {}
        for place in order:
            kept.setdefault((self.identity(place), self.listed[place].get("dir", "auto")), place)
        return kept

    def punches(self, order: Sequence[int]) -> tuple[list[TimedPunch], dict[int, int]]:
        """Timed punches as they came in, and the place in the list for each id. Ids count arrivals, as the database's do."""
        found, places = [], {}
        for number, place in enumerate(self.admitted(order).values(), 1):
            one = self.listed[place]
            label = None if one.get("raw_code") == UNDEFINED else LABELS[one.get("dir", "auto")]
            found.append(TimedPunch(id=number, at=self.instants[place], label=label, distance_metres=one.get("distance_m")))
            places[number] = place
        return found, places

    def grants(self) -> list[Grant]:
        """Everything that was approved, but the correction."""
        found: list[Grant] = []
        if "approved_request" in self.context:
            one = self.context["approved_request"]
            found.append(Grant(id=1, kind=GrantKind.TRIP, **self._days(one)))
        if "approved_leave" in self.context:
            one = self.context["approved_leave"]
            part = PARTS[one.get("part", "day")]
            found.append(Grant(id=2, kind=GrantKind.LEAVE, leave=LeaveKind.ANNUAL, part=part, **self._days(one)))
        if "approved_outside" in self.context:
            one = self.context["approved_outside"]
            times = {"starts_at": self.clock.instant(one["from"]), "ends_at": self.clock.instant(one["to"])}
            found.append(Grant(id=3, kind=GrantKind.FIELD_WORK, **times))
        return found

    def correction(self) -> Grant | None:
        given = self.context.get("approved_correction")
        return Grant(id=4, kind=GrantKind.CORRECTION, starts_at=self.clock.instant(given)) if given else None

    def _days(self, one: dict) -> dict:
        return {"first_day": self.clock.date(one["from"]), "last_day": self.clock.date(one["to"])}


def _naive(when, seconds: int):
    from datetime import datetime, time, timedelta

    return datetime.combine(when, time()) + timedelta(seconds=seconds)
