"""Three months of plausible punches: on time, late, forgotten, absent, and night shifts that end on the next date."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from clockbridge.demo.company import Duty, Person
from clockbridge.demo.duties import THREE_SHIFTS, DaysOff, turn_of

IN, OUT = 0, 1
SHIFT_STARTS = tuple(time(minutes // 60) for minutes in THREE_SHIFTS.values())
SHIFT_LENGTH = timedelta(hours=8)
LATEST_OUT = timedelta(hours=3)
"""Nobody stays longer than this past the end."""


@dataclass(frozen=True, slots=True)
class PastPunch:
    """What really happened; `at` is the true time at the site, without a zone."""

    user: str
    at: datetime
    state: int
    verify: int


def punches_of(people: Iterable[Person], until: datetime, calendar: DaysOff, days: int = 90, seed: int = 1) -> list[PastPunch]:
    """All punches of the days before `until` (naive, at the site), in order of time; none lies after it."""
    chance = random.Random(seed)
    first = until.date() - timedelta(days=days)
    found = [
        punch
        for person in people
        for offset in range(days + 1)
        for punch in _day(person, first + timedelta(days=offset), calendar, chance)
        if punch.at <= until
    ]
    return sorted(found, key=lambda punch: (punch.at, punch.user))


def _day(person: Person, day: date, calendar: DaysOff, chance: random.Random) -> Iterator[PastPunch]:
    duty = duty_of(person, day, calendar)
    if duty is None or chance.random() < 0.02:  # rest, or away
        return
    start, end = duty
    verify = chance.choices((1, 15, 2), (6, 3, 1))[0]
    arrived = start - timedelta(seconds=int(chance.triangular(20, 1500, 420)))
    if chance.random() < 0.05:  # late
        arrived = start + timedelta(seconds=int(chance.triangular(60, 3600, 300)))
    left = end + timedelta(seconds=int(chance.triangular(10, 1500, 300)))
    if chance.random() < 0.06:  # stayed on
        left = end + timedelta(seconds=int(chance.triangular(2700, LATEST_OUT.total_seconds(), 5400)))
    if chance.random() < 0.985:  # not forgotten
        yield PastPunch(person.user, arrived, IN, verify)
        if chance.random() < 0.02:  # pressed twice
            yield PastPunch(person.user, arrived + timedelta(seconds=chance.randint(2, 40)), IN, verify)
    if chance.random() < 0.985:
        yield PastPunch(person.user, left, OUT, verify)


def duty_of(person: Person, day: date, calendar: DaysOff) -> tuple[datetime, datetime] | None:
    """When somebody has to work on a date (naive, at the site); None on a day off."""
    office = person.department.duty is Duty.OFFICE
    rests = day.weekday() >= (5 if office else 6) and day not in calendar.made_up
    if rests or day in calendar.off:
        return None
    if office:
        start = datetime.combine(day, time(9))
        return start, start + timedelta(hours=9)
    start = datetime.combine(day, SHIFT_STARTS[turn_of(person.user, day)])
    return start, start + SHIFT_LENGTH
