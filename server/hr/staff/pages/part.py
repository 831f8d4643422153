"""What staff records add to a person's page."""

from fastapi import Request

from server.access.model import Permission
from server.storage import UnitOfWork
from server.web.asking import may
from server.web.page_parts import PartLink, PersonPart


def person_part(request: Request, uow: UnitOfWork, person_id: int) -> PersonPart:  # noqa: ARG001 - as all areas are asked
    """The way to the record, for those who may see it."""
    return PersonPart((PartLink(f"/people/{person_id}/record", "Staff record"),)) if may(request, Permission.SEE_STAFF) else PersonPart()
