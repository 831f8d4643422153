"""Long work of attendance: trials (recalculation before it counts, what-if, the nightly look) and applying a recalculation."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from server.attendance.actions.assessing import work_out
from server.attendance.actions.keeping import keep
from server.attendance.actions.rule_sets import rules_of
from server.attendance.actions.trials import ask_sweep, find_trial
from server.attendance.actions.trying import people_of_trial, try_people
from server.attendance.engine.comparing import added_up, figure_changes
from server.attendance.engine.day.dividing import REACH_DAYS
from server.attendance.model.assessed import Assessed
from server.attendance.model.trials import Trial, TrialKind
from server.attendance.store import trials as store
from server.attendance.store.inputs import known_days
from server.directory import actions as directory
from server.jobs import actions as jobs
from server.jobs.kinds import Arguments, JobKind, Progress, Save, Schedule, in_shards
from server.jobs.model import Job, Shard
from server.storage import UnitOfWork

REACH = timedelta(days=REACH_DAYS)
AT_ONCE = 25
"""People between two looks at whether the work is still wanted: a second of it."""

log = structlog.get_logger()


def schedules(zone: str) -> list[Schedule]:
    """What attendance does by the clock of the company. The night is when the day before is mostly settled and nobody waits."""

    def today(at: datetime) -> date:
        return at.astimezone(ZoneInfo(zone)).date()

    return [
        Schedule("events-of-today", "5 0 * * *", zone, lambda uow, at: directory.bring_up_to(uow, today(at))),
        Schedule("sweep-days", "30 2 * * *", zone, lambda uow, at: ask_sweep(uow, at.astimezone(UTC), today(at))),
        Schedule("tidy-trials", "20 3 * * *", zone, lambda uow, at: store.forget(uow, at.astimezone(UTC) - jobs.KEPT)),
    ]


def _split(uow: UnitOfWork, arguments: Arguments) -> Sequence[Shard]:
    return list(in_shards(people_of_trial(uow, find_trial(uow, arguments["trial"]))))


def _try(uow: UnitOfWork, job: Job, arguments: Arguments, progress: Progress) -> Save:
    trial, now = find_trial(uow, job.arguments["trial"]), datetime.now(UTC)
    people, days, done = [], [], 0
    for some in _some(arguments["people"]):
        found = try_people(uow, trial, some, now)
        people += found.people
        days += found.days
        done += len(some)
        progress(done)
    return lambda saving: store.add_findings(saving, people, days)


def _add_up(uow: UnitOfWork, job: Job) -> None:
    trial = find_trial(uow, job.arguments["trial"])
    figures = store.all_figures(uow, trial.id)
    before, after = (added_up(one[place] for one in figures) for place in (0, 1))
    days = store.finish(uow, trial.id, figure_changes(before, after))
    if days and trial.kind is TrialKind.SWEEP:
        log.error("stored days come out otherwise when they are worked out again", days=days, trial=trial.id)


def _split_changed(uow: UnitOfWork, arguments: Arguments) -> Sequence[Shard]:
    return list(in_shards(sorted({person_id for person_id, _ in store.changed_dates(uow, arguments["trial"])})))


def _apply(uow: UnitOfWork, job: Job, arguments: Arguments, progress: Progress) -> Save:
    trial, now = find_trial(uow, job.arguments["trial"]), datetime.now(UTC)
    results: list[Assessed] = []
    done = 0
    for some in _some(arguments["people"]):
        results += _again(uow, trial, some, now)
        done += len(some)
        progress(done)

    def save(saving: UnitOfWork) -> None:
        keep(saving, results, datetime.now(UTC))

    return save


def _again(uow: UnitOfWork, trial: Trial, people: Sequence[int], now: datetime) -> list[Assessed]:
    """The changed days of these people by what is known now. First what changed inputs say; then days whose inputs are the same and whose
    value is not, because the program reads them otherwise today."""
    first, last = trial.first_day, trial.last_day
    wanted = set(store.changed_dates(uow, trial.id, people))
    found = {(one.person_id, one.work_date): one for one in work_out(uow, people, first, last, now)}
    if rest := wanted - found.keys():
        known = known_days(uow, people, first, last)
        rules = rules_of(uow, people, first - REACH, last + REACH)
        for one in work_out(uow, people, first, last, now, rules=rules):
            if (key := (one.person_id, one.work_date)) in rest:
                found[key] = replace(one, known=known.get(key))
    return [found[key] for key in sorted(wanted & found.keys())]


def _some(people: Sequence[int]) -> Sequence[Sequence[int]]:
    return [people[start : start + AT_ONCE] for start in range(0, len(people), AT_ONCE)]


KINDS = (JobKind("trial", _split, _try, _add_up), JobKind("apply-recalculation", _split_changed, _apply))
"""For the runner."""
