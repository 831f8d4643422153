"""`/api/v1/flows`: who approves what, publishing, and trying who would approve something."""

from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.errors import InvalidInputError
from server.hr.approvals import actions
from server.hr.approvals.engine.checking import check_flow
from server.hr.approvals.engine.wording import read_lines
from server.hr.approvals.model import Flow, FlowVersion
from server.hr.approvals.pages.flow_names import names_in
from server.hr.approvals.pages.trying import FIELDS, facts_asked, person_called
from server.storage import UnitOfWork
from server.web.asking import database_of, now, words
from server.web.bodies import body_of, in_body, json
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["approvals"])
SEES = [needs(Permission.SEE_FLOWS), needs(Permission.SEE_PEOPLE)]
CHANGES = [needs(Permission.CHANGE_FLOWS), needs(Permission.SEE_PEOPLE)]
FLOW = "branches with conditions and steps, deputies, asks_again, opens, closes"


class Publishing(msgspec.Struct):
    flow: Flow | None
    reason: str
    kind: str = ""
    based_on: int = 0


class Trying(msgspec.Struct):
    flow: Flow
    person: str
    kind: str
    flow_kind: str = ""
    days: str = ""
    minutes: str = ""
    money: str = ""
    day: str = ""


class Checked(msgspec.Struct):
    flow: Flow
    kind: str = ""


@router.get("/flows", dependencies=SEES)
def flows(request: Request) -> Response:
    """The flows that hold now, by kind; the kind "" is any kind."""
    with database_of(request).reading() as uow:
        return json({"flows": [_as_json(one) for one in actions.current_flows(uow).values()]})


@router.get("/flows/versions", dependencies=SEES)
def versions(request: Request, kind: str = "") -> Response:
    """All versions of a kind's flow, the newest first."""
    with database_of(request).reading() as uow:
        return json({"versions": [_as_json(one) for one in actions.versions_of(uow, kind)]})


@router.get("/flows/try", dependencies=SEES)
def try_flow(request: Request, person: str, kind: str, days: str = "", minutes: str = "", money: str = "", day: str = "") -> Response:
    """Who would approve this, if somebody (`person`: employee number) asked for it today; `money` in yuan."""
    typed = {"person": person, "kind": kind, "days": days, "minutes": minutes, "money": money, "day": day}
    with database_of(request).reading() as uow:
        return json(_tried(request, uow, typed, None))


@router.post(
    "/flows/try",
    dependencies=CHANGES,
    openapi_extra=in_body(
        flow=FLOW,
        person="employee number",
        kind="what is asked for",
        flow_kind='?the kind of the flow; "" is any kind',
        days="?how long, in days",
        minutes="?how long, in minutes",
        money="?in yuan",
        day="?the first day",
    ),
)
async def try_draft(request: Request) -> Response:
    """Who would approve something by a flow that is not published yet; 422 for a flow that could not be published."""
    body = await body_of(request, Trying)

    def work() -> Response:
        for finding in check_flow(body.flow_kind, body.flow):
            if finding.grave:
                raise InvalidInputError(field=finding.place, reason=finding.text, **finding.facts)
        draft = FlowVersion(0, body.flow_kind, 0, body.flow, "", "", now())
        typed = {name: str(getattr(body, name)) for name in FIELDS}
        with database_of(request).reading() as uow:
            return json(_tried(request, uow, typed, draft))

    return await run_in_threadpool(work)


@router.post("/flows/check", dependencies=CHANGES, openapi_extra=in_body(flow=FLOW, kind='?the kind; "" is any kind'))
async def check(request: Request) -> Response:
    """What is wrong with a flow, and how it reads, without publishing it."""
    body, tell = await body_of(request, Checked), words(request)

    def work() -> Response:
        findings = [
            {"place": one.place, "text": tell(one.text, **one.facts), "grave": one.grave} for one in check_flow(body.kind, body.flow)
        ]
        with database_of(request).reading() as uow:
            return json({"findings": findings, "reads": read_lines(body.flow, names_in(request, uow, [body.flow]), tell)})

    return await run_in_threadpool(work)


@router.post(
    "/flows",
    dependencies=CHANGES,
    openapi_extra=in_body(
        flow=f"{FLOW}; null: the kind has none of its own",
        reason="why",
        kind='?the kind; "" is any kind',
        based_on="?the number you changed",
    ),
)
async def publish(request: Request) -> Response:
    """Let new requests of a kind go by this from now on; 409 where somebody else published in the meantime."""
    body = await body_of(request, Publishing)

    def work() -> Response:
        by = actor_of(request)
        with database_of(request).writing() as uow:
            if body.flow is None:
                return json(_as_json(actions.retire_flow(uow, body.kind, body.reason, body.based_on, by, now())), 201)
            return json(_as_json(actions.publish_flow(uow, body.kind, body.flow, body.reason, body.based_on, by, now())), 201)

    return await run_in_threadpool(work)


def _as_json(one: FlowVersion) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "number": one.number,
        "flow": one.flow,
        "author": one.author,
        "reason": one.reason,
        "published_at": one.published_at,
    }


def _tried(request: Request, uow: UnitOfWork, typed: dict[str, str], draft: FlowVersion | None) -> dict[str, Any]:
    today = directory.today_of(uow, now())
    facts = facts_asked(uow, person_called(request, uow, typed["person"]).id, typed, today)
    version, branch = actions.chosen_for(uow, facts, today, draft)
    steps = actions.foresee(uow, facts, today, draft)
    return {"kind": version.kind, "number": version.number, "branch": branch, "drafted": version is draft, "facts": facts, "steps": steps}
