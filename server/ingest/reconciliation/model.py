"""Values of the comparison between what an edge took and what is here."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from protocol.messages import Counted


class DayState(StrEnum):
    """EQUAL: the same punches. ERASED: as many; which ones cannot be told, because some of that time were erased here.

    MORE: more are here than the edge took, from a file or an earlier edge. GAP: the edge took some that are not here.
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


@dataclass(frozen=True, slots=True)
class Verdict:
    """missing: at least so many are not here."""

    state: DayState
    missing: int = 0


@dataclass(frozen=True, slots=True)
class ReconciledDay:
    """A day of a terminal's own clock, as it was compared last.

    gap_since, most_missing: of the latest gap, also when it is closed; filled_at: when it was seen to be. asked_at: when it was asked for
    again last, by the order `order_id`; None where nobody could be, or one was on its way already.
    """

    day: date
    at_edge: int
    here: int
    state: DayState
    missing: int = 0
    most_missing: int = 0
    gap_since: datetime | None = None
    asked_at: datetime | None = None
    order_id: int | None = None
    filled_at: datetime | None = None


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
