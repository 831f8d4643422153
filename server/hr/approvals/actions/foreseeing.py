"""For how many people a flow would find nobody, or nobody above, before it is published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from server.access import actions as access
from server.access.model import Role
from server.directory import actions as directory
from server.hr.approvals.engine.choosing import fits
from server.hr.approvals.engine.resolving import HR, Chart, resolve
from server.hr.approvals.model import Does, Facts, Flow, On, Who, Why
from server.hr.approvals.store.people import Place, places
from server.storage import UnitOfWork

JUDGED = frozenset({On.DEPARTMENT, On.SITE, On.LEGAL_ENTITY, On.LEVEL})
"""Conditions that are known of a person; the others depend on what is asked, so anybody may come to their branch."""
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Lacking:
    """Of a deciding step: how many people would find nobody (none), or only HR or a deputy (top), with some of their ids."""

    branch: int
    step: int
    none: int
    top: int
    examples: tuple[int, ...]


def lacking(uow: UnitOfWork, flow: Flow, on: date) -> list[Lacking]:
    """The steps at which the flow would find nobody, or nobody above, for somebody who is employed on the day."""
    charts = _charts(uow, flow, on)
    found = []
    for b, branch in enumerate(flow.branches):
        judged = [one for one in branch.conditions if one.on in JUDGED]
        who = [chart for chart, facts, above in charts if all(fits(one, facts, above) for one in judged)]
        for s, step in enumerate(branch.steps):
            if step.does is Does.COPY:
                continue
            resolved = [(chart.requester_id, resolve(step, flow, chart).asked) for chart in who]
            none = [key for key, asked in resolved if not asked]
            top = [key for key, asked in resolved if asked and asked[0].why in {Why.DEPUTY, Why.HR}]
            if none or top:
                found.append(Lacking(b, s, len(none), len(top), tuple((none or top)[:EXAMPLES])))
    return found


def _charts(uow: UnitOfWork, flow: Flow, on: date) -> list[tuple[Chart, Facts, Sequence[int]]]:
    """Everybody's chart, with what conditions can know, from a few questions."""
    known, heads, above = places(uow, on), directory.heads_on(uow, on), _departments(uow)
    roles = {HR, *(step.role for branch in flow.branches for step in branch.steps if step.who is Who.ROLE)}
    holders = {role: tuple(access.people_with_role(uow, Role(role))) for role in roles if role in set(Role)}
    employed = frozenset(known)
    found: list[tuple[Chart, Facts, Sequence[int]]] = []
    for key, place in known.items():
        chain = above.get(place.department_id, ()) if place.department_id is not None else ()
        managers = _managers(key, known)
        chart = Chart(key, managers, tuple(heads.get(one) for one in chain), holders, employed)
        facts = Facts(
            "",
            key,
            on,
            department_id=place.department_id,
            site_id=place.site_id,
            legal_entity_id=place.legal_entity_id,
            level=len(managers),
        )
        found.append((chart, facts, chain))
    return found


def _managers(key: int, known: Mapping[int, Place]) -> tuple[int, ...]:
    chain: list[int] = []
    look = known[key].manager_id
    while look is not None and look not in chain and look != key:
        chain.append(look)
        look = known[look].manager_id if look in known else None
    return tuple(chain)


def _departments(uow: UnitOfWork) -> dict[int, tuple[int, ...]]:
    """Every department with those above it, its own first."""
    parents = {one.id: one.parent_id for one in directory.list_departments(uow)}
    found = {}
    for key in parents:
        chain = [key]
        while (parent := parents.get(chain[-1])) is not None and parent not in chain:
            chain.append(parent)
        found[key] = tuple(chain)
    return found
