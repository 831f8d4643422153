"""What areas add to somebody's page: a card with a heading. `wiring` puts their functions together.

The page of a person belongs to attendance; areas above it know more of the person. Each gives a function
`(request, uow, person_id) -> Card`, which looks at what the reader may see and answers None where that is nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request

from server.storage import UnitOfWork


@dataclass(frozen=True, slots=True)
class Card:
    """A card on the page. title: English text and key of the translation. template: of what stands in it; it sees `facts`."""

    title: str
    template: str
    facts: Mapping[str, Any] = field(default_factory=dict)


PersonCard = Callable[[Request, UnitOfWork, int], Card | None]


def cards_of(request: Request, uow: UnitOfWork, person_id: int) -> list[Card]:
    """What all areas know of a person, in the order in which wiring names them."""
    areas: tuple[PersonCard, ...] = getattr(request.app.state, "person_cards", ())
    return [card for area in areas if (card := area(request, uow, person_id)) is not None]
