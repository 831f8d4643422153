"""HR is told of contracts that end: 60, 45 and 30 days before, and on the first day after. Each of these comes once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from server.access import actions as access
from server.access.model import Role
from server.directory import actions as directory
from server.directory.tables import employment_span
from server.hr.staff.engine.contracts import stage_of
from server.hr.staff.model import Stage
from server.hr.staff.store.waiting import ending_contracts
from server.hr.staff.tables import contract, contract_reminder
from server.notify import actions as notify
from server.notify.model import NoticeKind
from server.storage import UnitOfWork, insert_ignoring

AHEAD = timedelta(days=60)
MOST_SINGLY = 5
"""More at once are told as a number: the first day after a company's contracts were entered, say."""
ENDS = "The contract of {who} ends on {day}, in {n} {n:day|days}: renew it, or say that it will end."
ENDED = "The contract of {who} ended on {day}, and nothing follows."
SEVERAL = "Contracts that end or have ended: {n}"


@dataclass(frozen=True, slots=True)
class Due:
    """One reminder that nobody was told yet."""

    contract_id: int
    person_id: int
    name: str
    legal_entity_id: int | None
    day: date
    stage: Stage


def remind_of_contracts(uow: UnitOfWork, now: datetime) -> int:
    """Tell HR of every end that has come nearer; returns how many."""
    today = directory.today_of(uow, now)
    due = list(_due(uow, today))
    by_entity: dict[int | None, list[Due]] = defaultdict(list)
    for one in due:
        by_entity[one.legal_entity_id].append(one)
    for entity, several in by_entity.items():
        _tell(uow, access.people_with_role(uow, Role.HR, entity), several, today, now)
    rows = [{"contract_id": one.contract_id, "stage": one.stage.value, "told_at": now} for one in due]
    insert_ignoring(uow, contract_reminder, rows, ("contract_id", "stage"))
    return len(due)


def _due(uow: UnitOfWork, today: date) -> Iterator[Due]:
    told = {(row.contract_id, row.stage) for row in uow.fetch_all(select(contract_reminder.c.contract_id, contract_reminder.c.stage))}
    query = ending_contracts(today, today + AHEAD).add_columns(contract.c.id.label("contract_id"), employment_span.c.legal_entity_id)
    for row in uow.fetch_all(query):
        stage = stage_of(row.day, today)
        if (row.contract_id, stage.value) not in told:
            yield Due(row.contract_id, row.id, row.name, row.legal_entity_id, row.day, stage)


def _tell(uow: UnitOfWork, people: Sequence[int], several: Sequence[Due], today: date, now: datetime) -> None:
    if not people:
        return
    if len(several) > MOST_SINGLY:
        notify.notify(uow, people, NoticeKind.STAFF, SEVERAL, now, facts={"n": len(several)}, address="/staff/waiting?kind=contracts")
        return
    for one in several:
        text = ENDED if one.stage is Stage.EXPIRED else ENDS
        facts = {"who": one.name, "day": one.day.isoformat(), "n": (one.day - today).days}
        notify.notify(uow, people, NoticeKind.STAFF, text, now, facts=facts, address=f"/people/{one.person_id}/record#contracts")
