"""From dated events to the terms of every day, and which days two courses of terms tell apart. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from server.directory.model import EmploymentEvent, EmploymentKind, EmploymentTerms, EventKind, HoursSystem, TermsSpan

FIELDS = frozenset(field.name for field in fields(EmploymentTerms)) - {"employment_id", "protected", "probation_until"}
"""What events may set."""
FOR_EVER = date.max
DAY = timedelta(days=1)


def spans_of(events: Iterable[EmploymentEvent]) -> tuple[TermsSpan, ...]:
    """The terms of one employment, day by day in as few spans as can be; none where its hire was cancelled."""
    held = sorted((event for event in events if event.in_force), key=lambda event: (event.effective_on, event.id))
    hire = next((event for event in held if event.kind is EventKind.HIRE), None)
    if hire is None:
        return ()
    last = next((event.effective_on for event in held if event.kind is EventKind.LEAVING), FOR_EVER)
    setting = [hire, *(event for event in held if event.kind in {EventKind.TRANSFER, EventKind.KIND, EventKind.HOURS})]
    probation = [event for event in held if event.kind in {EventKind.PROBATION, EventKind.CONFIRMATION}]
    guarded = [(event.effective_on, event.until or FOR_EVER) for event in held if event.kind is EventKind.PROTECTION]
    edges = {event.effective_on for event in (*setting, *probation)} | {first for first, _ in guarded}
    ends = [*(one.until for one in probation if one.until is not None), *(end for _, end in guarded)]
    edges |= {end + DAY for end in ends if end < last}
    days = sorted(day for day in edges if hire.effective_on <= day <= last)
    found: list[TermsSpan] = []
    terms = EmploymentTerms(hire.employment_id)
    for place, day in enumerate(days):
        for event in setting:
            if event.effective_on == day:
                terms = replace(terms, **_values(event))
        guard = any(first <= day <= end for first, end in guarded)
        terms = replace(terms, protected=guard, probation_until=_probation_on(probation, day))
        end = days[place + 1] - DAY if place + 1 < len(days) else last
        if found and found[-1].terms == terms:
            day = found.pop().first_day  # noqa: PLW2901 - the span goes on
        found.append(TermsSpan(day, None if end == FOR_EVER else end, terms))
    return tuple(found)


def _probation_on(events: Sequence[EmploymentEvent], day: date) -> date | None:
    """The last day of the probation that goes on on a day: the latest word on it counts."""
    said = [event for event in events if event.effective_on <= day]
    return said[-1].until if said and said[-1].until is not None and day <= said[-1].until else None


def _values(event: EmploymentEvent) -> dict[str, Any]:
    values: dict[str, Any] = {name: value for name, value in event.sets.items() if name in FIELDS}
    if "kind" in values:
        values["kind"] = EmploymentKind(values["kind"])
    if "hours_system" in values:
        values["hours_system"] = HoursSystem(values["hours_system"])
    return values


def differing_days(before: Sequence[TermsSpan], after: Sequence[TermsSpan]) -> list[tuple[date, date | None]]:
    """The (first, last) days on which attendance may come out otherwise; None: for ever.

    Who manages somebody, whom the contract is with and whether it is a probation change no day.
    """
    found: list[tuple[date, date]] = []
    edges = sorted({day for span in (*before, *after) for day in (span.first_day, _day_after(span))})
    for first, following in pairwise(edges):
        if _seen(before, first) != _seen(after, first):
            last = following - DAY if following != FOR_EVER else FOR_EVER
            found.append((found.pop()[0] if found and found[-1][1] + DAY == first else first, last))
    return [(first, None if last == FOR_EVER else last) for first, last in found]


def terms_on(spans: Sequence[TermsSpan], day: date) -> EmploymentTerms | None:
    """The terms on a day; None when not employed."""
    return next((span.terms for span in spans if span.first_day <= day <= (span.last_day or FOR_EVER)), None)


def manager_loop(person_id: int, spans_by_person: Callable[[int], Sequence[TermsSpan]]) -> tuple[list[int], date] | None:
    """(people who manage each other in a circle, a day on which they do) through this person; None when there is no such day."""

    def follow(path: list[int], first: date, last: date) -> Iterator[tuple[list[int], date]]:
        for span in spans_by_person(path[-1]):
            begin, end = max(first, span.first_day), min(last, span.last_day or FOR_EVER)
            manager = span.terms.manager_id
            if begin > end or manager is None:
                continue
            if manager == person_id:
                yield path, begin
            elif manager not in path:  # a circle without this person is not of this person's making
                yield from follow([*path, manager], begin, end)

    return next(follow([person_id], date.min, FOR_EVER), None)


def _day_after(span: TermsSpan) -> date:
    return FOR_EVER if span.last_day is None else span.last_day + DAY


def _seen(spans: Sequence[TermsSpan], day: date) -> EmploymentTerms | None:
    terms = terms_on(spans, day)
    return None if terms is None else replace(terms, manager_id=None, legal_entity_id=None, probation_until=None)
