"""Values of what employees ask to have changed in their own records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from server.hr.staff.model.identity import Fact

MAY_ASK = (Fact.MOBILE, Fact.MAIL, Fact.ADDRESS, Fact.BANK_ACCOUNT, Fact.BANK, Fact.BANK_HOLDER)
"""What an employee may ask to have changed; the ID and what follows from it is HR's to enter, from the document."""


class ChangeState(StrEnum):
    """SENT_BACK: the employee mends it and sends it again, or withdraws it."""

    WAITING = "waiting"
    SENT_BACK = "sent-back"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class WantedContact:
    """Somebody to call in an emergency, who is to be added."""

    name: str
    relation: str
    mobile: str


@dataclass(frozen=True, slots=True)
class OwnWish:
    """What one's own record should say. facts: "" to take a fact away. without: contacts to take away, by id."""

    facts: Mapping[Fact, str] = field(default_factory=dict)
    contact: WantedContact | None = None
    without: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnChange:
    """One change that somebody asked for."""

    id: int
    person_id: int
    wish: OwnWish
    reason: str
    state: ChangeState
    asked_at: datetime
    ended_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state in {ChangeState.WAITING, ChangeState.SENT_BACK}
