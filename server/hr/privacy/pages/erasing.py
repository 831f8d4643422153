"""`/privacy/keep-times`, `/privacy/erasure`, `/privacy/receipts/<id>`: how long data is kept, what is due, and that it was erased."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, ServerError
from server.hr.privacy import actions as privacy
from server.hr.privacy.model import LEAST_MONTHS, MOST_MONTHS, Keep
from server.hr.privacy.pages.common import KINDS, MANAGES, REFUSALS, holdings_of, managed, scope_of, today_of, within
from server.web.asking import database_of, now, said, shell_of, whole

router = APIRouter()
Text = Annotated[str, Form()]


@router.get("/privacy/keep-times", dependencies=MANAGES)
def keep_times_page(request: Request, done: str = "") -> Response:
    with database_of(request).reading() as uow:
        held = {kind.value: str(months) for kind, months in privacy.keep_times(uow).items()}
        held["second"] = "1" if privacy.second_person(uow) else ""
    return _keep_times(request, held, done=bool(done))


@router.post("/privacy/keep-times", dependencies=MANAGES)
async def set_keep_times(request: Request) -> Response:
    async with request.form(max_files=0, max_fields=20) as form:
        typed = {name: value for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_set_keep_times, request, typed)


def _set_keep_times(request: Request, form: Mapping[str, str]) -> Response:
    typed = {kind.value: form.get(kind.value, "") for kind in Keep} | {"second": form.get("second", "")}
    try:
        if not scope_of(request).everybody:
            raise InvalidInputError(field="keep_times", reason="only who manages everybody's data can change them")
        wanted = {kind: _months(typed[kind.value], kind) for kind in Keep}
        with database_of(request).writing() as uow:
            privacy.set_keep_times(uow, wanted, actor_of(request), now())
            privacy.set_second_person(uow, bool(typed["second"]), actor_of(request), now())
    except REFUSALS as error:
        return _keep_times(request, typed, error)
    return RedirectResponse("/privacy/keep-times?done=1", 303)


@router.get("/privacy/erasure", dependencies=MANAGES)
def erasure_page(request: Request) -> Response:
    return _erasure(request)


@router.post("/privacy/erasure", dependencies=MANAGES)
def confirm(request: Request, kind: Text = "", people: Text = "", sure: Text = "") -> Response:
    try:
        if kind not in set(Keep):
            raise InvalidInputError(field="kind", reason="choose one that the list offers")
        if not sure:
            raise InvalidInputError(field="sure", reason="say that you know it cannot be undone")
        with database_of(request).writing() as uow:
            privacy.confirm_erasure(
                uow, Keep(kind), whole(people, "people") or 0, scope_of(request), today_of(request), actor_of(request), now()
            )
    except REFUSALS as error:
        return _erasure(request, error)
    return RedirectResponse("/privacy/erasure", 303)


@router.post("/privacy/erasure/orders/{order_id:int}", dependencies=MANAGES)
def answer_order(request: Request, order_id: int, answer: Text = "") -> Response:
    """The second person's yes or no."""
    try:
        with database_of(request).writing() as uow:
            who = (scope_of(request), today_of(request), actor_of(request), now())
            privacy.answer_order(uow, order_id, *who, confirmed=answer == "yes")
    except REFUSALS as error:
        return _erasure(request, error)
    return RedirectResponse("/privacy/erasure", 303)


@router.get("/privacy/erasure/{kind}/{person_id:int}", dependencies=MANAGES)
def look(request: Request, kind: str, person_id: int) -> Response:
    """What erasing one kind of somebody's data would take, by table."""
    if kind not in set(Keep):
        raise NotFoundError(what="kind of data", name=kind)
    with database_of(request).reading() as uow:
        subject = managed(request, uow, person_id)
        counts = privacy.look(uow, holdings_of(request), Keep(kind), person_id)
    titles = {one.table.name: one.name for one in holdings_of(request)}
    return shell_of(request).page(request, "privacy/look.html", subject=subject, kind=KINDS[Keep(kind)], counts=counts, titles=titles)


@router.post("/privacy/people/{person_id:int}/hold", dependencies=MANAGES)
def hold(request: Request, person_id: int, reason: Text = "") -> Response:
    with database_of(request).writing() as uow:
        managed(request, uow, person_id)
        privacy.hold(uow, person_id, reason, actor_of(request), now())
    return RedirectResponse(f"/privacy/people/{person_id}", 303)


@router.post("/privacy/holds/{hold_id:int}/lift", dependencies=MANAGES)
def lift(request: Request, hold_id: int) -> Response:
    with database_of(request).writing() as uow:
        found = privacy.find_hold(uow, hold_id)
        managed(request, uow, found.person_id)
        privacy.lift(uow, hold_id, actor_of(request), now())
    return RedirectResponse(f"/privacy/people/{found.person_id}", 303)


@router.get("/privacy/receipts/{receipt_id:int}", dependencies=MANAGES)
def receipt_page(request: Request, receipt_id: int) -> Response:
    with database_of(request).reading() as uow:
        found = privacy.find_receipt(uow, receipt_id)
        subject = managed(request, uow, found.person_id)
        check = privacy.check_receipt(uow, holdings_of(request), found)
    titles = {one.table.name: one.name for one in holdings_of(request)}
    return shell_of(request).page(
        request,
        "privacy/receipt.html",
        receipt=found,
        subject=subject,
        check=check,
        kinds=KINDS,
        titles=titles,
        trail_of=(("receipt", str(found.id)),),
    )


def _erasure(request: Request, error: ServerError | None = None) -> Response:
    whom = within(request)
    with database_of(request).reading() as uow:
        due = {kind: privacy.due(uow, kind, whom) for kind in Keep}
        receipts = privacy.receipts(uow, whom)
        holds = privacy.holds(uow, whom)
        names = directory.names_of(uow, {one.person_id for one in receipts} | {one.person_id for one in holds})
        facts: dict[str, Any] = {"due": due, "receipts": receipts, "names": names, "holds": holds, "orders": privacy.orders(uow)}
        facts |= {"months": privacy.keep_times(uow), "second": privacy.second_person(uow), "kinds": KINDS}
    wrong, status = (said(request, error), error.status) if error else ("", 200)
    return shell_of(request).page(
        request, "privacy/erasure.html", status, wrong=wrong, **facts, trail_of=(("privacy", ""), ("receipt", ""))
    )


def _keep_times(request: Request, typed: dict[str, str], error: ServerError | None = None, *, done: bool = False) -> Response:
    wrong, status = (said(request, error), error.status) if error else ("", 200)
    facts = {"typed": typed, "kinds": KINDS, "least": LEAST_MONTHS, "most": MOST_MONTHS, "may_change": scope_of(request).everybody}
    return shell_of(request).page(
        request, "privacy/keep_times.html", status, wrong=wrong, done=done, **facts, trail_of=(("privacy", "keep-times"),)
    )


def _months(text: str, kind: Keep) -> int:
    found = whole(text.strip(), kind.value)
    if found is None:
        raise InvalidInputError(field=kind.value, reason="give a whole number")
    return found
