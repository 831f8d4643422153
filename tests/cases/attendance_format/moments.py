"""The times of a case: days counted from D0 on the wall clock of the site."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.roster.model import date_of, instant_of
from tests.cases.attendance_format import CaseError
from tests.cases.attendance_format.keys import WEEKDAYS

ORDINARY_MONDAY = date(2026, 1, 12)
"""No holiday and no changeover of any clock is near it."""

_MOMENT = re.compile(r"(?:(D-?\d+|\d{4}-\d\d-\d\d) )?(\d{1,2}):(\d\d)(?::(\d\d))?", re.ASCII)


class Clock:
    """The dates and the zone of one case. tz: where wall times are taken; now_tz: the zone the employee belongs to."""

    def __init__(self, context: dict) -> None:
        self.tz = context.get("tz_punched") or context.get("tz") or "Asia/Shanghai"
        self.zone = context.get("tz_now") or self.tz
        for name in (self.tz, self.zone):
            try:
                ZoneInfo(name)
            except (KeyError, ValueError, OSError):
                raise CaseError(f"context.tz: unknown time zone {name!r}") from None
        weekday = WEEKDAYS.index(context["weekday"]) if "weekday" in context else 0
        self.dated = "date" in context
        try:
            self.first = date.fromisoformat(context["date"]) if self.dated else ORDINARY_MONDAY + timedelta(days=weekday)
        except ValueError:
            raise CaseError(f"context.date: {context['date']!r} is no date") from None
        if self.dated and "weekday" in context and self.first.weekday() != weekday:
            raise CaseError(f"context.weekday: {context['date']} is no {context['weekday']}")

    def date(self, day: str) -> date:
        return self.first + timedelta(days=int(day[1:]))

    def day(self, when: date) -> str:
        return f"D{(when - self.first).days}"

    def split(self, text: str) -> tuple[date, int]:
        """The date and the seconds from its midnight; a time without a day is of D0."""
        found = _MOMENT.fullmatch(text)
        if found is None:
            raise CaseError(f"{text!r} is no time")
        day, hours, minutes, seconds = found.groups()
        when = self.first if day is None else self.date(day) if day.startswith("D") else date.fromisoformat(day)
        return when, int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)

    def instant(self, text: str, not_before: int | None = None) -> int:
        """The instant. not_before: a wall time that comes twice means its second occurrence if the first lies before this."""
        when, seconds = self.split(text)
        first = instant_of(when, seconds // 60, self.tz) + seconds % 60
        if not_before is None or first >= not_before:
            return first
        wall = datetime.fromtimestamp(first, ZoneInfo(self.tz))
        second = int(wall.replace(fold=1).timestamp())
        return second if second >= not_before else first

    def told(self, instant: int) -> str:
        """As "D0 09:00", with seconds where there are any."""
        wall = datetime.fromtimestamp(instant, ZoneInfo(self.zone))
        clock = f"{wall:%H:%M:%S}" if wall.second else f"{wall:%H:%M}"
        return f"{self.day(date_of(instant, self.zone))} {clock}"

    def time_of_day(self, instant: int) -> str:
        return self.told(instant).split()[1]


def minutes_of(text: str) -> int:
    """A time of day as minutes from midnight; may exceed 24:00."""
    hours, minutes = text.split(":")[:2]
    return int(hours) * 60 + int(minutes)
