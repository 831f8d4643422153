"""`/request-rules`: the company's rules of asking, by kind, with the days from which they hold."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request as Asked
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.attendance.model.rules import SettledBy
from server.attendance.pages.asked import today
from server.directory import actions as directory
from server.errors import InvalidInputError, ServerError
from server.hr.requests import actions as requests
from server.hr.requests.engine.words import CAUSES, KINDS, word_of
from server.hr.requests.model import (
    CorrectionCause,
    CorrectionRules,
    FieldWorkRules,
    LeaveRules,
    OvertimeRules,
    RequestKind,
    Rules,
    ShiftChangeRules,
    SwapRules,
    TripRules,
)
from server.hr.requests.pages.form import kind_asked
from server.web.asking import database_of, given_day, may, now, said, shell_of, whole
from server.web.visitor import needs

router = APIRouter(include_in_schema=False)
SEES = [needs(Permission.SEE_REQUESTS)]
CHANGES = [needs(Permission.CHANGE_RULES)]
LABELS = {
    "notice_days": "To be asked for so many days before",
    "without_notice": "Types of leave that need no notice",
    "back_days": "May be asked for until so many days afterwards",
    "certificate_days": "A certificate may follow until so many days after the last day",
    "afterwards_days": "May be asked for until so many days afterwards (0: before only)",
    "longest_minutes": "Longest, in minutes",
    "settled_by": "May be settled by",
    "day_minutes": "Warn beyond so many minutes a day",
    "month_minutes": "Warn beyond so many minutes a month",
    "causes": "Causes that are offered",
    "quota": "How many a month (empty: no limit)",
    "counted": "Causes that count",
    "deadline_days": "Until so many days after the day",
    "attachment": "Needs a document",
    "longest_days": "Longest, in days",
    "apart_days": "The two days may lie so many days apart",
}
"""What each rule is called on the page."""


@router.get("/request-rules", dependencies=SEES)
def rules_page(asked: Asked, kind: str = "correction", done: str = "") -> Response:
    return _page(asked, kind_asked(kind), done=done)


@router.post("/request-rules/{kind}", dependencies=CHANGES)
async def change(asked: Asked, kind: str) -> Response:
    async with asked.form(max_files=0, max_fields=60) as form:
        lists = {name: [str(one) for one in form.getlist(name)] for name in form}
    return await run_in_threadpool(_change, asked, kind_asked(kind), lists)


def read_rules(kind: RequestKind, typed: Mapping[str, list[str]]) -> Rules:
    """What was typed as rules; raises InvalidInputError with the field."""
    match kind:
        case RequestKind.LEAVE:
            numbers = _numbers(typed, "notice_days", "back_days", "certificate_days")
            return LeaveRules(**numbers, without_notice=tuple(typed.get("without_notice", [])))
        case RequestKind.OVERTIME:
            numbers = _numbers(typed, "afterwards_days", "longest_minutes", "day_minutes", "month_minutes")
            return OvertimeRules(**numbers, settled_by=tuple(one for one in SettledBy if one in typed.get("settled_by", [])))
        case RequestKind.CORRECTION:
            quota = whole(_one(typed, "quota"), "quota")
            return CorrectionRules(
                causes=_causes(typed, "causes"),
                counted=_causes(typed, "counted"),
                attachment=_causes(typed, "attachment"),
                quota=quota,
                **_numbers(typed, "deadline_days"),
            )
        case RequestKind.TRIP:
            return TripRules(**_numbers(typed, "longest_days", "back_days"), attachment=bool(_one(typed, "attachment")))
        case RequestKind.FIELD_WORK:
            return FieldWorkRules(**_numbers(typed, "longest_days", "back_days"), attachment=bool(_one(typed, "attachment")))
        case RequestKind.SHIFT_CHANGE:
            return ShiftChangeRules(**_numbers(typed, "notice_days"))
        case RequestKind.SWAP:
            return SwapRules(**_numbers(typed, "notice_days", "apart_days"))


def _change(asked: Asked, kind: RequestKind, typed: Mapping[str, list[str]]) -> Response:
    try:
        first = given_day(_one(typed, "first_day"), "first_day")
        if first is None:
            raise InvalidInputError(field="first_day", reason="give a date such as 2026-11-23")
        rules = read_rules(kind, typed)
        with database_of(asked).writing() as uow:
            requests.change_rules(uow, kind, rules, first, _one(typed, "why"), actor_of(asked), now())
    except ServerError as error:
        return _page(asked, kind, status=error.status, wrong=said(asked, error), typed=typed)
    return RedirectResponse(f"/request-rules?kind={kind}&done=1", 303)


def _page(
    asked: Asked,
    kind: RequestKind,
    *,
    status: int = 200,
    wrong: str = "",
    done: str = "",
    typed: Mapping[str, list[str]] | None = None,
) -> Response:
    with database_of(asked).reading() as uow:
        day = directory.today_of(uow, now())
        versions = requests.rules_versions(uow, kind)
        held = requests.rules_on(uow, kind, day)
        leaves = requests.leave_names(uow, day)
    return shell_of(asked).page(
        asked,
        "requests/rules.html",
        status,
        kind=kind,
        kinds=KINDS,
        labels=LABELS,
        rules=held,
        fields=held.__struct_fields__,
        versions=versions,
        causes={one.value: CAUSES[one] for one in CorrectionCause},
        settlements={one.value: word_of(one.value) for one in SettledBy},
        leaves=leaves,
        today=today(asked),
        typed=typed or {},
        wrong=wrong,
        done=done,
        may_change=may(asked, Permission.CHANGE_RULES),
        trail_of=(("request", kind.value),),
    )


def _numbers(typed: Mapping[str, list[str]], *names: str) -> dict[str, Any]:
    found = {name: whole(_one(typed, name), name) for name in names}
    for name, number in found.items():
        if number is None:
            raise InvalidInputError(field=name, reason="give a whole number")
    return found


def _causes(typed: Mapping[str, list[str]], name: str) -> tuple[CorrectionCause, ...]:
    return tuple(one for one in CorrectionCause if one in typed.get(name, []))


def _one(typed: Mapping[str, list[str]], name: str) -> str:
    return (typed.get(name) or [""])[0]
