"""Trying who would approve something: by the flows that hold (`/flows/try`), or by one that is being written, before it is published."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.directory import actions as directory
from server.directory.model import Person
from server.errors import InvalidInputError, ServerError
from server.hr.approvals import actions
from server.hr.approvals.engine.wording import Tell, read_flow
from server.hr.approvals.model import KINDS, Does, Facts, FlowVersion, ForeseenStep, Outcome, patterns_of
from server.hr.approvals.pages.asked import kind_names
from server.hr.approvals.pages.flow_names import names_for
from server.hr.approvals.pages.wording import WHYS, kind_name
from server.storage import UnitOfWork
from server.web.asking import database_of, given_day, now, said, shell_of, whole, words
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_FLOWS), needs(Permission.SEE_PEOPLE)]
FEN = 100
LONGEST_CALLED = 64
FIELDS = ("person", "kind", "days", "minutes", "money", "day")
Typed = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TriedStep:
    """A step of a dry run. people: (name, number, why, delegate)."""

    number: int
    copies: bool
    passed_over: bool
    all_must: bool
    people: list[tuple[str, str, str, str]]


@router.get("/flows/try", dependencies=SEES)
def try_page(
    request: Request, person: str = "", kind: str = "leave", days: str = "", minutes: str = "", money: str = "", day: str = ""
) -> Response:
    """Who would approve this, with reasons."""
    typed = dict(zip(FIELDS, (person, kind, days, minutes, money, day), strict=True))
    with database_of(request).reading() as uow:
        listed, today = kinds_within(request, uow, ""), directory.today_of(uow, now())
        status, outcome = outcome_of(request, uow, typed)
    return shell_of(request).page(request, "approvals/try.html", status, typed=typed, kinds=listed, today=today, **outcome)


def outcome_of(request: Request, uow: UnitOfWork, typed: Typed, draft: FlowVersion | None = None) -> tuple[int, dict[str, Any]]:
    """(status, what the page needs): what a dry run comes to, or why it cannot be; nothing where nobody is named."""
    if not typed["person"]:
        return 200, {"found": None, "fault": ""}
    try:
        who = person_called(request, uow, typed["person"])
        facts = facts_asked(uow, who.id, typed, directory.today_of(uow, now()))
        return 200, {"found": tried(request, uow, who, facts, draft), "fault": ""}
    except ServerError as error:
        return error.status, {"found": None, "fault": said(request, error)}


def tried(request: Request, uow: UnitOfWork, who: Person, facts: Facts, draft: FlowVersion | None = None) -> dict[str, Any]:
    """What a dry run comes to. draft: a version that is not published, as though it were. Raises RefusedError where no flow fits."""
    tell, on = words(request), directory.today_of(uow, now())
    version, branch = actions.chosen_for(uow, facts, on, draft)
    steps = actions.foresee(uow, facts, on, draft)
    assert version.flow is not None
    read = read_flow(version.flow, names_for(request, uow, [version]), tell)[branch]
    keys = {one.person_id for step in steps for one in step.asked} | {key for step in steps for key in step.delegates.values()}
    people = {key: directory.see_person(uow, key)[0].person for key in keys}
    return {
        "who": who,
        "flow": kind_name(version.kind, tell, kind_names(request, uow)),
        "drafted": version is draft,
        "number": version.number,
        "branch": branch + 1,
        "when": read.when,
        "level": facts.level,
        "steps": [_tried(step, people, tell) for step in steps],
        "stuck": any(step.outcome is Outcome.ASKS and not step.asked for step in steps),
    }


def kinds_within(request: Request, uow: UnitOfWork, kind: str) -> list[tuple[str, str]]:
    """The kinds that a flow of a kind can be for, with their names: itself where something can be asked for by it, and narrower ones."""
    names = kind_names(request, uow)
    listed: Iterable[str] = dict.fromkeys((*KINDS, *names, *((kind,) if kind else ())))
    return [(one, kind_name(one, words(request), names)) for one in listed if kind in patterns_of(one)]


def person_called(request: Request, uow: UnitOfWork, text: str) -> Person:
    """Somebody by employee number, else by name where only one is called so. Raises InvalidInputError, also for whom the reader must not
    see."""
    found = find_called(uow, text)
    scope = request.state.visitor.scope(Permission.SEE_PEOPLE)
    if found is None or not directory.is_within(uow, scope, found.id, directory.today_of(uow, now())):
        raise InvalidInputError(field="person", reason="there is nobody, or more than one, called so: write the employee number")
    return found


def find_called(uow: UnitOfWork, text: str) -> Person | None:
    """The same for everybody; None where nobody, or more than one, is called so."""
    text = text.replace("\0", "").strip()
    if not 1 <= len(text) <= LONGEST_CALLED:
        return None
    found = directory.find_person(uow, text)
    if found is not None:
        return found
    named = [one.person for one, _ in directory.list_people(uow, text=text, limit=20) if one.person.name == text]
    return named[0] if len(named) == 1 else None


def facts_asked(uow: UnitOfWork, person_id: int, typed: Typed, on: date) -> Facts:
    """The facts of a dry run as a form gives them. Raises InvalidInputError, RefusedError."""
    money, kind = _number(typed.get("money", ""), "money"), typed.get("kind", "").strip()
    if len(kind) > actions.LONGEST_KIND:
        raise InvalidInputError(field="kind", reason="use at most {most} characters", most=actions.LONGEST_KIND)
    return actions.facts_for(
        uow,
        kind,
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


def _tried(step: ForeseenStep, people: Mapping[int, Person], tell: Tell) -> TriedStep:
    shown = []
    for one in step.asked:
        delegate = people.get(step.delegates.get(one.person_id, 0))
        person = people[one.person_id]
        shown.append((person.name, person.employee_number, tell(WHYS[one.why]), delegate.name if delegate else ""))
    return TriedStep(step.number, step.does is Does.COPY, step.outcome is Outcome.PASSED_OVER, step.all_must, shown)
