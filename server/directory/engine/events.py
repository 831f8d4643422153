"""Whether an event can be added to somebody's employments, or taken back. Pure; every refusal says what to do."""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from server.directory.engine.cells import FIRST_YEAR, LAST_YEAR
from server.directory.engine.terms import FOR_EVER, spans_of, terms_on
from server.directory.model import Employment, EmploymentEvent, EmploymentKind, EventKind
from server.errors import InvalidInputError, RefusedError

LONGEST_PROBATION_MONTHS = 6
"""Labour Contract Law, article 19: whatever the contract's length. What a shorter contract allows is checked with the contract."""


def check_day(day: date, field: str) -> None:
    """Raises InvalidInputError for a day of another age, which is a slip of the finger."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidInputError(field=field, reason="give a day of our time, such as 2026-11-23")


def check_hire(employments: Sequence[Employment], first: date) -> None:
    """Raises RefusedError where an employment is there on the day or later: each begins after the last has ended."""
    for one in _begun(employments):
        if one.left_on is None:
            told = "This person is employed from {first} on: enter the last day of work before a new employment."
            raise RefusedError(reason=told, first=one.hired_on)
        if first <= one.left_on:
            told = "This person is employed from {first} to {last}: a new employment begins after that."
            raise RefusedError(reason=told, first=one.hired_on, last=one.left_on)


def employment_on(employments: Sequence[Employment], day: date) -> Employment:
    """The employment that a day belongs to; raises InvalidInputError when there is none on it."""
    begun = list(_begun(employments))
    for one in begun:
        if one.hired_on is not None and one.hired_on <= day <= (one.left_on or FOR_EVER):
            return one
    ended = [one for one in begun if one.left_on is not None and one.left_on < day]
    if ended:
        told = "the last day of work was {last}: choose that day or an earlier one"
        raise InvalidInputError(field="effective_on", reason=told, last=ended[-1].left_on)
    if begun:
        told = "the employment begins on {first}: choose that day or a later one"
        raise InvalidInputError(field="effective_on", reason=told, first=begun[0].hired_on)
    raise InvalidInputError(field="effective_on", reason="this person is not employed: enter the hire first")


def check_event(held: Employment, kind: EventKind, day: date, until: date | None, sets: Mapping[str, Any]) -> None:
    """Raises where the event contradicts one of the employment that is in force."""
    if kind is EventKind.LEAVING:
        _check_leaving(held, day)
    elif kind is EventKind.PROTECTION:
        _check_protection(held, day, until, sets)
    elif kind is EventKind.PROBATION:
        _check_probation(held, day, until)
    elif kind is EventKind.CONFIRMATION:
        _check_confirmation(held, day)
    else:
        _check_sets(held, day, sets)


def check_cancel(employments: Sequence[Employment], event: EmploymentEvent) -> None:
    """Raises RefusedError where an event cannot be taken back as long as others stand."""
    if not event.in_force:
        raise RefusedError(reason="This event is cancelled already.")
    held = next(one for one in employments if one.id == event.employment_id)
    if event.kind is EventKind.HIRE and any(one.in_force and one.id != event.id for one in held.events):
        raise RefusedError(reason="This employment has other events: cancel them before its hire.")
    if event.kind is EventKind.PROBATION and held.confirmed_on and len(_probations(held)) == 1:
        raise RefusedError(reason="This person is confirmed from {day} on: cancel that event first.", day=held.confirmed_on)
    later = [one.hired_on for one in _begun(employments) if one.hired_on is not None and one.hired_on > event.effective_on]
    if event.kind is EventKind.LEAVING and later:
        raise RefusedError(reason="A new employment begins on {day}: cancel its hire first.", day=later[0])


def check_hire_date(employments: Sequence[Employment], held: Employment, day: date) -> None:
    """Raises RefusedError where an employment cannot have begun on this day."""
    first = next((one.effective_on for one in held.events if one.in_force and one.kind is not EventKind.HIRE), None)
    if first is not None and first < day:
        raise RefusedError(reason="There is an event on {day}: the employment cannot begin after it.", day=first)
    for one in _begun(employments):
        if one.left_on is not None and one.id != held.id and one.left_on >= day and (one.hired_on or day) < (held.hired_on or day):
            told = "This person is employed from {first} to {last}: a new employment begins after that."
            raise RefusedError(reason=told, first=one.hired_on, last=one.left_on)


def _begun(employments: Sequence[Employment]) -> Iterator[Employment]:
    return (one for one in employments if one.hired_on is not None)


def _in_force(held: Employment) -> list[EmploymentEvent]:
    return [one for one in held.events if one.in_force]


def _check_leaving(held: Employment, day: date) -> None:
    if held.left_on is not None:
        raise RefusedError(reason="The last day of work is {day} already: cancel that event first.", day=held.left_on)
    for one in _in_force(held):
        if one.effective_on > day:
            told = "There is an event on {day}, after the last day of work: cancel it first."
            raise RefusedError(reason=told, day=one.effective_on)


def _check_protection(held: Employment, day: date, until: date | None, sets: Mapping[str, Any]) -> None:
    if until is not None and until < day:
        raise InvalidInputError(field="until", reason="the last day must not be before the first")
    for one in _in_force(held):
        shares_a_day = one.effective_on <= (until or FOR_EVER) and day <= (one.until or FOR_EVER)
        if one.kind is EventKind.PROTECTION and one.sets.get("protection") == sets.get("protection") and shares_a_day:
            told = "This protection holds from {day} on already: cancel that event first."
            raise RefusedError(reason=told, day=one.effective_on)


def _check_probation(held: Employment, day: date, until: date | None) -> None:
    """There is one probation, at most six months long, and none for part-time work (Labour Contract Law, articles 19 and 70)."""
    if until is None or until < day:
        raise InvalidInputError(field="until", reason="give the last day of the probation, not before its first")
    if held.confirmed_on is not None:
        raise RefusedError(reason="This person is confirmed from {day} on: cancel that event first.", day=held.confirmed_on)
    terms = terms_on(spans_of(held.events), day)
    if terms is not None and terms.kind is EmploymentKind.PART_TIME:
        raise RefusedError(reason="The law allows no probation for part-time work (Labour Contract Law, article 70).")
    before = [one for one in _probations(held) if one.effective_on <= day]
    if before and before[-1].until is not None and before[-1].until + timedelta(days=1) < day:
        told = "The probation ended on {day}: by law there is no second one. To prolong it, choose a day on which it goes on."
        raise RefusedError(reason=told, day=before[-1].until)
    latest = _months_later(before[0].effective_on if before else day, LONGEST_PROBATION_MONTHS) - timedelta(days=1)
    if until > latest:
        told = "a probation lasts at most 6 months (Labour Contract Law, article 19): choose {day} or an earlier day"
        raise InvalidInputError(field="until", reason=told, day=latest)


def _check_confirmation(held: Employment, day: date) -> None:
    if held.confirmed_on is not None:
        raise RefusedError(reason="This person is confirmed from {day} on: cancel that event first.", day=held.confirmed_on)
    if not any(one.effective_on <= day for one in _probations(held)):
        raise RefusedError(reason="There is no probation before this day that could be confirmed: enter the probation first.")


def _probations(held: Employment) -> list[EmploymentEvent]:
    return [one for one in _in_force(held) if one.kind is EventKind.PROBATION]


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _check_sets(held: Employment, day: date, sets: Mapping[str, Any]) -> None:
    if not sets:
        raise InvalidInputError(field="change", reason="choose what changes on this day")
    for one in _in_force(held):
        if (
            one.effective_on == day
            and one.kind is not EventKind.HIRE
            and any(one.sets[name] != sets[name] for name in one.sets.keys() & sets)
        ):
            raise RefusedError(reason="Another event of {day} says otherwise: cancel it first.", day=day)
