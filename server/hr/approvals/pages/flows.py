"""`/flows`: by kind who approves, read in plain language; versions with what changed; and trying who would approve something."""

import difflib
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.errors import NotFoundError
from server.hr.approvals import actions
from server.hr.approvals.engine.wording import ReadBranch, Tell, read_flow, read_lines, read_rest
from server.hr.approvals.model import KINDS, FlowVersion, patterns_of
from server.hr.approvals.pages.asked import kind_names
from server.hr.approvals.pages.flow_names import names_for
from server.hr.approvals.pages.wording import kind_name
from server.web.asking import database_of, may, now, shell_of, whole, words
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_FLOWS), needs(Permission.SEE_PEOPLE)]
CHANGES = [needs(Permission.CHANGE_FLOWS), needs(Permission.SEE_PEOPLE)]
FEN = 100


@dataclass(frozen=True, slots=True)
class KindLine:
    """A kind in the list. own: whether it has a flow of its own; else `from_name` is the kind whose flow it goes by."""

    kind: str
    name: str
    own: bool
    from_name: str
    version: FlowVersion
    branches: tuple[ReadBranch, ...]


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version with what it changed: lines of the reading that came and went."""

    version: FlowVersion
    came: list[str]
    went: list[str]


@router.get("/flows", dependencies=SEES)
def flows_page(request: Request) -> Response:
    tell = words(request)
    with database_of(request).reading() as uow:
        current, narrower = actions.current_flows(uow), kind_names(request, uow)
        held = {kind: one for kind, one in current.items() if one.flow is not None}
        names = names_for(request, uow, held.values())
        lines = [_line(kind, held, names, narrower, tell) for kind in _kinds(held, narrower)]
    return shell_of(request).page(
        request, "approvals/flows.html", lines=lines, may_change=may(request, Permission.CHANGE_FLOWS), trail_of=(("flow", ""),)
    )


@router.get("/flows/one", dependencies=SEES)
def flow_page(request: Request, kind: str = "") -> Response:
    tell = words(request)
    with database_of(request).reading() as uow:
        current = actions.current_flows(uow).get(kind)
        if current is None:
            raise NotFoundError(what="flow", name=kind)
        versions = actions.versions_of(uow, kind) or [current]
        names = names_for(request, uow, versions)
        name = kind_name(kind, tell, kind_names(request, uow))
    read = read_flow(current.flow, names, tell) if current.flow else ()
    rest = read_rest(current.flow, names, tell) if current.flow else ()
    lines = [None if one.flow is None else read_lines(one.flow, names, tell) for one in versions]
    facts: dict[str, Any] = {"kind": kind, "name": name, "current": current, "read": read, "rest": rest}
    listed = [_changes(one, lines[place], lines[place + 1] if place + 1 < len(lines) else None) for place, one in enumerate(versions)]
    return shell_of(request).page(
        request,
        "approvals/flow.html",
        **facts,
        versions=listed,
        may_change=may(request, Permission.CHANGE_FLOWS),
        trail_of=(("flow", kind or "*"),),
    )


@router.post("/flows/retire", dependencies=CHANGES)
async def retire(request: Request) -> Response:
    from starlette.concurrency import run_in_threadpool

    typed = {name: str(value) for name, value in (await request.form()).items()}

    def work() -> Response:
        with database_of(request).writing() as uow:
            number = whole(typed.get("based_on", ""), "based_on") or 0
            actions.retire_flow(uow, typed.get("kind", ""), typed.get("reason", ""), number, actor_of(request), now())
        return RedirectResponse("/flows", 303)

    return await run_in_threadpool(work)


def _kinds(held: dict[str, FlowVersion], narrower: Any) -> list[str]:
    listed = ["", *KINDS, *narrower]
    return [*listed, *(one for one in held if one not in listed)]


def _line(kind: str, held: dict[str, FlowVersion], names: Any, narrower: Any, tell: Tell) -> KindLine:
    by = next(pattern for pattern in patterns_of(kind) if pattern in held) if kind else ""
    flow = held[by].flow
    assert flow is not None
    return KindLine(
        kind, kind_name(kind, tell, narrower), by == kind, kind_name(by, tell, narrower), held[by], read_flow(flow, names, tell)
    )


def _changes(version: FlowVersion, after: list[str] | None, before: list[str] | None) -> VersionLine:
    lines = list(difflib.ndiff(before or [], after or []))
    return VersionLine(version, [one[2:] for one in lines if one.startswith("+ ")], [one[2:] for one in lines if one.startswith("- ")])
