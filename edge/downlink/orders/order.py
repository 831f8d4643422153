"""What a handler of orders gets and gives."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date

from protocol.identifiers import TerminalSerial
from protocol.messages import MOST_DATES, Order, OrderOutcome


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an order. found, body: what it asked for; see `protocol.messages.OrderResult`."""

    outcome: OrderOutcome = OrderOutcome.DONE
    detail: str = ""
    found: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class RefusedOrderError(Exception):
    """It must not be carried out, or cannot be here; the message says why."""


class FailedOrderError(Exception):
    """It was tried; the message says what came of it."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order on its way. begin: to be awaited just before what must not happen twice; it is on the disk when this returns."""

    order: Order
    begin: Callable[[], Awaitable[None]]

    @property
    def terminal(self) -> TerminalSerial:
        """The terminal it is for; raises RefusedOrderError where it names none."""
        return TerminalSerial(self.text("terminal"))

    def text(self, name: str) -> str:
        """A parameter; raises RefusedOrderError where it is missing."""
        value = self.order.parameters.get(name, "").strip()
        if not value:
            raise RefusedOrderError(f"the order names no {name}")
        return value

    def number(self, name: str, least: float, most: float) -> float:
        """A parameter that is a number within these limits; raises RefusedOrderError."""
        try:
            value = float(self.text(name))
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise RefusedOrderError(f"{name} is a number from {least:g} to {most:g}")
        return value

    def dates(self) -> list[date]:
        """A parameter of dates with commas between them, at most `MOST_DATES`; raises RefusedOrderError."""
        try:
            found = [date.fromisoformat(day.strip()) for day in self.text("dates").split(",")]
        except ValueError:
            found = []
        if not 1 <= len(found) <= MOST_DATES:
            raise RefusedOrderError(f"dates are 1 to {MOST_DATES} days such as 2026-11-26, with commas")
        return found


Handler = Callable[[Ordered], Awaitable[Answer]]
"""Carries out one kind of order. It may take until the order expires, and is cancelled then. Raises RefusedOrderError, FailedOrderError."""
