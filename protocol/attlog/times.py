"""The ways in which a time is written in exports. What cannot be told is told as such: which of two numbers is the month is never guessed.

2026-10-03 08:59:01   2026/10/3 8:59:1   2026.10.03T08:59:01.000   2026年10月3日 08:59:01   20261003085901
"""

import re

from protocol.attlog.problem import Problem
from protocol.instants import WallTime, pack_parts

_DATE = r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})"
_CLOCK = r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d{1,9})?"
_MOMENT = re.compile(rf"{_DATE}[ T]+{_CLOCK}", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", re.ASCII)
_ONLY_DATE = re.compile(_DATE, re.ASCII)
_ONLY_CLOCK = re.compile(r"\d{1,2}:\d{1,2}(?::\d{1,2}(?:[.,]\d{1,9})?)?(?: *(?:[AaPp][Mm]))?", re.ASCII)
_NO_SECONDS = re.compile(rf"{_DATE}[ T]+\d{{1,2}}:\d{{1,2}}", re.ASCII)
_SHORT_SECONDS = re.compile(r".*:\d", re.ASCII)
_TWELVE = re.compile(r".*\d.*(?:[AaPp]\.?[Mm]\.?|上午|下午).*|.*(?:上午|下午).*\d.*", re.ASCII)
_DAY_FIRST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b.*", re.ASCII)
_CHINESE = str.maketrans({"年": "-", "月": "-", "日": " "})


def read_moment(text: str) -> WallTime | Problem:
    """The packed time that a field shows, possible or not; or what is wrong with it."""
    text = text.translate(_CHINESE)
    found = _MOMENT.fullmatch(text)
    if found:
        year, _, *rest = found.groups()
        month, day, hour, minute, second = map(int, rest)
        return pack_parts(int(year), month, day, hour, minute, second)
    found = _COMPACT.fullmatch(text)
    if found:
        return WallTime(int(found[0]))
    for form, problem in ((_NO_SECONDS, Problem.NO_SECONDS), (_TWELVE, Problem.TWELVE_HOURS), (_DAY_FIRST, Problem.DAY_FIRST)):
        if form.fullmatch(text):
            return problem
    return Problem.NO_TIME


def is_date(text: str) -> bool:
    """Whether a field holds a date and nothing else."""
    return bool(_ONLY_DATE.fullmatch(text.translate(_CHINESE).strip()) or _DAY_FIRST.fullmatch(text))


def is_clock(text: str) -> bool:
    """Whether a field holds a time of day and nothing else."""
    return bool(_ONLY_CLOCK.fullmatch(text))


def may_be_cut(text: str) -> bool:
    """Whether another digit of the seconds may have stood behind the end of the file."""
    return bool(_SHORT_SECONDS.fullmatch(text))
