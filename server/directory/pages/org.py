"""`/org`: the org chart on a day, by department or by manager; levels are read when somebody opens them.

The same levels stand as a table behind the picture: what is open there is in the address, so that it needs neither mouse nor script.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.directory import actions as directory
from server.directory.model import OrgLevel, OrgNode
from server.directory.pages.staff_asked import today, within
from server.errors import InvalidInputError
from server.storage import UnitOfWork
from server.web.asking import database_of, given_day, shell_of, whole
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_PEOPLE)]
WAYS = ("department", "manager")
NOTHING = "none"
"""In the address where even the box at the top is closed."""
MOST_OPEN = 60
"""Levels that a page shows open at once; each is a question to the database."""


@dataclass(frozen=True, slots=True)
class OrgRow:
    """A row of the table: a box, or of `more` how many of a level are left out. opened: the keys that a click on its sign leaves open."""

    node: OrgNode | None
    depth: int
    is_open: bool = False
    opened: str = ""
    more: int = 0


@router.get("/org", dependencies=SEES, include_in_schema=False)
def org_page(request: Request, by: str = "", day: str = "", open: str = "") -> Response:  # noqa: A002 - the word in the address
    """open: the keys of the boxes that are open in the table, with commas between; without it a single box at the top is."""
    way, asked = _way(by), given_day(day, "day") or today(request)
    with database_of(request).reading() as uow:
        opened = _keys(open) if open else _single(_level(request, uow, way, None, asked))
        rows = list(_rows(request, uow, way, asked, opened, None, 0))
    facts: dict[str, Any] = {"way": way, "day": asked, "today": today(request), "rows": rows}
    return shell_of(request).page(request, "directory/org.html", **facts)


@router.get("/api/v1/org", tags=["directory"], dependencies=SEES)
def org_level(request: Request, by: str = "", below: str = "", day: str = "") -> dict[str, Any]:
    """One level of the org chart: what stands directly below a department, or reports to a person (`by=manager`), on a day.

    `below` is an id, nothing at the top. `more` says how many are left out.
    """
    way, asked = _way(by), given_day(day, "day") or today(request)
    with database_of(request).reading() as uow:
        level = _level(request, uow, way, whole(below, "below"), asked)
    return {"day": asked, "by": way, "nodes": [asdict(one) for one in level.nodes], "more": level.more}


def _level(request: Request, uow: UnitOfWork, way: str, key: int | None, day: date) -> OrgLevel:
    read = directory.people_below if way == "manager" else directory.departments_below
    return read(uow, key, day, within(request, day))


def _rows(
    request: Request, uow: UnitOfWork, way: str, day: date, opened: tuple[int, ...], above: int | None, depth: int
) -> Iterator[OrgRow]:
    level = _level(request, uow, way, above, day)
    for node in level.nodes:
        is_open = node.key in opened and node.below > 0
        left = [one for one in opened if one != node.key] if is_open else [*opened, node.key]
        yield OrgRow(node, depth, is_open, ",".join(map(str, left)))
        if is_open and depth < MOST_OPEN:
            yield from _rows(request, uow, way, day, opened, node.key, depth + 1)
    if level.more:
        yield OrgRow(None, depth, more=level.more)


def _single(top: OrgLevel) -> tuple[int, ...]:
    return (top.nodes[0].key,) if len(top.nodes) == 1 else ()


def _way(by: str) -> str:
    if by and by not in WAYS:
        raise InvalidInputError(field="by", reason="choose one that the list offers")
    return by or WAYS[0]


def _keys(opened: str) -> tuple[int, ...]:
    found = [whole(one.strip(), "open") for one in opened.split(",")] if opened != NOTHING else []
    return tuple(dict.fromkeys(one for one in found if one is not None))[-MOST_OPEN:]
