"""One person's periods: what the person, and HR, see of them, and what the person says of them."""

from dataclasses import dataclass
from datetime import date, datetime

from server.attendance.actions.periods import LONGEST_REASON, find_period, list_periods
from server.attendance.actions.totals import assess_members, figures_of
from server.attendance.model import Answer, Confirmation, Membership, Period, PeriodState
from server.attendance.model.periods import AttendancePeriod
from server.attendance.store import periods as store
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.storage import UnitOfWork


@dataclass(frozen=True, slots=True)
class OwnPeriod:
    """One person's period: worked out now while it is open, as it was frozen once it is closed.

    result: None where no rules are set, or nothing was frozen. said: None for no answer. outdated: the figures have changed since the
    answer. awaited: an answer can still be given.
    """

    period: Period
    member: Membership
    result: AttendancePeriod | None
    figures: bytes
    said: Confirmation | None
    outdated: bool
    awaited: bool


def own_periods(uow: UnitOfWork, person_id: int, today: date) -> list[tuple[Period, Confirmation | None]]:
    """Somebody's periods of the last months with what was said of each, the latest first."""
    own = [period for period in list_periods(uow, today) if _member(uow, period, person_id) is not None]
    return [(period, store.answer_of(uow, period.id, person_id) if period.id else None) for period in own]


def own_period(uow: UnitOfWork, group_code: str, month: date, person_id: int, today: date) -> OwnPeriod:
    """One of them with its figures; raises NotFoundError for a period that is not this person's."""
    period = find_period(uow, group_code, month)
    member = _member(uow, period, person_id)
    if member is None:
        raise NotFoundError(what="period of this person", name=f"{group_code} {month:%Y-%m}")
    if period.closing_id is not None:
        frozen = store.results(uow, period.closing_id, [person_id]).get(person_id)
        result = frozen.result if frozen else None
    else:
        assessed = assess_members(uow, [member], explain=True).get(person_id)
        result = assessed[0] if assessed else None
    figures = figures_of(result) if result else b""
    said = store.answer_of(uow, period.id, person_id) if period.id else None
    awaited = period.state is PeriodState.CONFIRMING and period.confirm_until is not None and today <= period.confirm_until
    return OwnPeriod(period, member, result, figures, said, said is not None and said.figures != figures, awaited)


def answer_period(
    uow: UnitOfWork,
    group_code: str,
    month: date,
    person_id: int,
    answer: Answer,
    comment: str,
    figures: bytes,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Confirm a period, or object to it with a comment. figures: the mark of what the person saw.

    Raises NotFoundError, InvalidInputError, RefusedError; an answer to figures that have changed meanwhile is not taken.
    """
    own = own_period(uow, group_code, month, person_id, today)
    comment = comment.strip()
    if own.period.state is PeriodState.CLOSED:
        raise RefusedError(reason="This period is closed. Tell HR what is wrong: it can still be put right.")
    if not own.awaited or own.period.id is None:
        raise RefusedError(reason="No answer is awaited now. Tell HR what is wrong.")
    if answer is Answer.OBJECTED and not comment:
        raise InvalidInputError(field="comment", reason="say what is not right, with the day")
    if len(comment) > LONGEST_REASON:
        raise InvalidInputError(field="comment", reason="use at most {most} characters", most=LONGEST_REASON)
    if figures != own.figures:
        raise RefusedError(reason="Your figures have changed since you looked at them: look again, then answer.")
    store.put_answer(uow, own.period.id, Confirmation(person_id, answer, comment, now, own.figures))
    after = {"answer": answer.value, "period": f"{group_code} {month:%Y-%m}"}
    record(uow, by, "period.answer", "person", own.member.employee_number, at=now, after=after, reason=comment, people=(person_id,))


def _member(uow: UnitOfWork, period: Period, person_id: int) -> Membership | None:
    members = store.members(uow, period.group.id, period.first_day, period.last_day, person_id=person_id)
    return members[0] if members else None
