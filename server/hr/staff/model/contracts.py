"""Values of labour contracts, and what the law has to say about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class ContractKind(StrEnum):
    """How long a contract holds (Labour Contract Law, articles 12 to 15). TASK: until a piece of work is done."""

    FIXED = "fixed"
    OPEN_ENDED = "open-ended"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """What stands in a contract. last_day: of a fixed term. signing_order: 1 for the first with us, counted on with each that follows.

    asked_fixed: the employee asked for a fixed term where an open-ended one was due (article 14). task: what a task contract is for.
    """

    kind: ContractKind
    first_day: date
    last_day: date | None = None
    probation_until: date | None = None
    signed_on: date | None = None
    signing_order: int = 1
    asked_fixed: bool = False
    task: str = ""
    document_id: int | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract as it was entered. A withdrawn one was a mistake: it counts no more but stays to be seen."""

    id: int
    person_id: int
    terms: ContractTerms
    author: str
    recorded_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""
    withdraw_reason: str = ""

    @property
    def in_force(self) -> bool:
        return self.withdrawn_at is None


class Stage(StrEnum):
    """How near the end of a contract is: reminders 60, 45 and 30 days before, an alarm from the first day after."""

    FAR = "far"
    DAYS_60 = "60-days"
    DAYS_45 = "45-days"
    DAYS_30 = "30-days"
    EXPIRED = "expired"


class Advice(StrEnum):
    """What somebody should know or do about contracts; each is told with its facts."""

    SIGN_FIRST = "sign-first"
    """No written contract yet, and the month for it is not over (article 10)."""
    DOUBLE_PAY = "double-pay"
    """No written contract after a month: double pay is owed (article 82)."""
    DEEMED_OPEN_ENDED = "deemed-open-ended"
    """No written contract for a year: it counts as open-ended (article 14)."""
    RENEW = "renew"
    EXPIRED = "expired"
    OPEN_ENDED_AFTER_TWO = "open-ended-after-two"
    OPEN_ENDED_AFTER_TEN_YEARS = "open-ended-after-ten-years"
    ENDS_BY_RETIREMENT = "ends-by-retirement"
    PROBATION_DIFFERS = "probation-differs"
    PROBATION_TOO_LONG = "probation-too-long"


@dataclass(frozen=True, slots=True)
class ContractAdvice:
    """One thing to know. grave: it costs money or is against the law already."""

    advice: Advice
    grave: bool = False
    facts: Mapping[str, object] = field(default_factory=dict)
