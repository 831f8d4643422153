"""Asking for trials, reading what they found, and letting a recalculation count or dropping it. The work itself: `attendance.jobs`."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from server.attendance.model.rules import Rules
from server.attendance.model.trials import DayPair, Decision, Trial, TrialKind, Who, WhoKind
from server.attendance.store import trials as store
from server.attendance.store.rule_sets import encode_rules
from server.audit.actions import record
from server.audit.model import SERVER, Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.jobs import actions as jobs
from server.jobs.model import Job, JobState, NewJob
from server.storage import UnitOfWork

MOST_DAYS = 366
SEE_DAYS = "see-days"
SWEPT = timedelta(days=35)
"""How far back the nightly look goes: a period and some days."""
EVERYBODY = Who(WhoKind.ALL, 0, "")

RECALCULATE, TRY_RULES, SWEEP = "Recalculate days from {first} to {last}", "Try rules on {first} to {last}", "Nightly look at days"
APPLY = "Apply recalculation {number}"


def ask_recalculation(uow: UnitOfWork, who: Who, first: date, last: date, by: Actor, now: datetime, today: date) -> Trial:
    """Work these days out by the present inputs, to be looked at before they count. Raises InvalidInputError."""
    _check_span(first, last, today)
    return _ask(uow, TrialKind.RECALCULATION, who, (first, last), RECALCULATE, by, now)


def ask_rules_trial(
    uow: UnitOfWork, who: Who, first: date, last: date, rules: tuple[Rules, str, int], by: Actor, now: datetime, today: date
) -> Trial:
    """Work these days out by other rules; nothing is ever kept. rules: their body, their name, the stored version (0: none).

    Raises InvalidInputError.
    """
    _check_span(first, last, today)
    body, name, version_id = rules
    said = {"rules": encode_rules(body), "rules_name": name, "rules_version_id": version_id}
    return _ask(uow, TrialKind.RULES, who, (first, last), TRY_RULES, by, now, said)


def ask_sweep(uow: UnitOfWork, now: datetime, today: date) -> Trial | None:
    """The nightly look at everybody's final days; None where the day has had it."""
    if jobs.status(uow, f"sweep:{today}") is not None:
        return None
    span = (today - SWEPT, today - timedelta(days=1))
    return _ask(uow, TrialKind.SWEEP, EVERYBODY, span, SWEEP, SERVER, now, key=f"sweep:{today}")


def find_trial(uow: UnitOfWork, trial_id: int) -> Trial:
    """Raises NotFoundError."""
    found = store.trial_by_id(uow, trial_id)
    if found is None:
        raise NotFoundError(what="trial", name=trial_id)
    return found


def job_of(uow: UnitOfWork, trial: Trial) -> Job | None:
    """What is to be waited for: the applying where that was asked for, else the working out."""
    return jobs.status(uow, f"apply:{trial.id}") or _working_out(uow, trial)


def list_trials(uow: UnitOfWork, *kinds: TrialKind, limit: int = 20) -> list[Trial]:
    """The newest first."""
    return store.newest(uow, kinds, limit)


def day_pair(uow: UnitOfWork, trial_id: int, person_id: int, day: date) -> DayPair:
    """A changed day with both explanations; raises NotFoundError."""
    found = store.day_pair(uow, trial_id, person_id, day)
    if found is None:
        raise NotFoundError(what="attendance day", name=f"{person_id}/{day}")
    return found


def apply_trial(uow: UnitOfWork, trial_id: int, by: Actor, now: datetime) -> Trial:
    """Let a recalculation count: its changed days are worked out once more and kept; days of closed periods get a difference beside them.

    Raises RefusedError for one that is not done, was decided, or is no recalculation.
    """
    trial = _decidable(uow, trial_id)
    store.decide(uow, trial_id, Decision.APPLIED, by.name, now)
    new = NewJob("apply-recalculation", f"apply:{trial_id}", APPLY, SEE_DAYS, {"trial": trial_id}, {"number": trial_id}, _place(trial_id))
    jobs.enqueue(uow, new, by.name, now)
    record(uow, by, "recalculation.apply", "trial", str(trial_id), at=now, after=_shown(trial))
    return find_trial(uow, trial_id)


def drop_trial(uow: UnitOfWork, trial_id: int, by: Actor, now: datetime) -> Trial:
    """Let a recalculation not count. Raises as `apply_trial`."""
    trial = _decidable(uow, trial_id)
    store.decide(uow, trial_id, Decision.DROPPED, by.name, now)
    record(uow, by, "recalculation.drop", "trial", str(trial_id), at=now, after=_shown(trial))
    return find_trial(uow, trial_id)


def _decidable(uow: UnitOfWork, trial_id: int) -> Trial:
    trial = find_trial(uow, trial_id)
    if trial.kind is TrialKind.RULES:
        raise RefusedError(reason="A trial of rules is only looked at. To let rules count, add a version of the rule set.")
    if trial.decision is not Decision.OPEN:
        raise RefusedError(reason="This was decided already.")
    job = _working_out(uow, trial)
    if trial.totals is None or (job is not None and job.state is not JobState.DONE):
        raise RefusedError(reason="This is not worked out yet. Wait until it is, then decide.")
    return trial


def _working_out(uow: UnitOfWork, trial: Trial) -> Job | None:
    found = [job for job in jobs.list_jobs(uow, {SEE_DAYS}, 1, trial.job_id + 1) if job.id == trial.job_id]
    return found[0] if found else None


def _ask(
    uow: UnitOfWork,
    kind: TrialKind,
    who: Who,
    span: tuple[date, date],
    title: str,
    by: Actor,
    now: datetime,
    rules: Mapping[str, Any] | None = None,
    key: str = "",
) -> Trial:
    first, last = span
    values = {
        "kind": kind.value, "who_kind": who.kind.value, "who_id": who.id, "who_name": who.name, "first_day": first, "last_day": last,
        "rules": None, "rules_name": "", "rules_version_id": 0, "job_id": 0, "decision": Decision.OPEN.value, "asked_by": by.name,
        "asked_at": now, "changed_days": 0, "changed_people": 0,
    }  # fmt: skip
    trial_id = store.add_trial(uow, values | dict(rules or {}))
    facts = {"first": first.isoformat(), "last": last.isoformat()}
    new = NewJob("trial", key or f"trial:{trial_id}", title, SEE_DAYS, {"trial": trial_id}, facts, _place(trial_id))
    store.set_job(uow, trial_id, jobs.enqueue(uow, new, by.name, now).id)
    return find_trial(uow, trial_id)


def _place(trial_id: int) -> str:
    return f"/trials/{trial_id}"


def _check_span(first: date, last: date, today: date) -> None:
    if last < first:
        raise InvalidInputError(field="last_day", reason="the last day must not be before the first")
    if (last - first).days >= MOST_DAYS:
        raise InvalidInputError(field="last_day", reason="choose at most {most} days", most=MOST_DAYS)
    if last > today:
        raise InvalidInputError(field="last_day", reason="days to come have nothing to be worked out from: choose a last day until today")


def _shown(trial: Trial) -> dict[str, object]:
    return {"first_day": trial.first_day, "last_day": trial.last_day, "who": trial.who.kind.value, "days": trial.changed_days}
