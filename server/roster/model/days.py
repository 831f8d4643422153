"""The roster of a day, and the planned day that attendance assesses.

Times of a planned day are instants: whole seconds since 1970, UTC. They are plain integers in msgspec structs, because a month of a company
is tens of thousands of days.
"""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from server.directory.model import HoursSystem
from server.roster.model.shifts import LateLeave, RequiredPunches, ShiftTerms


class DayKind(StrEnum):
    """What a date is for one employee. A make-up work day is a workday; a company holiday has no rate by law."""

    WORKDAY = "workday"
    REST_DAY = "rest-day"
    STATUTORY_HOLIDAY = "statutory-holiday"
    COMPANY_HOLIDAY = "company-holiday"


class RosterSource(StrEnum):
    """What made a day's roster, the strongest first."""

    ENTRY = "entry"
    PATTERN = "pattern"
    NOTHING = "nothing"


class RosterDay(Struct, frozen=True, kw_only=True, gc=False):
    """One employee's roster for one work date before it becomes instants: what `engine.planning.plan_days` makes a `PlannedDay` of.

    The fields that both have mean the same; there they are told. terms None: nothing is rostered, because of `kind` or because nobody
    made a roster (then `source` is NOTHING).
    """

    work_date: date
    kind: DayKind = DayKind.WORKDAY
    holiday: str = ""
    calendar_known: bool = True
    employed: bool = True
    must_punch: bool = True
    protected: bool = False
    hours_system: HoursSystem = HoursSystem.STANDARD
    terms: ShiftTerms | None = None
    shift_id: int | None = None
    shift_name: str = ""
    shift_version_id: int | None = None
    source: RosterSource = RosterSource.NOTHING
    roster_id: int | None = None


class PlannedBreak(Struct, frozen=True, kw_only=True, gc=False):
    """As `ShiftBreak`, in instants."""

    start: int | None = None
    end: int | None = None
    minutes: int = 0
    paid: bool = False
    punched: bool = False


class PlannedPart(Struct, frozen=True, kw_only=True, gc=False):
    """As `ShiftPart`, in instants. A punch from `opens` to `closes`, both included, belongs to it.

    Where windows of neighbouring parts (of this day and of the days beside it) overlap they are cut at the end of the earlier part, which
    itself belongs to the earlier part. sure_open, sure_close False: nobody set that edge, it is the middle of the gap to the neighbour
    (the middle itself belongs to the later part).
    """

    name: str = ""
    start: int
    end: int
    opens: int
    closes: int
    sure_open: bool = True
    sure_close: bool = True
    breaks: tuple[PlannedBreak, ...] = ()


class PlannedDay(Struct, frozen=True, kw_only=True, gc=False):
    """One employee's plan for one work date.

    begins, ends: midnight and the next midnight on the clock of `zone`. rostered False: nobody made a roster for the day, so `parts` is
    empty and nothing can be late. holiday: its name, for people. calendar_known False: the year's arrangement is not announced, so the
    kind may still change and the day stays provisional. employed False: before hire or after leaving. must_punch False: 免打卡, the plan
    counts as worked. previous_left_at: last OUT of the day before, which leave late–come late goes by. previous_end, next_start: edges of
    the rostered neighbours, None where there is none. shift_version_id and roster_source (with roster_id: the entry or the assignment)
    say where the plan is from.
    """

    work_date: date
    zone: str
    begins: int
    ends: int
    kind: DayKind = DayKind.WORKDAY
    holiday: str = ""
    calendar_known: bool = True
    employed: bool = True
    must_punch: bool = True
    protected: bool = False
    hours_system: HoursSystem = HoursSystem.STANDARD
    rostered: bool = False
    parts: tuple[PlannedPart, ...] = ()
    required_punches: RequiredPunches = RequiredPunches.IN_AND_OUT
    come_late_minutes: int = 0
    come_early_minutes: int = 0
    core: tuple[int, int] | None = None
    required_minutes: int | None = None
    late_leave: tuple[LateLeave, ...] = ()
    previous_left_at: int | None = None
    previous_end: int | None = None
    next_start: int | None = None
    shift_id: int | None = None
    shift_name: str = ""
    shift_version_id: int | None = None
    roster_source: RosterSource = RosterSource.NOTHING
    roster_id: int | None = None
