"""`/roster`: who works when, drawn and published. What the script asks is in `server.roster.routes.grid`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.directory.model import PersonOverview
from server.fleet import actions as fleet
from server.roster import actions as roster
from server.roster.engine.marks import Cell
from server.roster.engine.sheet import SheetPerson, SheetShift, sheet_shifts
from server.roster.engine.warnings import RosterWarning, WarningKind, told
from server.roster.pages.grid_question import MOST_PEOPLE, GridQuestion, page_question
from server.storage import UnitOfWork
from server.web.asking import database_of, now, shell_of, whole, words
from server.web.visitor import needs

router = APIRouter()
TINTS = 8


@dataclass(frozen=True, slots=True)
class OfferedShift:
    """A shift in the palette. hours: of the version on the first day shown, or of the first one after it. tint: the colour's number."""

    id: int
    sign: str
    name: str
    hours: str
    tint: int


@router.get("/roster", dependencies=[needs(Permission.SEE_ROSTER), needs(Permission.SEE_PEOPLE)])
def grid_page(request: Request, published: str = "", done: str = "") -> Response:
    asked = page_question(request)
    number = whole(published, "published")
    with database_of(request).reading() as uow:
        shifts = shifts_of(uow)
        publication = roster.see_publication(uow, number) if number else None
        return shell_of(request).page(
            request,
            "roster/grid.html",
            asked=asked,
            today=now().astimezone(shell_of(request).zone).date(),
            published=publication,
            done=done,
            shifts=offered(shifts, asked.first),
            people=len(asked.people(uow, MOST_PEOPLE + 1)),
            most=MOST_PEOPLE,
            departments=directory.list_departments(uow),
            sites=fleet.list_sites(uow),
            trail_of=(("roster", ""),),
        )


def shifts_of(uow: UnitOfWork) -> list[SheetShift]:
    """All shifts with what they are from which day."""
    return sheet_shifts(roster.list_shifts(uow), roster.shift_versions(uow))


def offered(shifts: Sequence[SheetShift], day: date) -> list[OfferedShift]:
    """Shifts to choose from, with their hours on a day."""
    found = []
    for place, one in enumerate(shifts):
        held = [version for version in one.versions if version.since <= day] or one.versions[:1]
        if one.offered:
            found.append(OfferedShift(one.id, one.sign, one.name, held[-1].hours if held else "", place % TINTS))
    return found


def leave_of(request: Request) -> roster.LeaveOf:
    """Who is on leave: the rim says how that is found out."""
    found: roster.LeaveOf = getattr(request.app.state, "roster_leave", roster.no_leave)
    return found


def watched(request: Request, uow: UnitOfWork, people: Sequence[PersonOverview], asked: GridQuestion) -> dict[int, list[RosterWarning]]:
    """What is doubtful, by person."""
    return roster.watch_people(uow, people, asked.first, asked.last, leave_of(request), shell_of(request).zone.key)


# Publishing ---------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """What publishing changes for one person: days with what was and what will be, and what is doubtful about them."""

    person: SheetPerson
    days: list[tuple[date, str, str]]
    warnings: list[RosterWarning]

    @property
    def blocked(self) -> bool:
        return any(one.blocks for one in self.warnings)


@router.get("/roster/publish", dependencies=[needs(Permission.CHANGE_ROSTER), needs(Permission.SEE_PEOPLE)])
def publish_page(request: Request) -> Response:
    asked = page_question(request)
    with database_of(request).reading() as uow:
        drafts = _drafts(request, uow, asked)
    return shell_of(request).page(
        request,
        "roster/publish.html",
        asked=asked,
        drafts=drafts,
        cells=sum(len(one.days) for one in drafts),
        warnings=sum(len(one.warnings) for one in drafts),
        blocked=[one for one in drafts if one.blocked],
        said=lambda warning: told(warning, words(request)),
    )


@router.post("/roster/publish", dependencies=[needs(Permission.CHANGE_ROSTER), needs(Permission.SEE_PEOPLE)])
def publish(request: Request) -> Response:
    asked = page_question(request)
    tell = words(request)
    with database_of(request).writing() as uow:
        people = _drafted(uow, asked)
        found = watched(request, uow, people, asked)
        blocked: dict[Cell, str] = {
            (person_id, one.work_date): told(one, tell) for person_id, warnings in found.items() for one in warnings if one.blocks
        }
        ids = [one.person.id for one in people]
        made = roster.publish_roster(uow, ids, asked.first, asked.last, blocked, actor_of(request), now())
    return RedirectResponse(f"/roster?{asked.query}&published={made.id}", 303)


@router.post(
    "/roster/publications/{publication_id:int}/withdraw", dependencies=[needs(Permission.CHANGE_ROSTER), needs(Permission.SEE_PEOPLE)]
)
def withdraw(request: Request, publication_id: int) -> Response:
    asked = page_question(request)
    with database_of(request).writing() as uow:
        roster.withdraw_publication(uow, publication_id, actor_of(request), now())
    return RedirectResponse(f"/roster?{asked.query}&done=withdrawn", 303)


@router.post("/roster/drop", dependencies=[needs(Permission.CHANGE_ROSTER), needs(Permission.SEE_PEOPLE)])
def drop(request: Request) -> Response:
    """Drop the drafts, as a step that can be undone."""
    asked = page_question(request)
    with database_of(request).writing() as uow:
        ids = [one.person.id for one in asked.people(uow)]
        roster.drop_as_step(uow, ids, asked.first, asked.last, actor_of(request), now())
    return RedirectResponse(f"/roster?{asked.query}&done=dropped", 303)


def _drafted(uow: UnitOfWork, asked: GridQuestion) -> list[PersonOverview]:
    """Whose roster publishing changes."""
    people = asked.people(uow)
    drafted = roster.people_with_drafts(uow, [one.person.id for one in people], asked.first, asked.last)
    return [one for one in people if one.person.id in drafted]


def _drafts(request: Request, uow: UnitOfWork, asked: GridQuestion) -> list[Draft]:
    tell = words(request)
    people = _drafted(uow, asked)
    found = watched(request, uow, people, asked)
    names = {one.id: one.name for one in roster.list_shifts(uow)} | {0: tell("rest"), None: tell("nothing rostered")}
    days = [date.fromordinal(asked.first.toordinal() + number) for number in range((asked.last - asked.first).days + 1)]
    drafts = []
    for row in roster.see_grid(uow, people, asked.first, asked.last, leave_of(request), tell):
        cells = []
        for place, mark in sorted(row.drafts.items()):
            pattern = row.pattern[place]
            was, will = row.entries.get(place, pattern), pattern if mark < 0 else mark
            same = tell("{what}, set by hand", what=names[will]) if mark >= 0 else tell("{what}, from the pattern", what=names[will])
            cells.append((days[place], names[was], same if was == will else names[will]))
        if cells:
            drafts.append(Draft(row, cells, _told_once(found.get(row.id, []))))
    return drafts


def _told_once(warnings: Sequence[RosterWarning]) -> list[RosterWarning]:
    """Of too many days in a row only the last one, which says how many they are."""
    longer = {(one.work_date, one.count) for one in warnings if one.kind is WarningKind.TOO_MANY_DAYS}
    return [one for one in warnings if (one.work_date + timedelta(days=1), one.count + 1) not in longer]
