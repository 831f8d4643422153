"""Departments as a tree with head-counts. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from server.directory.model import Department


@dataclass(frozen=True, slots=True)
class DepartmentLine:
    """A department in its place. depth: 0 at the top. own: people in it; below: with those in departments below it."""

    department: Department
    depth: int
    own: int
    below: int


def tree_of(departments: Sequence[Department], people: Mapping[int, int]) -> tuple[DepartmentLine, ...]:
    """All departments, each behind the one above it, in the order in which they come; people: how many are in each."""
    children: dict[int | None, list[Department]] = defaultdict(list)
    known = {one.id for one in departments}
    for one in departments:
        children[one.parent_id if one.parent_id in known else None].append(one)
    totals: dict[int, int] = {}

    def count(one: Department) -> int:
        totals[one.id] = people.get(one.id, 0) + sum(count(child) for child in children[one.id])
        return totals[one.id]

    def walk(one: Department, depth: int) -> Iterator[DepartmentLine]:
        yield DepartmentLine(one, depth, people.get(one.id, 0), totals[one.id])
        for child in children[one.id]:
            yield from walk(child, depth + 1)

    for top in children[None]:
        count(top)
    return tuple(line for top in children[None] for line in walk(top, 0))


def would_circle(departments: Sequence[Department], department_id: int, parent_id: int | None) -> bool:
    """Whether a department would stand above itself with this one above it."""
    parents = {one.id: one.parent_id for one in departments} | {department_id: parent_id}
    above, seen = parent_id, {department_id}
    while above is not None:
        if above in seen:
            return True
        seen.add(above)
        above = parents.get(above)
    return False
