"""What is likely missing on somebody's day, proposed so that three taps are enough to ask for it."""

from dataclasses import dataclass
from datetime import date

from server.attendance import actions as attendance
from server.attendance.model.stored import ExceptionState
from server.hr.requests.actions.gathering import planned
from server.hr.requests.engine.corrections import likely_cause, likely_moment
from server.hr.requests.model import CorrectionCause
from server.roster.model import PlannedDay
from server.storage import UnitOfWork


@dataclass(frozen=True, slots=True)
class Proposal:
    """cause: None where nothing is missing. at: when the punch should have been by the roster; None where there is no roster."""

    day: date
    cause: CorrectionCause | None
    at: int | None
    plan: PlannedDay | None


def propose_correction(uow: UnitOfWork, person_id: int, day: date, cause: CorrectionCause | None = None) -> Proposal:
    """cause: where somebody chose it already."""
    found = attendance.days_of(uow, person_id, day, day)
    missing = frozenset(one.exception.kind for one in found[0].exceptions if one.state is ExceptionState.OPEN) if found else frozenset()
    likely = cause or likely_cause(missing)
    plan = planned(uow, [person_id], day, day)[person_id].get(day)
    return Proposal(day, likely, likely_moment(likely, plan) if likely else None, plan)
