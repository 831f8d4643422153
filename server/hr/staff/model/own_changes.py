"""Values of what employees ask to have changed in their own records."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.hr.staff.model.identity import Fact

MAY_ASK = (Fact.MOBILE, Fact.MAIL, Fact.ADDRESS, Fact.BANK_ACCOUNT, Fact.BANK, Fact.BANK_HOLDER)
"""What an employee may ask to have changed; the ID and what follows from it is HR's to enter, from the document."""


class ChangeState(StrEnum):
    """SENT_BACK: the employee withdraws it and asks anew, or leaves it."""

    WAITING = "waiting"
    SENT_BACK = "sent-back"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class OwnChange:
    """One change that somebody asked for. facts: what the record should say, "" to take a fact away."""

    id: int
    person_id: int
    facts: Mapping[Fact, str]
    reason: str
    state: ChangeState
    asked_at: datetime
    ended_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state in {ChangeState.WAITING, ChangeState.SENT_BACK}
