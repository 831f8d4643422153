"""What waits for the reader today: areas say it, the first page shows it. `wiring` puts their functions together."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fastapi import Request

from server.storage import UnitOfWork
from server.web.asking import database_of


@dataclass(frozen=True, slots=True)
class Waiting:
    """One work list that is not empty. words: in the reader's language, with the number; kind: the state it is shown as."""

    kind: str
    words: str
    href: str


WorkLists = Callable[[Request, UnitOfWork], Iterable[Waiting]]
"""What an area knows to be waiting for this reader, the gravest first."""


def waiting_for(request: Request) -> list[Waiting]:
    """Of all areas, in one look."""
    areas: tuple[WorkLists, ...] = getattr(request.app.state, "work_lists", ())
    with database_of(request).reading() as uow:
        return [one for area in areas for one in area(request, uow)]
