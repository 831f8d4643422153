"""What the pages of the roster share: who acts, what a form holds, what is refused beside it."""

from datetime import date

from fastapi import Request

from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.web.asking import given_day, now, shell_of

REFUSALS = (InvalidInputError, NotFoundError, RefusedError)


async def form_of(request: Request) -> dict[str, str]:
    """The texts of a form; of several with one name the last, files left out."""
    async with request.form() as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def needed_day(value: str, field: str) -> date:
    """A date as browsers send it; raises InvalidInputError also for an empty one."""
    found = given_day(value, field)
    if found is None:
        raise InvalidInputError(field=field, reason="give a date such as 2026-11-23")
    return found


def today_of(request: Request) -> date:
    """The date on the company's clock."""
    return now().astimezone(shell_of(request).zone).date()
