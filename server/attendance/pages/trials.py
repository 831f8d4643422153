"""`/recalculate`, `/rules/try` and `/trials/<id>`: days worked out beside those that count, looked at, and applied or dropped."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of, scope_of_visitor
from server.attendance import actions as attendance
from server.attendance.actions import trials
from server.attendance.engine.telling import tell_day, tell_steps
from server.attendance.model.days import AttendanceDay
from server.attendance.model.rules import Rules
from server.attendance.model.trials import Trial, TrialKind, WhoKind
from server.attendance.pages.choosing import company_today, given_span, given_who, last_month, offered, this_month
from server.attendance.pages.figures import difference_of, name_of, number_of, value_of
from server.attendance.pages.rules.asked import form_of_request
from server.attendance.pages.rules.preview import look_at
from server.attendance.store import trials as store
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.storage import UnitOfWork
from server.web.asking import database_of, now, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs

PAGE, EXPORT_PAGE = 100, 1_000
SEE = [needs(Permission.SEE_DAYS), needs(Permission.SEE_PEOPLE)]

router = APIRouter(include_in_schema=False)


@router.get("/recalculate", dependencies=SEE)
def recalculate_page(request: Request) -> Response:
    first, last = this_month(company_today(request))
    with database_of(request).reading() as uow:
        found = _of_scope(request, uow, trials.list_trials(uow, TrialKind.RECALCULATION, TrialKind.SWEEP))
        choice = offered(uow)
    return shell_of(request).page(request, "attendance/recalculate.html", found=found, choice=choice, first=first, last=last)


@router.post("/recalculate", dependencies=[*SEE, needs(Permission.CHANGE_GRANTS)])
def ask_recalculation(
    request: Request,
    first_day: Annotated[str, Form()] = "",
    last_day: Annotated[str, Form()] = "",
    who: Annotated[str, Form()] = "",
    number: Annotated[str, Form()] = "",
) -> Response:
    """To the page on which the progress is seen, and then the differences."""
    first, last = given_span(first_day, last_day)
    with database_of(request).writing() as uow:
        whose = given_who(uow, scope_of_visitor(request, Permission.CHANGE_GRANTS), company_today(request), who, number)
        trial = trials.ask_recalculation(uow, whose, first, last, actor_of(request), now(), company_today(request))
    return RedirectResponse(f"/trials/{trial.id}", 303)


@router.get("/rules/try", dependencies=[*SEE, needs(Permission.CHANGE_RULES)])
def try_page(request: Request, version: int) -> Response:
    first, last = last_month(company_today(request))
    with database_of(request).reading() as uow:
        chosen = attendance.find_rule_version(uow, version)
        facts: dict[str, Any] = {
            "tried": chosen,
            "rule_set": attendance.find_rule_set(uow, chosen.rule_set_id),
            "found": _of_scope(request, uow, [one for one in trials.list_trials(uow, TrialKind.RULES) if one.rules_version_id == version]),
            "choice": offered(uow),
        }
    return shell_of(request).page(request, "attendance/try_rules.html", first=first, last=last, edited="", **facts)


@router.post("/rules/{set_id:int}/try", dependencies=[*SEE, needs(Permission.CHANGE_RULES)])
def try_edited_page(request: Request, set_id: int, typed: Annotated[dict[str, str], Depends(form_of_request)]) -> Response:
    """The same for rules that are being edited: they go on to the trial as the form has them, and are not kept."""
    first, last = last_month(company_today(request))
    base = whole(typed.get("base", ""), "base")
    with database_of(request).reading() as uow:
        rule_set = attendance.find_rule_set(uow, set_id)
        old = rule_set.versions[0] if base is None else attendance.find_rule_version(uow, base)
        choice = offered(uow)
    filled, _ = look_at(typed, old.rules, words(request))
    if filled.rules is None:
        raise RefusedError(reason="These rules cannot be tried as they are: look at them first, and mend what is marked.")
    facts: dict[str, Any] = {"tried": old, "rule_set": rule_set, "found": [], "choice": choice}
    body = msgspec.json.encode(filled.rules).decode()
    return shell_of(request).page(request, "attendance/try_rules.html", first=first, last=last, edited=body, **facts)


@router.post("/rules/try", dependencies=[*SEE, needs(Permission.CHANGE_RULES)])
def ask_rules_trial(
    request: Request,
    version: Annotated[int, Form()],
    first_day: Annotated[str, Form()] = "",
    last_day: Annotated[str, Form()] = "",
    who: Annotated[str, Form()] = "",
    number: Annotated[str, Form()] = "",
    rules: Annotated[str, Form()] = "",
) -> Response:
    """rules: an edited body as JSON in place of the version's own."""
    first, last = given_span(first_day, last_day)
    with database_of(request).writing() as uow:
        chosen = attendance.find_rule_version(uow, version)
        name = attendance.find_rule_set(uow, chosen.rule_set_id).name
        tried = (_edited(rules), name, 0) if rules else (chosen.rules, name, version)
        whose = given_who(uow, scope_of_visitor(request, Permission.CHANGE_RULES), company_today(request), who, number)
        trial = trials.ask_rules_trial(uow, whose, first, last, tried, actor_of(request), now(), company_today(request))
    return RedirectResponse(f"/trials/{trial.id}", 303)


@router.get("/trials/{trial_id:int}", dependencies=SEE)
def trial_page(request: Request, trial_id: int, name: str = "", person: int | None = None, after: str = "") -> Response:
    tell = words(request)
    with database_of(request).reading() as uow:
        trial, scope = _known(request, uow, trial_id), scope_of_visitor(request, Permission.SEE_DAYS)
        within = directory.people_within(scope, trial.first_day, trial.last_day)
        days = store.changed_days(uow, trial_id, name=name, person_id=person, behind=_behind(after), limit=PAGE + 1, scope=scope)
        facts: dict[str, Any] = {
            "job": trials.job_of(uow, trial),
            "people": store.changed_people(uow, trial_id, limit=PAGE, within=within) if not (name or person or after) else [],
            "names": store.names_of(uow, trial_id),
        }
    following = f"{days[PAGE - 1].person_id}.{days[PAGE - 1].work_date}" if len(days) > PAGE else ""
    shown: dict[str, Any] = {"days": days[:PAGE], "following": following, "name": name, "person": person, "paged": bool(after)}
    said: dict[str, Any] = {
        "name_of": lambda one: name_of(one, tell),
        "value_of": lambda one, value: value_of(one, value, tell),
        "difference_of": lambda change: difference_of(change, tell),
    }
    return shell_of(request).page(
        request, "attendance/trial.html", trial=trial, **facts, **shown, **said, trail_of=(("trial", str(trial_id)),)
    )


@router.post("/trials/{trial_id:int}/apply", dependencies=[*SEE, needs(Permission.CHANGE_GRANTS)])
def apply(request: Request, trial_id: int) -> Response:
    with database_of(request).writing() as uow:
        _require_whole(request, uow, trial_id)
        trials.apply_trial(uow, trial_id, actor_of(request), now())
    return RedirectResponse(f"/trials/{trial_id}", 303)


@router.post("/trials/{trial_id:int}/drop", dependencies=[*SEE, needs(Permission.CHANGE_GRANTS)])
def drop(request: Request, trial_id: int) -> Response:
    with database_of(request).writing() as uow:
        _require_whole(request, uow, trial_id)
        trials.drop_trial(uow, trial_id, actor_of(request), now())
    return RedirectResponse(f"/trials/{trial_id}", 303)


@router.get("/trials/{trial_id:int}/days/{person_id:int}/{day}", dependencies=SEE)
def pair_page(request: Request, trial_id: int, person_id: int, day: date) -> Response:
    """One day before and after, with both explanations."""
    tell = words(request)
    with database_of(request).reading() as uow:
        trial, pair = _known(request, uow, trial_id), trials.day_pair(uow, trial_id, person_id, day)
    said: dict[str, Any] = {
        "name_of": lambda one: name_of(one, tell),
        "value_of": lambda one, value: value_of(one, value, tell),
        "then": _explained(request, pair.before, pair.zone),
        "now_told": _explained(request, pair.after, pair.zone),
    }
    return shell_of(request).page(request, "attendance/trial_day.html", trial=trial, pair=pair, **said)


@router.get("/trials/{trial_id:int}/days.csv", dependencies=SEE)
@router.get("/trials/{trial_id:int}/days.xlsx", dependencies=SEE)
def days_table(request: Request, trial_id: int, name: str = "", person: int | None = None) -> Response:
    """Every figure of every changed day, by what the page's filters ask."""
    tell = words(request)
    heading = [tell(one) for one in ("Employee number", "Name", "Work date", "Figure", "Before", "After")]
    with database_of(request).reading() as uow:
        _known(request, uow, trial_id)
        rows = list(_rows(uow, request, trial_id, name, person))
    return table_answer(request, tell("Differences {number}", number=trial_id), heading, rows)


def _rows(uow: UnitOfWork, request: Request, trial_id: int, name: str, person: int | None) -> Iterator[tuple[object, ...]]:
    tell, behind, scope = words(request), None, scope_of_visitor(request, Permission.SEE_DAYS)
    while days := store.changed_days(uow, trial_id, name=name, person_id=person, behind=behind, limit=EXPORT_PAGE, scope=scope):
        for one in days:
            for change in one.figures:
                values = (number_of(change.name, change.before, tell), number_of(change.name, change.after, tell))
                yield one.employee_number, one.name, one.work_date, name_of(change.name, tell), *values
        behind = (days[-1].person_id, days[-1].work_date)


def _known(request: Request, uow: UnitOfWork, trial_id: int) -> Trial:
    """Raises NotFoundError, also for a trial of one person who is out of the reader's scope."""
    found = trials.find_trial(uow, trial_id)
    if not _of_scope(request, uow, [found]):
        raise NotFoundError(what="trial", name=trial_id)
    return found


def _of_scope(request: Request, uow: UnitOfWork, found: Sequence[Trial]) -> list[Trial]:
    """Those that are not of one person alone who is out of the reader's scope."""
    scope, today = scope_of_visitor(request, Permission.SEE_DAYS), company_today(request)
    return [one for one in found if one.who.kind is not WhoKind.PERSON or directory.is_within(uow, scope, one.who.id, today)]


def _require_whole(request: Request, uow: UnitOfWork, trial_id: int) -> None:
    """Only whoever may change all that a trial is about decides on it. Raises NotFoundError, RefusedError."""
    found, scope = _known(request, uow, trial_id), scope_of_visitor(request, Permission.CHANGE_GRANTS)
    if not scope.everybody and found.who.kind is not WhoKind.PERSON:
        raise RefusedError(reason="This is about more people than your role is for. Ask somebody who is responsible for all of them.")


def _explained(request: Request, day: AttendanceDay | None, zone: str) -> list[str]:
    tell = words(request)
    return [] if day is None else [tell_day(day, tell, zone), *tell_steps(day.steps, tell, zone, day.work_date)]


def _edited(rules: str) -> Rules:
    try:
        return msgspec.json.decode(rules.encode(), type=Rules, strict=True)
    except msgspec.MsgspecError as error:
        raise InvalidInputError(field="rules", reason="this is no body of rules ({detail})", detail=str(error)) from error


def _behind(after: str) -> tuple[int, date] | None:
    if not after:
        return None
    key, _, day = after.partition(".")
    try:
        return int(key), date.fromisoformat(day)
    except ValueError as error:
        raise InvalidInputError(field="after", reason="give what the link to the next page says") from error
