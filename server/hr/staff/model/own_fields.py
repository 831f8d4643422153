"""Values of fields that HR defines, and of people to call in an emergency."""

from dataclasses import dataclass
from enum import StrEnum

from server.hr.staff.model.documents import DocumentAccess


class FieldKind(StrEnum):
    """What a field holds. PERSON: somebody's employee number."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes-no"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field that HR defined. access: who sees it, as for documents. needed: a record without it waits among missing data.

    place: where it stands, from 1 on. An archived field is offered no more; what was entered stays.
    """

    id: int
    name: str
    kind: FieldKind
    choices: tuple[str, ...]
    needed: bool
    access: DocumentAccess
    place: int
    archived: bool


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call in an emergency. relation: in HR's or the employee's words."""

    id: int
    person_id: int
    name: str
    relation: str
    mobile: str
