"""Terminals that days wait for, and silences that somebody accepted."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Silence:
    """What a terminal has not reported from..until is not waited for; whole seconds since 1970. starts_at 0: it never reported."""

    id: int
    terminal_id: int
    starts_at: int
    ends_at: int
    author: str
    reason: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class SilentTerminal:
    """A terminal that has not reported past the end of days that are over. reported_until None: it never did.

    people, days: how many wait for its zone's terminals; another terminal may be silent as well.
    """

    terminal_id: int
    serial: str
    name: str
    site_name: str
    time_zone: str
    reported_until: int | None
    people: int
    days: int
