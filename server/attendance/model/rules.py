"""Rules: how a company reads punches. One `DayRules` and one `PeriodRules` are the body of a version of a rule set.

Every default is "off": a value made with no arguments adds nothing of its own to what was punched. Ready-made sets switch things on.
Times of day are minutes from midnight and may exceed 1440. Rates are percent (150 = 1.5 times).
"""

from enum import StrEnum

from msgspec import Struct, field

from server.roster.model import DayKind


class Direction(StrEnum):
    """How punches become IN and OUT.

    AUTO: a terminal's label is taken; without one (or with one that says nothing, such as 255) the roster decides as in ROSTER, and
    without a roster the order as in ALTERNATE. LABEL: labels only. ROLE: what the terminal is for (entrance, exit). ALTERNATE: IN, OUT,
    IN, OUT in the order of time within one shift. FIRST_LAST: the first is IN, the last is OUT, the rest say nothing. ROSTER: by the
    nearest roster part: IN up to its middle, OUT after it; of several the first is IN, the last OUT, those between alternate.
    """

    AUTO = "auto"
    LABEL = "label"
    ROLE = "role"
    ALTERNATE = "alternate"
    FIRST_LAST = "first-last"
    ROSTER = "roster"


class Pairing(StrEnum):
    """Which time counts: from the first IN to the last OUT, or the sum of all pairs."""

    EVERY_PAIR = "every-pair"
    FIRST_LAST = "first-last"


class DayOf(StrEnum):
    """The date that work without a roster is booked on. With a roster it is always the day its part starts."""

    START = "start"
    END = "end"
    LONGEST = "longest"
    SPLIT_AT_MIDNIGHT = "split-at-midnight"


class RoundingMode(StrEnum):
    UP = "up"
    DOWN = "down"
    NEAREST = "nearest"


class Rounding(Struct, frozen=True, kw_only=True, gc=False):
    """Round to a multiple of `step_minutes`. grace_minutes: with UP it is first taken off, with DOWN first added.

    near: only within `within_minutes` (included) of this: a time of day for a punch, minutes for a total; None rounds always.
    near_roster: the start (for an IN) or end (for an OUT) of the roster part takes the place of `near`.
    """

    mode: RoundingMode
    step_minutes: int
    grace_minutes: int = 0
    near: int | None = None
    within_minutes: int = 0
    near_roster: bool = False


class BreakMode(StrEnum):
    """NONE: only paired time counts. PAID: a punched break is added back. DEDUCT: an unpunched one is taken off."""

    NONE = "none"
    PAID = "paid"
    DEDUCT = "deduct"


class BreakRule(Struct, frozen=True, kw_only=True, gc=False):
    """Breaks that no roster knows. after_minutes: from this worked time on. cap_to_taken, count, merge: of PAID, how much of the punched
    break and how many of them in the order of time, together or one by one. each_shift: of DEDUCT, per shift and not per day.
    punched_counts: what was punched is not taken off again.
    """

    mode: BreakMode = BreakMode.NONE
    minutes: int = 0
    after_minutes: int = 0
    cap_to_taken: bool = False
    count: int = 1
    merge: bool = False
    each_shift: bool = False
    punched_counts: bool = False


class LunchRule(Struct, frozen=True, kw_only=True, gc=False):
    """Which absence between two punches is lunch. opens_after_minutes: after the first IN, for window_minutes; None: at any time."""

    opens_after_minutes: int | None = None
    window_minutes: int = 0
    shortest_minutes: int = 0
    longest_minutes: int | None = None


class Consequence(StrEnum):
    """What lateness or leaving early beyond a limit comes to. The strongest tier that is reached counts."""

    PLAIN = "plain"
    SERIOUS = "serious"
    MISSING = "missing"
    HALF_DAY_ABSENT = "half-day-absent"
    ABSENT = "absent"


class Tier(Struct, frozen=True, kw_only=True, gc=False):
    """Beyond this many minutes (not included) it is that."""

    beyond_minutes: int
    consequence: Consequence


class Settlement(StrEnum):
    """What overtime is taken from. BOTH: approved and punched, the shorter."""

    PUNCHED = "punched"
    APPROVED = "approved"
    BOTH = "both"


class SettledBy(StrEnum):
    """Time off settles rest-day overtime only (Labour Law, article 44)."""

    PAY = "pay"
    TIME_OFF = "time-off"


class OvertimeRule(Struct, frozen=True, kw_only=True, gc=False):
    """Overtime of one kind of day. minimum_minutes: less is none. step_minutes: rounded down to it, what was worked stays visible.

    after_end_minutes: on a workday it begins so long after the roster's end. before_start: whether time before the roster's start can be
    overtime. rate: percent.
    """

    settlement: Settlement = Settlement.PUNCHED
    settled_by: SettledBy = SettledBy.PAY
    rate: int
    minimum_minutes: int = 0
    step_minutes: int = 0
    after_end_minutes: int = 0
    before_start: bool = True
    most_minutes: int | None = None


class OvertimeTier(Struct, frozen=True, kw_only=True, gc=False):
    """Worked time of a day or week above `after_minutes` (and up to the next tier) goes at `rate`."""

    after_minutes: int
    rate: int


class OvertimeWindow(Struct, frozen=True, kw_only=True, gc=False):
    """Work inside a time of day, or outside the roster, counted by itself under `name`."""

    name: str
    start: int | None = None
    end: int | None = None
    outside_roster: bool = False


class Allowance(Struct, frozen=True, kw_only=True, gc=False):
    """Work inside a window (may cross midnight), for night and shift allowances. weekdays: 0 is Monday; empty: all.

    partial False: a pair counts only when it lies wholly inside. shortest_minutes: less is none.
    """

    code: str
    name: str
    start: int
    end: int
    weekdays: tuple[int, ...] = ()
    partial: bool = True
    shortest_minutes: int = 0


def lawful_overtime() -> dict[DayKind, OvertimeRule]:
    """Labour Law, article 44. A company holiday counts as a rest day where nothing else is set."""
    rates = {DayKind.WORKDAY: 150, DayKind.REST_DAY: 200, DayKind.COMPANY_HOLIDAY: 200, DayKind.STATUTORY_HOLIDAY: 300}
    return {kind: OvertimeRule(rate=rate) for kind, rate in rates.items()}


class DayRules(Struct, frozen=True, kw_only=True):
    """Everything that `assess_day` goes by.

    new_shift_minutes: without a roster, a gap of at least this between OUT and IN begins a new shift; None: all of a day is one.
    longest_shift_minutes: a longer stretch is not paired but looked at by a person. day_boundary: punches before this time of day belong
    to the day before, without a roster. whole_seconds: else seconds are cut off every punch before subtracting. round_break: punched
    breaks are rounded, and the total is then first IN to last OUT less those. absent_below, half_day_below: less work than this gives
    that verdict. day_off_breaks: whether roster breaks are worked time on a day off. holiday_work: whether punches on a holiday make an
    ordinary day (else it stays a holiday and the punches are only shown). close_after_minutes: an open stay is closed, marked as assumed,
    when worked time reaches the planned minutes plus this; longest_open_minutes: this long after its IN. bank_after_minutes: work above
    it goes to the time bank. minimum_shift_minutes: shorter shifts are topped up. geofence_metres: punches farther away wait for
    somebody's approval. overtime_counts: whether there is overtime at all. irregular_holiday_pay: whether irregular hours (不定时) are paid
    for work on statutory days, as Shanghai and Shenzhen ask.
    """

    direction: Direction = Direction.AUTO
    pairing: Pairing = Pairing.EVERY_PAIR
    duplicate_seconds: int | None = None
    whole_seconds: bool = False
    count_before_start: bool = True
    count_after_end: bool = True
    day_of: DayOf = DayOf.START
    day_boundary: int | None = None
    new_shift_minutes: int | None = None
    longest_shift_minutes: int | None = None
    round_in: Rounding | None = None
    round_out: Rounding | None = None
    round_break: Rounding | None = None
    round_total: Rounding | None = None
    breaks: BreakRule = BreakRule()
    lunch: LunchRule | None = None
    grace_in_minutes: int = 0
    grace_out_minutes: int = 0
    late_tiers: tuple[Tier, ...] = ()
    early_tiers: tuple[Tier, ...] = ()
    absent_below_minutes: int = 0
    half_day_below_minutes: int = 0
    holiday_work: bool = True
    day_off_breaks: bool = False
    overtime: dict[DayKind, OvertimeRule] = field(default_factory=lawful_overtime)
    overtime_counts: bool = True
    irregular_holiday_pay: bool = False
    overtime_tolerance_minutes: int = 0
    undertime_tolerance_minutes: int = 0
    daily_tiers: tuple[OvertimeTier, ...] = ()
    holiday_takes_all: bool = False
    overtime_windows: tuple[OvertimeWindow, ...] = ()
    bank_after_minutes: int | None = None
    night: tuple[int, int] | None = None
    allowances: tuple[Allowance, ...] = ()
    minimum_shift_minutes: int = 0
    close_after_minutes: int | None = None
    longest_open_minutes: int | None = None
    geofence_metres: int | None = None


class Counter(Struct, frozen=True, kw_only=True, gc=False):
    """Every `each` exceptions of a kind in a period come to `half_days` of absence; the first `free` are forgiven and count no minutes.

    kind: a value of `ExceptionKind`. up_to_minutes: only those of at most so many minutes are counted and forgiven; None: all.
    """

    kind: str
    free: int = 0
    each: int | None = None
    half_days: int = 0
    up_to_minutes: int | None = None


class PeriodSum(StrEnum):
    """The period that comprehensive hours are summed over, always whole calendar ones."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class PeriodRules(Struct, frozen=True, kw_only=True):
    """Everything that `assess_period` goes by, beside the days.

    weekly_tiers: on the running worked time of a week; no minute counts by day and by week. week_starts_on: 0 is Monday.
    consecutive_from: all work from this worked day in a row of the week on is counted as `consecutive`, at consecutive_rate (percent).
    overtime_limit_minutes: above it a warning, never a cut (36 h a month, Labour Law, article 41); overtime_day_limit_minutes: likewise of
    one workday (3 h). standard_minutes_a_day: what a workday of a comprehensive period owes.
    """

    weekly_tiers: tuple[OvertimeTier, ...] = ()
    week_starts_on: int = 0
    consecutive_from: int | None = None
    consecutive_rate: int = 200
    counters: tuple[Counter, ...] = ()
    corrections_allowed: int | None = None
    overtime_limit_minutes: int | None = None
    overtime_day_limit_minutes: int | None = None
    comprehensive_over: PeriodSum = PeriodSum.QUARTER
    standard_minutes_a_day: int = 480


class Rules(Struct, frozen=True, kw_only=True):
    """The body of one version of a rule set."""

    day: DayRules = DayRules()
    period: PeriodRules = PeriodRules()
