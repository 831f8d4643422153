"""`/leave/balances`: what everybody has on a day; exported, and adjusted for one or many."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy import Select
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission, Scope
from server.access.pages.visitors import actor_of
from server.attendance.engine.wording import Tell
from server.attendance.pages.asked import choices, export_address, name_key, searched, today, written_name_key
from server.audit.model import DEED
from server.directory import actions as directory
from server.directory.model import PersonOverview
from server.errors import InvalidInputError, ServerError
from server.hr.leave import actions as leave
from server.hr.leave.engine.telling import amount, bare, in_days, is_by_hours, tell_lapse
from server.hr.leave.model import Balance, LeaveType
from server.hr.leave.pages.asked import day_asked, day_typed, maybe_day, minutes_typed
from server.storage import Database, UnitOfWork
from server.web.asking import database_of, now, said, shell_of, whole, words
from server.web.export import table_answer
from server.web.language import language_of
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_LEAVE), needs(Permission.SEE_PEOPLE)]
CHANGES = [needs(Permission.CHANGE_LEAVE), *SEES]
PAGE, EXPORT_PAGE, MOST_FINDINGS = 50, 500, 20
FIGURES = ("carried", "granted", "adjusted", "taken", "pending", "expired", "paid_out", "minutes")
"""Figures of a balance in the order in which a table has them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list shows. kind: the one whose figures are shown; None: what is left of each."""

    text: str
    department_id: int | None
    site_id: int | None
    day: date
    kinds: tuple[LeaveType, ...]
    kind: LeaveType | None
    within: Select[Any] | None
    ends_soon: bool

    def find(self, uow: UnitOfWork, after: tuple[str, int] | None, limit: int) -> list[tuple[PersonOverview, tuple[str, int]]]:
        """People by the sound of their names, each with the key of its place."""
        chosen: dict[str, Any] = {"text": self.text, "department_id": self.department_id, "site_id": self.site_id}
        return directory.list_people(uow, **chosen, after=after, limit=limit, within=self.within)


@router.get("/leave/balances", dependencies=SEES)
def balances_page(request: Request) -> Response:
    return _page(request)


@router.get("/leave/balances.csv", dependencies=SEES)
@router.get("/leave/balances.xlsx", dependencies=SEES)
def balances_file(request: Request) -> Response:
    """Every kind of everybody who fits, a row each, on the day of the question."""
    tell, language = words(request), language_of(request, shell_of(request).language)
    names = (
        "Employee number", "Person", "Department", "Kind of leave", "Day", "Unit", "carried over", "granted", "adjusted by hand", "taken",
        "reserved", "lapsed", "paid out", "Balance", "Can be asked for", "What ends",
    )  # fmt: skip
    with database_of(request).reading() as uow:
        asked = read_question(request, uow)
    rows = _file_rows(database_of(request), asked, tell, language)
    return table_answer(request, tell("Leave balances"), [tell(name) for name in names], rows)


@router.post("/leave/balances/adjust", dependencies=CHANGES)
async def adjust_many(request: Request) -> Response:
    form = await request.form()
    typed = {name: str(value) for name, value in form.items() if name != "person"}
    people = [str(one) for one in form.getlist("person")]
    return await run_in_threadpool(_adjust, request, typed, people)


@router.post("/leave/balances/undo", dependencies=CHANGES)
async def undo_many(request: Request) -> Response:
    typed = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_undo, request, typed)


def read_question(request: Request, uow: UnitOfWork) -> Asked:
    """The question in an address; raises InvalidInputError for a value that cannot be used."""
    asked, day = request.query_params, day_asked(request)
    kinds = tuple(one for one in leave.leave_types(uow, day) if one.limited)
    code = asked.get("kind", "")
    kind = next((one for one in kinds if one.code == code), None)
    if code and kind is None:
        raise InvalidInputError(field="kind", reason="choose one that the list offers")
    scope: Scope = request.state.visitor.scope(Permission.SEE_LEAVE)
    department, site = whole(asked.get("department", ""), "department"), whole(asked.get("site", ""), "site")
    if asked.get("ends", "") not in {"", "soon"}:
        raise InvalidInputError(field="ends", reason="choose one that the list offers")
    soon = bool(asked.get("ends"))
    within = leave.people_with_ends(uow, scope, today(request)) if soon else directory.people_within(scope, today(request))
    return Asked(searched(asked.get("text", "")), department, site, day, kinds, kind, within, soon)


def _page(request: Request, status: int = 200, wrong: str = "", typed: dict[str, str] | None = None) -> Response:
    language, tell = language_of(request, shell_of(request).language), words(request)
    with database_of(request).reading() as uow:
        asked = read_question(request, uow)
        found = asked.find(uow, name_key(request.query_params.get("after", "")), PAGE + 1)
        people = [overview for overview, _ in found[:PAGE]]
        shown = [asked.kind] if asked.kind else asked.kinds
        balances = leave.balances_on(uow, [one.person.id for one in people], shown, asked.day)
        findings = leave.lost_days(uow, request.state.visitor.scope(Permission.SEE_LEAVE), asked.day)[:MOST_FINDINGS]
        names = directory.names_of(uow, {one.person_id for one in findings})
        offered = choices(uow)
    return shell_of(request).page(
        request,
        "leave/balances.html",
        status,
        asked=asked,
        people=people,
        balances=balances,
        following=written_name_key(found[PAGE - 1][1]) if len(found) > PAGE else "",
        paged=bool(request.query_params.get("after")),
        offered=offered,
        export=export_address(request, "/leave/balances.csv"),
        told=lambda minutes, terms: amount(minutes, terms, tell),
        bare=bare,
        by_hours=asked.kind is not None and is_by_hours(asked.kind.terms),
        lapse=lambda balance: next((tell_lapse(one, balance.type.terms, tell) for one in balance.lapses), ""),
        named=lambda kind: kind.name(language),
        findings=findings,
        names=names,
        today=today(request),
        wrong=wrong,
        typed=typed or {},
        done=request.query_params.get("done", ""),
        count=request.query_params.get("count", ""),
        trail_of=(("ledger", "leave"), (DEED, "leave.adjust")),
    )


def _adjust(request: Request, typed: dict[str, str], people: Sequence[str]) -> Response:
    at = now()
    reference = f"adjust-{int(at.timestamp() * 1_000_000)}"
    try:
        with database_of(request).writing() as uow:
            ids = _chosen(request, uow, people)
            day = day_typed(typed, "day")
            kind = leave.find_type(uow, typed.get("kind", ""), day)
            more: dict[str, Any] = {"last_day": maybe_day(typed, "last_day"), "reference": reference}
            leave.adjust(uow, ids, kind.code, minutes_typed(typed, kind), day, typed.get("reason", ""), actor_of(request), at, **more)
    except ServerError as error:
        return _page(request, error.status, said(request, error), typed)
    return RedirectResponse(f"/leave/balances?{urlencode({'kind': kind.code, 'done': reference, 'count': len(ids)})}", 303)


def _undo(request: Request, typed: dict[str, str]) -> Response:
    with database_of(request).writing() as uow:
        leave.undo_adjustments(uow, typed.get("reference", ""), words(request)("undone at once"), actor_of(request), now())
    return RedirectResponse("/leave/balances", 303)


def _chosen(request: Request, uow: UnitOfWork, people: Sequence[str]) -> list[int]:
    """Those who are ticked; raises InvalidInputError for nobody, NotFoundError for somebody who may not be seen."""
    ids = [found for one in people if (found := whole(one, "person"))]
    if not ids:
        raise InvalidInputError(field="person", reason="choose somebody first")
    scope = request.state.visitor.scope(Permission.CHANGE_LEAVE)
    for person_id in ids:
        directory.require_within(uow, scope, person_id, today(request))
    return ids


def _file_rows(database: Database, asked: Asked, tell: Tell, language: str) -> Iterator[list[object]]:
    key: tuple[str, int] | None = None
    kinds = [asked.kind] if asked.kind else asked.kinds
    while True:
        with database.reading() as uow:
            found = asked.find(uow, key, EXPORT_PAGE)
            balances = leave.balances_on(uow, [one.person.id for one, _ in found], kinds, asked.day)
        for one, key in found:  # noqa: B007 - the last one is where the next page begins
            for balance in balances[one.person.id].values():
                yield [one.person.employee_number, one.person.name, one.department, *_cells(balance, tell, language)]
        if len(found) < EXPORT_PAGE:
            return


def _cells(balance: Balance, tell: Tell, language: str) -> list[object]:
    terms = balance.type.terms
    hours = is_by_hours(terms)

    def number(minutes: int) -> float:
        return round(minutes / 60, 2) if hours else float(in_days(minutes, terms))

    figures = [number(getattr(balance, name)) for name in FIGURES]
    ends = "; ".join(tell_lapse(one, terms, tell) for one in balance.lapses)
    unit = tell("hours") if hours else tell("days")
    return [balance.type.name(language), balance.day, unit, *figures, number(balance.available or 0), ends]
