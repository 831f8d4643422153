"""Words in cells: yes and no, days."""

import re
import unicodedata
from datetime import date

YES = frozenset({"yes", "y", "1", "true", "是", "在职", "√"})
NO = frozenset({"no", "n", "0", "false", "否", "离职", "×"})

# Excel in a Chinese system writes 2026/1/5, and 2026/1/5 0:00 where the cell has a time; people write 2026.1.5 and 2026年1月5日
_DAY = re.compile(r"(\d{4})([-/.年])(\d{1,2})([-/.月])(\d{1,2})日?(?: 0?0:00(?::00)?)?", re.ASCII)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1950, 2199
"""Beyond these a day is a slip of the finger, such as 0206 or 20226."""


def is_yes(word: str) -> bool | None:
    """Whether a word says yes; None when it says neither."""
    folded = unicodedata.normalize("NFKC", word).casefold()
    if folded in YES:
        return True
    return False if folded in NO else None


def read_day(word: str) -> date | None:
    """A day, the year first; None when it is none, or not in this age."""
    word = unicodedata.normalize("NFKC", word)
    if found := _DAY.fullmatch(word):
        year, one, month, other, day = found.groups()
        if (one, other) not in {("-", "-"), ("/", "/"), (".", "."), ("年", "月")}:
            return None
    elif found := _DIGITS.fullmatch(word):
        year, month, day = found.groups()
    else:
        return None
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
