"""What somebody asks to be approved, as far as an approval's course needs to know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

KIND_NAMES: Mapping[str, str] = {
    "": "Any kind",
    "leave": "Leave",
    "overtime": "Overtime",
    "correction": "Correction",
    "trip": "Trip",
    "field-work": "Field work",
    "shift-change": "Shift change",
    "swap": "Shift swap",
    "own-data": "Own data",
}
"""What our kinds are called, texts of ours; "" is the flow for any kind."""
KINDS = tuple(kind for kind in KIND_NAMES if kind)
"""Kinds that flows are made for. A dot leads to a narrower one ("leave.annual"); ".cancel" behind any of them asks to take it back."""
CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Subject:
    """The thing that is asked for, in the area whose handler has this kind: ("request", 17)."""

    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What the conditions of flows look at, as it was on the day of asking. None: not known, or without meaning for this kind.

    kind: dotted, see `KINDS`. days, minutes: how long, in whichever the kind is counted. department_id, site_id, legal_entity_id: the
    requester's. level: how many managers stand above the requester, 0 at the top. first_day: the first day it is for.
    """

    kind: str
    requester_id: int
    first_day: date
    minutes: int | None = None
    days: Decimal | None = None
    department_id: int | None = None
    site_id: int | None = None
    legal_entity_id: int | None = None
    level: int | None = None
    money_fen: int | None = None


def patterns_of(kind: str) -> tuple[str, ...]:
    """The kinds whose flows can be meant, the narrowest first: "leave.annual.cancel", "leave.annual", "leave", "" (any kind)."""
    parts = kind.split(".")
    return (*(".".join(parts[:length]) for length in range(len(parts), 0, -1)), "")


@dataclass(frozen=True, slots=True)
class Told:
    """A text of ours, English and at once the key of its translation, with what is put into it: values, or texts of ours again."""

    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
