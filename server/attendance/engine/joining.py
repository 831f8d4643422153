"""Two exceptions that are one thing to a person: the odd punch, and the missing punch that it means. Pure."""

from collections.abc import Collection, Mapping

from server.attendance.model import StoredException
from server.attendance.model.days import ExceptionKind

MEANS: Mapping[ExceptionKind, ExceptionKind] = {
    ExceptionKind.DOUBLE_IN: ExceptionKind.MISSING_OUT,
    ExceptionKind.DOUBLE_OUT: ExceptionKind.MISSING_IN,
    ExceptionKind.LEADING_OUT: ExceptionKind.MISSING_IN,
}
"""Of two INs in a row the OUT between them is missing; an OUT before any IN lacks that IN."""


def joined(missing: Collection[StoredException], odd: Collection[StoredException]) -> dict[int, tuple[StoredException, ...]]:
    """By the id of a missing punch the odd punches that mean it: of the same person, date and state, if possible of the same part."""
    found: dict[int, tuple[StoredException, ...]] = {}
    for one in odd:
        fitting = [other for other in missing if _fits(one, other)]
        if fitting:
            other = min(fitting, key=lambda other: (other.exception.part != one.exception.part, other.id))
            found[other.id] = (*found.get(other.id, ()), one)
    return found


def _fits(odd: StoredException, missing: StoredException) -> bool:
    same_day = (odd.person_id, odd.work_date, odd.state) == (missing.person_id, missing.work_date, missing.state)
    return same_day and MEANS.get(odd.exception.kind) is missing.exception.kind
