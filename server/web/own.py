"""What somebody finds of themselves: areas name their own pages, and the first page of a phone lists them. `wiring` puts them together."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fastapi import Request

from server.storage import UnitOfWork


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """A page about the reader. name, detail: in the reader's language; detail says what is there now, empty for nothing to say."""

    href: str
    name: str
    detail: str = ""


OwnEntries = Callable[[Request, UnitOfWork], Iterable[OwnEntry]]
"""The pages of an area that this reader has. Asked only for somebody who is a person in the directory."""


def own_entries(request: Request, uow: UnitOfWork) -> list[OwnEntry]:
    """Of all areas, in their order."""
    areas: tuple[OwnEntries, ...] = getattr(request.app.state, "own_entries", ())
    return [one for area in areas for one in area(request, uow)]
