"""What these pages take from a request: the person who reads, whose rows they may see, the handlers, the names of kinds."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from fastapi import Request

from server.access.model import Permission, Scope
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.approvals import actions
from server.hr.approvals.actions import CourseView
from server.hr.approvals.model import Course, Described, Handlers, Verdict
from server.storage import UnitOfWork
from server.web.asking import may, now, shell_of
from server.web.language import language_of

HIGHEST_ID = 2**63 - 1
KindNames = Callable[[UnitOfWork, str], Mapping[str, str]]
"""Names of kinds narrower than ours ("leave.annual"), in the reader's language; the areas above know them."""
NO_PERSON = "Your account belongs to nobody in the directory, so nothing can wait for you. An administrator can link it."


def handlers_of(request: Request) -> Handlers:
    found: Handlers = request.app.state.approval_handlers
    return found


def kind_names(request: Request, uow: UnitOfWork) -> Mapping[str, str]:
    """See `KindNames`."""
    ask: KindNames | None = getattr(request.app.state, "approval_kinds", None)
    return ask(uow, language_of(request, shell_of(request).language)) if ask else {}


def person_of(request: Request) -> int:
    """Who reads; raises RefusedError for an account that is nobody's."""
    found: int | None = request.state.visitor.person_id
    if found is None:
        raise RefusedError(reason=NO_PERSON)
    return found


def key_of(value: int) -> int:
    """A number that a database could have; raises NotFoundError."""
    if not 0 < value <= HIGHEST_ID:
        raise NotFoundError(what="approval", name=value)
    return value


def verdict_of(value: str) -> Verdict:
    if value not in set(Verdict):
        raise InvalidInputError(field="verdict", reason="choose one that the list offers")
    return Verdict(value)


def view_of(request: Request, uow: UnitOfWork, course_id: int) -> CourseView:
    """A course that is the reader's business, or that HR may see; raises NotFoundError."""
    person_id = request.state.visitor.person_id
    if person_id is not None:
        try:
            return actions.see_course(uow, key_of(course_id), person_id, now())
        except NotFoundError:
            if not may(request, Permission.SEE_REQUESTS):
                raise
    view = actions.see_course(uow, key_of(course_id), None, now())
    require_scope(request, uow, view.course, Permission.SEE_REQUESTS)
    return view


def in_scope(request: Request, uow: UnitOfWork, course: Course, permission: Permission) -> bool:
    """Whether the requester is within what the permission reaches for this reader."""
    scope: Scope = request.state.visitor.scope(str(permission))
    on = directory.today_of(uow, now())
    return may(request, permission) and directory.is_within(uow, scope, course.facts.requester_id, on)


def require_scope(request: Request, uow: UnitOfWork, course: Course, permission: Permission) -> None:
    """Raises NotFoundError where `in_scope` is not."""
    if not in_scope(request, uow, course, permission):
        raise NotFoundError(what="approval", name=course.id)


def described(request: Request, uow: UnitOfWork, courses: Collection[Course]) -> dict[tuple[str, int], Described]:
    """What the handlers say of these courses, by subject."""
    by_kind: dict[str, list[int]] = {}
    for one in courses:
        by_kind.setdefault(one.subject.kind, []).append(one.subject.id)
    handlers: Mapping[str, Any] = handlers_of(request)
    return {
        (kind, key): found
        for kind, keys in by_kind.items()
        if kind in handlers
        for key, found in handlers[kind].describe(uow, keys).items()
    }
