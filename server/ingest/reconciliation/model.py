"""Values of the comparison between what an edge took and what is here."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from protocol.messages import Counted


class DayState(StrEnum):
    """EQUAL: the same punches. ERASED: as many; some of that time are here without their users. MORE: more are here than the edge took.

    GAP: the edge took some that are not here, however many others are.
    """

    EQUAL = "equal"
    ERASED = "erased"
    MORE = "more"
    GAP = "gap"

    @property
    def words(self) -> str:
        """As people read it; a text of ours."""
        return _WORDS[self]


_WORDS = {
    DayState.EQUAL: "the same",
    DayState.ERASED: "as many; some erased",
    DayState.MORE: "more here",
    DayState.GAP: "punches missing",
}


class Origin(StrEnum):
    """How the server came by a punch that the edge never took. FORGOTTEN: from this very edge, whose memory is younger than that."""

    FILE = "file"
    OTHER_EDGE = "other-edge"
    FORGOTTEN = "forgotten"

    @property
    def words(self) -> str:
        """As people read it; a text of ours, with `n`."""
        return _ORIGINS[self]


_ORIGINS = {
    Origin.FILE: "{n} from a file",
    Origin.OTHER_EDGE: "{n} from another edge",
    Origin.FORGOTTEN: "{n} from this edge, which does not know {n:it|them} any more",
}


@dataclass(frozen=True, slots=True)
class Held:
    """A punch of a day that is here. time: as in a packed time. digest: None where it was erased whose it is. punch: None in quarantine."""

    time: int
    digest: int | None
    origin: Origin
    punch: int | None


@dataclass(frozen=True, slots=True)
class ExtraPunch:
    """A punch that is here and not at the edge."""

    time: str
    origin: Origin
    punch: int | None


@dataclass(frozen=True, slots=True)
class Named:
    """Which punches two sides do not share: the times of those that are missing here, and those that are here only; the first ones of many.

    extra: how many are here only, by origin. erased: of how many here it was erased whose they are.
    """

    missing: int
    erased: int
    extra: dict[Origin, int]
    missing_times: tuple[str, ...]
    extra_punches: tuple[ExtraPunch, ...]

    @property
    def origins(self) -> list[tuple[Origin, int]]:
        """How many are here only, by origin, in an order that no database changes."""
        return [(origin, self.extra[origin]) for origin in Origin if origin in self.extra]


@dataclass(frozen=True, slots=True)
class Verdict:
    """missing, extra: at least so many are not here, or not at the edge."""

    state: DayState
    missing: int = 0
    extra: int = 0


@dataclass(frozen=True, slots=True)
class ReconciledDay:
    """A day of a terminal's own clock, as it was compared last.

    gap_since, most_missing: of the latest gap, also when it is closed; filled_at: when it was seen to be. asked_at: when it was asked for
    again last, by the order `order_id`; None where nobody could be, or one was on its way already. named: which ones they are, where the
    edge has listed the day; it holds as long as both sides stay what they were then, told by `named_of`: the digests of edge and server.
    """

    day: date
    at_edge: int
    here: int
    state: DayState
    missing: int = 0
    extra: int = 0
    most_missing: int = 0
    gap_since: datetime | None = None
    asked_at: datetime | None = None
    order_id: int | None = None
    filled_at: datetime | None = None
    named: Named | None = None
    named_of: str | None = None

    @property
    def is_sure(self) -> bool:
        """Whether it is known which punches the two sides do not share."""
        return self.state is DayState.EQUAL or self.named is not None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The last comparison of a terminal, with the edge that counted. days: those with punches, the latest first."""

    edge: str
    at: datetime
    first: date
    last: date
    days: tuple[ReconciledDay, ...]

    @property
    def gaps(self) -> tuple[ReconciledDay, ...]:
        return tuple(one for one in self.days if one.state is DayState.GAP)

    @property
    def notable(self) -> tuple[ReconciledDay, ...]:
        """Days that have or had a gap."""
        return tuple(one for one in self.days if one.gap_since is not None)

    @property
    def missing(self) -> int:
        return sum(one.missing for one in self.gaps)

    @property
    def extra(self) -> int:
        return sum(one.extra for one in self.days)

    @property
    def uncertain(self) -> tuple[ReconciledDay, ...]:
        """Days of which more is here and which the edge has not listed yet: some may be missing all the same."""
        return tuple(one for one in self.days if not one.is_sure and one.state is not DayState.GAP)


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing of a terminal. first: its earliest day with a gap."""

    days: int
    missing: int
    first: date
    since: datetime


@dataclass(frozen=True, slots=True)
class WaitingCount:
    """What an edge counted and nobody compared yet. at: when it was heard; what was here then is not newer than these rows.

    What came since is no part of the comparison: it is not in the edge's count either.
    """

    id: int
    terminal_id: int
    edge_id: int
    at: datetime
    said: Counted
    newest_punch: int
    newest_kept_back: int
