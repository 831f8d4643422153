"""What forms and addresses of these pages ask, read with the field named that is wrong."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from fastapi import Request

from server.attendance.pages.asked import today
from server.errors import InvalidInputError
from server.hr.leave.engine.telling import is_by_hours
from server.hr.leave.model import LeaveType
from server.web.asking import given_day

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
"""Days that can be asked for: far enough for any balance, and few enough to be worked out."""
MOST = 1000
"""Days or hours in one adjustment."""


def day_asked(request: Request, field: str = "day") -> date:
    """The day of the question, else today; raises InvalidInputError."""
    return within_reach(given_day(request.query_params.get(field, ""), field) or today(request), field)


def day_typed(typed: Mapping[str, str], field: str) -> date:
    """A day that has to be there; raises InvalidInputError."""
    found = given_day(typed.get(field, ""), field)
    if found is None:
        raise InvalidInputError(field=field, reason="give a date such as 2026-11-23")
    return within_reach(found, field)


def maybe_day(typed: Mapping[str, str], field: str) -> date | None:
    """A day, None where the field is empty; raises InvalidInputError."""
    return day_typed(typed, field) if typed.get(field) else None


def minutes_typed(typed: Mapping[str, str], kind: LeaveType, field: str = "amount") -> int:
    """So many days, or hours where the kind is told in hours, as minutes; raises InvalidInputError."""
    try:
        amount = Decimal(typed.get(field, "").replace(",", ".").replace("\uff0c", "."))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) > MOST:
        raise InvalidInputError(field=field, reason="give a number such as 1.5, or -2 to take away")
    return round(amount * (60 if is_by_hours(kind.terms) else kind.terms.standard_day_minutes))


def within_reach(day: date, field: str) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InvalidInputError(field=field, reason="give a date from 2000 to 2099")
    return day
