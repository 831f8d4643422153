"""Whether an event can be added to somebody's employments, or taken back. Pure; every refusal says what to do."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from server.directory.engine.cells import FIRST_YEAR, LAST_YEAR
from server.directory.engine.terms import FOR_EVER
from server.directory.model import Employment, EmploymentEvent, EventKind
from server.errors import InvalidInputError, RefusedError


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
    else:
        _check_sets(held, day, sets)


def check_cancel(employments: Sequence[Employment], event: EmploymentEvent) -> None:
    """Raises RefusedError where an event cannot be taken back as long as others stand."""
    if not event.in_force:
        raise RefusedError(reason="This event is cancelled already.")
    held = next(one for one in employments if one.id == event.employment_id)
    if event.kind is EventKind.HIRE and any(one.in_force and one.id != event.id for one in held.events):
        raise RefusedError(reason="This employment has other events: cancel them before its hire.")
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
