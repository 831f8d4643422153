"""Who is the head of a department after a change. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from server.directory.model import HeadSpan

DAY = timedelta(days=1)


def heads_with(spans: Sequence[HeadSpan], person_id: int | None, first_day: date) -> list[HeadSpan]:
    """The heads, where from a day on somebody else is it, or nobody (None), until the next change that is there already."""
    following = min((one.first_day for one in spans if one.first_day > first_day), default=None)
    kept = [_ended(one, first_day) for one in spans if one.first_day < first_day]
    later = [one for one in spans if one.first_day > first_day]
    last_day = None if following is None else following - DAY
    return [*kept, *([] if person_id is None else [HeadSpan(first_day, last_day, person_id)]), *later]


def _ended(span: HeadSpan, first_day: date) -> HeadSpan:
    goes_on = span.last_day is None or span.last_day >= first_day
    return replace(span, last_day=first_day - DAY) if goes_on else span
