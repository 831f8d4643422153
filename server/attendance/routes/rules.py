"""Rule sets as JSON. Permissions are those of the pages; rules are the object that docs/reference/attendance-rules.md describes."""

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel

from server.access.model import Permission
from server.access.pages.visitors import actor_of, scope_of_visitor
from server.attendance.actions import rule_sets
from server.attendance.engine.rules.words import describe_rules
from server.attendance.model import RuleSet, RuleSetVersion, RuleSubject
from server.attendance.model.rules import Rules
from server.attendance.pages.rules.asked import checked_subject, known_id, today
from server.directory import actions as directory
from server.errors import InvalidInputError
from server.web.asking import database_of, now, shell_of
from server.web.language import LANGUAGES, language_of, translator
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["attendance"])
SEE, CHANGE = [needs(Permission.SEE_DAYS)], [needs(Permission.CHANGE_RULES)]


class NewRuleSet(BaseModel):
    """A name, and the rules of its first version."""

    name: str
    rules: dict[str, Any]
    valid_from: date
    reason: str = ""


class NewRuleVersion(BaseModel):
    """Other rules from a day on, and why."""

    rules: dict[str, Any]
    valid_from: date
    reason: str


class NewAssignment(BaseModel):
    """Whom a set is for. subject: company, site, department, position or person; subject_id: which, 0 for the company."""

    subject: RuleSubject
    subject_id: int = 0
    first_day: date
    last_day: date | None = None
    reason: str = ""


class Why(BaseModel):
    """The reason, for the trail."""

    reason: str


@router.get("/rule-sets", dependencies=SEE)
def all_sets(request: Request) -> dict[str, Any]:
    """All rule sets with their versions, the latest first, and whom each is for."""
    with database_of(request).reading() as uow:
        scope, day = scope_of_visitor(request, Permission.SEE_PEOPLE), today(request)
        found, assigned = rule_sets.list_rule_sets(uow), rule_sets.list_rule_assignments(uow)
        assigned = [
            one for one in assigned if one.subject is not RuleSubject.PERSON or directory.is_within(uow, scope, one.subject_id, day)
        ]
    own = {one.id: [msgspec.to_builtins(each) for each in assigned if each.rule_set_id == one.id] for one in found}
    return {"rule_sets": [_set(one) | {"assignments": own[one.id]} for one in found]}


@router.get("/rule-versions/{version_id}", dependencies=SEE)
def one_version(request: Request, version_id: int, language: str = "") -> dict[str, Any]:
    """One version with its rules, and what they say in words (`says`, by section) in `language`, en or zh."""
    with database_of(request).reading() as uow:
        version = rule_sets.find_rule_version(uow, known_id(version_id, "version of rules"))
    says = {section.title: section.sentences for section in describe_rules(version.rules, _teller(request, language))}
    return _version(version) | {"rules": msgspec.to_builtins(version.rules), "says": says}


@router.post("/rule-sets", dependencies=CHANGE, status_code=201)
def add_set(request: Request, wanted: NewRuleSet) -> dict[str, Any]:
    """Add a rule set with its first version; it is nobody's until it is assigned."""
    rules = _rules(wanted.rules)
    with database_of(request).writing() as uow:
        by, moment = actor_of(request), now()
        return _set(rule_sets.add_rule_set(uow, wanted.name, rules, wanted.valid_from, by, moment, reason=wanted.reason))


@router.post("/rule-sets/{set_id}/versions", dependencies=CHANGE, status_code=201)
def add_version(request: Request, set_id: int, wanted: NewRuleVersion) -> dict[str, Any]:
    """Other rules from a day on; what lies before keeps those that it had."""
    rules = _rules(wanted.rules)
    with database_of(request).writing() as uow:
        by, moment, key = actor_of(request), now(), known_id(set_id, "rule set")
        return _version(rule_sets.add_rule_version(uow, key, wanted.valid_from, rules, by, moment, reason=wanted.reason))


@router.post("/rule-sets/{set_id}/assignments", dependencies=CHANGE, status_code=201)
def assign(request: Request, set_id: int, wanted: NewAssignment) -> dict[str, Any]:
    """Say whom a rule set is for, from a day on."""
    with database_of(request).writing() as uow:
        scope = scope_of_visitor(request, Permission.CHANGE_RULES)
        subject = checked_subject(uow, scope, today(request), wanted.subject, str(wanted.subject_id))
        span = (*subject, wanted.first_day, wanted.last_day)
        made = rule_sets.assign_rules(uow, known_id(set_id, "rule set"), *span, actor_of(request), now(), reason=wanted.reason)
    found: dict[str, Any] = msgspec.to_builtins(made)
    return found


@router.post("/rule-assignments/{assignment_id}/withdraw", dependencies=CHANGE)
def withdraw_assignment(request: Request, assignment_id: int, wanted: Why) -> dict[str, Any]:
    """A rule set is no longer for somebody, nor ever was."""
    with database_of(request).writing() as uow:
        key = known_id(assignment_id, "assignment of rules")
        rule_sets.withdraw_assignment(uow, key, actor_of(request), now(), reason=wanted.reason)
    return {"withdrawn": assignment_id}


@router.post("/rule-versions/{version_id}/withdraw", dependencies=CHANGE)
def withdraw_version(request: Request, version_id: int, wanted: Why) -> dict[str, Any]:
    """A version holds no longer, nor ever did; 409 for the only one of a set, and for one that a closed period was assessed by."""
    with database_of(request).writing() as uow:
        key = known_id(version_id, "version of rules")
        rule_sets.withdraw_rule_version(uow, key, actor_of(request), now(), reason=wanted.reason)
    return {"withdrawn": version_id}


def _rules(body: dict[str, Any]) -> Rules:
    """Rules out of their object; what is left out is off. Raises InvalidInputError with the place."""
    try:
        return msgspec.convert(body, Rules)
    except msgspec.ValidationError as error:
        raise InvalidInputError(field="rules", reason="The form has a value that cannot be used: {detail}", detail=str(error)) from error


def _teller(request: Request, language: str) -> Callable[..., str]:
    return translator(language if language in LANGUAGES else language_of(request, shell_of(request).language))


def _set(one: RuleSet) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "ready_made": one.ready_made, "versions": [_version(each) for each in one.versions]}


def _version(one: RuleSetVersion) -> dict[str, Any]:
    facts = {"id": one.id, "rule_set_id": one.rule_set_id, "valid_from": one.valid_from, "author": one.author}
    return facts | {"reason": one.reason, "recorded_at": one.recorded_at}
