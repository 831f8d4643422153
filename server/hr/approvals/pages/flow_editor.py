"""`/flows/edit`: the steps as cards that are added, moved and taken away; checked while typing; published from now on.

Every button works without a script: it sends the form, and the page comes back changed. The script does the same in place.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission, Role
from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.errors import InvalidInputError, ServerError
from server.hr.approvals import actions
from server.hr.approvals.engine.checking import FlowFinding, check_flow
from server.hr.approvals.engine.wording import MEASURES, ROLES, read_flow, read_rest
from server.hr.approvals.model import HOUSE_FLOW, KINDS, LIST_TESTS, Agreement, Comparison, FlowVersion, On, TimeUp, Unit, Who, patterns_of
from server.hr.approvals.pages.asked import kind_names
from server.hr.approvals.pages.flow_forms import FlowForm, changed, flow_of, form_of, read_form, read_trial
from server.hr.approvals.pages.flow_names import names_in, people_in
from server.hr.approvals.pages.flows import CHANGES
from server.hr.approvals.pages.trying import find_called, kinds_within, outcome_of
from server.hr.approvals.pages.wording import kind_name
from server.storage import UnitOfWork
from server.web.asking import database_of, now, said, shell_of, words

router = APIRouter()
COMPARISONS = {
    Comparison.ONE_OF: "is one of",
    Comparison.NONE_OF: "is none of",
    Comparison.AT_LEAST: "is at least",
    Comparison.MORE_THAN: "is more than",
    Comparison.AT_MOST: "is at most",
    Comparison.LESS_THAN: "is less than",
}
WHO = {
    Who.MANAGER: "a manager above",
    Who.DEPARTMENT_HEAD: "the head of a department",
    Who.ROLE: "everybody with a role",
    Who.PEOPLE: "people by name",
}
THEN = {
    TimeUp.REMIND: "remind them",
    TimeUp.ESCALATE: "ask the next above",
    TimeUp.APPROVE: "it counts as approved",
    TimeUp.REFUSE: "it counts as rejected",
}
UNITS = {Unit.WORK_HOURS: "office hours", Unit.WORK_DAYS: "work days"}
AGREEMENTS = {Agreement.ONE: "one is enough", Agreement.ALL: "all must agree"}
MAY_DECIDE = tuple(role for role in Role if role not in {Role.IT, Role.AUDITOR})


@router.get("/flows/edit", dependencies=CHANGES)
def edit_page(request: Request, kind: str = "") -> Response:
    """The flow of a kind as it is; of one that has none of its own, the one it goes by."""
    kind = kind.strip()
    if len(kind) > actions.LONGEST_KIND:
        raise InvalidInputError(field="kind", reason="use at most {most} characters", most=actions.LONGEST_KIND)
    with database_of(request).reading() as uow:
        current = actions.current_flows(uow)
        own = current.get(kind)
        by = next(
            (one for one in (current.get(pattern) for pattern in patterns_of(kind)) if one is not None and one.flow is not None), None
        )
        flow = by.flow if by is not None and by.flow is not None else HOUSE_FLOW
        numbers = {key: directory.see_person(uow, key)[0].person.employee_number for key in people_in(flow)}
        form = form_of(kind, flow, own.number if own else 0, numbers)
        return _page(request, uow, form, read_trial({"try.kind": kind}))


@router.post("/flows/edit", dependencies=CHANGES)
async def change(request: Request) -> Response:
    """The form again, with one thing added, moved or taken away (`do`)."""
    data = await request.form()

    def work() -> Response:
        with database_of(request).reading() as uow:
            return _page(request, uow, changed(read_form(data), str(data.get("do", ""))), read_trial(data))

    return await run_in_threadpool(work)


@router.post("/flows/check", dependencies=CHANGES)
async def check(request: Request) -> Response:
    """The part of the page that says how the flow reads and what is wrong with it."""
    data = await request.form()

    def work() -> Response:
        with database_of(request).reading() as uow:
            looked = looked_at(request, uow, read_form(data), read_trial(data))
            return shell_of(request).page(request, "approvals/flow_checks.html", **looked)

    return await run_in_threadpool(work)


@router.post("/flows/publish", dependencies=CHANGES)
async def publish(request: Request) -> Response:
    data = await request.form()
    return await run_in_threadpool(_publish, request, data)


def looked_at(request: Request, uow: UnitOfWork, form: FlowForm, trial: Mapping[str, str]) -> dict[str, Any]:
    """What the flow of a form reads like, what is wrong, for how many people a step would find nobody; and who would approve what is tried
    with it."""
    tell = words(request)
    flow, unread = flow_of(form, _finder(uow))
    findings = (*unread, *check_flow(form.kind, flow))
    names = names_in(request, uow, [flow])
    day, scope = directory.today_of(uow, now()), request.state.visitor.scope(Permission.SEE_PEOPLE)
    lacking = [] if any(one.grave for one in findings) else actions.lacking(uow, flow, day)
    draft = FlowVersion(0, form.kind, form.based_on + 1, flow, "", "", now())
    _, outcome = outcome_of(request, uow, trial, draft) if not any(one.grave for one in findings) else (200, {"found": None, "fault": ""})
    examples = {key for one in lacking for key in one.examples if directory.is_within(uow, scope, key, day)}
    people = directory.names_of(uow, examples)
    return {
        "findings": [(one.place, _at(one, tell), tell(one.text, **one.facts), one.grave) for one in findings],
        "read": read_flow(flow, names, tell),
        "rest": read_rest(flow, names, tell),
        **outcome,
        "lacking": [(one, tell(", ").join(people[key] for key in one.examples if key in people)) for one in lacking],
    }


def _publish(request: Request, data: FormData) -> Response:
    form = read_form(data)
    try:
        with database_of(request).writing() as uow:
            flow, unread = flow_of(form, _finder(uow))
            if unread:
                return _again(request, form, read_trial(data), 422, "")
            actions.publish_flow(uow, form.kind, flow, form.reason, form.based_on, actor_of(request), now())
    except ServerError as error:
        return _again(request, form, read_trial(data), error.status, said(request, error))
    return RedirectResponse(f"/flows/one?{urlencode({'kind': form.kind})}", 303)


def _again(request: Request, form: FlowForm, trial: Mapping[str, str], status: int, wrong: str) -> Response:
    with database_of(request).reading() as uow:
        return _page(request, uow, form, trial, status, wrong)


def _page(request: Request, uow: UnitOfWork, form: FlowForm, trial: Mapping[str, str], status: int = 200, wrong: str = "") -> Response:
    tell, narrower = words(request), kind_names(request, uow)
    seen = looked_at(request, uow, form, trial)
    names = names_in(request, uow, [])
    options = {
        On.KIND.value: [(one, name) for one, name in names.kinds.items()],
        On.DEPARTMENT.value: [(str(key), name) for key, name in names.departments.items()],
        On.SITE.value: [(str(key), name) for key, name in names.sites.items()],
        On.LEGAL_ENTITY.value: [(str(key), name) for key, name in names.entities.items()],
    }
    offered: dict[str, Any] = {
        "measures": [(one.value, tell(name)) for one, name in MEASURES.items()],
        "comparisons": [(one.value, tell(name), one in LIST_TESTS) for one, name in COMPARISONS.items()],
        "meanings": [(one.value, tell(name)) for one, name in WHO.items()],
        "roles": [(one.value, tell(ROLES[one.value])) for one in MAY_DECIDE],
        "thens": [(one.value, tell(name)) for one, name in THEN.items()],
        "units": [(one.value, tell(name)) for one, name in UNITS.items()],
        "agreements": [(one.value, tell(name)) for one, name in AGREEMENTS.items()],
        "options": options,
        "kinds": [("", tell("Any kind")), *((one, kind_name(one, tell, narrower)) for one in (*KINDS, *narrower))],
        "title": kind_name(form.kind, tell, narrower),
        "trial": trial,
        "trial_kinds": kinds_within(request, uow, form.kind),
    }
    return shell_of(request).page(request, "approvals/flow_edit.html", status, form=form, wrong=wrong, **seen, **offered)


def _finder(uow: UnitOfWork) -> Any:
    def find(text: str) -> int | None:
        found = find_called(uow, text)
        return found.id if found else None

    return find


def _at(finding: FlowFinding, tell: Any) -> str:
    """The place in words: "branch 1, step 2"."""
    parts = finding.place.split(".")
    branch = int(parts[1]) + 1 if len(parts) > 1 and parts[0] == "branches" else 0
    if len(parts) > 3 and parts[2] == "steps":
        return str(tell("Branch {branch}, step {step}", branch=branch, step=int(parts[3]) + 1))
    if len(parts) > 3 and parts[2] == "conditions":
        return str(tell("Branch {branch}, condition {number}", branch=branch, number=int(parts[3]) + 1))
    return str(tell("Branch {branch}", branch=branch)) if branch else str(tell("The flow"))
