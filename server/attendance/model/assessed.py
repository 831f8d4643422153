"""A day that was worked out and is not stored yet."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from server.attendance.model.days import AttendanceDay
from server.attendance.model.stored import DayInputs


class Known(NamedTuple):
    """What was stored of a day when it was worked out."""

    inputs_hash: bytes
    state: str
    left_at: int | None
    assessed_at: datetime
    body: bytes
    steps: bytes


@dataclass(frozen=True, slots=True)
class Assessed:
    """What a day comes to now. day None: there is no such day (nobody employed and nothing punched, or no rules).

    inputs_body: the inputs as they are stored. body, steps: the day as it is stored; empty without a day. follows: the next day asks when
    somebody left on this one.
    """

    person_id: int
    work_date: date
    day: AttendanceDay | None
    inputs: DayInputs | None
    inputs_hash: bytes
    inputs_body: bytes
    body: bytes
    steps: bytes
    known: Known | None
    follows: bool = False

    @property
    def changed(self) -> bool:
        """Whether what is stored says something else."""
        if self.known is None:
            return self.day is not None
        known = self.known
        return self.day is None or (known.inputs_hash, known.body, known.steps) != (self.inputs_hash, self.body, self.steps)

    @property
    def left_otherwise(self) -> bool:
        """Whether somebody is now known to have left at another time."""
        before = None if self.known is None else self.known.left_at
        return before != (None if self.day is None else self.day.left_at)
