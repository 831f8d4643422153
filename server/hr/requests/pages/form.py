"""The form of a request, for oneself and for HR in somebody's name: shown, judged while somebody types, and sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import Request as Asked
from starlette.datastructures import UploadFile
from starlette.responses import Response

from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, ServerError
from server.hr.leave import actions as leave
from server.hr.requests import actions as requests
from server.hr.requests.actions import NewFile, StoppedError
from server.hr.requests.engine.telling import as_days, hours, say, told
from server.hr.requests.engine.words import CAUSES, KINDS
from server.hr.requests.model import (
    CorrectionCause,
    CorrectionRules,
    Finding,
    FindingCode,
    OvertimeRules,
    Request,
    RequestKind,
    RequestState,
)
from server.hr.requests.pages.read_form import REST, Stretch, local, read_request, typed_of
from server.roster import actions as roster
from server.storage import UnitOfWork
from server.web.asking import database_of, now, said, shell_of, words

MOST_BYTES = 20 * 1024 * 1024
"""Of one file; the documents of staff have the same limit."""
MOST_FILES = 5
MOST_REQUEST = 64 * 1024 * 1024
"""Of all files together: behind it the line is closed."""
PREFILLED = (
    "leave", "stretch", "first_day", "last_day", "starts_at", "ends_at", "minutes", "settled_by", "cause", "work_date", "at", "place",
    "day", "shift", "partner", "partner_day", "reason", "late",
)  # fmt: skip
"""What an address may fill in before somebody types."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom it is asked for, and by which way: base is where its pages are. by_hr: in somebody's name."""

    person_id: int
    base: str
    by_hr: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """What a browser sent. too_large: the name of a file that is."""

    typed: dict[str, str]
    files: tuple[NewFile, ...] = ()
    too_large: str = ""


def kind_asked(kind: str) -> RequestKind:
    """Raises NotFoundError."""
    if kind not in set(RequestKind):
        raise NotFoundError(what="kind of request", name=kind)
    return RequestKind(kind)


def new_form(asked: Asked, whom: Whom, kind: RequestKind) -> Response:
    """Empty, or with what the address fills in: a copy, the likely correction of a day."""
    typed = {name: value for name, value in asked.query_params.items() if name in PREFILLED}
    with database_of(asked).reading() as uow:
        zone = requests.zone_of(uow, whom.person_id)
        if copied := asked.query_params.get("copy", ""):
            held = requests.require_own(uow, int(copied) if copied.isdecimal() and len(copied) < 19 else 0, whom.person_id)
            typed = typed_of(held.content, zone) | {"reason": held.reason}
        if kind is RequestKind.CORRECTION:
            typed = _proposed(uow, whom, typed, zone)
    return show_form(asked, whom, kind, typed | {"key": uuid4().hex})


def change_form(asked: Asked, whom: Whom, held: Request) -> Response:
    """With what the request says now."""
    with database_of(asked).reading() as uow:
        zone = requests.zone_of(uow, whom.person_id)
    typed = typed_of(held.content, zone) | {"reason": held.reason, "late": "1" if held.late else "", "key": uuid4().hex}
    if held.state is RequestState.APPROVED:
        return show_form(asked, whom, held.kind, typed | {"target": str(held.id)})
    return show_form(asked, whom, held.kind, typed, held=held)


def show_form(
    asked: Asked,
    whom: Whom,
    kind: RequestKind,
    typed: Mapping[str, str],
    *,
    held: Request | None = None,
    status: int = 200,
    wrong: str = "",
    field: str = "",
    findings: tuple[Finding, ...] = (),
) -> Response:
    tell = words(asked)
    with database_of(asked).reading() as uow:
        person, _ = directory.see_person(uow, whom.person_id)
        offers = _offers(uow, whom, kind, asked)
    return shell_of(asked).page(
        asked,
        "requests/form.html",
        status,
        kind=kind,
        title=KINDS[kind],
        typed=typed,
        person=person,
        whom=whom,
        held=held,
        wrong=wrong,
        field=field,
        findings=[_finding(one, tell) for one in findings],
        stretches=list(Stretch),
        rest=REST,
        most_files=MOST_FILES,
        most_bytes=MOST_BYTES,
        closed=any(one.code is FindingCode.CLOSED for one in findings),
        **offers,
    )


def judged_part(asked: Asked, whom: Whom, kind: RequestKind, typed: Mapping[str, str], held_id: int | None) -> Response:
    """What is said while somebody types: findings, the length, what is left afterwards; or which field cannot be understood yet."""
    tell, facts = words(asked), dict[str, Any]()
    with database_of(asked).reading() as uow:
        try:
            held = requests.require_own(uow, held_id, whom.person_id) if held_id is not None else None
            new = read_request(kind, typed, whom.person_id, requests.zone_of(uow, whom.person_id))
            files = typed.get("files", "")
            found = requests.judge_request(
                uow, new, now(), itself=held, by_hr=whom.by_hr, files=int(files) if files.isdecimal() and len(files) < 3 else 0
            )
        except ServerError as error:
            facts = {"incomplete": said(asked, error) if _typed_enough(error, typed) else ""}
        else:
            facts = {
                "findings": [_finding(one, tell) for one in found.findings],
                "length": _length(found, tell),
                "left": _left(found, tell),
                "clear": not found.findings,
            }
    nothing: dict[str, Any] = {"findings": [], "length": "", "left": "", "incomplete": "", "clear": False}
    return shell_of(asked).page(asked, "requests/judged.html", **(nothing | facts))


def send_form(asked: Asked, whom: Whom, kind: RequestKind, sent: Sent, held_id: int | None) -> Request | Response:
    """The request that was made; or the form again, with what stands in the way."""
    typed, files = sent.typed, sent.files
    held: Request | None = None
    try:
        if sent.too_large:
            raise InvalidInputError(field="attachment", reason="the file {file} is larger than 20 MB", file=sent.too_large)
        with database_of(asked).writing() as uow:
            held = requests.require_own(uow, held_id, whom.person_id) if held_id is not None else None
            new = read_request(kind, typed, whom.person_id, requests.zone_of(uow, whom.person_id))
            by, moment, handlers = actor_of(asked), now(), asked.app.state.approval_handlers
            if held is not None:
                changed = requests.change(uow, handlers, held.id, new, by, moment, files=files)
                sends = held.state is RequestState.DRAFT and "draft" not in typed
                return requests.submit(uow, handlers, changed.id, by, moment) if sends else changed
            if "draft" in typed and not whom.by_hr:
                return requests.save_draft(uow, new, by, moment, files=files)
            return requests.ask(uow, handlers, new, by, moment, files=files, in_name=whom.by_hr)
    except StoppedError as error:
        return show_form(asked, whom, kind, typed, held=held, status=error.status, wrong=said(asked, error), findings=error.findings)
    except ServerError as error:
        if isinstance(error, NotFoundError) and held_id is not None and held is None:
            raise
        field = str(error.facts.get("field", "")) if isinstance(error, InvalidInputError) else ""
        return show_form(asked, whom, kind, typed, held=held, status=error.status, wrong=said(asked, error), field=field)


async def received(asked: Asked) -> Sent:
    """The form and its files; reading stops at a file that is too large, so that nothing of it is kept."""
    async with asked.form(max_files=MOST_FILES + 1, max_fields=40) as form:
        typed = {name: value for name, value in form.items() if isinstance(value, str)}
        files: list[NewFile] = []
        for one in form.getlist("attachment"):
            if isinstance(one, UploadFile) and one.filename:
                data = await one.read(MOST_BYTES + 1)
                if len(data) > MOST_BYTES:
                    return Sent(typed, (), one.filename)
                files.append(NewFile(one.filename, data))
    return Sent(typed, tuple(files))


async def typed_so_far(asked: Asked) -> dict[str, str]:
    """The fields of a form that is still being filled in."""
    async with asked.form(max_files=0, max_fields=40) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _proposed(uow: UnitOfWork, whom: Whom, typed: dict[str, str], zone: str) -> dict[str, str]:
    """The likely cause and moment of the day that the address names, as far as it does not say otherwise."""
    given = typed.get("work_date", "")
    try:
        day = date.fromisoformat(given) if given else now().astimezone(ZoneInfo(zone)).date()
        cause = CorrectionCause(typed["cause"]) if "cause" in typed else None
    except ValueError:
        return typed
    likely = requests.propose_correction(uow, whom.person_id, day, cause)
    proposed = {"work_date": day.isoformat()}
    if likely.cause is not None:
        proposed["cause"] = likely.cause.value
    if likely.at is not None:
        proposed["at"] = local(likely.at, ZoneInfo(zone))
    return proposed | typed


def _offers(uow: UnitOfWork, whom: Whom, kind: RequestKind, asked: Asked) -> dict[str, Any]:
    """What the lists of the form offer."""
    today = directory.today_of(uow, now())
    rules = requests.rules_on(uow, kind, today)
    zh = words(asked)("Leave") != "Leave"
    offers: dict[str, Any] = {"leaves": [], "shifts": [], "partners": [], "causes": [], "settled": (), "hints": _hints(rules, words(asked))}
    match kind:
        case RequestKind.LEAVE:
            balances = {one.type.code: one for one in leave.balances_of(uow, whom.person_id, today)}
            for one in requests.offered_types(uow, whom.person_id, today):
                held = balances.get(one.code)
                left = None if held is None or held.available is None else as_days(held.available, one.terms.standard_day_minutes)
                offers["leaves"].append(
                    (one.code, one.terms.name_zh if zh else one.terms.name_en, "" if left is None else say(left, words(asked)))
                )
        case RequestKind.SHIFT_CHANGE:
            offers["shifts"] = [one for one in roster.list_shifts(uow) if not one.archived]
        case RequestKind.SWAP:
            offers["partners"] = requests.possible_partners(uow, whom.person_id)
        case RequestKind.CORRECTION if isinstance(rules, CorrectionRules):
            offers["causes"] = [(one.value, CAUSES[one]) for one in rules.causes]
        case RequestKind.OVERTIME if isinstance(rules, OvertimeRules):
            offers["settled"] = rules.settled_by
        case _:
            pass
    return offers


def _hints(rules: Any, tell: Any) -> list[str]:
    """The rule of a form said before it is broken."""
    match rules:
        case CorrectionRules(quota=int() as quota):
            return [tell("{n} a month, until {days} {days:day|days} after the day.", n=quota, days=rules.deadline_days)]
        case CorrectionRules():
            return [tell("Until {days} {days:day|days} after the day.", days=rules.deadline_days)]
        case OvertimeRules(afterwards_days=0):
            return [tell("Ask before the overtime begins.")]
        case OvertimeRules():
            return [tell("Ask before, or until {days} {days:day|days} afterwards.", days=rules.afterwards_days)]
        case _:
            return []


def _typed_enough(error: ServerError, typed: Mapping[str, str]) -> bool:
    """Whether a fault is worth a word yet: an empty field is not."""
    field = str(error.facts.get("field", ""))
    return bool(typed.get(field)) if isinstance(error, InvalidInputError) else True


def _finding(finding: Finding, tell: Any) -> tuple[str, str, str, str]:
    what, remedy = told(finding)
    return finding.code.value, finding.severity.value, say(what, tell), say(remedy, tell)


def _length(found: requests.Judged, tell: Any) -> str:
    if not found.minutes:
        return ""
    around = found.around
    if around.leave is not None:
        return say(as_days(found.minutes, around.leave.day_minutes), tell)
    return say(hours(found.minutes), tell)


def _left(found: requests.Judged, tell: Any) -> str:
    facts = found.around.leave
    if facts is None or facts.left_after is None or facts.left_after < 0:
        return ""
    return say(as_days(facts.left_after, facts.day_minutes), tell)
