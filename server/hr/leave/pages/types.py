"""`/leave/types`: kinds of leave in plain words, changed from a date on after a look at what that would say."""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.attendance.model.grants import LeaveKind
from server.attendance.pages.asked import today
from server.directory.model import EmploymentKind
from server.errors import InvalidInputError, NotFoundError, ServerError
from server.hr.leave import actions as leave
from server.hr.leave.engine.checking import check_terms
from server.hr.leave.engine.describing import tell_terms
from server.hr.leave.model import (
    Accrual,
    Basis,
    Counting,
    Crossing,
    DayLength,
    LeaveTerms,
    LotEnd,
    Pay,
    Rounding,
    TypeVersion,
    Unit,
)
from server.hr.leave.pages.asked import day_asked, day_typed
from server.hr.leave.pages.type_forms import OCCASIONS, STEPS, fields_of, read_terms
from server.web.asking import database_of, now, said, shell_of, whole, words
from server.web.language import language_of
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_LEAVE)]
CHANGES = [needs(Permission.CHANGE_LEAVE), *SEES]
CHOICES: dict[str, Any] = {
    "leave_kinds": list(LeaveKind),
    "units": list(Unit),
    "countings": list(Counting),
    "lengths": list(DayLength),
    "pays": list(Pay),
    "bases": list(Basis),
    "accruals": list(Accrual),
    "roundings": list(Rounding),
    "crossings": list(Crossing),
    "ends": list(LotEnd),
    "employments": list(EmploymentKind),
    "step_rows": range(STEPS),
    "occasion_rows": range(OCCASIONS),
}


@router.get("/leave/types", dependencies=SEES)
def types_page(request: Request) -> Response:
    day, tell, language = day_asked(request), words(request), language_of(request, shell_of(request).language)
    with database_of(request).reading() as uow:
        kinds = leave.leave_types(uow, day, archived=True)
        begins = leave.begins_on(uow)
    return shell_of(request).page(
        request,
        "leave/types.html",
        kinds=[(one, one.name(language), tell_terms(one.terms, tell)) for one in kinds],
        day=day,
        begins=begins,
        today=today(request),
        wrong="",
        trail_of=(("kind of leave", ""), ("ledger", "leave")),
    )


@router.post("/leave/types/begin", dependencies=CHANGES)
async def begin(request: Request) -> Response:
    typed = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_begin, request, typed)


@router.get("/leave/types/new", dependencies=CHANGES)
def new_type(request: Request) -> Response:
    fresh = LeaveTerms(name_en="", name_zh="", kind=LeaveKind.OTHER, source="")
    return _form(request, "", fields_of(fresh) | {"first_day": str(today(request))})


@router.get("/leave/types/{code}", dependencies=SEES)
def one_type(request: Request, code: str) -> Response:
    tell, language = words(request), language_of(request, shell_of(request).language)
    with database_of(request).reading() as uow:
        versions = leave.type_versions(uow, code)
        kind = leave.find_type(uow, code, max(today(request), versions[0].first_day))
    return shell_of(request).page(
        request,
        "leave/type.html",
        kind=kind,
        name=kind.name(language),
        sentences=tell_terms(kind.terms, tell),
        versions=[(one, _changed(one, before, language, tell)) for before, one in zip([None, *versions], versions, strict=False)][::-1],
        language_zh=language.startswith("zh"),
        trail_of=(("kind of leave", code),),
    )


@router.get("/leave/types/{code}/change", dependencies=CHANGES)
def change_form(request: Request, code: str) -> Response:
    with database_of(request).reading() as uow:
        kind = leave.find_type(uow, code, today(request))
    return _form(request, code, fields_of(kind.terms) | {"first_day": str(today(request))})


@router.post("/leave/types/new", dependencies=CHANGES)
async def add_type(request: Request) -> Response:
    typed = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_save, request, "", typed)


@router.post("/leave/types/{code}/change", dependencies=CHANGES)
async def change_type(request: Request, code: str) -> Response:
    typed = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_save, request, code, typed)


@router.post("/leave/types/{code}/withdraw", dependencies=CHANGES)
async def withdraw(request: Request, code: str) -> Response:
    typed = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_withdraw, request, code, typed)


@router.post("/leave/types/{code}/archive", dependencies=CHANGES)
def archive(request: Request, code: str) -> Response:
    with database_of(request).writing() as uow:
        leave.archive_type(uow, code, actor_of(request), now())
    return RedirectResponse("/leave/types", 303)


@router.post("/leave/types/{code}/restore", dependencies=CHANGES)
def restore(request: Request, code: str) -> Response:
    with database_of(request).writing() as uow:
        leave.restore_type(uow, code, actor_of(request), now())
    return RedirectResponse("/leave/types", 303)


def _begin(request: Request, typed: dict[str, str]) -> Response:
    with database_of(request).writing() as uow:
        leave.begin_on(uow, day_typed(typed, "day"), actor_of(request), now())
    return RedirectResponse("/leave/types", 303)


def _withdraw(request: Request, code: str, typed: dict[str, str]) -> Response:
    version_id = whole(typed.get("version", ""), "version") or 0
    with database_of(request).writing() as uow:
        if version_id not in {one.id for one in leave.type_versions(uow, code)}:
            raise NotFoundError(what="version", name=version_id)
        leave.withdraw_type_version(uow, version_id, actor_of(request), now(), reason=typed.get("reason", ""))
    return RedirectResponse(f"/leave/types/{quote(code)}", 303)


def _save(request: Request, code: str, typed: dict[str, str]) -> Response:
    """Look first: what it would say; then save it. What was typed is never lost."""
    try:
        terms, first_day = read_terms(typed), day_typed(typed, "first_day")
        check_terms(terms)
        if not typed.get("save"):
            return _form(request, code, typed, looked=terms)
        with database_of(request).writing() as uow:
            by, at, reason = actor_of(request), now(), typed.get("reason", "").strip()
            if code:
                made = leave.change_type(uow, code, terms, first_day, by, at, reason=reason)
            else:
                made = leave.add_type(uow, typed.get("code", "").strip(), terms, first_day, by, at, reason=reason)
    except (InvalidInputError, ServerError) as error:
        return _form(request, code, typed, error.status, said(request, error))
    return RedirectResponse(f"/leave/types/{quote(made.code)}", 303)


def _form(
    request: Request, code: str, typed: dict[str, str], status: int = 200, wrong: str = "", *, looked: LeaveTerms | None = None
) -> Response:
    tell = words(request)
    return shell_of(request).page(
        request,
        "leave/type_form.html",
        status,
        code=code,
        typed=typed,
        wrong=wrong,
        sentences=tell_terms(looked, tell) if looked else [],
        **CHOICES,
    )


def _changed(one: TypeVersion, before: TypeVersion | None, language: str, tell: Any) -> list[str]:
    """What a version says that the one before it did not."""
    earlier = set(tell_terms(before.terms, tell)) if before else set()
    fresh = [sentence for sentence in tell_terms(one.terms, tell) if sentence not in earlier]
    name = one.terms.name_zh if language.startswith("zh") else one.terms.name_en
    return fresh or [name]
