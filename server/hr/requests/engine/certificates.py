"""At which stage a certificate is that has not come."""

from datetime import date, timedelta
from enum import StrEnum

SOON = timedelta(days=2)


class Stage(StrEnum):
    """OWED: the leave is over. SOON: the time for it ends in two days or less. OVER: it has ended."""

    OWED = "owed"
    SOON = "soon"
    OVER = "over"


def stage_of(last_day: date, until: date, today: date) -> Stage:
    """last_day: of the leave; until: for the certificate. Where little time is between them, it is OWED before it is SOON."""
    if today > until:
        return Stage.OVER
    return Stage.SOON if until - today <= SOON and today > last_day + timedelta(days=1) else Stage.OWED
