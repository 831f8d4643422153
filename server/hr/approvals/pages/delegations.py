"""`/delegations`: who decides in my place, from when to when, or whenever I am on leave; for HR everybody's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.audit.model import DEED
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, RefusedError, ServerError
from server.hr.approvals import actions
from server.hr.approvals.model import KINDS, Delegation
from server.hr.approvals.pages.asked import NO_PERSON, key_of, kind_names
from server.hr.approvals.pages.wording import Tell, kind_name
from server.storage import UnitOfWork
from server.web.asking import database_of, given_day, may, now, said, shell_of, words
from server.web.visitor import needs

router = APIRouter()
DECIDES = [needs(Permission.DECIDE)]
Text = Annotated[str, Form()]
FIELDS = ("delegate", "person", "first_day", "last_day", "only_away")


@dataclass(frozen=True, slots=True)
class Line:
    """A delegation in a list. state: (colour, word)."""

    id: int
    person: str
    delegate: str
    kinds: str
    first_day: date
    last_day: date | None
    only_away: bool
    state: tuple[str, str]
    open: bool


@router.get("/delegations", dependencies=DECIDES)
def delegations_page(request: Request) -> Response:
    return _page(request, dict.fromkeys(FIELDS, ""))


@router.post("/delegations", dependencies=DECIDES)
def add(
    request: Request,
    delegate: Text = "",
    person: Text = "",
    first_day: Text = "",
    last_day: Text = "",
    only_away: Text = "",
    kinds: Annotated[list[str], Form()] = [],  # noqa: B006 - read only
) -> Response:
    """Let somebody decide in my place; HR may say in whose. People are given by employee number."""
    typed = {"delegate": delegate, "person": person, "first_day": first_day, "last_day": last_day, "only_away": only_away}
    try:
        with database_of(request).writing() as uow:
            wanted = wanted_of(request, uow, typed, kinds)
            actions.delegate(uow, wanted, actor_of(request), now())
    except ServerError as error:
        return _page(request, typed, error.status, said(request, error), kinds)
    return RedirectResponse("/delegations", 303)


@router.post("/delegations/{delegation_id:int}/end", dependencies=DECIDES)
def end(request: Request, delegation_id: int) -> Response:
    with database_of(request).writing() as uow:
        end_one(request, uow, delegation_id)
    return RedirectResponse("/delegations", 303)


def wanted_of(request: Request, uow: UnitOfWork, typed: Mapping[str, str], kinds: list[str]) -> Delegation:
    """The delegation that a form asks for. Raises InvalidInputError; RefusedError for an account that is nobody's."""
    today = directory.today_of(uow, now())
    person_id = request.state.visitor.person_id
    if typed.get("person", "").strip():
        person_id = _somebody(request, uow, typed["person"], "person")
    if person_id is None:
        raise RefusedError(reason=NO_PERSON)
    names = kind_names(request, uow)
    if any(one not in KINDS and one not in names for one in kinds):
        raise InvalidInputError(field="kinds", reason="choose one that the list offers")
    return Delegation(
        0,
        person_id,
        _delegate(request, uow, person_id, typed.get("delegate", ""), today),
        tuple(kinds),
        given_day(typed.get("first_day", ""), "first_day") or today,
        given_day(typed.get("last_day", ""), "last_day"),
        bool(typed.get("only_away")),
    )


def end_one(request: Request, uow: UnitOfWork, delegation_id: int) -> None:
    """End one of the reader's own, or any for HR. Raises NotFoundError, RefusedError."""
    by = actor_of(request)
    if sees_all(request):
        actions.end_delegation(uow, key_of(delegation_id), None, by, now())
    elif request.state.visitor.person_id is not None:
        actions.end_delegation(uow, key_of(delegation_id), request.state.visitor.person_id, by, now())
    else:
        raise NotFoundError(what="delegation", name=delegation_id)


def sees_all(request: Request) -> bool:
    """Whether the reader looks after everybody's delegates."""
    return may(request, Permission.CHANGE_REQUESTS) and may(request, Permission.SEE_PEOPLE)


def _somebody(request: Request, uow: UnitOfWork, number: str, field: str) -> int:
    """A person whom HR names, within what HR may see."""
    found = directory.find_person(uow, number.strip())
    scope = request.state.visitor.scope(str(Permission.CHANGE_REQUESTS))
    if not sees_all(request) or found is None or not directory.is_within(uow, scope, found.id, directory.today_of(uow, now())):
        raise InvalidInputError(field=field, reason="there is nobody with this number")
    return found.id


def _delegate(request: Request, uow: UnitOfWork, person_id: int, number: str, today: date) -> int:
    """The delegate by employee number: anybody for those who see people, else a colleague."""
    if not number.strip():
        raise InvalidInputError(field="delegate", reason="choose somebody first")
    if may(request, Permission.SEE_PEOPLE):
        found = directory.find_person(uow, number.strip())
    else:
        near = actions.possible_delegates(uow, person_id, today)
        found = next((one for one in near if one.employee_number == number.strip()), None)
    if found is None:
        raise InvalidInputError(field="delegate", reason="there is nobody with this number among those whom you can choose")
    return found.id


def _page(request: Request, typed: Mapping[str, str], status: int = 200, wrong: str = "", kinds: Sequence[str] = ()) -> Response:
    tell, reader = words(request), request.state.visitor.person_id
    with database_of(request).reading() as uow:
        today, names = directory.today_of(uow, now()), kind_names(request, uow)
        mine = [] if reader is None else actions.delegations_of(uow, reader)
        given = [] if reader is None else actions.delegations_to(uow, reader)
        others = actions.all_delegations(uow, now()) if sees_all(request) else []
        people = directory.names_of(uow, {key for one in (*mine, *given, *others) for key in (one.person_id, one.delegate_id)})
        offered = [] if reader is None else actions.possible_delegates(uow, reader, today)

        def lines(held: list[Delegation]) -> list[Line]:
            return [_line(one, people, lambda kind: kind_name(kind, tell, names), tell, today) for one in held]

        facts: dict[str, Any] = {"mine": lines(mine), "given": lines(given), "others": lines(others)}
    listed = [(one, kind_name(one, tell, names)) for one in (*KINDS, *names)]
    more: dict[str, Any] = {"offered": offered, "kinds": listed, "chosen": set(kinds), "typed": typed, "wrong": wrong, "today": today}
    return shell_of(request).page(
        request,
        "approvals/delegations.html",
        status,
        **facts,
        **more,
        nobody=reader is None,
        sees_all=sees_all(request),
        trail_of=((DEED, "delegation.add"), (DEED, "delegation.end")),
    )


def _line(one: Delegation, people: Mapping[int, str], kind: Callable[[str], str], tell: Tell, today: date) -> Line:
    over = one.ended_at is not None or (one.last_day is not None and one.last_day < today)
    state = ("off", tell("ended")) if over else ("off", tell("begins later")) if one.first_day > today else ("ok", tell("holds now"))
    listed = tell(", ").join(kind(each) for each in one.kinds)
    return Line(
        one.id,
        people.get(one.person_id, ""),
        people.get(one.delegate_id, ""),
        listed,
        one.first_day,
        one.last_day,
        one.only_away,
        state,
        not over,
    )
