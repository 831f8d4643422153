"""Every field of a rule set as people see it: label, unit, help, group. The form, the comparison and the reference page are made of these.

Texts are English and at once the keys of their translation.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from msgspec import Struct

from server.attendance.engine.wording import Tell
from server.attendance.model.days import ExceptionKind
from server.attendance.model.rules import BreakMode, Consequence, DayOf, Direction, Pairing, PeriodSum, RoundingMode, SettledBy, Settlement


class Kind(StrEnum):
    """What is written into a field. TIME: "22:00" or, past midnight, "26:00". WEEKDAY: 0 is Monday."""

    FLAG = "flag"
    CHOICE = "choice"
    MINUTES = "minutes"
    SECONDS = "seconds"
    TIME = "time"
    PERCENT = "percent"
    METRES = "metres"
    NUMBER = "number"
    HALVES = "halves"
    TEXT = "text"
    WEEKDAY = "weekday"
    WEEKDAYS = "weekdays"


class Field(Struct, frozen=True, kw_only=True):
    """One value. path: from `Rules`, with dots; of a column: its name. part: the label of what it belongs to, where its own is not enough.
    optional: empty is "off". choices: the values of a CHOICE.
    """

    path: str
    label: str
    kind: Kind
    part: str = ""
    optional: bool = False
    help: str = ""
    choices: type[StrEnum] | None = None


class Table(Struct, frozen=True, kw_only=True):
    """Rows of values: a tuple of structs, or, with `keys`, a mapping from an enum's values, each of which has its row."""

    path: str
    label: str
    columns: tuple[Field, ...]
    help: str = ""
    keyed: bool = False


class Group(Struct, frozen=True, kw_only=True):
    """Fields that belong together."""

    key: str
    title: str
    fields: tuple[Field | Table, ...]


def _minutes(path: str, label: str, help: str = "", *, optional: bool = False) -> Field:  # noqa: A002 - the field's own name
    return Field(path=path, label=label, kind=Kind.MINUTES, help=help, optional=optional)


def _flag(path: str, label: str, help: str = "") -> Field:  # noqa: A002 - the field's own name
    return Field(path=path, label=label, kind=Kind.FLAG, help=help)


def _choice(path: str, label: str, choices: type[StrEnum], help: str = "", *, optional: bool = False) -> Field:  # noqa: A002
    return Field(path=path, label=label, kind=Kind.CHOICE, choices=choices, help=help, optional=optional)


def _rounding(path: str, label: str, *, of_punches: bool) -> tuple[Field | Table, ...]:
    """Fields of one rounding. of_punches: it holds near a time of day or the roster, else near a number of minutes."""
    fields = (
        _choice(f"{path}.mode", label, RoundingMode, optional=True),
        Field(path=f"{path}.step_minutes", part=label, label="Step", kind=Kind.MINUTES),
        Field(path=f"{path}.grace_minutes", part=label, label="Taken off before rounding up, added before down", kind=Kind.MINUTES),
        Field(path=f"{path}.near", part=label, label="Only near", kind=Kind.TIME if of_punches else Kind.MINUTES, optional=True),
        Field(path=f"{path}.within_minutes", part=label, label="How near", kind=Kind.MINUTES),
    )
    near_roster = Field(path=f"{path}.near_roster", part=label, label="Only near the roster's start or end", kind=Kind.FLAG)
    return (*fields, near_roster) if of_punches else fields


_TIER_COLUMNS = (
    _minutes("beyond_minutes", "Beyond"),
    _choice("consequence", "Counts as", Consequence),
)
_RATE_COLUMNS = (_minutes("after_minutes", "Above"), Field(path="rate", label="Rate", kind=Kind.PERCENT))

GROUPS: tuple[Group, ...] = (
    Group(
        key="punches",
        title="Punches",
        fields=(
            _choice("day.direction", "How punches become IN and OUT", Direction),
            _choice("day.pairing", "Which time counts", Pairing),
            Field(
                path="day.duplicate_seconds",
                label="A repeated punch is ignored within",
                kind=Kind.SECONDS,
                optional=True,
                help="The ignored punch stays visible in the day, with the reason.",
            ),
            _flag("day.whole_seconds", "Count seconds"),
            _flag("day.count_before_start", "Time before the roster's start counts as worked"),
            _flag("day.count_after_end", "Time after the roster's end counts as worked"),
            Field(path="day.geofence_metres", label="A punch farther from the site waits for approval", kind=Kind.METRES, optional=True),
        ),
    ),
    Group(
        key="days",
        title="Which day work belongs to",
        fields=(
            _choice(
                "day.day_of",
                "Without a roster, work belongs to the day",
                DayOf,
                "With a roster it is always the day on which the shift starts, whatever the date of the punch.",
            ),
            Field(path="day.day_boundary", label="Punches before this belong to the day before", kind=Kind.TIME, optional=True),
            _minutes("day.new_shift_minutes", "Without a roster, a gap that begins a new shift", optional=True),
            _minutes("day.longest_shift_minutes", "Longest shift", "A longer stretch is not paired; a person looks at it.", optional=True),
            _minutes("day.close_after_minutes", "A stay without OUT is closed this long after the planned work", optional=True),
            _minutes("day.longest_open_minutes", "A stay without OUT is closed this long after its IN", optional=True),
            _minutes("day.minimum_shift_minutes", "Shorter shifts are topped up to"),
        ),
    ),
    Group(
        key="rounding",
        title="Rounding",
        fields=(
            *_rounding("day.round_in", "Round punches IN", of_punches=True),
            *_rounding("day.round_out", "Round punches OUT", of_punches=True),
            *_rounding("day.round_break", "Round punched breaks", of_punches=False),
            *_rounding("day.round_total", "Round the day's total", of_punches=False),
        ),
    ),
    Group(
        key="breaks",
        title="Breaks that no roster knows",
        fields=(
            _choice("day.breaks.mode", "Breaks", BreakMode, "What was punched is never taken off a second time by the roster's break."),
            _minutes("day.breaks.minutes", "Length of the break"),
            _minutes("day.breaks.after_minutes", "From this worked time on"),
            _flag("day.breaks.cap_to_taken", "Pay at most the time that was taken"),
            Field(path="day.breaks.count", label="How many breaks of a day are paid", kind=Kind.NUMBER),
            _flag("day.breaks.merge", "They may be taken in one go"),
            _flag("day.breaks.each_shift", "Taken off for each shift"),
            _flag("day.breaks.punched_counts", "A punched break counts towards it"),
            _flag("day.lunch.on", "Recognise lunch among the absences"),
            _minutes("day.lunch.opens_after_minutes", "Lunch begins this long after the first IN", optional=True),
            _minutes("day.lunch.window_minutes", "Lunch begins within"),
            _minutes("day.lunch.shortest_minutes", "Shortest lunch"),
            _minutes("day.lunch.longest_minutes", "Longest lunch", optional=True),
            _flag("day.day_off_breaks", "On days off the roster's breaks are worked time"),
        ),
    ),
    Group(
        key="late",
        title="Late and early",
        fields=(
            _minutes(
                "day.grace_in_minutes", "Grace coming in", "Within the grace nothing is late; beyond it, lateness counts from the start."
            ),
            _minutes("day.grace_out_minutes", "Grace going out"),
            Table(
                path="day.late_tiers",
                label="Lateness beyond a limit",
                columns=_TIER_COLUMNS,
                help="The strongest tier that is reached counts. Pay may not be cut by more than the time that was not worked, unless the "
                "company's rules, which employees know, say so.",
            ),
            Table(path="day.early_tiers", label="Leaving early beyond a limit", columns=_TIER_COLUMNS),
        ),
    ),
    Group(
        key="absence",
        title="Absence",
        fields=(
            _minutes("day.absent_below_minutes", "Less work than this is a day of absence", "0 is off."),
            _minutes("day.half_day_below_minutes", "Less work than this is half a day", "0 is off."),
            _minutes("day.undertime_tolerance_minutes", "Undertime up to this is none"),
            _flag("day.holiday_work", "Punches on a holiday make a working day"),
        ),
    ),
    Group(
        key="overtime",
        title="Overtime of a day",
        fields=(
            _flag("day.overtime_counts", "There is overtime"),
            Table(
                path="day.overtime",
                label="By kind of day",
                keyed=True,
                columns=(
                    _choice("settlement", "Taken from", Settlement),
                    _choice("settled_by", "Settled by", SettledBy),
                    Field(path="rate", label="Rate", kind=Kind.PERCENT),
                    _minutes("minimum_minutes", "Less is none"),
                    _minutes("step_minutes", "In steps of"),
                    _minutes("after_end_minutes", "Begins after the roster's end by"),
                    _flag("before_start", "Before the start too"),
                    _minutes("most_minutes", "At most", optional=True),
                ),
                help="Labour Law, article 44: at least 150 % on workdays, 200 % on rest days, 300 % on statutory holidays. "
                "Time off can settle rest-day overtime only.",
            ),
            _minutes("day.overtime_tolerance_minutes", "Overtime up to this is none"),
            Table(path="day.daily_tiers", label="Worked time of a day above a limit", columns=_RATE_COLUMNS),
            _flag("day.holiday_takes_all", "All work on a holiday is listed by itself"),
            Table(
                path="day.overtime_windows",
                label="Work counted by itself",
                columns=(
                    Field(path="name", label="Name", kind=Kind.TEXT),
                    Field(path="start", label="From", kind=Kind.TIME, optional=True),
                    Field(path="end", label="To", kind=Kind.TIME, optional=True),
                    _flag("outside_roster", "All outside the roster"),
                ),
            ),
            _minutes("day.bank_after_minutes", "Work above this goes to the time bank", optional=True),
            _flag(
                "day.irregular_holiday_pay",
                "Irregular hours are paid on statutory holidays",
                "Nationally irregular hours know no overtime; Shanghai and Shenzhen ask for pay on statutory holidays.",
            ),
        ),
    ),
    Group(
        key="premiums",
        title="Night and allowances",
        fields=(
            Field(path="day.night.0", label="Night begins", kind=Kind.TIME, optional=True),
            Field(path="day.night.1", label="Night ends", kind=Kind.TIME, optional=True),
            Table(
                path="day.allowances",
                label="Allowances for work inside a window",
                columns=(
                    Field(path="code", label="Code", kind=Kind.TEXT),
                    Field(path="name", label="Name", kind=Kind.TEXT),
                    Field(path="start", label="From", kind=Kind.TIME),
                    Field(path="end", label="To", kind=Kind.TIME),
                    Field(path="weekdays", label="Weekdays", kind=Kind.WEEKDAYS, optional=True),
                    _flag("partial", "Part of it counts"),
                    _minutes("shortest_minutes", "Less is none"),
                ),
            ),
        ),
    ),
    Group(
        key="period",
        title="The period",
        fields=(
            Table(
                path="period.counters",
                label="Counted in the period",
                columns=(
                    _choice("kind", "What is counted", ExceptionKind),
                    Field(path="free", label="Forgiven", kind=Kind.NUMBER),
                    _minutes("up_to_minutes", "Only up to", optional=True),
                    Field(path="each", label="Every", kind=Kind.NUMBER, optional=True),
                    Field(path="half_days", label="Come to absence of", kind=Kind.HALVES),
                ),
                help="Every so many of a kind come to an absence; the first few are forgiven. Employees must know the rule beforehand.",
            ),
            Field(path="period.corrections_allowed", label="Corrections allowed in a period", kind=Kind.NUMBER, optional=True),
            _minutes(
                "period.overtime_limit_minutes",
                "Warn above this overtime in a period",
                "36 h a month, Labour Law, article 41. A warning: what was worked is recorded and paid all the same.",
                optional=True,
            ),
            _minutes(
                "period.overtime_day_limit_minutes",
                "Warn above this overtime on a workday",
                "3 h a day, Labour Law, article 41.",
                optional=True,
            ),
            Table(path="period.weekly_tiers", label="Worked time of a week above a limit", columns=_RATE_COLUMNS),
            Field(path="period.week_starts_on", label="The week begins on", kind=Kind.WEEKDAY),
            Field(
                path="period.consecutive_from",
                label="All work counts by itself from this worked day in a row of the week on",
                kind=Kind.NUMBER,
                optional=True,
            ),
            Field(path="period.consecutive_rate", label="Rate of work on days in a row", kind=Kind.PERCENT),
            _choice(
                "period.comprehensive_over",
                "Comprehensive hours are summed over a",
                PeriodSum,
                "The calendar period that the labour authority has approved. Excess goes at 150 %, statutory holidays at 300 %.",
            ),
            _minutes("period.standard_minutes_a_day", "A workday of a comprehensive period owes"),
        ),
    ),
)

OPTIONAL_PARTS = ("day.round_in", "day.round_out", "day.round_break", "day.round_total", "day.lunch", "day.night")
"""Parts of the rules that are absent while their first field is empty or off."""

CHOICES: Mapping[type[StrEnum], Mapping[str, str]] = {
    Direction: {
        "auto": "By the terminal's label; without one by the roster, else in turn",
        "label": "By the terminal's label only",
        "role": "By what the terminal is for",
        "alternate": "In turn: IN, OUT, IN, OUT",
        "first-last": "The first is IN, the last is OUT",
        "roster": "By the nearest part of the roster",
    },
    Pairing: {"every-pair": "The sum of all pairs of IN and OUT", "first-last": "From the first IN to the last OUT"},
    DayOf: {
        "start": "on which it starts",
        "end": "on which it ends",
        "longest": "that holds the longest part",
        "split-at-midnight": "each its own minutes, split at midnight",
    },
    RoundingMode: {"up": "to the later step", "down": "to the earlier step", "nearest": "to the nearest step"},
    BreakMode: {"none": "only paired time counts", "paid": "a punched break is paid", "deduct": "a break is taken off"},
    Consequence: {
        "plain": "late or early, no more",
        "serious": "serious",
        "missing": "punch missing",
        "half-day-absent": "half a day of absence",
        "absent": "a day of absence",
    },
    Settlement: {"punched": "what was punched", "approved": "what was approved", "both": "approved and punched, the shorter"},
    SettledBy: {"pay": "overtime pay", "time-off": "time off"},
    PeriodSum: {"month": "calendar month", "quarter": "calendar quarter", "year": "calendar year"},
}
"""How the values of a CHOICE read; those of exceptions are words of their own."""
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def all_fields() -> Iterator[Field | Table]:
    for group in GROUPS:
        yield from group.fields


def field_label(path: str, tell: Tell) -> str:
    """What the field of a path is called: its label, with that of its table or part. Of no field of ours: the path."""
    for field in all_fields():
        if path == field.path:
            return full_label(field, tell) if isinstance(field, Field) else tell(field.label)
        if isinstance(field, Table) and path.startswith(f"{field.path}."):
            column = next((one for one in field.columns if path.endswith(f".{one.path}")), None)
            return tell(field.label) if column is None else tell("{part}: {field}", part=tell(field.label), field=tell(column.label))
    return path


def own_label(path: str) -> str:
    """The label of the field or column of a path, without translation; of no field of ours: the path."""
    return field_label(path, lambda text, **facts: str(facts["field"]) if facts else text)


def full_label(field: Field, tell: Tell) -> str:
    """The label, with that of what it belongs to."""
    return tell("{part}: {field}", part=tell(field.part), field=tell(field.label)) if field.part else tell(field.label)
