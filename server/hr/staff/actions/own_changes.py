"""What employees ask to have changed in their own records: asked through approvals, done by the last yes."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from server.audit.model import Actor
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.approvals import actions as approvals
from server.hr.approvals.model import Course, Described, EntryKind, Handlers, Subject, Told
from server.hr.staff import store
from server.hr.staff.actions.identity import change_facts
from server.hr.staff.actions.own_fields import add_contact, checked_contact, remove_contact
from server.hr.staff.engine.identity import merged
from server.hr.staff.engine.masking import masked
from server.hr.staff.model import MAY_ASK, ChangeState, Fact, OwnChange, OwnWish
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
CALLED = "Emergency contacts"
SHOWN, LONGEST_REASON = 10, 500


def ask_for_change(uow: UnitOfWork, handlers: Handlers, person_id: int, wish: OwnWish, reason: str, by: Actor, now: datetime) -> None:
    """Ask for a change of one's own record. Raises InvalidInputError, or RefusedError while another one waits or nobody could decide."""
    if any(one.is_open for one in store.changes_of(uow, person_id, SHOWN)):
        raise RefusedError(reason="A change that you asked for is not decided yet. Wait for it, or withdraw it and ask anew.")
    today = directory.today_of(uow, now)
    wanted = _checked(uow, person_id, wish, today)
    facts = approvals.facts_for(uow, KIND, person_id, today, on=today)
    key = store.add_change(uow, person_id, wanted, reason.strip()[:LONGEST_REASON], now)
    approvals.submit(uow, handlers, Subject(KIND, key), facts, by, now)


def ask_again(
    uow: UnitOfWork, handlers: Handlers, person_id: int, change_id: int, wish: OwnWish, reason: str, by: Actor, now: datetime
) -> None:
    """Send what was sent back once more, as it is now. Raises NotFoundError, RefusedError, InvalidInputError."""
    held, course = _own(uow, person_id, change_id)
    today = directory.today_of(uow, now)
    store.rewrite_change(uow, held, _checked(uow, person_id, wish, today), reason.strip()[:LONGEST_REASON])
    facts = approvals.facts_for(uow, KIND, person_id, today, on=today)
    approvals.resubmit(uow, handlers, course.id, facts, person_id, by, now)


def why_sent_back(uow: UnitOfWork, change_id: int) -> str:
    """What was said when a change was sent back; "" where nothing was."""
    course = approvals.course_of(uow, Subject(KIND, change_id))
    return "" if course is None else approvals.last_comment(uow, course.id, EntryKind.SENT_BACK)


def withdraw_change(uow: UnitOfWork, handlers: Handlers, person_id: int, change_id: int, by: Actor, now: datetime) -> None:
    """Take back what one asked for and is not decided. Raises NotFoundError, RefusedError."""
    _, course = _own(uow, person_id, change_id)
    approvals.withdraw(uow, handlers, course.id, person_id, by, now)


def own_changes(uow: UnitOfWork, person_id: int) -> list[OwnChange]:
    """The latest changes that a person asked for, the newest first."""
    return store.changes_of(uow, person_id, SHOWN)


class OwnDataHandler:
    """What approvals ask of and tell about changes of own records."""

    def approved(self, uow: UnitOfWork, subject_id: int, by: Actor, now: datetime) -> None:
        """Raises InvalidInputError where the record has become such that it can no longer say so."""
        held = store.changes_by_id(uow, [subject_id])[subject_id]
        wish = held.wish
        if wish.facts:
            change_facts(uow, held.person_id, wish.facts, by, now, reason=held.reason)
        there = {one.id for one in store.contacts_of(uow, held.person_id)}
        for contact_id in there & set(wish.without):
            remove_contact(uow, held.person_id, contact_id, by, now)
        if wish.contact is not None:
            add_contact(uow, held.person_id, wish.contact.name, wish.contact.relation, wish.contact.mobile, by, now)
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


def _own(uow: UnitOfWork, person_id: int, change_id: int) -> tuple[OwnChange, Course]:
    """Raises NotFoundError also for somebody else's."""
    held = store.changes_by_id(uow, [change_id]).get(change_id)
    course = approvals.course_of(uow, Subject(KIND, change_id))
    if held is None or held.person_id != person_id or course is None:
        raise NotFoundError(what="change", name=change_id)
    return held, course


def _checked(uow: UnitOfWork, person_id: int, wish: OwnWish, today: date) -> OwnWish:
    """What of a wish would change something, in its written form. Raises InvalidInputError for what cannot be, and for nothing."""
    if wish.facts.keys() - set(MAY_ASK):
        raise InvalidInputError(field=min(wish.facts.keys() - set(MAY_ASK)), reason="only HR can change this: bring the document to them")
    held = store.facts_of(uow, [person_id])[person_id]
    new = merged(held, wish.facts, today)
    facts = {fact: new.get(fact, "") for fact in wish.facts if new.get(fact, "") != held.get(fact, "")}
    there = {one.id for one in store.contacts_of(uow, person_id)}
    without = tuple(sorted(there & set(wish.without)))
    contact = None if wish.contact is None else checked_contact(wish.contact, len(there) - len(without))
    if not facts and not without and contact is None:
        raise InvalidInputError(field="change", reason="the record says all this already: nothing would change")
    return OwnWish(facts, contact, without)


def _described(uow: UnitOfWork, one: OwnChange) -> Described:
    wish = one.wish
    held = store.facts_of(uow, [one.person_id], tuple(wish.facts))[one.person_id] if wish.facts else {}
    lines: list[tuple[str, str | Told]] = [
        (LABELS[fact], f"{masked(fact, held[fact]) if fact in held else '–'} → {masked(fact, text) if text else '–'}")
        for fact, text in wish.facts.items()
    ]
    names = {each.id: each.name for each in store.contacts_of(uow, one.person_id)} if wish.without else {}
    lines += [(CALLED, Told("take away {name}", {"name": names[key]})) for key in wish.without if key in names]
    if wish.contact is not None:
        told = {"name": wish.contact.name, "relation": wish.contact.relation, "mobile": masked(Fact.MOBILE, wish.contact.mobile)}
        lines.append((CALLED, Told("add {name} {relation} {mobile}", told)))
    return Described(Told("Change of own data"), tuple(lines), one.reason, one.person_id, f"/people/{one.person_id}/record")
