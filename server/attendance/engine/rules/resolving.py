"""Whose rules hold on which day: the most particular assignment, and its version of the day. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from server.attendance.model.rule_sets import RuleAssignment, RuleSetVersion, RulesSpan, RuleSubject

_ORDER = list(RuleSubject)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is from first_day to last_day. departments: their own and those above it, the nearest first."""

    first_day: date
    last_day: date
    departments: tuple[int, ...] = ()
    position_id: int | None = None
    site_id: int | None = None


def spans_of_rules(
    person_id: int,
    places: Sequence[Place],
    assignments: Iterable[RuleAssignment],
    versions: Mapping[int, Sequence[RuleSetVersion]],
    first: date,
    last: date,
) -> tuple[RulesSpan, ...]:
    """The rules of first..last in order of days; days without any are in no span.

    places: in order, for the days of employment. versions: of each rule set, the latest first; the oldest holds before its first day.
    """
    fitting = [one for one in assignments if one.first_day <= last and (one.last_day is None or one.last_day >= first)]
    spans: list[RulesSpan] = []
    for start, end in _stretches(_cuts(places, fitting, versions, first, last), last):
        place = next((one for one in places if one.first_day <= start <= one.last_day), Place(start, end))
        chosen = _most_particular(person_id, place, fitting, start)
        version = None if chosen is None else version_on(versions.get(chosen.rule_set_id, ()), start)
        if version is None:
            continue
        goes_on = spans and spans[-1].version_id == version.id and spans[-1].last_day + timedelta(days=1) == start
        spans.append(RulesSpan(spans.pop().first_day if goes_on else start, end, version.id, version.rules))
    return tuple(spans)


def version_on(versions: Sequence[RuleSetVersion], day: date) -> RuleSetVersion | None:
    """versions: the latest first."""
    return next((one for one in versions if one.valid_from <= day), versions[-1] if versions else None)


def _most_particular(person_id: int, place: Place, assignments: Iterable[RuleAssignment], day: date) -> RuleAssignment | None:
    chain: dict[tuple[RuleSubject, int], int] = {(RuleSubject.COMPANY, 0): 0}
    if place.site_id is not None:
        chain[RuleSubject.SITE, place.site_id] = 1
    for depth, department_id in enumerate(reversed(place.departments)):
        chain[RuleSubject.DEPARTMENT, department_id] = 2 + depth
    if place.position_id is not None:
        chain[RuleSubject.POSITION, place.position_id] = 1_000
    chain[RuleSubject.PERSON, person_id] = 1_001
    best, rank = None, (-1, date.min, 0)
    for one in assignments:
        weight = chain.get((one.subject, one.subject_id), -1)
        if weight < 0 or one.first_day > day or (one.last_day is not None and one.last_day < day):
            continue
        if (weight, one.first_day, one.id) > rank:
            best, rank = one, (weight, one.first_day, one.id)
    return best


def _cuts(
    places: Sequence[Place],
    assignments: Iterable[RuleAssignment],
    versions: Mapping[int, Sequence[RuleSetVersion]],
    first: date,
    last: date,
) -> list[date]:
    """Days on which something may begin to be otherwise."""
    cuts = {first, *(one.first_day for one in places), *(one.last_day + timedelta(days=1) for one in places)}
    for one in assignments:
        cuts.add(one.first_day)
        if one.last_day is not None:
            cuts.add(one.last_day + timedelta(days=1))
        cuts.update(version.valid_from for version in versions.get(one.rule_set_id, ()))
    return sorted(cut for cut in cuts if first <= cut <= last)


def _stretches(cuts: Sequence[date], last: date) -> list[tuple[date, date]]:
    ends = [cut - timedelta(days=1) for cut in cuts[1:]]
    return list(zip(cuts, [*ends, last], strict=True))
