"""`POST /people/<id>/evidence`: a person's month as a signed file to hand out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of, scope_of_visitor
from server.attendance.pages.people import known_person
from server.directory import actions as directory
from server.errors import InvalidInputError
from server.ingest.actions import hand_out_month
from server.web.asking import database_of, given_day, now
from server.web.visitor import needs

router = APIRouter(include_in_schema=False)


@router.post("/people/{person_id:int}/evidence", dependencies=[needs(Permission.SEE_DAYS), needs(Permission.SEE_PEOPLE)])
def evidence_file(request: Request, person_id: int, since: Annotated[str, Form()] = "", until: Annotated[str, Form()] = "") -> Response:
    """The file, and a row of the trail that it was handed out."""
    first, last = given_day(since, "since"), given_day(until, "until")
    if first is None or last is None:
        raise InvalidInputError(field="since", reason="give the first and the last day")
    with database_of(request).writing() as uow:
        number = known_person(uow, person_id)[0].person.employee_number
        ends = [(person_id, first), (person_id, last)]
        directory.require_days_within(uow, scope_of_visitor(request, Permission.SEE_DAYS), ends, "person", person_id)
        data = hand_out_month(uow, request.app.state.signer(), number, first, last, actor_of(request), now())
    headers = {"content-disposition": f'attachment; filename="evidence-{person_id}-{first}-{last}.json"'}
    return Response(data, media_type="application/json", headers=headers)
