"""Who belongs to an area on a day: by the terms of their employment, or by name; never without an employment on the day."""

from collections.abc import Mapping, Sequence
from datetime import date

from server.dispatch.areas.model import Area, Place, Rule, Who

Below = Mapping[int, frozenset[int]]
"""Each department with those below it, itself among them."""


def place_on(who: Who, day: date) -> Place | None:
    """Where somebody stands on a day; None for whoever is not employed then."""
    return next((one for one in who.places if one.first <= day <= one.last), None)


def belongs(who: Who, rules: Sequence[Rule], day: date, below: Below) -> bool:
    """Whether one of the rules means somebody on a day."""
    place = place_on(who, day)
    return place is not None and any(_means(rule, who, place, below) for rule in rules)


def terminals_of(who: Who, areas: Sequence[Area], days: Mapping[int, date], below: Below) -> dict[int, tuple[Area, ...]]:
    """The terminals that somebody should be on, each with the areas that say so, in the order of their codes.

    days: the date at each terminal. Terminals that are not in it are nobody's.
    """
    found: dict[int, tuple[Area, ...]] = {}
    for area in sorted(areas, key=lambda one: one.code):
        said = {day: belongs(who, area.rules, day, below) for day in {days[key] for key in area.terminals if key in days}}
        for key in area.terminals:
            if key in days and said[days[key]]:
                found[key] = (*found.get(key, ()), area)
    return found


def area_of(areas: Sequence[Area], changed: Area) -> tuple[Area, ...]:
    """The areas with one in a changed shape, or one more."""
    return (*(one for one in areas if one.id != changed.id), changed)


def going(
    people: Sequence[Who], before: Sequence[Area], after: Sequence[Area], days: Mapping[int, date], below: Below
) -> tuple[dict[int, frozenset[int]], dict[int, frozenset[int]]]:
    """By terminal who would come and who would go where these areas took the place of those."""
    come: dict[int, set[int]] = {}
    go: dict[int, set[int]] = {}
    for who in people:
        was, will = (terminals_of(who, areas, days, below).keys() for areas in (before, after))
        for key in will - was:
            come.setdefault(key, set()).add(who.person_id)
        for key in was - will:
            go.setdefault(key, set()).add(who.person_id)
    return {key: frozenset(some) for key, some in come.items()}, {key: frozenset(some) for key, some in go.items()}


def _means(rule: Rule, who: Who, place: Place, below: Below) -> bool:
    if rule.says_nothing:
        return False
    return (
        rule.person_id in (None, who.person_id)
        and rule.site_id in (None, place.site_id)
        and rule.position_id in (None, place.position_id)
        and rule.legal_entity_id in (None, place.legal_entity_id)
        and (rule.department_id is None or place.department_id in below.get(rule.department_id, frozenset()))
    )
