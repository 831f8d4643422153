"""The form of an area. Whoever saves it has looked first at who would come and go; nothing is saved by looking."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.dispatch.areas import actions
from server.dispatch.areas.model import Area, Going
from server.dispatch.areas.pages.common import CHANGES, REFUSALS, reach
from server.dispatch.areas.pages.rules import BLANK, offered, rules_of, sent_lines, typed_lines
from server.errors import ServerError
from server.fleet import actions as fleet
from server.storage import UnitOfWork
from server.web.asking import database_of, now, said, shell_of, whole

router = APIRouter()
NEW = Area(0, "", "")
MOST_NAMED = 50
"""People whom looking names one by one; the others are counted."""


@router.get("/areas/new", dependencies=CHANGES)
def new_form(request: Request) -> Response:
    return _form(request, NEW, [])


@router.get("/areas/{area_id:int}/change", dependencies=CHANGES)
def change_form(request: Request, area_id: int) -> Response:
    with database_of(request).reading() as uow:
        area = actions.find_area(uow, area_id)
        lines = typed_lines(area, _numbers(request, uow, area))
    return _form(request, area, lines)


@router.post("/areas/new", dependencies=CHANGES)
async def add(request: Request) -> Response:
    return _sent(request, NEW, await request.form())


@router.post("/areas/{area_id:int}/change", dependencies=CHANGES)
async def change(request: Request, area_id: int) -> Response:
    form = await request.form()
    with database_of(request).reading() as uow:
        held = actions.find_area(uow, area_id)
    return _sent(request, held, form)


def _sent(request: Request, held: Area, form: FormData) -> Response:
    """What was typed is looked at, or saved; whatever is wrong with it stands beside it."""
    lines, typed = sent_lines(form), _typed(held, form)
    try:
        with database_of(request).reading() as uow:
            wanted = _wanted(request, uow, held, typed, lines)
            going = actions.preview(uow, wanted, now()) if form.get("do") != "save" else None
            if going is not None:
                return _form(request, typed, lines, going=_told(request, uow, wanted, going))
        with database_of(request).writing() as uow:
            by, moment = actor_of(request), now()
            saved = actions.change_area(uow, wanted, by, moment) if held.id else actions.add_area(uow, wanted, by, moment)
    except REFUSALS as error:
        return _form(request, typed, lines, error=error)
    return RedirectResponse(f"/areas/{saved.id}", 303)


def _typed(held: Area, form: FormData) -> Area:
    """The plain fields and the terminals; who belongs is told apart from them."""
    terminals = frozenset(whole(str(one), "terminals") or 0 for one in form.getlist("terminal"))
    code = held.code or str(form.get("code", ""))
    plain = [str(form.get(name, "")) for name in ("name", "verify", "group")]
    return Area(held.id, code, plain[0], terminals, (), plain[1], plain[2], carries_faces=bool(form.get("faces")))


def _wanted(request: Request, uow: UnitOfWork, held: Area, typed: Area, lines: list[dict[str, str]]) -> Area:
    """With who belongs; lines about people whom the reader may not see stay as they are."""
    known = _numbers(request, uow, held)
    kept = tuple(rule for rule in held.rules if rule.person_id is not None and rule.person_id not in known)
    rules = (*rules_of(uow, lines, reach(request, uow)), *kept)
    return Area(held.id, typed.code, typed.name, typed.terminals, rules, typed.verify, typed.group, typed.carries_faces)


def _numbers(request: Request, uow: UnitOfWork, area: Area) -> dict[int, str]:
    """Employee numbers of the people whom an area names, of those whom the reader may see."""
    people = {rule.person_id for rule in area.rules if rule.person_id is not None}
    return directory.numbers_of(uow, directory.only_within(uow, people, reach(request, uow))) if people else {}


def _told(request: Request, uow: UnitOfWork, wanted: Area, going: Going) -> dict[str, Any]:
    """By terminal how many come and go, and who: the first of those whom the reader may see."""
    terminals = {one.terminal.id: one.terminal for one in fleet.list_terminals(uow)}
    come, go = (set().union(*part.values()) for part in (going.come, going.go))
    names = directory.names_of(uow, directory.only_within(uow, come | go, reach(request, uow)))
    lines = [
        (terminals[key], len(going.come.get(key, ())), len(going.go.get(key, ())))
        for key in sorted(going.come.keys() | going.go.keys() | wanted.terminals)
        if key in terminals
    ]
    named = [sorted(names[key] for key in some if key in names) for some in (come, go)]
    return {"lines": lines, "come": len(come), "go": len(go), "who_comes": named[0], "who_goes": named[1], "most": MOST_NAMED}


def _form(
    request: Request, typed: Area, lines: list[dict[str, str]], *, going: dict[str, Any] | None = None, error: ServerError | None = None
) -> Response:
    with database_of(request).reading() as uow:
        facts: dict[str, Any] = {"offered": offered(uow), "terminals": fleet.list_terminals(uow)}
    return shell_of(request).page(
        request,
        "areas/form.html",
        error.status if error else 200,
        area=typed,
        lines=lines,
        blank=[BLANK] * (1 if lines else 2),
        going=going,
        wrong=said(request, error) if error else "",
        **facts,
    )
