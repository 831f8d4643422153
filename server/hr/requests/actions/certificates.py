"""Certificates that were promised and have not come: who owes one, until when; and the reminders of it, each of which comes once."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from server.access import actions as access
from server.access.model import Role, Scope
from server.directory import actions as directory
from server.hr.requests import store
from server.hr.requests.actions.attaching import last_day_for_documents
from server.hr.requests.engine.certificates import Stage, stage_of
from server.hr.requests.model import FindingCode, RequestLine
from server.notify import actions as notify
from server.notify.model import NoticeKind
from server.storage import UnitOfWork

REACH = timedelta(days=180)
"""How far back leave is looked at: what is older was let go."""
MOST_SINGLY = 5
"""More for HR at once are told as a number."""
NEEDED = frozenset({FindingCode.CERTIFICATE_LATER, FindingCode.ATTACHMENT})
PLACE = "/requests/certificates"
OWED = "Your leave {number} needs a certificate: hand it in until {day}."
OVER = "The certificate for your leave {number} has not come. The time for it ended on {day}: bring it to HR."
FOR_HR = "The certificate for leave {number} of {who} has not come; the time for it ended on {day}."
SEVERAL = "Certificates that have not come in time: {n}"


@dataclass(frozen=True, slots=True)
class Owed:
    """A certificate that is not there. until: the last day for it."""

    line: RequestLine
    until: date
    stage: Stage


def owed_certificates(uow: UnitOfWork, scope: Scope, today: date) -> list[Owed]:
    """Of approved leave that is over, of those within the scope: who owes one, the longest overdue first."""
    lines = store.leave_without_documents(uow, directory.people_within(scope, today), today - REACH, today - timedelta(days=1))
    found = [_owed(uow, line, today) for line in lines if any(one.code in NEEDED for one in line.request.findings)]
    return sorted(found, key=lambda one: (one.until, one.line.request.id))


def remind_of_certificates(uow: UnitOfWork, now: datetime) -> int:
    """Tell whoever owes one when the leave is over, before the time ends, and after it, then with HR; returns how many there were."""
    today = directory.today_of(uow, now)
    due = list(_due(uow, owed_certificates(uow, Scope(everybody=True), today)))
    for one in due:
        text = OVER if one.stage is Stage.OVER else OWED
        held = one.line.request
        facts = {"number": held.number, "day": one.until.isoformat()}
        notify.notify(uow, [held.person_id], NoticeKind.REQUEST, text, now, facts=facts, address=f"/me/requests/{held.id}")
    _tell_hr(uow, [one for one in due if one.stage is Stage.OVER], today, now)
    store.note_reminders(uow, [(one.line.request.id, one.stage.value) for one in due], now)
    return len(due)


def _owed(uow: UnitOfWork, line: RequestLine, today: date) -> Owed:
    until = last_day_for_documents(uow, line.request)
    return Owed(line, until, stage_of(line.request.last_day, until, today))


def _due(uow: UnitOfWork, owed: Collection[Owed]) -> Iterator[Owed]:
    told = store.reminders_of(uow, {one.line.request.id for one in owed})
    return (one for one in owed if (one.line.request.id, one.stage.value) not in told)


def _tell_hr(uow: UnitOfWork, over: Collection[Owed], today: date, now: datetime) -> None:
    terms = directory.terms_of(uow, {one.line.request.person_id for one in over}, today, today) if over else {}
    by_entity: dict[int | None, list[Owed]] = defaultdict(list)
    for one in over:
        spans = terms[one.line.request.person_id]
        by_entity[spans[0].terms.legal_entity_id if spans else None].append(one)
    for entity, several in by_entity.items():
        people = access.people_with_role(uow, Role.HR, entity)
        if len(several) > MOST_SINGLY:
            notify.notify(uow, people, NoticeKind.REQUEST, SEVERAL, now, facts={"n": len(several)}, address=PLACE)
            continue
        for one in several:
            facts = {"number": one.line.request.number, "who": one.line.person_name, "day": one.until.isoformat()}
            address = f"/requests/{one.line.request.id}"
            notify.notify(uow, people, NoticeKind.REQUEST, FOR_HR, now, facts=facts, address=address)
