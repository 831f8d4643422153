"""The foot of an object's page: what was done to it, for those who may see that.

A page says which objects it shows, the shell asks here. `see-trail` is access's word: HR, HR pay and IT have it for what they see anyway,
auditors and administrators for everything; employees and supervisors do not.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request

from server.audit import model, store
from server.audit.engine import FieldChange, changes
from server.audit.model import AuditRow
from server.audit.pages.readers import reach_of, reader_of
from server.web.asking import database_of, may

SEE_TRAIL, SEE_AUDIT = "see-trail", "see-audit"
MOST = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the trail with what it changed, in the reader's words."""

    row: AuditRow
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Foot:
    """The latest entries. everything: the address of all of them, "" where the reader may not go there."""

    entries: list[Entry]
    everything: str


def foot(request: Request, *subjects: tuple[str, str]) -> Foot | None:
    """What was done to these, as `store.about` takes them, the page's own object first; None for a visitor who may not see it."""
    if not may(request, SEE_TRAIL):
        return None
    reach, reader = reach_of(request, SEE_TRAIL), reader_of(request)
    with database_of(request).reading() as uow:
        rows = store.about(uow, subjects, reach, limit=MOST)
    everything = _address(*subjects[0]) if may(request, SEE_AUDIT) else ""
    return Foot([Entry(row, changes(row, reader)) for row in rows], everything)


def _address(kind: str, name: str) -> str:
    match kind:
        case "person":
            asked = {"person": name}
        case model.DEED:
            asked = {"action": name}
        case _:
            asked = {"kind": kind, "subject": name}
    return f"/audit?{urlencode({question: answer for question, answer in asked.items() if answer})}"
