"""Times of a shift as people write them: minutes from midnight of the work date, "26:00" for two in the morning after."""

import re

_TIME = re.compile(r"(\d{1,2})[:：](\d{2})")


def minutes_of(text: str) -> int | None:
    """Minutes from midnight, 0 to 2880; None for what is no such time."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes = int(found[1]), int(found[2])
    total = hours * 60 + minutes
    return total if minutes < 60 and total <= 2 * 1440 else None


def text_of(minutes: int) -> str:
    """ "26:00" for 1560."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def length_text(minutes: int) -> str:
    """A length of time as people say it: "7:30" for 450."""
    return f"{minutes // 60}:{minutes % 60:02}"
