"""Values of service: how long somebody has worked, here and in all."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PriorService:
    """Work for somebody else before, from a first to a last day, both included. It counts once there is proof."""

    id: int
    person_id: int
    employer: str
    first_day: date
    last_day: date
    document_id: int | None
    """The proof; None while there is none."""


@dataclass(frozen=True, slots=True)
class Service:
    """Whole months that are over before a day. own_months: of the employment that holds then, here; 0 for who is not employed.

    total_months: all employments here and all proved service elsewhere, days that they share counted once. unproved_months: how many more
    it would be if all that is claimed were proved.
    """

    own_months: int = 0
    total_months: int = 0
    unproved_months: int = 0
    own_since: date | None = None
