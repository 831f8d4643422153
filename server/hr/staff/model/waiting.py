"""Values of the lists of what is waiting."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class WaitingKind(StrEnum):
    """The lists, in the order in which they stand."""

    CONTRACTS = "contracts"
    NO_CONTRACT = "no-contract"
    PROBATION = "probation"
    DOCUMENTS = "documents"
    RETIREMENT = "retirement"
    BIRTHDAYS = "birthdays"
    MISSING = "missing"


class Missing(StrEnum):
    """What every record should have, beyond the fields that HR says are needed."""

    ID_NUMBER = "id_number"
    MOBILE = "mobile"
    BIRTH_DATE = "birth_date"
    RETIREMENT_CATEGORY = "retirement_category"
    EMERGENCY_CONTACT = "emergency_contact"


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """Somebody in a list. day: when it ends, falls due or comes round. grave: it is late. about: what it is, a word of ours.

    said: names of own fields and the like, which stay as they are written.
    """

    person_id: int
    employee_number: str
    name: str
    department: str | None
    day: date | None = None
    grave: bool = False
    about: tuple[str, ...] = ()
    said: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class WaitingFilter:
    """What of a list is wanted; "" and None leave a question open."""

    text: str = ""
    department_id: int | None = None
    about: str = ""
