"""What an address of the roster grid asks for: which days, and whose."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from fastapi import Request

from server.access.model import EVERYBODY, Permission, Scope
from server.access.pages.visitors import scope_of_visitor
from server.directory import actions as directory
from server.directory.model import PersonOverview
from server.errors import InvalidInputError
from server.storage import UnitOfWork
from server.web.asking import given_day, now, shell_of, whole

MOST_PEOPLE = 1_000
"""At once; who has more chooses a department or a site."""
MOST_DAYS = 62
EARLIEST, LATEST = date(1971, 1, 1), date(9998, 1, 1)
SPANS = ("week", "two-weeks", "month")
HIGHEST_ID = 2**63 - 1
LONGEST_TEXT = 64


@dataclass(frozen=True, slots=True)
class GridQuestion:
    """first, last: both included. span: what first and last come from, for the links to earlier and later.

    scope: whose rosters may be seen.
    """

    first: date
    last: date
    span: str
    department_id: int | None
    site_id: int | None
    text: str
    scope: Scope = EVERYBODY

    @property
    def is_filtered(self) -> bool:
        return bool(self.department_id or self.site_id or self.text)

    @property
    def before(self) -> date:
        """The first day of the span before this one."""
        return _begin(self.first - timedelta(days=1), self.span)

    @property
    def following(self) -> date:
        return self.last + timedelta(days=1)

    @property
    def query(self) -> str:
        """This question, as the pages and the API take it."""
        asked = {"first": self.first, "last": self.last, "span": self.span, **self._whose}
        return urlencode(asked)

    def address(self, first: date) -> str:
        """Of the page with the span that holds this day."""
        return f"/roster?{urlencode({'first': first, 'span': self.span, **self._whose})}"

    def people(self, uow: UnitOfWork, limit: int = MOST_PEOPLE) -> list[PersonOverview]:
        """By the sound of their names; also those who have left, because they may have worked in these days."""
        chosen = {"text": self.text, "department_id": self.department_id, "site_id": self.site_id}
        within = directory.people_within(self.scope, self.first, self.last)
        found = directory.list_people(uow, **chosen, active=None, limit=limit, within=within)  # type: ignore[arg-type]
        return [one for one, _ in found]

    @property
    def _whose(self) -> dict[str, object]:
        whose = {"department": self.department_id, "site": self.site_id, "text": self.text}
        return {name: value for name, value in whose.items() if value}


def page_question(request: Request) -> GridQuestion:
    """What the page's address asks: whole weeks from a Monday, or a month. Raises InvalidInputError."""
    span = request.query_params.get("span") or "month"
    if span not in SPANS:
        raise InvalidInputError(field="span", reason="choose one that the list offers")
    first = _begin(_day(request, "first") or now().astimezone(shell_of(request).zone).date(), span)
    return replace(_whose(request), first=first, last=_end(first, span), span=span)


def days_question(request: Request) -> GridQuestion:
    """What an address of the API asks: first and last as they are. Raises InvalidInputError."""
    first, last = _day(request, "first"), _day(request, "last")
    if first is None or last is None or last < first:
        raise InvalidInputError(field="last", reason="give a first and a last day, in this order")
    if (last - first).days >= MOST_DAYS:
        raise InvalidInputError(field="last", reason="ask for at most {days} {days:day|days} at once", days=MOST_DAYS)
    span = request.query_params.get("span", "")
    return replace(_whose(request), first=first, last=last, span=span if span in SPANS else "month")


def _whose(request: Request) -> GridQuestion:
    asked = request.query_params
    department, site = (_key(asked.get(name, ""), name) for name in ("department", "site"))
    text = asked.get("text", "").replace("\0", "").strip()[:LONGEST_TEXT]
    return GridQuestion(EARLIEST, EARLIEST, "month", department, site, text, scope_of_visitor(request, Permission.SEE_ROSTER))


def _key(value: str, field: str) -> int | None:
    number = whole(value, field)
    if number is not None and not 0 < number <= HIGHEST_ID:
        raise InvalidInputError(field=field, reason="choose one that the list offers")
    return number


def _day(request: Request, field: str) -> date | None:
    day = given_day(request.query_params.get(field, ""), field)
    if day is not None and not EARLIEST <= day <= LATEST:
        raise InvalidInputError(field=field, reason="give a day from 1971 to 9997")
    return day


def _begin(day: date, span: str) -> date:
    return day.replace(day=1) if span == "month" else day - timedelta(days=day.weekday())


def _end(first: date, span: str) -> date:
    if span == "month":
        return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return first + timedelta(days=6 if span == "week" else 13)
