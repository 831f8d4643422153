"""Everything about a person that a request may run into, gathered before it is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from server.attendance.model.days import ExceptionKind
from server.attendance.model.grants import Grant
from server.hr.leave.model import NotFor
from server.hr.requests.model import Content, Rules
from server.roster.model import PlannedDay


@dataclass(frozen=True, slots=True)
class Other:
    """Another request that waits. person_id: who asked for it; it may be about somebody else's roster, too (a swap)."""

    number: str
    person_id: int
    content: Content


@dataclass(frozen=True, slots=True)
class Granted:
    """What holds already. reference: the number of the request that it came from; empty for one that was recorded otherwise."""

    grant: Grant
    reference: str


@dataclass(frozen=True, slots=True)
class LeaveShort:
    """On a day less is left than the request takes up to it. Minutes."""

    day: date
    wanted: int
    left: int


@dataclass(frozen=True, slots=True)
class LeaveFacts:
    """What the type of leave and the ledger say. names: in English and Chinese. minutes: how long; per_day: by day, also those that take
    nothing. assumed: days without a roster, counted as standard ones.

    certificate: one is needed for this length. day_minutes: of a day, to say minutes as days. left_after: None where no balance is kept.
    short: None where there is enough. not_for: why the type is not for this person. granted_from: the day from which they have any of it,
    where that is still to come.
    """

    names: tuple[str, str]
    minutes: int
    per_day: Mapping[date, int]
    assumed: frozenset[date] = frozenset()
    certificate: bool = False
    day_minutes: int = 480
    left_after: int | None = None
    short: LeaveShort | None = None
    not_for: NotFor | None = None
    granted_from: date | None = None


@dataclass(frozen=True, slots=True)
class Partner:
    """The other person of a swap."""

    person_id: int
    plans: Mapping[date, PlannedDay]
    grants: tuple[Granted, ...] = ()
    closed: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class NewShift:
    """The shift that is asked for, as it would be on the day: moments of its beginning and end. None: a day of rest."""

    name: str
    starts_at: int
    ends_at: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """today: the date on the person's clock; now: the moment. plans: by date, with a day on each side of what is asked for.

    grants, others: what holds and what waits (also of a swap's partner), without the request itself and what it changes. closed: days of
    closed periods. used: how many corrections that count were asked for in the month. overtime: minutes approved or asked for, by day of
    the month. missing: what the day's result lacks; None where it has none. rest_minutes: wanted between two shifts. attachments: how many
    there are. replaced: what the approved request says that this one changes.
    """

    person_id: int
    zone: str
    today: date
    now: int
    plans: Mapping[date, PlannedDay]
    rules: Rules
    grants: tuple[Granted, ...] = ()
    others: tuple[Other, ...] = ()
    closed: frozenset[date] = frozenset()
    late: bool = False
    used: int = 0
    overtime: Mapping[date, int] = field(default_factory=dict)
    missing: frozenset[ExceptionKind] | None = None
    rest_minutes: int | None = None
    attachments: int = 0
    leave: LeaveFacts | None = None
    partner: Partner | None = None
    shift: NewShift | None = None
    replaced: Content | None = None
