"""What somebody approved in the past months: leave for most days that were missed, and evenings that were asked for.

What is left over is there to be looked at: days missed without a word, evenings nobody approved.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clockbridge.demo.company import Duty, Person
from clockbridge.demo.duties import DaysOff
from clockbridge.demo.history import LATEST_OUT, PastPunch, duty_of
from server.attendance import actions as attendance
from server.attendance.model import NewGrant
from server.attendance.model.grants import GrantKind, LeaveKind
from server.audit.model import Actor
from server.roster.model.clock import instant_of
from server.storage import UnitOfWork

LEAVE = ((LeaveKind.ANNUAL, "年休假"), (LeaveKind.PERSONAL, "家中有事"), (LeaveKind.SICK, "感冒发烧"))
OVERTIME_FROM = timedelta(minutes=45)
"""Who stayed so long past the end had mostly asked for it."""
AT_ONCE = 200


def grant_the_past(
    uow: UnitOfWork,
    people: Mapping[int, Person],
    punches: Sequence[PastPunch],
    calendar: DaysOff,
    zone: ZoneInfo,
    since: Mapping[int, date],
    by: Actor,
    now: datetime,
    seed: int = 1,
) -> int:
    """Record it for people by their ids, from the day that each has in `since` up to yesterday; returns how many grants were made."""
    today = now.astimezone(zone).date()
    chance, by_user = random.Random(seed), _times(punches)
    wanted = [
        grant
        for person_id, person in people.items()
        for day in _days(since[person_id], today)
        if (duty := duty_of(person, day, calendar))
        for grant in _of_day(person_id, person, duty, by_user[person.user], zone, chance)
    ]
    for first in range(0, len(wanted), AT_ONCE):
        attendance.record_grants(uow, wanted[first : first + AT_ONCE], by, now)
    return len(wanted)


def _days(first: date, today: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((today - first).days)]


def _times(punches: Sequence[PastPunch]) -> defaultdict[str, list[datetime]]:
    found: defaultdict[str, list[datetime]] = defaultdict(list)
    for punch in punches:
        found[punch.user].append(punch.at)
    return found


def _of_day(
    person_id: int, person: Person, duty: tuple[datetime, datetime], times: Sequence[datetime], zone: ZoneInfo, chance: random.Random
) -> Iterator[NewGrant]:
    start, end = duty
    there = [at for at in times if start - timedelta(hours=1) <= at <= end + LATEST_OUT]
    if not there:
        if chance.random() < 0.8:
            kind, reason = chance.choices(LEAVE, (5, 2, 3))[0]
            yield NewGrant(
                person_id=person_id, kind=GrantKind.LEAVE, leave=kind, first_day=start.date(), last_day=start.date(), reason=reason
            )
        return
    if person.department.duty is Duty.OFFICE and max(there) - end >= OVERTIME_FROM and chance.random() < 0.8:
        starts_at, ends_at = _instant(end, zone), instant_of(end.date(), 23 * 60, zone.key)
        yield NewGrant(person_id=person_id, kind=GrantKind.OVERTIME, starts_at=starts_at, ends_at=ends_at, reason="项目上线")


def _instant(moment: datetime, zone: ZoneInfo) -> int:
    return instant_of(moment.date(), moment.hour * 60 + moment.minute, zone.key)
