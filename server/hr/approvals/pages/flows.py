"""`/flows`: by kind who approves, read in plain language; versions with what changed; and trying who would approve something."""

import difflib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.directory.model import Person
from server.errors import InvalidInputError, NotFoundError, ServerError
from server.hr.approvals import actions
from server.hr.approvals.engine.wording import ReadBranch, Tell, read_flow, read_lines, read_rest
from server.hr.approvals.model import KINDS, Does, Facts, FlowVersion, ForeseenStep, Outcome, patterns_of
from server.hr.approvals.pages.asked import kind_names
from server.hr.approvals.pages.flow_names import names_for
from server.hr.approvals.pages.wording import WHYS, kind_name
from server.storage import UnitOfWork
from server.web.asking import database_of, given_day, may, now, said, shell_of, whole, words
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


@dataclass(frozen=True, slots=True)
class TriedStep:
    """A step of a dry run. people: (name, number, why, delegate)."""

    number: int
    copies: bool
    passed_over: bool
    all_must: bool
    people: list[tuple[str, str, str, str]]


@router.get("/flows", dependencies=SEES)
def flows_page(request: Request) -> Response:
    tell = words(request)
    with database_of(request).reading() as uow:
        current, narrower = actions.current_flows(uow), kind_names(request, uow)
        held = {kind: one for kind, one in current.items() if one.flow is not None}
        names = names_for(request, uow, held.values())
        lines = [_line(kind, held, names, narrower, tell) for kind in _kinds(held, narrower)]
    return shell_of(request).page(request, "approvals/flows.html", lines=lines, may_change=may(request, Permission.CHANGE_FLOWS))


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
        request, "approvals/flow.html", **facts, versions=listed, may_change=may(request, Permission.CHANGE_FLOWS)
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


@router.get("/flows/try", dependencies=SEES)
def try_page(
    request: Request, person: str = "", kind: str = "leave", days: str = "", minutes: str = "", money: str = "", day: str = ""
) -> Response:
    """Who would approve this, with reasons."""
    tell = words(request)
    typed = {"person": person, "kind": kind, "days": days, "minutes": minutes, "money": money, "day": day}
    wrong, status, found = "", 200, {}
    with database_of(request).reading() as uow:
        narrower, today = kind_names(request, uow), directory.today_of(uow, now())
        if person:
            try:
                who = person_called(uow, person)
                facts = facts_asked(uow, who.id, typed, today)
                found = tried(request, uow, who, facts, today)
            except ServerError as error:
                wrong, status = said(request, error), error.status
    listed = [(one, kind_name(one, tell, narrower)) for one in (*KINDS, *narrower)]
    more: dict[str, Any] = {"found": found, "typed": typed, "wrong": wrong, "kinds": listed, "today": today}
    return shell_of(request).page(request, "approvals/try.html", status, **more)


def tried(request: Request, uow: UnitOfWork, who: Person, facts: Facts, on: date) -> dict[str, Any]:
    """What a dry run comes to. Raises RefusedError where no flow fits."""
    tell = words(request)
    version, branch = actions.chosen_for(uow, facts, on)
    steps = actions.foresee(uow, facts, on)
    assert version.flow is not None
    read = read_flow(version.flow, names_for(request, uow, [version]), tell)[branch]
    keys = {one.person_id for step in steps for one in step.asked} | {key for step in steps for key in step.delegates.values()}
    people = {key: directory.see_person(uow, key)[0].person for key in keys}
    return {
        "who": who,
        "flow": kind_name(version.kind, tell, kind_names(request, uow)),
        "number": version.number,
        "branch": branch + 1,
        "when": read.when,
        "level": facts.level,
        "steps": [_tried(step, people, tell) for step in steps],
        "stuck": any(step.outcome is Outcome.ASKS and not step.asked for step in steps),
    }


def person_called(uow: UnitOfWork, text: str) -> Person:
    """Somebody by employee number, else by name where only one is called so. Raises InvalidInputError."""
    found = find_called(uow, text)
    if found is None:
        raise InvalidInputError(field="person", reason="there is nobody, or more than one, called so: write the employee number")
    return found


def find_called(uow: UnitOfWork, text: str) -> Person | None:
    """The same; None where nobody, or more than one, is called so."""
    text = text.replace("\0", "").strip()[:64]
    found = directory.find_person(uow, text) if text else None
    if found is not None or not text:
        return found
    named = [one.person for one, _ in directory.list_people(uow, text=text, limit=20) if one.person.name == text]
    return named[0] if len(named) == 1 else None


def facts_asked(uow: UnitOfWork, person_id: int, typed: dict[str, str], on: date) -> Facts:
    """The facts of a dry run as a form gives them. Raises InvalidInputError, RefusedError."""
    money = _number(typed.get("money", ""), "money")
    return actions.facts_for(
        uow,
        typed.get("kind", "").strip()[:64],
        person_id,
        given_day(typed.get("day", ""), "day") or on,
        on=on,
        days=_number(typed.get("days", ""), "days"),
        minutes=whole(typed.get("minutes", ""), "minutes"),
        money_fen=None if money is None else int(money * FEN),
    )


def _number(text: str, field: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        found = Decimal(text.strip())
    except InvalidOperation as error:
        raise InvalidInputError(field=field, reason="give a number that is not negative") from error
    if not found.is_finite() or not 0 <= found < 10**12:
        raise InvalidInputError(field=field, reason="give a number that is not negative")
    return found


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


def _tried(step: ForeseenStep, people: dict[int, Person], tell: Tell) -> TriedStep:
    shown = []
    for one in step.asked:
        delegate = people.get(step.delegates.get(one.person_id, 0))
        person = people[one.person_id]
        shown.append((person.name, person.employee_number, tell(WHYS[one.why]), delegate.name if delegate else ""))
    return TriedStep(step.number, step.does is Does.COPY, step.outcome is Outcome.PASSED_OVER, step.all_must, shown)
