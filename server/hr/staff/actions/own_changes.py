"""What employees ask to have changed in their own records: asked through approvals, done by the last yes."""

from collections.abc import Collection, Mapping
from datetime import datetime

from server.audit.model import Actor
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.approvals import actions as approvals
from server.hr.approvals.model import Described, Handlers, Subject, Told
from server.hr.staff import store
from server.hr.staff.actions.identity import change_facts
from server.hr.staff.engine.identity import merged
from server.hr.staff.engine.masking import masked
from server.hr.staff.model import MAY_ASK, ChangeState, Fact, OwnChange
from server.storage import UnitOfWork

KIND = "own-data"
LABELS: Mapping[Fact, str] = {
    Fact.MOBILE: "Mobile",
    Fact.MAIL: "Mail",
    Fact.ADDRESS: "Address",
    Fact.BANK_ACCOUNT: "Account number",
    Fact.BANK: "Bank",
    Fact.BANK_HOLDER: "Account holder",
}
SHOWN = 10


def ask_for_change(
    uow: UnitOfWork, handlers: Handlers, person_id: int, changes: Mapping[Fact, str], reason: str, by: Actor, now: datetime
) -> None:
    """Ask for a change of one's own record. Raises InvalidInputError, or RefusedError while another one waits or nobody could decide."""
    if changes.keys() - set(MAY_ASK):
        raise InvalidInputError(field=min(changes.keys() - set(MAY_ASK)), reason="only HR can change this: bring the document to them")
    if any(one.is_open for one in store.changes_of(uow, person_id, SHOWN)):
        raise RefusedError(reason="A change that you asked for is not decided yet. Wait for it, or withdraw it and ask anew.")
    today = directory.today_of(uow, now)
    held = store.facts_of(uow, [person_id])[person_id]
    new = merged(held, changes, today)
    wanted = {fact: new.get(fact, "") for fact in changes if new.get(fact, "") != held.get(fact, "")}
    if not wanted:
        raise InvalidInputError(field="change", reason="the record says all this already: nothing would change")
    facts = approvals.facts_for(uow, KIND, person_id, today, on=today)
    key = store.add_change(uow, person_id, wanted, reason.strip()[:500], now)
    approvals.submit(uow, handlers, Subject(KIND, key), facts, by, now)


def withdraw_change(uow: UnitOfWork, handlers: Handlers, person_id: int, change_id: int, by: Actor, now: datetime) -> None:
    """Take back what one asked for and is not decided. Raises NotFoundError, RefusedError."""
    held = store.changes_by_id(uow, [change_id]).get(change_id)
    course = approvals.course_of(uow, Subject(KIND, change_id))
    if held is None or held.person_id != person_id or course is None:
        raise NotFoundError(what="change", name=change_id)
    approvals.withdraw(uow, handlers, course.id, person_id, by, now)


def own_changes(uow: UnitOfWork, person_id: int) -> list[OwnChange]:
    """The latest changes that a person asked for, the newest first."""
    return store.changes_of(uow, person_id, SHOWN)


class OwnDataHandler:
    """What approvals ask of and tell about changes of own records."""

    def approved(self, uow: UnitOfWork, subject_id: int, by: Actor, now: datetime) -> None:
        """Raises InvalidInputError where the record has become such that it can no longer say so."""
        held = store.changes_by_id(uow, [subject_id])[subject_id]
        change_facts(uow, held.person_id, held.facts, by, now, reason=held.reason)
        store.set_state(uow, subject_id, ChangeState.APPROVED, now)

    def refused(self, uow: UnitOfWork, subject_id: int, by: Actor, now: datetime) -> None:  # noqa: ARG002 - the interface's
        store.set_state(uow, subject_id, ChangeState.REFUSED, now)

    def sent_back(self, uow: UnitOfWork, subject_id: int, by: Actor, now: datetime) -> None:  # noqa: ARG002 - the interface's
        store.set_state(uow, subject_id, ChangeState.SENT_BACK, None)

    def withdrawn(self, uow: UnitOfWork, subject_id: int, by: Actor, now: datetime) -> None:  # noqa: ARG002 - the interface's
        store.set_state(uow, subject_id, ChangeState.WITHDRAWN, now)

    def describe(self, uow: UnitOfWork, subject_ids: Collection[int]) -> Mapping[int, Described]:
        """With masked values: who approves need not see them in full."""
        return {key: _described(uow, one) for key, one in store.changes_by_id(uow, subject_ids).items()}


def _described(uow: UnitOfWork, one: OwnChange) -> Described:
    held = store.facts_of(uow, [one.person_id], tuple(one.facts))[one.person_id]
    lines: list[tuple[str, str | Told]] = [
        (LABELS[fact], f"{masked(fact, held[fact]) if fact in held else '–'} → {masked(fact, text) if text else '–'}")
        for fact, text in one.facts.items()
    ]
    return Described(Told("Change of own data"), tuple(lines), one.reason, one.person_id, f"/people/{one.person_id}/record")
