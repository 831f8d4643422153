"""Three months of plausible punches: on time, late, forgotten, absent, and night shifts that end on the next date."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from clockbridge.demo.company import Duty, Person

IN, OUT = 0, 1
SHIFT_STARTS = (time(6), time(14), time(22))
SHIFT_LENGTH = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class PastPunch:
    """What really happened; `at` is the true time at the site, without a zone."""

    user: str
    at: datetime
    state: int
    verify: int


def punches_of(people: Iterable[Person], until: datetime, days: int = 90, seed: int = 1) -> list[PastPunch]:
    """All punches of the days before `until` (naive, at the site), in order of time; none lies after it."""
    chance = random.Random(seed)
    first = until.date() - timedelta(days=days)
    found = [
        punch
        for person in people
        for offset in range(days + 1)
        for punch in _day(person, first + timedelta(days=offset), chance)
        if punch.at <= until
    ]
    return sorted(found, key=lambda punch: (punch.at, punch.user))


def _day(person: Person, day: date, chance: random.Random) -> Iterator[PastPunch]:
    duty = _duty(person, day)
    if duty is None or chance.random() < 0.02:  # rest, or away
        return
    start, end = duty
    verify = chance.choices((1, 15, 2), (6, 3, 1))[0]
    arrived = start - timedelta(seconds=int(chance.triangular(20, 1500, 420)))
    if chance.random() < 0.05:  # late
        arrived = start + timedelta(seconds=int(chance.triangular(60, 3600, 300)))
    left = end + timedelta(seconds=int(chance.triangular(10, 5400, 300)))
    if chance.random() < 0.985:  # not forgotten
        yield PastPunch(person.user, arrived, IN, verify)
        if chance.random() < 0.02:  # pressed twice
            yield PastPunch(person.user, arrived + timedelta(seconds=chance.randint(2, 40)), IN, verify)
    if chance.random() < 0.985:
        yield PastPunch(person.user, left, OUT, verify)


def _duty(person: Person, day: date) -> tuple[datetime, datetime] | None:
    if (day.month, day.day) in NATIONAL_DAYS:
        return None
    if person.department.duty is Duty.OFFICE:
        start = datetime.combine(day, time(9))
        return None if day.weekday() >= 5 else (start, start + timedelta(hours=9))
    if day.weekday() == 6:
        return None
    week = day.isocalendar().week
    start = datetime.combine(day, SHIFT_STARTS[(week + int(person.user)) % 3])
    return start, start + SHIFT_LENGTH


NATIONAL_DAYS = frozenset((10, day) for day in range(1, 8))
