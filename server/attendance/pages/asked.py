"""What the addresses of these pages ask, read from them and written into them."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlencode

from fastapi import Request

from protocol.instants import WallTime
from server.access.model import Permission
from server.attendance.model import PunchFilter, PunchKey
from server.directory import actions as directory
from server.directory.model import Department
from server.errors import InvalidInputError
from server.fleet import actions as fleet
from server.fleet.model import Site, TerminalOverview
from server.storage import UnitOfWork
from server.web.asking import may, now, shell_of


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
    return may(request, Permission.SEE_PEOPLE)


def punch_filter(request: Request) -> PunchFilter:
    """The question in a page's address; raises InvalidInputError for a value that cannot be used."""
    asked = request.query_params
    return PunchFilter(
        person_id=whole(asked.get("person", ""), "person"),
        department_id=whole(asked.get("department", ""), "department") if see_people(request) else None,
        site_id=whole(asked.get("site", ""), "site"),
        terminal_id=whole(asked.get("terminal", ""), "terminal"),
        since=day(asked.get("since", ""), "since"),
        until=day(asked.get("until", ""), "until"),
        text=asked.get("text", "").strip()[:64],
        see_people=see_people(request),
    )


def without_person(wanted: PunchFilter) -> PunchFilter:
    """For readers who may not see people: whose punches these are is no question they can ask."""
    return wanted if wanted.see_people else replace(wanted, person_id=None)


def whole(value: str, field: str) -> int | None:
    """A number, None for an empty field; raises InvalidInputError."""
    if not value:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) < 19):
        raise InvalidInputError(field=field, reason="give a whole number")
    return int(value)


def day(value: str, field: str) -> date | None:
    """A date as browsers send it, None for an empty field; raises InvalidInputError."""
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise InvalidInputError(field=field, reason="give a date such as 2026-11-23") from error


def punch_key(value: str) -> PunchKey | None:
    """The place in a list that `written_key` wrote."""
    wall, _, number = value.partition("-")
    if not value:
        return None
    found = whole(wall, "after"), whole(number, "after")
    if found[0] is None or found[1] is None:
        raise InvalidInputError(field="after", reason="give a whole number")
    return PunchKey(WallTime(found[0]), found[1])


def written_key(key: PunchKey) -> str:
    return f"{key.wall}-{key.id}"


def today(request: Request) -> date:
    """The date at the company."""
    return now().astimezone(shell_of(request).zone).date()


def local_now(request: Request) -> datetime:
    return now().astimezone(shell_of(request).zone)


def export_address(request: Request, path: str) -> str:
    """Where the list as seen is exported: the page's own questions without its place in the list."""
    asked = {name: value for name, value in request.query_params.items() if name != "after" and value}
    return f"{path}?{urlencode(asked)}" if asked else path
