"""Every route that changes something leads to the trail: followed from the route through the functions that it names.

What is followed is which functions a route can call, so a route that forgot the trail is found; that each of them writes the right row
is shown by the tests of its area.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import server
from server.audit.actions import record
from server.web.app import routes_of

SERVER = Path(server.__path__[0])
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
LOOKS = "changes nothing: says what would come of what was typed"
JOB = "asks for work that writes its rows when it is done"
COURSE = "kept with the course, which only grows: who, when, what was said"
DRAFT = "a draft, that counts for nobody until it is published, which is on the trail"
OWN = "the reader's own read marks and wishes, or a look at their own data"
BESIDE = "worked out beside what counts; letting it count is on the trail"
KEPT = "kept with the work itself: who asked, who stopped it"
UNTRAILED = {
    "POST /approvals/decide": JOB, "POST /api/v1/approvals/decide": JOB, "POST /imports/{import_id:int}/store": JOB,
    "POST /periods/{group_id:int}/{month}/close": JOB, "POST /api/v1/periods/{group_id}/{month}/close": JOB,
    "POST /approvals/{course_id:int}/comment": COURSE, "POST /api/v1/approvals/{course_id}/comment": COURSE,
    "POST /approvals/{course_id:int}/remind": COURSE, "POST /api/v1/approvals/{course_id}/remind": COURSE,
    "POST /flows/check": LOOKS, "POST /flows/edit": LOOKS, "POST /api/v1/flows/check": LOOKS, "POST /api/v1/flows/try": LOOKS,
    "POST /api/v1/grants/preview": LOOKS, "POST /patterns/preview": LOOKS, "POST /rules/preview": LOOKS, "POST /shifts/preview": LOOKS,
    "POST /requests/check/{kind}": LOOKS, "POST /me/requests/check/{kind}": LOOKS, "POST /api/v1/me/requests/check": LOOKS,
    "POST /roster/drop": DRAFT, "POST /api/v1/roster/edits": DRAFT, "POST /api/v1/roster/undo": DRAFT, "POST /api/v1/roster/redo": DRAFT,
    "POST /imports": DRAFT, "POST /imports/{import_id:int}/again": DRAFT, "POST /imports/{import_id:int}/choices": DRAFT,
    "POST /recalculate": BESIDE, "POST /rules/try": BESIDE, "POST /rules/{set_id:int}/try": BESIDE,
    "POST /me/record/show": OWN, "POST /notices/mail": OWN, "POST /notices/read": OWN, "POST /notices/{notice_id:int}/unread": OWN,
    "POST /api/v1/areas/{area_id}/preview": LOOKS,
    "POST /terminals/files": DRAFT, "POST /terminals/files/{file_id:int}/drop": DRAFT, "POST /terminals/files/{file_id:int}/look": DRAFT,
    "POST /terminals/files/{file_id:int}/take": JOB,
    "POST /audit/check": KEPT, "POST /jobs/{job_id:int}/cancel": KEPT,
}  # fmt: skip
"""Routes that leave nothing on the trail, with the reason."""


def test_every_route_that_changes_something_leads_to_the_trail(app_of):
    app = app_of()
    routes = {
        f"{method} {route.path}": route.endpoint
        for one in app.routes
        if hasattr(one, "original_router")
        for route in routes_of(one.original_router)
        for method in route.methods & CHANGING
    }

    silent = {name for name, endpoint in routes.items() if not leads_to(endpoint, record)}

    assert silent == set(UNTRAILED)


def leads_to(begin: Any, wanted: Any) -> bool:
    """Whether a function names another, or names one that does."""
    seen: set[int] = set()
    waiting = [begin]
    while waiting:
        one = waiting.pop()
        if one is wanted:
            return True
        if id(one) not in seen:
            seen.add(id(one))
            waiting += named_in(one)
    return False


def named_in(one: Any) -> Iterator[Any]:
    """The functions of ours that a function names: by their name, as a part of a module, in a table, or as a method of a class."""
    function = getattr(one, "__func__", one)
    function = getattr(function, "__wrapped__", function)
    if isinstance(function, type):
        yield from (value for value in vars(function).values() if isinstance(value, FunctionType | classmethod))
        return
    if not isinstance(function, FunctionType) or not function.__module__.startswith("server."):
        return
    names = set(all_names(function.__code__))
    for name in names:
        found = function.__globals__.get(name)
        yield from ours(found)
        if isinstance(found, ModuleType) and found.__name__.startswith("server."):
            for part in names & vars(found).keys():
                yield from ours(vars(found)[part])


def ours(found: Any) -> Iterator[Any]:
    if isinstance(found, FunctionType | MethodType) or (isinstance(found, type) and found.__module__.startswith("server.")):
        yield found
    elif isinstance(found, dict):
        yield from (value for value in found.values() if isinstance(value, FunctionType))


def all_names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from all_names(constant)


def test_every_row_about_a_person_names_whom_it_concerns():
    """Else it would be found by nobody who asks about them, and shown to readers who may not see them."""
    nameless = [
        f"{file.relative_to(SERVER)}:{call.lineno}"
        for file in SERVER.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", getattr(call.func, "attr", "")) == "record"
        and any(isinstance(one, ast.Constant) and one.value == "person" for one in call.args)
        and not any(one.arg == "people" for one in call.keywords)
    ]

    assert nameless == []
