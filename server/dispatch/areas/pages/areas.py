"""`/areas`: groups of terminals and who is on them; `/areas/{id}`: one with its people, its terminals, and what is pending."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.dispatch.areas import actions
from server.dispatch.areas.actions.listing import FACES_WARNED_OF
from server.dispatch.areas.model import Area, FaceCount
from server.dispatch.areas.pages.common import CHANGES, PAGE, SEES, fragment, knows_people, reach
from server.dispatch.areas.pages.rules import told_rules
from server.fleet import actions as fleet
from server.storage import UnitOfWork
from server.web.asking import database_of, now, shell_of, whole, words
from server.web.export import table_answer

router = APIRouter()


@router.get("/areas", dependencies=SEES)
def areas_page(request: Request) -> Response:
    return shell_of(request).page(request, "areas/list.html", **_listed(request), trail_of=(("area", ""),))


@router.get("/areas/now", dependencies=SEES)
def areas_now(request: Request) -> Response:
    """What of the list changes while it is looked at."""
    return fragment(request, "areas/list_now.html", **_listed(request))


@router.get("/areas.csv", dependencies=SEES)
@router.get("/areas.xlsx", dependencies=SEES)
def areas_file(request: Request) -> Response:
    tell = words(request)
    names = ("Code", "Area", "People", "Terminals", "Users wanted", "There", "Pending", "Failed")
    rows = [
        (
            one.area.code,
            one.area.name,
            one.people,
            len(one.area.terminals),
            one.tally.wanted,
            one.tally.there,
            one.tally.pending,
            one.tally.failed,
        )
        for one in _listed(request)["lines"]
    ]
    return table_answer(request, tell("Areas"), [tell(one) for one in names], rows)


@router.get("/areas/faces", dependencies=SEES)
def faces_page(request: Request) -> Response:
    """How many people have a face stored, by the legal entity of their contract."""
    with database_of(request).reading() as uow:
        counted = actions.faces_by_legal_entity(uow, directory.today_of(uow, now()))
        entities = fleet.list_legal_entities(uow)
    none = FaceCount(0, 0)
    lines = [(one.name, counted.get(one.id, none)) for one in entities]
    return shell_of(request).page(request, "areas/faces.html", lines=lines, others=counted.get(None, none), warned_of=FACES_WARNED_OF)


@router.get("/areas/{area_id:int}", dependencies=SEES)
def area_page(request: Request, area_id: int, after: str = "") -> Response:
    """after: the id of the last person of the page before."""
    with database_of(request).reading() as uow:
        area = actions.find_area(uow, area_id)
        facts: dict[str, Any] = {
            "area": area,
            "rules": told_rules(uow, area, words(request), reach(request, uow)),
            "people": actions.count_people(uow, area, now()),
            "earlier": actions.last_change(uow, area),
            **_terminals(uow, area),
        }
        found = _people(request, uow, area, after, PAGE + 1) if knows_people(request) else []
    following = f"{found[PAGE - 1][3]}/{found[PAGE - 1][0]}" if len(found) > PAGE else ""
    return shell_of(request).page(
        request, "areas/one.html", found=found[:PAGE], after=following, paged=bool(after), **facts, trail_of=(("area", area.code),)
    )


@router.get("/areas/{area_id:int}/now", dependencies=SEES)
def area_now(request: Request, area_id: int) -> Response:
    """The terminals of an area as they are now."""
    with database_of(request).reading() as uow:
        area = actions.find_area(uow, area_id)
        facts = _terminals(uow, area)
    return fragment(request, "areas/one_now.html", area=area, **facts)


@router.get("/areas/{area_id:int}/people.csv", dependencies=SEES)
@router.get("/areas/{area_id:int}/people.xlsx", dependencies=SEES)
def people_file(request: Request, area_id: int) -> Response:
    """Everybody in an area whom the reader may see."""
    tell = words(request)
    with database_of(request).reading() as uow:
        area = actions.find_area(uow, area_id)
        found = _people(request, uow, area, "", 1_000_000) if knows_people(request) else []
    return table_answer(request, area.name, [tell("Employee number"), tell("Name")], [(number, name) for _, number, name, _ in found])


@router.post("/areas/{area_id:int}/undo", dependencies=CHANGES)
def undo(request: Request, area_id: int) -> Response:
    with database_of(request).writing() as uow:
        actions.undo_change(uow, area_id, actor_of(request), now())
    return RedirectResponse(f"/areas/{area_id}", 303)


@router.post("/areas/{area_id:int}/remove", dependencies=CHANGES)
def remove(request: Request, area_id: int) -> Response:
    """Back to the area, where it can be taken back."""
    with database_of(request).writing() as uow:
        actions.remove_area(uow, area_id, actor_of(request), now())
    return RedirectResponse(f"/areas/{area_id}", 303)


def _listed(request: Request) -> dict[str, Any]:
    with database_of(request).reading() as uow:
        return {"lines": actions.area_lines(uow, now()), "waiting": actions.people_waiting(uow)}


def _terminals(uow: UnitOfWork, area: Area) -> dict[str, Any]:
    lines = actions.terminal_lines(uow, area)
    return {"terminals": lines, "waiting": actions.people_waiting(uow), "pending": sum(one.tally.pending for one in lines)}


def _people(request: Request, uow: UnitOfWork, area: Area, after: str, limit: int) -> list[tuple[int, str, str, str]]:
    name, _, key = after.rpartition("/")
    behind = (name, whole(key, "after") or 0) if after else None
    return actions.area_people(uow, area, now(), reach(request, uow), after=behind, limit=limit)
