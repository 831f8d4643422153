"""Whether a branch can be reached: what its conditions leave possible, held against those before it.

Departments are compared as they are listed: which lies below which is the directory's, and changes.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from server.hr.approvals.model import LIST_TESTS, Comparison, Condition, On, patterns_of

Bound = tuple[Decimal, bool]
"""A number, and whether it itself is still inside."""


def contradict(kind: str, conditions: Sequence[Condition]) -> bool:
    """Whether nothing can fit all of these in the flow of a kind."""
    return any(_empty_range(conditions, on) or _empty_list(conditions, on) for on in On) or _outside(kind, conditions)


def covers(earlier: Sequence[Condition], later: Sequence[Condition]) -> bool:
    """Whether everything that fits the later ones fits the earlier ones."""
    return all(_implied(condition, later) for condition in earlier)


def _implied(condition: Condition, by: Sequence[Condition]) -> bool:
    if condition.test in LIST_TESTS:
        return any(_list_implies(one, condition) for one in by if one.on is condition.on)
    low, high = _bounds(by, condition.on)
    wanted_low, wanted_high = _bounds([condition], condition.on)
    return _not_below(low, wanted_low) and _not_above(high, wanted_high)


def _list_implies(one: Condition, condition: Condition) -> bool:
    """Whether the list of `one` lets nothing through that `condition` does not."""
    if condition.test is Comparison.ONE_OF:
        return one.test is Comparison.ONE_OF and all(_within(value, condition) for value in one.values)
    if one.test is Comparison.NONE_OF:
        return set(condition.values) <= set(one.values)
    # departments and kinds lie inside each other: only sites and legal entities exclude each other by being different
    return one.on in {On.SITE, On.LEGAL_ENTITY} and not set(one.values) & set(condition.values)


def _within(value: str | int, condition: Condition) -> bool:
    if condition.on is On.KIND:
        return any(pattern in condition.values for pattern in patterns_of(str(value)))
    return value in condition.values


def _empty_list(conditions: Sequence[Condition], on: On) -> bool:
    """Whether one list takes all that another one asks for."""
    excluded = {value for one in conditions if one.on is on and one.test is Comparison.NONE_OF for value in one.values}
    wanted = [set(one.values) for one in conditions if one.on is on and one.test is Comparison.ONE_OF]
    disjoint = on in {On.SITE, On.LEGAL_ENTITY} and len(wanted) > 1 and not set.intersection(*wanted)
    return disjoint or any(values and values <= excluded for values in wanted)


def _outside(kind: str, conditions: Iterable[Condition]) -> bool:
    """Whether a condition asks for kinds that do not come to this flow."""
    wanted = [one.values for one in conditions if one.on is On.KIND and one.test is Comparison.ONE_OF]
    return bool(kind) and any(values and not any(_related(kind, str(value)) for value in values) for values in wanted)


def _related(kind: str, other: str) -> bool:
    return kind in patterns_of(other) or other in patterns_of(kind)


def _empty_range(conditions: Sequence[Condition], on: On) -> bool:
    low, high = _bounds(conditions, on)
    if low is None or high is None:
        return False
    return low[0] > high[0] or (low[0] == high[0] and not (low[1] and high[1]))


def _bounds(conditions: Iterable[Condition], on: On) -> tuple[Bound | None, Bound | None]:
    """The tightest lower and upper bound of these conditions on a number."""
    mine = [(one.test, one.limit) for one in conditions if one.on is on and one.limit is not None]
    low = [(limit, test is Comparison.AT_LEAST) for test, limit in mine if test in {Comparison.AT_LEAST, Comparison.MORE_THAN}]
    high = [(limit, test is Comparison.AT_MOST) for test, limit in mine if test in {Comparison.AT_MOST, Comparison.LESS_THAN}]
    return max(low, key=lambda bound: (bound[0], not bound[1]), default=None), min(high, default=None)


def _not_below(low: Bound | None, wanted: Bound | None) -> bool:
    if wanted is None:
        return True
    return low is not None and (low[0] > wanted[0] or (low[0] == wanted[0] and (wanted[1] or not low[1])))


def _not_above(high: Bound | None, wanted: Bound | None) -> bool:
    if wanted is None:
        return True
    return high is not None and (high[0] < wanted[0] or (high[0] == wanted[0] and (wanted[1] or not high[1])))
