"""What every page takes from a request: the shell, the database, the reader's words, the moment."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from fastapi import Request

from server.errors import InvalidInputError, ServerError
from server.storage import Database
from server.web.language import language_of, translator
from server.web.shell import Shell


def shell_of(request: Request) -> Shell:
    found: Shell = request.app.state.shell
    return found


def database_of(request: Request) -> Database:
    found: Database = request.app.state.database
    return found


def words(request: Request) -> Callable[..., str]:
    """`_` of this reader."""
    return translator(language_of(request, shell_of(request).language))


def said(request: Request, error: ServerError) -> str:
    """An error as a sentence beside a form."""
    return error.told(words(request))


def whole(value: str, field: str) -> int | None:
    """A number out of an address, None for an empty one; raises InvalidInputError."""
    if not value:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) < 19):
        raise InvalidInputError(field=field, reason="give a whole number")
    return int(value)


def given_day(value: str, field: str) -> date | None:
    """A date as browsers send it, None for an empty field; raises InvalidInputError."""
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise InvalidInputError(field=field, reason="give a date such as 2026-11-23") from error


def own_path(path: str) -> str:
    """The path where it is one of ours, else the first page: an address that leads elsewhere would make a good trap."""
    return path if path.startswith("/") and not path.startswith("//") and "\\" not in path else "/"


def now() -> datetime:
    return datetime.now(UTC)


def may(request: Request, permission: str) -> bool:
    visitor = request.state.visitor
    return visitor is not None and permission in visitor.permissions
