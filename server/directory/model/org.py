"""Values of the org chart."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reporting:
    """Somebody in the chart of managers. managed: how many report to this person directly."""

    person_id: int
    name: str
    employee_number: str
    position: str | None
    department: str | None
    managed: int


@dataclass(frozen=True, slots=True)
class OrgNode:
    """A box of an org chart. note: what stands below its name. people: with all below a department; direct reports of a manager.

    below: how many boxes stand directly below it.
    """

    key: int
    name: str
    note: str
    people: int
    below: int
    href: str


@dataclass(frozen=True, slots=True)
class OrgLevel:
    """The boxes directly below one, or at the top. more: how many are left out because there are too many to look at."""

    nodes: tuple[OrgNode, ...]
    more: int
