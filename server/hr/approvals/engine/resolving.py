"""Which people a step means for one requester, as a function of who stands where on the day.

| the step means           | but                                  | so it asks                                                         |
|--------------------------|--------------------------------------|--------------------------------------------------------------------|
| anybody                  | that is the requester, or has left   | the others it means; if there are none, the next above             |
| the 3rd manager          | there are only two                   | the highest there is                                               |
| a head of department     | there is none                        | the next head above, then the managers                             |
| anybody                  | nobody stands above                  | the flow's deputies, else HR (one of them is enough), never oneself |
| somebody                 | who agreed at an earlier step        | nobody: passed over, unless the flow asks again                    |

Nobody ever approves their own request. Source: docs/explanation/approvals.md.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from server.hr.approvals.model import Agreement, Asked, Does, Flow, Outcome, Step, Who, Why

HR = "hr"
"""Access's word for the role that decides where nobody else is there."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Who stands where on a day, as far as one requester's flow needs it.

    managers: the nearest first. heads: of the requester's department and of those above it, None where there is none. roles: who has them.
    employed: of all people named here or in the flow, those who are employed on the day.
    """

    requester_id: int
    managers: tuple[int, ...] = ()
    heads: tuple[int | None, ...] = ()
    roles: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    employed: frozenset[int] = frozenset()

    def others(self, people: Iterable[int | None]) -> tuple[int, ...]:
        """Of these, in their order and once, who can be asked: not the requester, and nobody who has left."""
        return tuple(dict.fromkeys(one for one in people if one is not None and one != self.requester_id and one in self.employed))


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a step comes to. asked: empty for one that is passed over (by `agreed`), or that finds nobody. all_must: every one of them."""

    asked: tuple[Asked, ...]
    all_must: bool = False
    agreed: tuple[Asked, ...] = ()

    @property
    def finds_nobody(self) -> bool:
        return not self.asked and not self.agreed

    def outcome(self, step: Step) -> Outcome:
        if step.does is Does.COPY:
            return Outcome.COPIES
        return Outcome.PASSED_OVER if self.agreed and not self.asked else Outcome.ASKS


def resolve(step: Step, flow: Flow, chart: Chart, agreed: Collection[int] = ()) -> Resolution:
    """The people of a step. agreed: who agreed at earlier steps of this round, also as somebody's delegate."""
    meant = _meant(step, chart)
    if step.does is Does.COPY:
        return Resolution(meant)
    all_must = step.agreement is Agreement.ALL
    if not meant:
        meant, all_must = _instead(step, flow, chart), False
    if flow.asks_again:
        return Resolution(meant, all_must)
    before = tuple(one for one in meant if one.person_id in agreed)
    left = tuple(one for one in meant if one.person_id not in agreed)
    if before and not all_must:
        return Resolution((), all_must, before)
    return Resolution(left, all_must, before)


def line_above(chart: Chart) -> tuple[int, ...]:
    """Everybody above the requester: managers, the nearest first, then heads of departments who are none of them."""
    return chart.others((*chart.managers, *chart.heads))


def next_above(chart: Chart, person_ids: Collection[int]) -> Asked | None:
    """Who comes after these people: the next above the highest of them, else the nearest above the requester who is none of them."""
    line = line_above(chart)
    highest = max((line.index(one) for one in person_ids if one in line), default=-1)
    following = [one for one in line[highest + 1 :] if one not in person_ids]
    return Asked(following[0], Why.ESCALATED) if following else None


def _meant(step: Step, chart: Chart) -> tuple[Asked, ...]:
    """Whom the step names, as far as they can be asked."""
    if step.who is Who.MANAGER:
        managers = chart.others(chart.managers)
        return _asked(managers[step.nth - 1 : step.nth] or managers[-1:], Why.MANAGER)
    if step.who is Who.DEPARTMENT_HEAD:
        return _asked(chart.others(chart.heads[step.nth : step.nth + 1]), Why.HEAD)
    if step.who is Who.ROLE:
        return _asked(chart.others(chart.roles.get(step.role, ())), Why.ROLE)
    return _asked(chart.others(step.people), Why.NAMED)


def _instead(step: Step, flow: Flow, chart: Chart) -> tuple[Asked, ...]:
    """Who is asked where the step means nobody who can be asked."""
    heads = chart.others(chart.heads[step.nth :]) if step.who is Who.DEPARTMENT_HEAD else ()
    above = heads or line_above(chart)
    if above:
        return (Asked(above[0], Why.NEXT_ABOVE),)
    return _asked(chart.others(flow.deputies), Why.DEPUTY) or _asked(chart.others(chart.roles.get(HR, ())), Why.HR)


def _asked(people: Sequence[int], why: Why) -> tuple[Asked, ...]:
    return tuple(Asked(one, why) for one in people)
