"""HR's own fields: defined on a page of their own, filled in on a record; and emergency contacts."""

from collections import defaultdict
from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError, ServerError
from server.hr.staff import actions as staff
from server.hr.staff.model import DocumentAccess, FieldKind
from server.hr.staff.pages import record
from server.hr.staff.pages.common import CHANGES, REFUSALS, SEES, form_of, may_open, seen_person
from server.web.asking import database_of, now, said, shell_of, whole

router = APIRouter(include_in_schema=False)


@router.get("/staff/fields", dependencies=SEES)
def fields_page(request: Request) -> Response:
    return _page(request)


@router.post("/staff/fields", dependencies=CHANGES)
async def add_field(request: Request) -> Response:
    return await run_in_threadpool(_add, request, await form_of(request))


@router.post("/staff/fields/{field_id:int}", dependencies=CHANGES)
async def change_field(request: Request, field_id: int) -> Response:
    return await run_in_threadpool(_change, request, field_id, await form_of(request))


@router.post("/people/{person_id:int}/own-fields", dependencies=CHANGES)
async def fill_in(request: Request, person_id: int) -> Response:
    return await run_in_threadpool(_fill, request, person_id, await form_of(request))


@router.post("/people/{person_id:int}/contacts", dependencies=CHANGES)
async def change_contacts(request: Request, person_id: int) -> Response:
    """Add one, or take away the one that the form names."""
    return await run_in_threadpool(_contacts, request, person_id, await form_of(request))


def _add(request: Request, form: Mapping[str, str]) -> Response:
    try:
        kind = form.get("kind", "")
        if kind not in list(FieldKind):
            raise InvalidInputError(field="kind", reason="choose one that the list offers")
        with database_of(request).writing() as uow:
            staff.add_own_field(
                uow,
                form.get("name", ""),
                FieldKind(kind),
                form.get("choices", ""),
                needed=bool(form.get("needed")),
                access=_access(request, form),
                by=actor_of(request),
                now=now(),
            )
    except REFUSALS as error:
        return _page(request, error, dict(form) | {"form": "new"})
    return RedirectResponse("/staff/fields", 303)


def _change(request: Request, field_id: int, form: Mapping[str, str]) -> Response:
    try:
        with database_of(request).writing() as uow:
            staff.change_own_field(
                uow,
                field_id,
                form.get("name", ""),
                form.get("choices", ""),
                needed=bool(form.get("needed")),
                access=_access(request, form),
                place=whole(form.get("place", "").strip(), "place") or 0,
                archived=bool(form.get("archived")),
                by=actor_of(request),
                now=now(),
            )
    except REFUSALS as error:
        return _page(request, error, dict(form) | {"form": str(field_id)})
    return RedirectResponse("/staff/fields", 303)


def _access(request: Request, form: Mapping[str, str]) -> DocumentAccess:
    if form.get("access", "") not in may_open(request):
        raise InvalidInputError(field="access", reason="choose one that the list offers")
    return DocumentAccess(form["access"])


def _fill(request: Request, person_id: int, form: Mapping[str, str]) -> Response:
    allowed = may_open(request)
    try:
        with database_of(request).writing() as uow:
            seen_person(request, uow, person_id)
            shown = [one for one in staff.own_fields(uow) if one.access in allowed and not one.archived]
            typed = {one.id: form[f"field-{one.id}"] for one in shown if f"field-{one.id}" in form}
            staff.change_own_values(uow, person_id, typed, actor_of(request), now())
    except REFUSALS as error:
        return record.page(request, person_id, error=error, typed=dict(form) | {"form": "own-fields"})
    return record.back(person_id, "own-fields")


def _contacts(request: Request, person_id: int, form: Mapping[str, str]) -> Response:
    try:
        gone = whole(form.get("remove", ""), "remove")
        with database_of(request).writing() as uow:
            seen_person(request, uow, person_id)
            by, moment = actor_of(request), now()
            if gone is not None:
                staff.remove_contact(uow, person_id, gone, by, moment)
            else:
                name, relation = form.get("name", ""), form.get("relation", "")
                staff.add_contact(uow, person_id, name, relation, form.get("mobile", ""), by, moment)
    except REFUSALS as error:
        return record.page(request, person_id, error=error, typed=dict(form) | {"form": "contacts"})
    return record.back(person_id, "contacts")


def _page(request: Request, error: ServerError | None = None, typed: Mapping[str, str] | None = None) -> Response:
    with database_of(request).reading() as uow:
        fields = staff.own_fields(uow)
    wrong, status = (said(request, error), error.status) if error else ("", 200)
    choices = {"kinds": list(FieldKind), "accesses": [one for one in DocumentAccess if one in may_open(request)]}
    return shell_of(request).page(
        request,
        "staff/fields.html",
        status,
        fields=fields,
        typed=defaultdict(str, typed or {}),
        wrong=wrong,
        **choices,
        trail_of=(("own field", ""),),
    )
