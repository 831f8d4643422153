"""`/requests/certificates`: leave whose certificate has not come, for HR and supervisors, each within the visitor's scope."""

from typing import Any

from fastapi import APIRouter, Request as Asked
from starlette.responses import Response

from server.access.model import Permission
from server.attendance.pages.asked import today
from server.hr.requests import actions as requests
from server.hr.requests.actions import Owed
from server.hr.requests.engine.certificates import Stage
from server.storage import UnitOfWork
from server.web.asking import database_of, shell_of, words
from server.web.export import table_answer
from server.web.language import language_of
from server.web.visitor import needs

router = APIRouter(include_in_schema=False)
SEES = [needs(Permission.SEE_REQUESTS), needs(Permission.SEE_PEOPLE)]
STAGES = {Stage.OWED: ("attention", "not here yet"), Stage.SOON: ("attention", "ends soon"), Stage.OVER: ("wrong", "overdue")}


@router.get("/requests/certificates", dependencies=SEES)
def certificates_page(asked: Asked) -> Response:
    with database_of(asked).reading() as uow:
        found, names = _found(asked, uow), _names(asked, uow)
    return shell_of(asked).page(asked, "requests/certificates.html", owed=found, names=names, stages=STAGES)


@router.get("/requests/certificates.csv", dependencies=SEES)
@router.get("/requests/certificates.xlsx", dependencies=SEES)
def certificates_file(asked: Asked) -> Response:
    tell = words(asked)
    with database_of(asked).reading() as uow:
        found, names = _found(asked, uow), _names(asked, uow)
    heading = ("Number", "Person", "Employee number", "Department", "Type of leave", "First day", "Last day", "Hand in until", "State")
    rows = [_cells(one, names, tell) for one in found]
    return table_answer(asked, tell("Certificates that have not come"), [tell(name) for name in heading], rows)


def _found(asked: Asked, uow: UnitOfWork) -> list[Owed]:
    return requests.owed_certificates(uow, asked.state.visitor.scope(Permission.SEE_REQUESTS), today(asked))


def _names(asked: Asked, uow: UnitOfWork) -> dict[str, str]:
    zh = language_of(asked, shell_of(asked).language).startswith("zh")
    return {code: both[1 if zh else 0] for code, both in requests.leave_names(uow, today(asked)).items()}


def _cells(one: Owed, names: dict[str, str], tell: Any) -> list[object]:
    held, code = one.line.request, getattr(one.line.request.content, "leave", "")
    return [
        held.number, one.line.person_name, one.line.employee_number, one.line.department, names.get(code, code), held.first_day,
        held.last_day, one.until, tell(STAGES[one.stage][1]),
    ]  # fmt: skip
