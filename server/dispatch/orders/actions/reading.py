"""Orders as they are read."""

from datetime import datetime

from server.dispatch.orders import store
from server.dispatch.orders.model import Order, OrderFilter, OrderLine, Part, PartState, Progress
from server.errors import NotFoundError
from server.storage import UnitOfWork


def list_orders(uow: UnitOfWork, wanted: OrderFilter, now: datetime, *, below: int | None = None, limit: int = 50) -> list[OrderLine]:
    """Orders that fit, the latest first, behind the order `below`."""
    return store.orders(uow, wanted, now, below, limit)


def find_order(uow: UnitOfWork, order_id: int) -> Order:
    """Raises NotFoundError."""
    found = store.order_by_id(uow, order_id)
    if found is None:
        raise NotFoundError(what="order", name=order_id)
    return found


def pending_orders(uow: UnitOfWork, now: datetime) -> dict[int, int]:
    """By terminal, how many orders have no end yet; terminals with none are left out."""
    return store.open_counts(uow, now)


def parts_of(uow: UnitOfWork, order_id: int, now: datetime) -> list[Part]:
    """All parts of an order, by the serial number of their terminals."""
    return store.parts_of(uow, order_id, now)


def progress_of(parts: list[Part]) -> Progress:
    """How many are in which state."""
    return Progress({state: count for state in PartState if (count := sum(part.state is state for part in parts))})


def body_of(uow: UnitOfWork, order_id: int, part_id: int) -> bytes:
    """The file that an edge answered with; raises NotFoundError."""
    found = store.body_of(uow, order_id, part_id)
    if found is None:
        raise NotFoundError(what="file", name=part_id)
    return found
