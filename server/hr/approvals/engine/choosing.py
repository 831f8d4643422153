"""Which flow and branch a request goes by: the narrowest kind that has a flow, and in it the first branch that fits."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from server.hr.approvals.model import Comparison, Condition, Facts, Flow, FlowVersion, On, patterns_of


def choose(versions: Mapping[str, FlowVersion], facts: Facts, departments: Sequence[int]) -> tuple[FlowVersion, int] | None:
    """The version and the index of the branch; None where nothing fits. versions: by kind, those that hold now.

    Where no branch of the narrowest flow fits, a wider one is looked at. departments: the requester's own first, then those above it.
    """
    for kind in patterns_of(facts.kind):
        version = versions.get(kind)
        if version is not None and version.flow is not None:
            found = branch_for(version.flow, facts, departments)
            if found is not None:
                return version, found
    return None


def branch_for(flow: Flow, facts: Facts, departments: Sequence[int]) -> int | None:
    """The index of the first branch all of whose conditions fit."""
    for number, branch in enumerate(flow.branches):
        if all(fits(condition, facts, departments) for condition in branch.conditions):
            return number
    return None


def fits(condition: Condition, facts: Facts, departments: Sequence[int]) -> bool:
    """Whether it holds; never where the fact is not known."""
    if condition.on is On.KIND:
        return _listed(condition, patterns_of(facts.kind))
    if condition.on is On.DEPARTMENT:
        return _listed(condition, departments)
    if condition.on is On.SITE:
        return _listed(condition, () if facts.site_id is None else (facts.site_id,))
    if condition.on is On.LEGAL_ENTITY:
        return _listed(condition, () if facts.legal_entity_id is None else (facts.legal_entity_id,))
    return _measured(condition, _number(condition.on, facts))


def _listed(condition: Condition, held: Sequence[str | int]) -> bool:
    """held: what the fact is, with everything that it is a part of; empty where it is not known."""
    if not held:
        return False
    among = any(one in condition.values for one in held)
    return among if condition.test is Comparison.ONE_OF else not among


def _number(on: On, facts: Facts) -> Decimal | None:
    found = {On.DAYS: facts.days, On.MINUTES: facts.minutes, On.LEVEL: facts.level, On.MONEY: facts.money_fen}[on]
    return None if found is None else Decimal(found)


def _measured(condition: Condition, number: Decimal | None) -> bool:
    if number is None or condition.limit is None:
        return False
    return {
        Comparison.AT_LEAST: number >= condition.limit,
        Comparison.MORE_THAN: number > condition.limit,
        Comparison.AT_MOST: number <= condition.limit,
        Comparison.LESS_THAN: number < condition.limit,
    }.get(condition.test, False)
