"""What the ledger lacks to say what the rules say. It is only ever added to: a change of what was brings a movement that corrects."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from server.hr.leave.model import Due, Movement, MovementKind, NewMovement
from server.hr.leave.model.ledger import DERIVED


@dataclass(slots=True)
class _Held:
    minutes: int = 0
    latest: Movement | None = None


def corrections(dues: Iterable[Due], recorded: Iterable[Movement]) -> list[NewMovement]:
    """The movements that bring what is recorded to what is due; none where it says so already.

    dues: those whose day has come. recorded: of the same person and type, of any kind; those that people made are left alone.
    """
    held: dict[tuple[str, MovementKind], _Held] = defaultdict(_Held)
    for one in recorded:
        if one.kind in DERIVED:
            there = held[one.cause, one.kind]
            there.minutes += one.minutes
            there.latest = one
    found = []
    for due in dues:
        there = held.pop((due.cause, due.kind), _Held())
        if due.minutes != there.minutes:
            found.append(_towards(due, there))
    found += [_back(there) for there in held.values() if there.minutes]
    return found


def _towards(due: Due, there: _Held) -> NewMovement:
    facts: dict[str, Any] = dict(due.facts)
    if there.latest is not None:
        facts = {"code": "corrected", "before": there.minutes, "after": due.minutes, "because": facts}
    return NewMovement(due.kind, due.minutes - there.minutes, due.day, due.cause, due.lot, due.last_day, facts=facts)


def _back(there: _Held) -> NewMovement:
    """Nothing is due any more for a cause that was recorded."""
    latest = there.latest
    assert latest is not None
    facts = {"code": "corrected", "before": there.minutes, "after": 0, "because": {"code": "gone"}}
    return NewMovement(latest.kind, -there.minutes, latest.day, latest.cause, latest.lot, latest.last_day, facts=facts)
