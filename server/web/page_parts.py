"""What areas add to somebody's page: a card with a heading, or a link beside the name. `wiring` puts their functions together.

The page of a person belongs to attendance; areas above it know more of the person. Each gives a function
`(request, uow, person_id) -> PersonPart`, which looks at what the reader may see and answers an empty part where that is nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request

from server.storage import UnitOfWork


@dataclass(frozen=True, slots=True)
class PartLink:
    """A way to a page about the person. words: an English text and at once key of the translation."""

    href: str
    words: str


@dataclass(frozen=True, slots=True)
class Card:
    """A card on the page. title: English text and key of the translation. template: of what stands in it; it sees `facts`."""

    title: str
    template: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PersonPart:
    """What one area knows of a person."""

    links: tuple[PartLink, ...] = ()
    cards: tuple[Card, ...] = ()


PersonParts = Callable[[Request, UnitOfWork, int], PersonPart]


def parts_of(request: Request, uow: UnitOfWork, person_id: int) -> PersonPart:
    """What all areas know of a person, in the order in which wiring names them."""
    areas: tuple[PersonParts, ...] = getattr(request.app.state, "person_parts", ())
    found = [area(request, uow, person_id) for area in areas]
    return PersonPart(tuple(link for part in found for link in part.links), tuple(card for part in found for card in part.cards))
