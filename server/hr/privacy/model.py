"""Values of consents, of what is handed out about somebody, and of erasing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Keep(StrEnum):
    """Kinds of data that a company sets a keep time for, counted from the last day of work. Holdings name them."""

    ATTENDANCE = "attendance"
    REQUESTS = "requests"
    RECORD = "record"
    DOCUMENTS = "documents"
    NOTICES = "notices"
    SIGN_INS = "sign-ins"
    PERSON = "person"
    """Name, number, account, and what the trail says: the last to go, when nothing else is left."""


class Purpose(StrEnum):
    """What somebody is asked for, each by itself: sensitive data needs separate consent (Personal Information Protection Law, 29)."""

    BIOMETRICS = "biometrics"
    PHOTO_PROOF = "photo-proof"
    LOCATION = "location"
    HEALTH = "health"
    THIRD_PARTY = "third-party"


class Way(StrEnum):
    """How somebody said it: signed in, or on paper that HR keeps."""

    SIGNED_IN = "signed-in"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class TextTerms:
    """What a consent text says. why: for what; what: which data; how_long: it is kept; who: gets it; otherwise: what is there instead."""

    why: str
    what: str
    how_long: str
    who: str
    otherwise: str


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version of a purpose's text. The latest is what people are asked; earlier ones are what others agreed to."""

    id: int
    purpose: Purpose
    version: int
    terms: TextTerms
    author: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Consent:
    """That somebody agreed to a text, and withdrew it. carried_out_at: when what must follow a withdrawal was done."""

    id: int
    person_id: int
    text_id: int
    purpose: Purpose
    version: int
    way: Way
    agreed_at: datetime
    recorded_by: str
    withdrawn_at: datetime | None
    withdrawn_by: str
    carried_out_at: datetime | None
    carried_out_by: str

    @property
    def holds(self) -> bool:
        return self.withdrawn_at is None


class TaskKind(StrEnum):
    """What has to be done after a consent ended. TEMPLATE: by IT at a terminal; the others by HR."""

    TEMPLATE = "template"
    OTHER_WAY = "other-way"
    HEALTH = "health"
    TOLD = "told"


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that has to be done after a consent ended. terminal_id, terminal_user: of a template."""

    id: int
    consent_id: int
    person_id: int
    kind: TaskKind
    terminal_id: int | None
    terminal_user: str
    at: datetime
    done_at: datetime | None
    done_by: str


DEFAULT_MONTHS: Mapping[Keep, int] = {
    Keep.ATTENDANCE: 36,
    Keep.REQUESTS: 36,
    Keep.RECORD: 36,
    Keep.DOCUMENTS: 36,
    Keep.NOTICES: 3,
    Keep.SIGN_INS: 1,
    Keep.PERSON: 36,
}
LEAST_MONTHS: Mapping[Keep, int] = {
    Keep.ATTENDANCE: 24,
    Keep.REQUESTS: 24,
    Keep.RECORD: 24,
    Keep.DOCUMENTS: 24,
    Keep.NOTICES: 0,
    Keep.SIGN_INS: 0,
    Keep.PERSON: 24,
}
"""The law's. An employer keeps the text of an ended contract two years at least (Labour Contract Law, 50), and the record of wages with
what it was worked out from (Interim Provisions on Payment of Wages, 6)."""
MOST_MONTHS = 600


@dataclass(frozen=True, slots=True)
class Due:
    """Data of somebody whose keep time is over."""

    person_id: int
    employee_number: str
    name: str
    kind: Keep
    left_on: date


@dataclass(frozen=True, slots=True)
class Hold:
    """That nothing of a person is erased while it is not lifted: a dispute, or an authority, needs it."""

    id: int
    person_id: int
    reason: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ErasureOrder:
    """An erasure that one asked for and another one is to confirm. people: whose data of the kind."""

    id: int
    kind: Keep
    people: tuple[int, ...]
    asked_by: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """That data was erased. counts: rows by table. digest: SHA-256 of all of it (engine.digest_of), which the trail has, too."""

    id: int
    person_id: int
    kind: Keep
    left_on: date
    keep_months: int
    counts: Mapping[str, int]
    erased_by: str
    erased_at: datetime
    digest: bytes


@dataclass(frozen=True, slots=True)
class ReceiptCheck:
    """unchanged: the receipt says what it said. on_trail: the trail has its digest, in a row that holds. gone: nothing came back."""

    unchanged: bool
    on_trail: bool
    gone: bool


@dataclass(frozen=True, slots=True)
class Export:
    """Everything about somebody as a file; size is None until it is made. until: it can be fetched before then."""

    id: int
    person_id: int
    asked_by: str
    language: str
    asked_at: datetime
    made_at: datetime | None
    size: int | None
    parts: int
    until: datetime | None
