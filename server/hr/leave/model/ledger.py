"""The ledger of leave: movements, and the balances that are their sums. All of it in whole minutes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from server.hr.leave.model.kinds import LeaveType


class MovementKind(StrEnum):
    """RESERVED, RELEASED: a request waits, and does no longer. TAKEN, GIVEN_BACK: it was approved, and taken back. CARRIED: out of one year
    and into the next, together nothing. FORGIVEN: more was taken than was due at leaving, which nobody claims back. ADJUSTED: by hand."""

    GRANTED = "granted"
    CARRIED = "carried"
    EXPIRED = "expired"
    PAID_OUT = "paid-out"
    FORGIVEN = "forgiven"
    RESERVED = "reserved"
    RELEASED = "released"
    TAKEN = "taken"
    GIVEN_BACK = "given-back"
    ADJUSTED = "adjusted"


DERIVED = frozenset({MovementKind.GRANTED, MovementKind.CARRIED, MovementKind.EXPIRED, MovementKind.PAID_OUT, MovementKind.FORGIVEN})
"""What the clock brings, by the rules; the others are what people did."""
USES = frozenset({MovementKind.RESERVED, MovementKind.RELEASED, MovementKind.TAKEN, MovementKind.GIVEN_BACK})
"""What leave itself moves; their sum on a day is never more than nothing."""


OUT = (MovementKind.TAKEN, MovementKind.GIVEN_BACK)
"""What approved leave moves."""


@dataclass(frozen=True, slots=True)
class NewMovement:
    """A movement that is about to be written. day: from which it counts. lot: the year (or month) of grants that it belongs to, "" for
    uses.

    cause: what made it, unique among the derived ones of a person and type. facts: `code` names the sentence that explains it, with its
    numbers. last_day: of an adjustment that has a time of its own.
    """

    kind: MovementKind
    minutes: int
    day: date
    cause: str = ""
    lot: str = ""
    last_day: date | None = None
    reference: str = ""
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Movement:
    """A row of the ledger, never changed once it is written."""

    id: int
    person_id: int
    type_id: int
    kind: MovementKind
    minutes: int
    day: date
    cause: str
    lot: str
    last_day: date | None
    reference: str
    reason: str
    facts: Mapping[str, Any]
    author: str
    recorded_at: datetime


def as_new(one: Movement) -> NewMovement:
    """A movement as it is about to be written."""
    return NewMovement(one.kind, one.minutes, one.day, one.cause, one.lot, one.last_day, one.reference, one.reason, one.facts)


def out_by_day(movements: Iterable[Movement], kinds: Sequence[MovementKind]) -> dict[date, int]:
    """What of these kinds is still out, by the day from which it counts."""
    sums: dict[date, int] = defaultdict(int)
    for one in movements:
        if one.kind in kinds:
            sums[one.day] -= one.minutes
    return {day: minutes for day, minutes in sums.items() if minutes}


@dataclass(frozen=True, slots=True)
class Due:
    """A movement that the rules bring on its day, whether or not it is written yet."""

    kind: MovementKind
    minutes: int
    day: date
    cause: str
    lot: str
    last_day: date | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ground:
    """Why somebody has a kind of leave that not everybody has, from a first to a last day: a child under three, a parent over sixty."""

    id: int
    person_id: int
    type_id: int
    name: str
    first_day: date
    last_day: date
    author: str
    at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""
    end_reason: str = ""


@dataclass(frozen=True, slots=True)
class Waiver:
    """Somebody wrote that they do not take the rest of a year's days by their own wish, so that nothing extra is paid for them.

    lot: the year.
    """

    id: int
    person_id: int
    type_id: int
    lot: str
    reason: str
    author: str
    at: datetime
    withdrawn_at: datetime | None = None


class FindingKind(StrEnum):
    """What HR should look at. LOST_BY_SICK, LOST_BY_PERSONAL: by law a year's days are lost, which a person decides. OVERTAKEN: the balance
    is below what may be. LAPSING: days end soon."""

    LOST_BY_SICK = "lost-by-sick"
    LOST_BY_PERSONAL = "lost-by-personal"
    OVERTAKEN = "overtaken"
    LAPSING = "lapsing"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about somebody's leave that a person decides on. lot: the year. facts: the numbers of its sentence."""

    kind: FindingKind
    person_id: int
    type_code: str
    lot: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lapse:
    """So many minutes can be taken until this day, and what then: EXPIRED, PAID_OUT or CARRIED."""

    last_day: date
    minutes: int
    then: MovementKind


@dataclass(frozen=True, slots=True)
class Balance:
    """What somebody has of a kind of leave on a day.

    minutes: the sum of the ledger up to the day, with what the rules will have brought by then. The figures before it are those of the
    leave year that the day is in, and add up to it; carried has what the year began with. available: what can still be asked for from
    this day on, which is less where days later on are taken already; None where there is no limit. overdraft: how much more is let
    through. ahead: what later days take. lapses, grants: what ends and what comes behind the day.
    """

    type: LeaveType
    day: date
    year: tuple[date, date]
    carried: int
    granted: int
    adjusted: int
    taken: int
    pending: int
    expired: int
    paid_out: int
    minutes: int
    available: int | None
    overdraft: int = 0
    ahead: int = 0
    lapses: tuple[Lapse, ...] = ()
    grants: tuple[Due, ...] = ()

    @property
    def limited(self) -> bool:
        return self.available is not None

    def allows(self, minutes: int) -> bool:
        """Whether so many minutes can be asked for from this day on."""
        return self.available is None or minutes <= self.available + self.overdraft


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody is on leave or a trip from a first to a last day. what: the kind of leave or of the grant, in attendance's words; None for a
    reader who may only know that the person is away. whole: all of each day."""

    person_id: int
    name: str
    employee_number: str
    department: str | None
    first_day: date
    last_day: date
    whole: bool
    what: str | None
