"""What a change of a roster can change in attendance."""

from datetime import date, timedelta

from server.roster.engine.planning import NEIGHBOUR_DAYS
from server.roster.model import Scope
from server.storage import Subject, UnitOfWork, leave_change

SUBJECTS = {
    Scope.PERSON: Subject.PERSON,
    Scope.POSITION: Subject.POSITION,
    Scope.DEPARTMENT: Subject.DEPARTMENT,
    Scope.SITE: Subject.SITE,
    Scope.COMPANY: Subject.EVERYBODY,
}


def leave_roster_change(uow: UnitOfWork, subject: Subject, subject_id: int, first: date, last: date | None, what: str) -> None:
    """Hours from first to last are others now; so are the windows of the days beside them."""
    beside = timedelta(days=NEIGHBOUR_DAYS)
    leave_change(uow, subject, subject_id, first - beside, None if last is None else last + beside, what)
