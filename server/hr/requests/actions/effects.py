"""What an approved request makes, and taking it back: grants in attendance, cells of the roster, bookings of leave.

Days are worked out again by themselves: grants and rosters mark them.
"""

from collections.abc import Iterable
from datetime import date, datetime

from server.attendance import actions as attendance
from server.attendance.model import GrantOrigin, NewGrant
from server.attendance.model.grants import GrantKind, Heading, LeaveKind
from server.audit.model import Actor
from server.errors import RefusedError
from server.hr.requests import store
from server.hr.requests.actions.gathering import closed_day, planned
from server.hr.requests.actions.leave_booking import book_leave, give_leave_back, leave_kind_of
from server.hr.requests.model import (
    CorrectionCause,
    CorrectionContent,
    EffectKind,
    FieldWorkContent,
    LeaveContent,
    OvertimeContent,
    Request,
    ShiftChangeContent,
    Span,
    SwapContent,
    TripContent,
)
from server.roster import actions as roster
from server.roster.model import EntryKind, GridDay, PlannedDay, Wish
from server.storage import UnitOfWork

HEADINGS = {CorrectionCause.MISSING_IN: Heading.IN, CorrectionCause.MISSING_OUT: Heading.OUT}


def make_effects(uow: UnitOfWork, held: Request, by: Actor, now: datetime) -> None:
    """Raises RefusedError for a closed period or a grant for the same time, and what recording one raises."""
    match held.content:
        case ShiftChangeContent() | SwapContent():
            _require_open(uow, held, late=held.late)
            for wish in _wishes(uow, held):
                _publish(uow, held, wish, by, now)
        case LeaveContent() as content:
            book_leave(uow, held, by, now)
            _grant(uow, held, _by_span(held, content.span, GrantKind.LEAVE, leave_kind_of(uow, content, held.first_day)), by, now)
        case _:
            _grant(uow, held, _plain_grant(uow, held), by, now)


def take_back(uow: UnitOfWork, target: Request, because: Request, by: Actor, now: datetime) -> None:
    """Undo everything that an approved request made. Raises RefusedError where something of it was changed since, or is closed."""
    _require_open(uow, target, late=because.late)
    give_leave_back(uow, target, by, now)
    made = [one for one in store.effects_of(uow, target.id) if one.undone_at is None]
    grants = [one.reference for one in made if one.kind is EffectKind.GRANT]
    standing = [key for key in grants if attendance.find_grant(uow, key).withdrawn_at is None]
    if standing:
        attendance.withdraw_grants(uow, standing, by, now, because.number, late=because.late)
    for one in reversed(made):
        if one.kind is EffectKind.PUBLICATION:
            _unpublish(uow, target, one.reference, by, now)
    store.undo_effects(uow, target.id, now)


def _grant(uow: UnitOfWork, held: Request, new: NewGrant, by: Actor, now: datetime) -> None:
    made = attendance.record_grant(uow, new, by, now)
    store.add_effect(uow, held.id, EffectKind.GRANT, made.grant.id)


def _plain_grant(uow: UnitOfWork, held: Request) -> NewGrant:
    match held.content:
        case OvertimeContent() as content:
            return _new(
                held, GrantKind.OVERTIME, content.starts_at, content.ends_at, minutes=content.minutes, settled_by=content.settled_by
            )
        case CorrectionContent() as content:
            return _correction(uow, held, content)
        case TripContent(span=span):
            return _by_span(held, span, GrantKind.TRIP)
        case FieldWorkContent(span=span):
            return _by_span(held, span, GrantKind.FIELD_WORK)
        case _:
            raise AssertionError("only these become one plain grant")


def _correction(uow: UnitOfWork, held: Request, content: CorrectionContent) -> NewGrant:
    if content.cause is CorrectionCause.TERMINAL_FAULT:
        return _by_span(held, Span(first_day=content.work_date, last_day=content.work_date), GrantKind.UNPUNCHED)
    assert content.at is not None, "checked when it was asked for"
    if content.cause in HEADINGS:
        return _new(held, GrantKind.CORRECTION, content.at, None, heading=HEADINGS[content.cause])
    plan = planned(uow, [held.person_id], content.work_date, content.work_date)[held.person_id][content.work_date]
    if not plan.parts or not plan.parts[0].start < content.at < plan.parts[-1].end:
        raise RefusedError(reason="No work is planned at that time any more: the roster was changed since.")
    if content.cause is CorrectionCause.LATE_FOR_COMPANY:
        return _new(held, GrantKind.EXCUSED, plan.parts[0].start, content.at)
    return _new(held, GrantKind.EXCUSED, content.at, plan.parts[-1].end)


def _new(held: Request, kind: GrantKind, starts_at: int, ends_at: int | None, **more: object) -> NewGrant:
    fields = {"starts_at": starts_at, "ends_at": ends_at, **more}
    return NewGrant(
        person_id=held.person_id,
        kind=kind,
        reason=held.reason,
        origin=GrantOrigin.REQUEST,
        origin_reference=held.number,
        late=held.late,
        **fields,  # type: ignore[arg-type]
    )


def _by_span(held: Request, span: Span, kind: GrantKind, leave: LeaveKind | None = None) -> NewGrant:
    return NewGrant(
        person_id=held.person_id,
        kind=kind,
        reason=held.reason,
        first_day=span.first_day,
        last_day=(span.last_day or span.first_day) if span.first_day else None,
        part=span.part,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        leave=leave,
        origin=GrantOrigin.REQUEST,
        origin_reference=held.number,
        late=held.late,
    )


def _require_open(uow: UnitOfWork, held: Request, *, late: bool) -> None:
    """Rosters of closed days are changed by late facts only, as grants are."""
    day = closed_day(uow, held)
    if day is not None and not late:
        told = "The period of {day} is closed: send it back, so that it is asked for as a late fact."
        raise RefusedError(reason=told, day=day)


def _wishes(uow: UnitOfWork, held: Request) -> Iterable[Wish]:
    match held.content:
        case ShiftChangeContent() as content:
            kind = EntryKind.REST if content.shift_id is None else EntryKind.SHIFT
            return [Wish(held.person_id, content.day, kind, content.shift_id)]
        case SwapContent() as content:
            pair, days = (held.person_id, content.partner_id), sorted({content.day, content.partner_day})
            plans = planned(uow, pair, days[0], days[-1])
            return [_wish(mine, day, plans[theirs][day]) for day in days for mine, theirs in (pair, pair[::-1])]
        case _:
            return []


def _wish(person_id: int, day: date, other: PlannedDay) -> Wish:
    if other.shift_id is None or not other.rostered:
        return Wish(person_id, day, EntryKind.REST)
    return Wish(person_id, day, EntryKind.SHIFT, other.shift_id)


def _publish(uow: UnitOfWork, held: Request, wish: Wish, by: Actor, now: datetime) -> None:
    if roster.set_entries(uow, [wish], by, now):
        made = roster.publish_roster(uow, [wish.person_id], wish.day, wish.day, {}, by, now)
        store.add_effect(uow, held.id, EffectKind.PUBLICATION, made.id)


def _unpublish(uow: UnitOfWork, target: Request, publication_id: int, by: Actor, now: datetime) -> None:
    """Let count what counted before; the draft that a withdrawn publication leaves goes, one that somebody made since stays."""
    publication = roster.see_publication(uow, publication_id)
    day = publication.first_day
    people = {one for one in (target.person_id, target.partner_id) if one is not None}
    drafted = roster.people_with_drafts(uow, people, day, day)
    roster.withdraw_publication(uow, publication_id, by, now)
    left = roster.people_with_drafts(uow, people, day, day) - drafted
    counting = roster.roster_of(uow, left, day, day)
    roster.set_entries(uow, [_as_published(person_id, counting[person_id][0]) for person_id in left], by, now)


def _as_published(person_id: int, cell: GridDay) -> Wish:
    """The wish for what counts already, which takes a draft away."""
    entry = cell.published
    day = cell.counts.work_date
    return Wish(person_id, day, EntryKind.PATTERN) if entry is None else Wish(person_id, day, entry.kind, entry.shift_id)
