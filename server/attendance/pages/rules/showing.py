"""`/rules`: the rule sets and where they apply; a set with its versions; a version in words, and taking one away."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of, scope_of_visitor
from server.attendance.actions import rule_sets
from server.attendance.engine.rules.changes import compare_rules
from server.attendance.engine.rules.checks import check_rules
from server.attendance.engine.rules.fields import field_label
from server.attendance.engine.rules.words import describe_rules
from server.attendance.model import RuleSet, RuleSetVersion
from server.attendance.pages.rules.asked import known_id, named, subject_groups, today
from server.attendance.pages.rules.preview import example_of
from server.errors import InvalidInputError, RefusedError
from server.web.asking import database_of, now, said, shell_of, words
from server.web.export import xlsx_answer
from server.web.visitor import needs

router = APIRouter()
SEE, CHANGE = [needs(Permission.SEE_DAYS)], [needs(Permission.CHANGE_RULES)]


@router.get("/rules", dependencies=SEE)
def list_page(request: Request) -> Response:
    with database_of(request).reading() as uow:
        sets = rule_sets.list_rule_sets(uow)
        applies = named(uow, rule_sets.list_rule_assignments(uow), scope_of_visitor(request, Permission.SEE_PEOPLE), today(request))
    own = {one.id: [each for each in applies if each.assignment.rule_set_id == one.id] for one in sets}
    day = today(request)
    return shell_of(request).page(
        request, "attendance/rules.html", sets=sets, applies=own, current={one.id: held_on(one, day) for one in sets}
    )


@router.get("/rules/{set_id:int}", dependencies=SEE)
def set_page(request: Request, set_id: int) -> Response:
    return show_set(request, set_id)


@router.get("/rules/versions/{version_id:int}", dependencies=SEE)
def version_page(request: Request, version_id: int) -> Response:
    return _show_version(request, version_id)


@router.get("/rules/versions/{version_id:int}.xlsx", dependencies=SEE)
def version_file(request: Request, version_id: int) -> Response:
    """The rules in words, to be given to employees."""
    tell = words(request)
    with database_of(request).reading() as uow:
        version = rule_sets.find_rule_version(uow, known_id(version_id, "version of rules"))
        found = rule_sets.find_rule_set(uow, version.rule_set_id)
    name = f"rules-{found.id}-{version.valid_from}"
    return xlsx_answer(name, [tell("Part"), tell("Rule")], _lines(version, request), shell_of(request).zone)


@router.post("/rules/versions/{version_id:int}/withdraw", dependencies=CHANGE)
def withdraw_version(request: Request, version_id: int, reason: Annotated[str, Form()] = "") -> Response:
    try:
        with database_of(request).writing() as uow:
            version = rule_sets.find_rule_version(uow, known_id(version_id, "version of rules"))
            rule_sets.withdraw_rule_version(uow, version_id, actor_of(request), now(), reason=reason)
    except (InvalidInputError, RefusedError) as error:
        return _show_version(request, version_id, wrong=said(request, error), status=error.status)
    return RedirectResponse(f"/rules/{version.rule_set_id}", 303)


def show_set(request: Request, set_id: int, *, wrong: str = "", typed: dict[str, str] | None = None, status: int = 200) -> Response:
    """The page of a rule set; wrong: what an assignment that was asked for cannot be, typed: what was written."""
    tell, day = words(request), today(request)
    with database_of(request).reading() as uow:
        found = rule_sets.find_rule_set(uow, set_id)
        applies = named(uow, rule_sets.list_rule_assignments(uow, set_id), scope_of_visitor(request, Permission.SEE_PEOPLE), today(request))
        subjects = subject_groups(uow)
    steps = [(one, compare_rules(before.rules, one.rules, tell) if before else []) for one, before in _with_before(found)]
    return shell_of(request).page(
        request,
        "attendance/rules_set.html",
        status,
        one=found,
        steps=steps,
        current=held_on(found, day),
        applies=applies,
        subjects=subjects,
        wrong=wrong,
        typed={"subject": "company", "number": "", "first_day": str(day), "last_day": "", "reason": ""} | (typed or {}),
        trail_of=(("rule set", found.name),),
    )


def held_on(found: RuleSet, day: date) -> RuleSetVersion | None:
    """The version of a day; the oldest holds before its first day."""
    return next((one for one in found.versions if one.valid_from <= day), found.versions[-1] if found.versions else None)


def _with_before(found: RuleSet) -> Iterator[tuple[RuleSetVersion, RuleSetVersion | None]]:
    """Each version with the one that held before it, the latest first."""
    yield from zip(found.versions, (*found.versions[1:], None), strict=True)


def _show_version(request: Request, version_id: int, *, wrong: str = "", status: int = 200) -> Response:
    tell = words(request)
    with database_of(request).reading() as uow:
        version = rule_sets.find_rule_version(uow, known_id(version_id, "version of rules"))
        found = rule_sets.find_rule_set(uow, version.rule_set_id)
        used = rule_sets.closed_days_use(uow, version_id)
    before = next((old for one, old in _with_before(found) if one.id == version_id), None)
    problems = [(field_label(one.path, tell), one.told(tell)) for one in check_rules(version.rules)]
    return shell_of(request).page(
        request,
        "attendance/rules_version.html",
        status,
        one=found,
        held=version,
        before=before,
        changes=compare_rules(before.rules, version.rules, tell) if before else [],
        sections=describe_rules(version.rules, tell),
        problems=problems,
        example=example_of({}, version.rules.day, tell),
        used=used,
        wrong=wrong,
        trail_of=(("rule set", found.name),),
    )


def _lines(version: RuleSetVersion, request: Request) -> Iterator[list[object]]:
    for section in describe_rules(version.rules, words(request)):
        for sentence in section.sentences:
            yield [section.title, sentence]
