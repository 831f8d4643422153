"""`/grants`: approved facts that assessing obeys; recording one by hand, and withdrawing it."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form as FormField, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of, scope_of_visitor
from server.attendance import actions as attendance
from server.attendance.actions import GrantPreview
from server.attendance.engine.telling import tell_day
from server.attendance.engine.wording import Tell, spoken
from server.attendance.model import GrantFilter, GrantLine
from server.attendance.model.grants import Grant, GrantKind, LeaveKind
from server.attendance.pages.asked import choices, export_address, is_key, searched, today
from server.attendance.pages.grant_forms import FORMS, Span, read_grant
from server.attendance.pages.people import known_person
from server.audit.model import DEED
from server.directory import actions as directory
from server.directory.model import PersonOverview
from server.errors import InvalidInputError, NotFoundError, ServerError
from server.fleet import actions as fleet
from server.storage import Database, UnitOfWork
from server.web.asking import database_of, given_day, may, now, own_path, said, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_DAYS), needs(Permission.SEE_PEOPLE)]
CHANGES = [needs(Permission.CHANGE_GRANTS), needs(Permission.SEE_PEOPLE)]
PAGE, EXPORT_PAGE, MOST_FOUND, MOST_SHOWN = 100, 1_000, 20, 62
Text = Annotated[str, FormField()]


@router.get("/grants", dependencies=SEES)
def grants_page(request: Request, after: str = "", done: str = "") -> Response:
    wanted = grant_filter(request)
    with database_of(request).reading() as uow:
        lines = attendance.list_grants(uow, wanted, behind=whole(after, "after"), limit=PAGE + 1)
        person = None if wanted.person_id is None else known_person(uow, wanted.person_id)[0]
        if person is not None:
            directory.require_within(uow, wanted.scope, person.person.id, today(request))
        offered = choices(uow)
    shown = lines[:PAGE]
    return shell_of(request).page(
        request,
        "attendance/grants.html",
        lines=shown,
        when=when,
        following=str(shown[-1].stored.grant.id) if len(lines) > PAGE else "",
        paged=bool(after),
        wanted=wanted,
        filtered=wanted != GrantFilter(scope=wanted.scope),
        person=person,
        offered=offered,
        kinds=list(GrantKind),
        done=whole(done, "done"),
        may_change=may(request, Permission.CHANGE_GRANTS),
        export=export_address(request, "/grants.csv"),
        trail_of=((DEED, "grant.record"), (DEED, "grant.withdraw")),
    )


@router.get("/grants.csv", dependencies=SEES)
@router.get("/grants.xlsx", dependencies=SEES)
def grants_file(request: Request) -> Response:
    """All that fits, the newest first."""
    tell = words(request)
    names = (
        "Number", "Person", "Employee number", "Department", "Kind", "From", "Until", "Minutes", "Reason", "Origin", "Who", "Recorded",
        "Withdrawn", "Why",
    )  # fmt: skip
    rows = _file_rows(database_of(request), grant_filter(request), tell, shell_of(request).zone)
    return table_answer(request, tell("Grants"), [tell(name) for name in names], rows)


@router.get("/grants/new", dependencies=CHANGES)
def grant_form(request: Request) -> Response:
    return _form(request, dict(request.query_params))


@router.post("/grants/new", dependencies=CHANGES)
async def record_by_hand(request: Request) -> Response:
    typed = {name: str(value) for name, value in (await request.form()).items()}
    from starlette.concurrency import run_in_threadpool

    return await run_in_threadpool(_look if typed.pop("look", "") else _record, request, typed)


@router.post("/grants/{grant_id:int}/withdraw", dependencies=CHANGES)
def withdraw(request: Request, grant_id: int, reason: Text = "", back: Text = "/grants", late: Text = "") -> Response:
    if not is_key(grant_id):
        raise NotFoundError(what="grant", name=grant_id)
    with database_of(request).writing() as uow:
        require_own_grant(request, uow, grant_id)
        attendance.withdraw_grant(uow, grant_id, actor_of(request), now(), reason, late=bool(late))
    return RedirectResponse(own_path(back), 303)


def require_own_grant(request: Request, uow: UnitOfWork, grant_id: int) -> None:
    """Raises NotFoundError for a grant of somebody out of the reader's scope."""
    scope = scope_of_visitor(request, Permission.CHANGE_GRANTS)
    if not scope.everybody:
        found = attendance.find_grant(uow, grant_id)
        if not directory.is_within_any(uow, scope, found.person_id, found.from_day, found.until_day):
            raise NotFoundError(what="grant", name=grant_id)


def grant_filter(request: Request) -> GrantFilter:
    """The question in an address; raises InvalidInputError for a value that cannot be used."""
    asked = request.query_params
    kind = asked.get("kind", "")
    if kind and kind not in set(GrantKind):
        raise InvalidInputError(field="kind", reason="choose one that the list offers")
    return GrantFilter(
        person_id=whole(asked.get("person", ""), "person"),
        department_id=whole(asked.get("department", ""), "department"),
        site_id=whole(asked.get("site", ""), "site"),
        kind=GrantKind(kind) if kind else None,
        since=given_day(asked.get("since", ""), "since"),
        until=given_day(asked.get("until", ""), "until"),
        withdrawn=bool(asked.get("withdrawn")),
        scope=scope_of_visitor(request, Permission.SEE_DAYS),
    )


def when(grant: Grant, zone: ZoneInfo) -> tuple[str, str]:
    """First and last date, or the moments on the clock of the zone."""
    if grant.first_day is not None:
        return str(grant.first_day), str(grant.last_day or grant.first_day)
    return _clock(grant.starts_at, zone), _clock(grant.ends_at, zone)


def zone_of(uow: UnitOfWork, site_id: int | None, company: ZoneInfo) -> ZoneInfo:
    """Whose clock somebody's times are on."""
    return next((ZoneInfo(site.time_zone) for site in fleet.list_sites(uow) if site.id == site_id), company)


def _record(request: Request, typed: dict[str, str]) -> Response:
    try:
        with database_of(request).writing() as uow:
            overview = _chosen(request, uow, typed)
            zone = zone_of(uow, overview.person.site_id, shell_of(request).zone)
            made = attendance.record_grant(uow, read_grant(typed, overview.person.id, zone), actor_of(request), now())
    except ServerError as error:
        return _form(request, typed, error.status, said(request, error))
    back = own_path(typed.get("back", "")) if typed.get("back") else f"/grants?{urlencode({'done': made.grant.id})}"
    return RedirectResponse(back, 303)


def _look(request: Request, typed: dict[str, str]) -> Response:
    """What would become of the days; nothing is kept. The reason can be missing yet."""
    try:
        with database_of(request).reading() as uow:
            overview = _chosen(request, uow, typed)
            zone = zone_of(uow, overview.person.site_id, shell_of(request).zone)
            new = read_grant(typed | {"reason": typed.get("reason", "").strip() or "–"}, overview.person.id, zone)
            seen = attendance.preview_grant(uow, new, now())
    except ServerError as error:
        return _form(request, typed, error.status, said(request, error))
    return _form(request, typed, seen=seen)


def preview_lines(seen: GrantPreview, tell: Tell) -> list[tuple[date, str, str]]:
    """The days that would come out otherwise: date, what it is now, what it would be."""
    found = []
    for one in seen.days:
        before, then = (tell_day(day, tell, one.zone, one.rules) for day in (one.before, one.after))
        found.append((one.work_date, before, then))
    return found


def _form(request: Request, typed: dict[str, str], status: int = 200, wrong: str = "", seen: GrantPreview | None = None) -> Response:
    with database_of(request).reading() as uow:
        overview = _person(request, uow, typed)
        text = searched(typed.get("search", ""))
        within = directory.people_within(scope_of_visitor(request, Permission.CHANGE_GRANTS), today(request))
        found = (
            [one for one, _ in directory.list_people(uow, text=text, limit=MOST_FOUND, within=within)] if text and overview is None else []
        )
    if "back" in typed:
        typed = typed | {"back": own_path(typed["back"])}
    kind = typed.get("kind", "")
    form = FORMS[GrantKind(kind)] if kind in set(GrantKind) else None
    facts: dict[str, Any] = {"typed": typed, "wrong": wrong, "person": overview, "found": found, "search": text, "form": form}
    more = {"forms": list(FORMS.values()), "leaves": list(LeaveKind), "spans": Span}
    lines = preview_lines(seen, words(request)) if seen else []
    more |= {"seen": seen, "days": lines[:MOST_SHOWN], "unseen": len(lines[MOST_SHOWN:])}
    return shell_of(request).page(request, "attendance/grant_new.html", status, **facts, **more)


def _chosen(request: Request, uow: UnitOfWork, typed: dict[str, str]) -> PersonOverview:
    found = _person(request, uow, typed)
    if found is None:
        raise InvalidInputError(field="person", reason="choose somebody first")
    return found


def _person(request: Request, uow: UnitOfWork, typed: dict[str, str]) -> PersonOverview | None:
    key = whole(typed.get("person", ""), "person")
    if key is None:
        return None
    directory.require_within(uow, scope_of_visitor(request, Permission.CHANGE_GRANTS), key, today(request))
    return known_person(uow, key)[0]


def _clock(at: int | None, zone: ZoneInfo) -> str:
    return "" if at is None else f"{datetime.fromtimestamp(at, zone):%Y-%m-%d %H:%M}"


def _file_rows(database: Database, wanted: GrantFilter, tell: Tell, zone: ZoneInfo) -> Iterator[list[object]]:
    behind: int | None = None
    while True:
        with database.reading() as uow:
            lines = attendance.list_grants(uow, wanted, behind=behind, limit=EXPORT_PAGE)
        yield from (_cells(line, tell, zone) for line in lines)
        if len(lines) < EXPORT_PAGE:
            return
        behind = lines[-1].stored.grant.id


def _cells(line: GrantLine, tell: Tell, company: ZoneInfo) -> list[object]:
    stored, grant = line.stored, line.stored.grant
    zone = ZoneInfo(line.time_zone) if line.time_zone else company
    kind = f"{spoken(tell, grant.kind)}{f' · {spoken(tell, grant.leave)}' if grant.leave else ''}"
    return [
        grant.id, line.person_name, line.employee_number, line.department_name, kind, *when(grant, zone), grant.minutes, stored.reason,
        spoken(tell, stored.origin), stored.author, stored.recorded_at, stored.withdrawn_at, stored.withdrawn_reason,
    ]  # fmt: skip
