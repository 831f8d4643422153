"""Closing attendance periods, as long work with progress that comes to all of it or to nothing; opening them again.

Everybody is assessed on a snapshot, which holds nobody up. What is frozen is written in one short transaction; where anything that it comes
from has changed meanwhile, all of it is worked out once more in there, so what is frozen is always what the locked days come to.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from server.attendance.actions.erasing import erased_in
from server.attendance.actions.periods import check_period, find_period, needed_reason, period_to_change
from server.attendance.actions.totals import AT_ONCE, assess_members
from server.attendance.engine.period.assessing import DAYS_BEFORE
from server.attendance.model import Answer, Confirmation, IssueKind, Membership, Period, PeriodCheck, PeriodState
from server.attendance.model.periods import AttendancePeriod
from server.attendance.store import periods as store
from server.attendance.store.marks import mark_days
from server.attendance.store.periods import FrozenRow
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, RefusedError
from server.jobs import actions as jobs
from server.jobs.model import Job, NewJob
from server.roster.model import each_day
from server.storage import UnitOfWork

CLOSE = "Close {name} {month}"
CLOSE_PERIODS = "close-periods"
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Order:
    """That a period is to be closed. reasons: why in spite of what is in the way. at: when it was asked for, and so when it was closed."""

    group: str
    month: date
    reasons: Mapping[IssueKind, str]
    by: Actor
    at: datetime
    today: date


@dataclass(frozen=True, slots=True)
class Sources:
    """What tells whether anything that a closing comes from has changed."""

    members: tuple[Membership, ...]
    answers: Mapping[int, Confirmation]
    days: Mapping[int, tuple[Any, ...]]
    accepted: tuple[int, datetime | None]


@dataclass(frozen=True, slots=True)
class Closing:
    """Everything that closing writes. since: the first day that the results come from."""

    accepted: Mapping[str, str]
    frozen: tuple[FrozenRow, ...]
    since: date
    sources: Sources


def ask_closing(
    uow: UnitOfWork, group_code: str, month: date, reasons: Mapping[IssueKind, str], by: Actor, now: datetime, today: date
) -> Job:
    """Ask that everybody's period is frozen.

    reasons: why it is closed in spite of what is in the way, for each kind of issue that may be accepted. Raises NotFoundError,
    RefusedError for what may not be accepted, InvalidInputError where a reason is missing; nothing is asked for then.
    """
    period_id = period_to_change(uow, group_code, month)
    store.lock_period(uow, period_id)
    period = find_period(uow, group_code, month)
    job = closing_job(uow, period)
    if job is not None and not job.ended:
        raise RefusedError(reason="This period is being closed already: wait until that is done.")
    check = check_period(uow, period, today)
    _accepted(check, reasons)
    said = {"group": group_code, "month": month.isoformat(), "today": today.isoformat(), "request": by.request_id}
    arguments = said | {"reasons": {kind.value: reason for kind, reason in reasons.items()}}
    facts = {"name": period.group.name, "month": f"{period.month:%Y-%m}"}
    place, key = f"/periods/{period.group.id}/{period.month:%Y-%m}", f"close:{period_id}:{period.job_id or 0}"
    made = jobs.enqueue(uow, NewJob("close-period", key, CLOSE, CLOSE_PERIODS, arguments, facts, place), by.name, now)
    store.set_job(uow, period_id, made.id)
    return made


def closing_job(uow: UnitOfWork, period: Period) -> Job | None:
    """The last work that was to close the period, as it stands; None for none, and for one that is long over."""
    found = [] if period.job_id is None else jobs.list_jobs(uow, {CLOSE_PERIODS}, 1, period.job_id + 1)
    return next((job for job in found if job.id == period.job_id), None)


def order_of(job: Job) -> Order:
    told = job.arguments
    reasons = {IssueKind(kind): reason for kind, reason in told["reasons"].items()}
    by, month, today = Actor(job.asked_by, told["request"]), date.fromisoformat(told["month"]), date.fromisoformat(told["today"])
    return Order(told["group"], month, reasons, by, job.asked_at, today)


def work_out_closing(uow: UnitOfWork, order: Order, progress: Callable[[int], None]) -> Closing:
    """What closing would write now. Reads only. Raises RefusedError where something stands in the way that no reason was given for."""
    period = find_period(uow, order.group, order.month)
    if period.state is PeriodState.CLOSED:
        raise RefusedError(reason="This period is closed: open it again first.")
    check = check_period(uow, period, order.today)
    try:
        accepted = _accepted(check, order.reasons)
    except InvalidInputError as error:
        raise RefusedError(reason="Meanwhile something else has come in the way of closing: look at the list of checks again.") from error
    frozen: list[FrozenRow] = []
    since = period.first_day - timedelta(days=DAYS_BEFORE)
    for start in range(0, len(check.members), AT_ONCE):
        some = check.members[start : start + AT_ONCE]
        for person_id, (result, version) in assess_members(uow, some, explain=True).items():
            said = check.answers.get(person_id)
            frozen.append(store.frozen_row(person_id, said.answer if said else Answer.NONE, version, result))
            since = min(since, _begins(result))
        progress(min(start + AT_ONCE, len(check.members)))
    return Closing(accepted, tuple(frozen), since, _sources(uow, period, check.members, since))


def close_period(uow: UnitOfWork, order: Order, closing: Closing) -> None:
    """Freeze everybody's period and lock its days. Raises RefusedError as `work_out_closing`."""
    store.lock_period(uow, period_to_change(uow, order.group, order.month))
    period = find_period(uow, order.group, order.month)
    assert period.id is not None, "it was made when closing was asked for"
    members = tuple(store.members(uow, period.group.id, period.first_day, period.last_day))
    if _sources(uow, period, members, closing.since) != closing.sources:
        closing = work_out_closing(uow, order, lambda _: None)
    store.add_closing(uow, period.id, closing.frozen, dict(closing.accepted), order.by.name, order.at)
    store.lock_days(uow, period.id, closing.sources.members)
    after = {"people": len(closing.frozen), **Counter(one.answer for one in closing.frozen), **closing.accepted}
    record(uow, order.by, "period.close", "period", period.name, at=order.at, after=after)


def reopen_period(uow: UnitOfWork, group_code: str, month: date, reason: str, by: Actor, now: datetime) -> None:
    """Let the days of a closed period change again. What was frozen is kept with the closing that ends here.

    Raises NotFoundError, InvalidInputError without a reason, RefusedError for one that is not closed, or of which days are erased.
    """
    period = find_period(uow, group_code, month)
    if period.closing_id is None or period.id is None:
        raise RefusedError(reason="This period is not closed.")
    if gone := erased_in(uow, period.closing_id, period.first_day):
        told = "The days of {n} {n:person|people} in this period are erased: it cannot be worked out anew."
        raise RefusedError(reason=told, n=gone)
    reason = needed_reason(reason)
    store.lock_period(uow, period.id)
    store.end_closing(uow, period.closing_id, by.name, now, reason)
    store.drop_open_differences(uow, period.id)
    freed = store.unlock_days(uow, period.id)
    mark_days(uow, ((person_id, day) for person_id, first, last in freed for day in each_day(first, last)), "reopened", now)
    record(uow, by, "period.reopen", "period", period.name, at=now, reason=reason)


def _accepted(check: PeriodCheck, reasons: Mapping[IssueKind, str]) -> dict[str, str]:
    """Reasons by kind of issue, where one is given for everything in the way."""
    accepted: dict[str, str] = {}
    for issue in check.issues:
        reason = reasons.get(issue.kind, "").strip()
        if not issue.acceptable:
            raise RefusedError(reason="Something that cannot be accepted is still in the way of closing: look at the list of checks.")
        if not 1 <= len(reason) <= LONGEST_REASON:
            raise InvalidInputError(field=issue.kind.value, reason="say why you close all the same, in at most {most} characters", most=500)
        accepted[issue.kind.value] = reason
    return accepted


def _begins(result: AttendancePeriod) -> date:
    return min((one.first_day for one in result.sums), default=result.first_day)


def _sources(uow: UnitOfWork, period: Period, members: tuple[Membership, ...], since: date) -> Sources:
    assert period.id is not None, "it was made when closing was asked for"
    days = store.marks_of_days(uow, [one.person_id for one in members], since, period.last_day)
    return Sources(members, store.answers(uow, period.id), days, store.accepted_last(uow))
