"""A day while it is worked out. The stages fill it one after the other, and the explanation is read off it in the end."""

from collections.abc import Sequence

from msgspec import Struct, field

from server.attendance.engine.day.entries import Entry
from server.attendance.engine.day.lateness import Judged
from server.attendance.engine.day.overtime import Reckoned
from server.attendance.engine.day.owing import Owed
from server.attendance.engine.day.pairing import Paired
from server.attendance.engine.day.premiums import Premiums
from server.attendance.engine.day.spans import Span
from server.attendance.engine.day.standing import Standing
from server.attendance.engine.day.working import Worked
from server.attendance.model.days import AttendanceException, DayState, DayStatus, Horizon
from server.attendance.model.grants import Grant, GrantKind
from server.attendance.model.rules import DayRules
from server.roster.model import PlannedDay

NO_GRANTS: dict[GrantKind, list[Grant]] = {}


class Draft(Struct, gc=False):
    """grants: those that touch the day, by kind. settled: over, and every terminal has reported.

    standing: (part, span) that something stands for; standing_loose: seconds of it where time is owed at any hour.
    """

    plan: PlannedDay
    rules: DayRules
    horizon: Horizon
    grants: dict[GrantKind, list[Grant]]
    day_off: bool
    entries: list[Entry]
    found: Paired
    owed: Owed
    standing: Standing = field(default_factory=list)
    standing_loose: int = 0
    worked: Worked | None = None
    judged: list[Judged] = field(default_factory=list)
    reckoned: Reckoned = field(default_factory=Reckoned)
    premiums: Premiums | None = None
    exceptions: list[AttendanceException] = field(default_factory=list)
    shifts: int = 0
    late_leave_minutes: int = 0
    nursing_minutes: int = 0
    trip_minutes: int = 0
    missing: bool = False
    on_duty: bool = False
    assumed_out: int | None = None
    settles_at: int = 0
    state: DayState = DayState.FINAL
    settled: bool = True
    status: DayStatus = DayStatus.OFF
    part_statuses: list[DayStatus] = field(default_factory=list)
    absent_halves: int = 0
    absent_minutes: int = 0

    def of(self, *kinds: GrantKind) -> Sequence[Grant]:
        return [grant for kind in kinds for grant in self.grants.get(kind, ())] if self.grants else ()

    def presence(self) -> list[Span]:
        """When the person was there by punches or by what stands for them, in order."""
        spans = [(stay.arrived, stay.left) for stay in self.found.stays]
        if self.standing:
            spans = sorted([*spans, *(span for _, span in self.standing)])
        return spans
