"""`/shifts`: what is worked. A shift is seen with all its versions; changing it makes a new one from a date."""

from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.errors import ServerError
from server.roster import actions
from server.roster.actions import UnusableError, sentence_of
from server.roster.engine.checking import MOST_BREAKS, MOST_PARTS, MOST_TIERS
from server.roster.engine.telling import PUNCHES, hours_in_words, shift_changes, shift_in_words, worked_minutes
from server.roster.engine.versions import last_day_before_next, version_on
from server.roster.model import Shift, ShiftTerms, ShiftVersion
from server.roster.pages.common import REFUSALS, form_of, needed_day, today_of
from server.roster.pages.drawing import Line, shift_line
from server.roster.pages.shift_form import fields_of, read_shift
from server.storage import UnitOfWork
from server.web.asking import database_of, now, said, shell_of, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter(include_in_schema=False)
SEE, CHANGE = [needs(Permission.SEE_ROSTER)], [needs(Permission.CHANGE_ROSTER)]


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """A shift in the list. version: what it is today, or its first one when it only begins later. next_day: when it changes."""

    shift: Shift
    version: ShiftVersion
    line: Line | None
    hours: str
    minutes: int
    next_day: date | None


@dataclass(frozen=True, slots=True)
class Told:
    """A version on the page of its shift. changes: against the version before it in time; state: ok, attention, off."""

    version: ShiftVersion
    last_day: date | None
    changes: list[str]
    holds: bool


@router.get("/shifts", dependencies=SEE)
def shifts_page(request: Request) -> Response:
    return shell_of(request).page(request, "roster/shifts.html", lines=_lines(request), today=today_of(request))


@router.get("/shifts.csv", dependencies=SEE)
@router.get("/shifts.xlsx", dependencies=SEE)
def shifts_file(request: Request) -> Response:
    tell = words(request)
    heading = [tell(name) for name in ("Shift", "Sign", "Hours", "Minutes that count", "Punches", "In force from", "State")]
    rows = (
        (
            one.shift.name,
            one.shift.sign,
            one.hours,
            one.minutes,
            tell(PUNCHES[one.version.terms.required_punches]),
            one.version.first_day,
            tell("archived") if one.shift.archived else tell("in use"),
        )
        for one in _lines(request)
    )
    return table_answer(request, tell("Shifts"), heading, rows)


@router.get("/shifts/new", dependencies=CHANGE)
def new_shift(request: Request) -> Response:
    typed = fields_of(ShiftTerms()) | {"first_day": today_of(request).isoformat()}
    return _form(request, typed | {"parts.0.start": "09:00", "parts.0.end": "18:00"})


@router.post("/shifts/new", dependencies=CHANGE)
async def add_shift(request: Request) -> Response:
    return await run_in_threadpool(_add, request, await form_of(request))


@router.post("/shifts/preview", dependencies=CHANGE)
async def preview(request: Request) -> Response:
    """The shift as it is typed, drawn and told, for the form's script."""
    typed = read_shift(await form_of(request))
    tell = words(request)
    findings = [sentence_of(one, tell) for one in typed.findings]
    line, told = (None, []) if findings else (shift_line(typed.terms), shift_in_words(typed.terms, tell))
    return shell_of(request).page(request, "roster/shift_preview.html", line=line, findings=findings, told=told)


@router.get("/shifts/{shift_id:int}", dependencies=SEE)
def shift_page(request: Request, shift_id: int) -> Response:
    return _page(request, shift_id)


@router.get("/shifts/{shift_id:int}/change", dependencies=CHANGE)
def change_form(request: Request, shift_id: int) -> Response:
    """The form with what the shift is today."""
    with database_of(request).reading() as uow:
        shift, version = _today(uow, shift_id, today_of(request))
    return _form(request, fields_of(version.terms) | {"first_day": today_of(request).isoformat()}, shift)


@router.post("/shifts/{shift_id:int}/change", dependencies=CHANGE)
async def change_shift(request: Request, shift_id: int) -> Response:
    return await run_in_threadpool(_change, request, shift_id, await form_of(request))


@router.post("/shifts/{shift_id:int}/{deed}", dependencies=CHANGE)
async def do_with_shift(request: Request, shift_id: int, deed: str) -> Response:
    """Rename, archive, restore, or withdraw a version."""
    return await run_in_threadpool(_do, request, shift_id, deed, await form_of(request))


def _lines(request: Request) -> list[ShiftLine]:
    today, tell = today_of(request), words(request)
    with database_of(request).reading() as uow:
        shifts, versions = actions.list_shifts(uow), actions.shift_versions(uow)
    return [
        ShiftLine(
            one,
            version := version_on(versions[one.id], today) or versions[one.id][0],
            shift_line(version.terms),
            hours_in_words(version.terms, tell),
            worked_minutes(version.terms),
            next((later.first_day for later in versions[one.id] if later.first_day > today), None),
        )
        for one in shifts
    ]


def _today(uow: UnitOfWork, shift_id: int, today: date) -> tuple[Shift, ShiftVersion]:
    shift, _ = actions.see_shift(uow, shift_id)
    versions = actions.shift_versions(uow, [shift_id])[shift_id]
    return shift, version_on(versions, today) or versions[0]


def _page(request: Request, shift_id: int, status: int = 200, *, wrong: str = "") -> Response:
    today, tell = today_of(request), words(request)
    with database_of(request).reading() as uow:
        shift, versions = actions.see_shift(uow, shift_id)
        counting = actions.shift_versions(uow, [shift_id])[shift_id]
    holding = version_on(counting, today) or counting[0]
    told = []
    for one in versions:
        before = version_on([other for other in counting if (other.first_day, other.id) < (one.first_day, one.id)], one.first_day)
        changes = shift_changes(before.terms, one.terms, tell) if before else shift_in_words(one.terms, tell)
        told.append(Told(one, last_day_before_next(counting, one.first_day), changes, one.id == holding.id))
    facts = {"shift": shift, "versions": told[::-1], "holding": holding, "line": shift_line(holding.terms), "wrong": wrong, "today": today}
    return shell_of(request).page(
        request, "roster/shift.html", status, told=shift_in_words(holding.terms, tell), **facts, trail_of=(("shift", shift.name),)
    )


def _form(request: Request, typed: dict[str, str], shift: Shift | None = None, *, error: ServerError | None = None) -> Response:
    tell = words(request)
    wrong = (
        [sentence_of(one, tell) for one in error.findings] if isinstance(error, UnusableError) else [said(request, error)] if error else []
    )
    marked = {one.field for one in error.findings} if isinstance(error, UnusableError) else set()
    return shell_of(request).page(
        request,
        "roster/shift_form.html",
        error.status if error else 200,
        typed=typed,
        shift=shift,
        wrong=wrong,
        marked=marked,
        parts=_shown(typed, "parts.{}.start", MOST_PARTS),
        breaks=[_shown(typed, f"parts.{number}.breaks.{{}}.", MOST_BREAKS) for number in range(MOST_PARTS)],
        tiers=_shown(typed, "late_leave.{}.", MOST_TIERS),
        punches=PUNCHES,
        most_breaks=MOST_BREAKS,
        most_tiers=MOST_TIERS,
    )


def _shown(typed: dict[str, str], prefix: str, most: int) -> int:
    """How many of the repeated fields are shown: those with something in them, and an empty one."""
    used = [number for number in range(most) if any(value for name, value in typed.items() if name.startswith(prefix.format(number)))]
    return min(most, max(used, default=-1) + 2)


def _add(request: Request, form: dict[str, str]) -> Response:
    try:
        typed = read_shift(form)
        if typed.findings:
            raise UnusableError(typed.findings)
        first_day = needed_day(form.get("first_day", ""), "first_day")
        with database_of(request).writing() as uow:
            names = (form.get("name", ""), form.get("sign", ""))
            made = actions.add_shift(uow, *names, typed.terms, first_day, actor_of(request), now(), reason=form.get("reason", "").strip())
    except REFUSALS as error:
        return _form(request, form, error=error)
    return RedirectResponse(f"/shifts/{made.id}", 303)


def _change(request: Request, shift_id: int, form: dict[str, str]) -> Response:
    try:
        typed = read_shift(form)
        if typed.findings:
            raise UnusableError(typed.findings)
        first_day = needed_day(form.get("first_day", ""), "first_day")
        with database_of(request).writing() as uow:
            actions.change_shift(uow, shift_id, typed.terms, first_day, actor_of(request), now(), reason=form.get("reason", "").strip())
    except REFUSALS as error:
        with database_of(request).reading() as uow:
            shift, _ = actions.see_shift(uow, shift_id)
        return _form(request, form, shift, error=error)
    return RedirectResponse(f"/shifts/{shift_id}", 303)


def _do(request: Request, shift_id: int, deed: str, form: dict[str, str]) -> Response:
    by, moment = actor_of(request), now()
    try:
        with database_of(request).writing() as uow:
            actions.see_shift(uow, shift_id)
            match deed:
                case "rename":
                    actions.rename_shift(uow, shift_id, form.get("name", ""), form.get("sign", ""), by, moment)
                case "archive":
                    actions.archive_shift(uow, shift_id, by, moment)
                case "restore":
                    actions.restore_shift(uow, shift_id, by, moment)
                case "withdraw":
                    version = form.get("version", "")
                    actions.withdraw_shift_version(
                        uow, int(version) if version.isdecimal() else 0, by, moment, reason=form.get("reason", "")
                    )
    except REFUSALS as error:
        return _page(request, shift_id, error.status, wrong=said(request, error))
    return RedirectResponse(f"/shifts/{shift_id}", 303)
