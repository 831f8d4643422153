"""What these pages share: who acts, and values out of forms and addresses."""

from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request

from server.errors import InvalidInputError


def local_moment(value: str, zone: ZoneInfo, field: str) -> datetime | None:
    """A moment as `datetime-local` sends it, on the site's clock; None for an empty field; raises InvalidInputError."""
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise InvalidInputError(field=field, reason="give a day and a time such as 2026-11-23T08:30") from error
    return found.replace(tzinfo=zone) if found.tzinfo is None else found


def export_address(request: Request, path: str) -> str:
    """Where the list as seen is exported: the page's own questions, without its place in the list and what was done last."""
    asked = {name: value for name, value in request.query_params.items() if name not in _OF_THE_PAGE and value}
    return f"{path}?{urlencode(asked)}" if asked else path


_OF_THE_PAGE = {"after", "view", "done", "count", "left", "at"}


TABLE_WORDS = {
    "attlog": "punches",
    "rtlog": "punches and doors",
    "transaction": "punches, asked for",
    "operlog": "operations and users",
    "options": "settings",
    "user": "users",
    "biodata": "templates",
    "templatev10": "templates",
    "attphoto": "pictures",
    "userpic": "pictures",
    "biophoto": "pictures",
    "verify-sum-attlog": "its own count",
}
"""Tables of terminals that push, in the reader's words; of the rest it is said that nobody knows them."""
