"""What the addresses of these pages ask, read from them and written into them."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request

from protocol.instants import WallTime
from server.access.model import Permission
from server.access.pages.visitors import scope_of_visitor
from server.attendance.model import PunchFilter, PunchKey, PunchOrder
from server.directory import actions as directory
from server.directory.model import Department
from server.errors import InvalidInputError
from server.fleet import actions as fleet
from server.fleet.model import Site, TerminalOverview
from server.storage import UnitOfWork
from server.web.asking import given_day, may, now, shell_of, whole

LONGEST_TEXT = 64
HIGHEST_ID = 2**63 - 1
"""What a key in a database can be."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters of a page offer."""

    sites: list[Site]
    departments: list[Department]
    terminals: list[TerminalOverview]

    def site(self, key: int | None) -> Site | None:
        return next((one for one in self.sites if one.id == key), None)

    def department(self, key: int | None) -> Department | None:
        return next((one for one in self.departments if one.id == key), None)

    def terminal(self, key: int | None) -> TerminalOverview | None:
        return next((one for one in self.terminals if one.terminal.id == key), None)


def choices(uow: UnitOfWork) -> Choices:
    return Choices(fleet.list_sites(uow), directory.list_departments(uow), fleet.list_terminals(uow))


def see_people(request: Request) -> bool:
    """Whether punches are shown with names: not to whoever may see more punches than people."""
    if not may(request, Permission.SEE_PEOPLE):
        return False
    return scope_of_visitor(request, Permission.SEE_PEOPLE).everybody or not scope_of_visitor(request, Permission.SEE_PUNCHES).everybody


def punch_filter(request: Request) -> PunchFilter:
    """The question in a page's address; raises InvalidInputError for a value that cannot be used.

    For readers who may not see people, whose punches these are is no question they can ask.
    """
    asked = request.query_params
    people = see_people(request)
    return PunchFilter(
        person_id=whole(asked.get("person", ""), "person") if people else None,
        department_id=whole(asked.get("department", ""), "department") if people else None,
        site_id=whole(asked.get("site", ""), "site"),
        terminal_id=whole(asked.get("terminal", ""), "terminal"),
        since=given_day(asked.get("since", ""), "since"),
        until=given_day(asked.get("until", ""), "until"),
        text=searched(asked.get("text", "")),
        see_people=people,
        scope=scope_of_visitor(request, Permission.SEE_PUNCHES),
    )


def punch_order(request: Request) -> PunchOrder:
    """How a page's address wants punches sorted; raises InvalidInputError."""
    try:
        return PunchOrder(request.query_params.get("order") or PunchOrder.NEWEST)
    except ValueError as error:
        raise InvalidInputError(field="order", reason="choose one that the list offers") from error


def searched(text: str) -> str:
    """What is looked for, without zero bytes, which PostgreSQL refuses."""
    return text.replace("\0", "").strip()[:LONGEST_TEXT]


def is_key(number: int) -> bool:
    """Whether a database could have a row of this number at all; it fails when it is asked for a higher one."""
    return 0 < number <= HIGHEST_ID


def punch_key(value: str) -> PunchKey | None:
    """The place in a list that `written_key` wrote, None at the beginning; raises InvalidInputError."""
    if not value:
        return None
    wall, _, number = value.partition("-")
    found = whole(wall, "after"), whole(number, "after")
    if found[0] is None or found[1] is None:
        raise InvalidInputError(field="after", reason="start again from the first page")
    return PunchKey(WallTime(found[0]), found[1])


def written_key(key: PunchKey) -> str:
    return f"{key.wall}-{key.id}"


def name_key(value: str) -> tuple[str, int] | None:
    """The place in a list by names that `written_name_key` wrote, None at the beginning; raises InvalidInputError."""
    if not value:
        return None
    number, _, sound = value.partition("-")
    found = whole(number, "after")
    if found is None or "\0" in sound:
        raise InvalidInputError(field="after", reason="start again from the first page")
    return sound, found


def written_name_key(key: tuple[str, int]) -> str:
    return f"{key[1]}-{key[0]}"


def today(request: Request) -> date:
    """The date at the company."""
    return local_date(shell_of(request).zone)


def local_date(zone: ZoneInfo) -> date:
    return now().astimezone(zone).date()


def export_address(request: Request, path: str) -> str:
    """Where the list as seen is exported: the page's own questions without its place in the list."""
    asked = {name: value for name, value in request.query_params.items() if name != "after" and value}
    return f"{path}?{urlencode(asked)}" if asked else path
