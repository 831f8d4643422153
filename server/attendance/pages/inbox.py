"""`/attendance/exceptions`: what somebody has to look at, what hurts most first, until nothing is left."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of, scope_of_visitor
from server.attendance import actions as attendance
from server.attendance.engine.joining import MEANS
from server.attendance.engine.telling import tell_exception
from server.attendance.engine.wording import Tell, joined, spoken
from server.attendance.model import ExceptionFilter, ExceptionKey, ExceptionLine, ExceptionState, NewGrant, StoredDay
from server.attendance.model.days import AttendanceException, ExceptionKind
from server.attendance.pages.asked import HIGHEST_ID, choices, export_address, searched
from server.attendance.pages.grants import require_own_grant
from server.attendance.pages.mending import correction_for, excuse_for
from server.attendance.pages.words import GRAVITY, exception_state
from server.directory import actions as directory
from server.errors import InvalidInputError, RefusedError, ServerError
from server.storage import Database, UnitOfWork
from server.web.asking import database_of, given_day, may, now, own_path, said, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_DAYS), needs(Permission.SEE_PEOPLE)]
CHANGES = [needs(Permission.CHANGE_GRANTS), needs(Permission.SEE_PEOPLE)]
PAGE, EXPORT_PAGE, MOST_AT_ONCE = 100, 1_000, 500
TIERS: tuple[frozenset[ExceptionKind], ...] = (
    frozenset(GRAVITY[:1]),
    frozenset(GRAVITY[1:5]),
    frozenset(GRAVITY[5:9]),
    frozenset(GRAVITY[9:]),
)
"""What hurts alike is listed together, the newest dates first: a day's pay, a verdict, something grave, the rest."""
LONGEST_REASON = 500
Text = Annotated[str, Form()]
Place = tuple[int, ExceptionKey | None]
"""Where a page begins: the tier, and behind which line of it."""
FIRST: Place = (0, None)
Mending = Callable[[StoredDay, AttendanceException, str, str], NewGrant | None]
"""What takes an exception away: from the day, the exception, the reason and the reference to the grant."""


@router.get("/attendance/exceptions", dependencies=SEES)
def inbox(request: Request) -> Response:
    return _page(request)


@router.get("/attendance/exceptions.csv", dependencies=SEES)
@router.get("/attendance/exceptions.xlsx", dependencies=SEES)
def inbox_file(request: Request) -> Response:
    """All that fits, in the order of the page."""
    tell = words(request)
    names = (
        "Employee number", "Person", "Department", "Date", "Kind", "Minutes", "What happened", "State", "Settled by", "Reason",
    )  # fmt: skip
    rows = _file_rows(database_of(request), as_shown(asked_exceptions(request)), tell, shell_of(request).zone.key)
    return table_answer(request, tell("Exceptions"), [tell(name) for name in names], rows)


@router.post("/attendance/exceptions/settle", dependencies=CHANGES)
def settle(request: Request, ids: Annotated[list[int], Form()] = [], reason: Text = "", back: Text = "") -> Response:  # noqa: B006 - read only
    """Let them stand as they are."""
    try:
        chosen = checked_ids(ids)
        with database_of(request).writing() as uow:
            require_own_exceptions(request, uow, chosen)
            attendance.settle_exceptions(uow, chosen, actor_of(request), now(), _reason(reason))
    except ServerError as error:
        return _page(request, error.status, said(request, error), chosen=ids, reason=reason, back=back)
    return _done(back, "settle", chosen)


@router.post("/attendance/exceptions/reopen", dependencies=CHANGES)
def reopen(request: Request, ids: Annotated[list[int], Form()] = [], back: Text = "") -> Response:  # noqa: B006 - read only
    """Undo of settling."""
    with database_of(request).writing() as uow:
        require_own_exceptions(request, uow, checked_ids(ids))
        attendance.reopen_exceptions(uow, checked_ids(ids), actor_of(request), now(), words(request)("settled by mistake"))
    return RedirectResponse(own_path(back or "/attendance/exceptions"), 303)


@router.post("/attendance/exceptions/correct", dependencies=CHANGES)
def correct(request: Request, ids: Annotated[list[int], Form()] = [], reason: Text = "", back: Text = "") -> Response:  # noqa: B006 - read only
    """Add the punches that are missing, at the times the plan has."""
    return _mend(request, ids, reason, back, correction_for)


@router.post("/attendance/exceptions/excuse", dependencies=CHANGES)
def excuse(request: Request, ids: Annotated[list[int], Form()] = [], reason: Text = "", back: Text = "") -> Response:  # noqa: B006 - read only
    """Let the late, early or absent time count as if it had been worked."""
    return _mend(request, ids, reason, back, excuse_for)


@router.post("/attendance/exceptions/withdraw", dependencies=CHANGES)
def withdraw(request: Request, ids: Annotated[list[int], Form()] = [], back: Text = "") -> Response:  # noqa: B006 - read only
    """Undo of mending: withdraw these grants."""
    tell = words(request)
    with database_of(request).writing() as uow:
        for grant_id in checked_ids(ids):
            require_own_grant(request, uow, grant_id)
            attendance.withdraw_grant(uow, grant_id, actor_of(request), now(), tell("recorded by mistake"))
    return RedirectResponse(own_path(back or "/attendance/exceptions"), 303)


def require_own_exceptions(request: Request, uow: UnitOfWork, ids: Sequence[int]) -> None:
    """Raises NotFoundError where one of them is of somebody out of the reader's scope on that day."""
    scope = scope_of_visitor(request, Permission.CHANGE_GRANTS)
    if not scope.everybody:
        days = [(one.person_id, one.work_date) for one in attendance.exceptions_by_id(uow, ids)]
        directory.require_days_within(uow, scope, days, "exception", min(ids))


def asked_exceptions(request: Request) -> ExceptionFilter:
    """The question in an address; raises InvalidInputError for a value that cannot be used."""
    asked = request.query_params
    kind, state = asked.get("kind", ""), asked.get("state", "")
    if kind and kind not in set(ExceptionKind):
        raise InvalidInputError(field="kind", reason="choose one that the list offers")
    if state not in {"", "all", *ExceptionState}:
        raise InvalidInputError(field="state", reason="choose one that the list offers")
    return ExceptionFilter(
        state=None if state == "all" else ExceptionState(state or ExceptionState.OPEN),
        kinds=frozenset({ExceptionKind(kind)}) if kind else frozenset(),
        person_id=whole(asked.get("person", ""), "person"),
        department_id=whole(asked.get("department", ""), "department"),
        site_id=whole(asked.get("site", ""), "site"),
        since=given_day(asked.get("since", ""), "since"),
        until=given_day(asked.get("until", ""), "until"),
        text=searched(asked.get("text", "")),
        scope=scope_of_visitor(request, Permission.SEE_DAYS if may(request, Permission.SEE_DAYS) else Permission.CHANGE_GRANTS),
    )


def _mend(request: Request, ids: list[int], reason: str, back: str, mending: Mending) -> Response:
    try:
        chosen, why = checked_ids(ids), _reason(reason)
        with database_of(request).writing() as uow:
            require_own_exceptions(request, uow, chosen)
            wanted = list(_grants(uow, chosen, why, mending))
            if not wanted:
                raise RefusedError(reason="None of these can be mended this way. Settle them, or open the day.")
            made = attendance.record_grants(uow, wanted, actor_of(request), now())
    except ServerError as error:
        return _page(request, error.status, said(request, error), chosen=ids, reason=reason, back=back)
    return _done(back, "mend", [one.grant.id for one in made])


def _grants(uow: UnitOfWork, ids: Sequence[int], reason: str, mending: Mending) -> Iterator[NewGrant]:
    for one in attendance.exceptions_by_id(uow, ids):
        new = mending(attendance.day_of(uow, one.person_id, one.work_date), one.exception, reason, f"exception {one.id}")
        if new is not None:
            yield new


def _page(request: Request, status: int = 200, wrong: str = "", chosen: Sequence[int] = (), reason: str = "", back: str = "") -> Response:
    wanted, place, tell = asked_exceptions(request), place_asked(request.query_params.get("after", "")), words(request)
    shown = as_shown(wanted)
    with database_of(request).reading() as uow:
        lines, following = page_of(uow, shown, place, PAGE)
        offered = choices(uow)
    zone = shell_of(request).zone.key
    done, undo = request.query_params.get("done", ""), request.query_params.get("undo", "")
    return shell_of(request).page(
        request,
        "attendance/inbox.html",
        status,
        lines=[(line, told_line(line, tell, zone)) for line in lines],
        following=following,
        paged=place != FIRST,
        wanted=wanted,
        state=request.query_params.get("state", ""),
        filtered=wanted != ExceptionFilter(scope=wanted.scope),
        kinds=GRAVITY,
        offered=offered,
        exception_state=exception_state,
        wrong=wrong,
        chosen=set(chosen),
        reason=reason,
        back=back or _address(request),
        done=done if done in {"settle", "mend"} else "",
        undo=[one for one in undo.split("-") if one.isascii() and one.isdecimal()],
        may_change=may(request, Permission.CHANGE_GRANTS),
        export=export_address(request, "/attendance/exceptions.csv"),
        trail_of=(("exception", ""),),
    )


def as_shown(wanted: ExceptionFilter) -> ExceptionFilter:
    """An odd punch stands on the line of the missing punch that it means, unless it is asked for itself."""
    return replace(wanted, joined=not wanted.kinds & MEANS.keys())


def told_line(line: ExceptionLine, tell: Tell, company: str) -> str:
    """What happened: the exception, and the odd punches that mean it."""
    zone = line.time_zone or company
    found = (line.stored, *line.odd)
    return joined(tell, (tell_exception(one.exception, tell, zone, line.stored.work_date) for one in found))


def page_of(uow: UnitOfWork, wanted: ExceptionFilter, place: Place, limit: int) -> tuple[list[ExceptionLine], str]:
    """Lines from a place on, tier by tier, and the place of the next page; "" at the end."""
    found: list[ExceptionLine] = []
    tier, key = place
    for number in range(tier, len(TIERS)):
        kinds = TIERS[number] & wanted.kinds if wanted.kinds else TIERS[number]
        if not kinds:
            continue
        left = limit - len(found)
        lines = attendance.list_exceptions(uow, replace(wanted, kinds=kinds), behind=key if number == tier else None, limit=left + 1)
        found += lines[:left]
        if len(lines) > left:
            last = found[-1].stored if left else None
            return found, _written(number, last.work_date.isoformat() if last else "", last.id if last else 0)
    return found, ""


def _written(tier: int, day: str, key: int) -> str:
    return f"{tier}_{day}_{key}" if day else str(tier)


def place_asked(value: str) -> Place:
    """The place in the list that an address names; raises InvalidInputError."""
    if not value:
        return FIRST
    parts = value.split("_")
    tier = whole(parts[0], "after")
    if tier is None or tier >= len(TIERS) or len(parts) not in {1, 3}:
        raise InvalidInputError(field="after", reason="start again from the first page")
    if len(parts) == 1:
        return tier, None
    day, key = given_day(parts[1], "after"), whole(parts[2], "after")
    if day is None or key is None:
        raise InvalidInputError(field="after", reason="start again from the first page")
    return tier, ExceptionKey(day, key)


def checked_ids(ids: Sequence[int]) -> list[int]:
    """Each once, in order; raises InvalidInputError for none, too many, or what is no key."""
    if not ids:
        raise InvalidInputError(field="ids", reason="choose at least one")
    if len(ids) > MOST_AT_ONCE or not all(0 < one <= HIGHEST_ID for one in ids):
        raise InvalidInputError(field="ids", reason="choose at most {most} at once", most=MOST_AT_ONCE)
    return sorted(set(ids))


def _reason(typed: str) -> str:
    reason = typed.replace("\0", "").strip()
    if not reason:
        raise InvalidInputError(field="reason", reason="say why, so that it can be understood later")
    return reason[:LONGEST_REASON]


def _address(request: Request) -> str:
    """This list again, without what was done in it before."""
    kept = {name: value for name, value in request.query_params.items() if name not in {"done", "undo"} and value}
    return "/attendance/exceptions" + (f"?{urlencode(kept)}" if kept and request.method == "GET" else "")


def _done(back: str, deed: str, ids: Sequence[int]) -> Response:
    """Back to the list, which offers to undo what was done."""
    address = own_path(back or "/attendance/exceptions")
    if not address.startswith("/attendance/exceptions"):
        return RedirectResponse(address, 303)
    sign = "&" if "?" in address else "?"
    return RedirectResponse(f"{address}{sign}{urlencode({'done': deed, 'undo': '-'.join(map(str, ids))})}", 303)


def _file_rows(database: Database, wanted: ExceptionFilter, tell: Tell, company: str) -> Iterator[list[object]]:
    place = FIRST
    while True:
        with database.reading() as uow:
            lines, following = page_of(uow, wanted, place, EXPORT_PAGE)
        for line in lines:
            stored = line.stored
            told = told_line(line, tell, company)
            yield [
                line.employee_number, line.person_name, line.department_name, stored.work_date, spoken(tell, stored.exception.kind),
                stored.exception.minutes or None, told, spoken(tell, stored.state), stored.settled_by, stored.reason,
            ]  # fmt: skip
        if not following:
            return
        place = place_asked(following)
