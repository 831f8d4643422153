"""The thirteen days off that the law names, on their own dates: Regulation on Public Holidays, article 2, in force from 2025-01-01.

New Year's Day; Spring Festival (New Year's Eve and the first three days of the first lunar month); Qingming; 1 and 2 May; Dragon Boat
(5th of the 5th lunar month); Mid-Autumn (15th of the 8th); 1 to 3 October. What is moved and swapped around them is announced each year.
"""

from collections.abc import Mapping
from datetime import date, timedelta

NEW_YEAR, SPRING, QINGMING, LABOUR = "New Year's Day", "Spring Festival", "Qingming Festival", "Labour Day"
DRAGON_BOAT, MID_AUTUMN, NATIONAL = "Dragon Boat Festival", "Mid-Autumn Festival", "National Day"
NATIONAL_MID_AUTUMN = "National Day and Mid-Autumn Festival"

NAMES: Mapping[str, str] = {
    "元旦": NEW_YEAR,
    "春节": SPRING,
    "清明节": QINGMING,
    "劳动节": LABOUR,
    "端午节": DRAGON_BOAT,
    "中秋节": MID_AUTUMN,
    "国庆节": NATIONAL,
    "国庆节、中秋节": NATIONAL_MID_AUTUMN,
    "中秋节、国庆节": NATIONAL_MID_AUTUMN,
}
"""Chinese names to the words of ours that pages translate."""

FIRST_YEAR, LAST_YEAR = 2025, 2040

# Month and day of: Spring Festival, Qingming, Dragon Boat, Mid-Autumn. From two independent libraries that agree (lunar_python 1.4.8 and
# holidays 0.109, compared on 2026-11-26).
_MOVING: Mapping[int, tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]] = {
    2025: ((1, 29), (4, 4), (5, 31), (10, 6)),
    2026: ((2, 17), (4, 5), (6, 19), (9, 25)),
    2027: ((2, 6), (4, 5), (6, 9), (9, 15)),
    2028: ((1, 26), (4, 4), (5, 28), (10, 3)),
    2029: ((2, 13), (4, 4), (6, 16), (9, 22)),
    2030: ((2, 3), (4, 5), (6, 5), (9, 12)),
    2031: ((1, 23), (4, 5), (6, 24), (10, 1)),
    2032: ((2, 11), (4, 4), (6, 12), (9, 19)),
    2033: ((1, 31), (4, 4), (6, 1), (9, 8)),
    2034: ((2, 19), (4, 5), (6, 20), (9, 27)),
    2035: ((2, 8), (4, 5), (6, 10), (9, 16)),
    2036: ((1, 28), (4, 4), (5, 30), (10, 4)),
    2037: ((2, 15), (4, 4), (6, 18), (9, 24)),
    2038: ((2, 4), (4, 5), (6, 7), (9, 13)),
    2039: ((1, 24), (4, 5), (5, 27), (10, 2)),
    2040: ((2, 12), (4, 4), (6, 14), (9, 20)),
}


def statutory_days(year: int) -> dict[date, str]:
    """The days of a year with their names, in order; raises KeyError outside FIRST_YEAR..LAST_YEAR.

    Thirteen, but where two fall on one date that date has both names.
    """
    spring, qingming, dragon_boat, mid_autumn = (date(year, *one) for one in _MOVING[year])
    days = {date(year, 1, 1): NEW_YEAR} | {spring + timedelta(days=number): SPRING for number in range(-1, 3)}
    days |= {qingming: QINGMING, date(year, 5, 1): LABOUR, date(year, 5, 2): LABOUR, dragon_boat: DRAGON_BOAT}
    days |= {date(year, 10, number): NATIONAL for number in (1, 2, 3)}
    days[mid_autumn] = NATIONAL_MID_AUTUMN if mid_autumn in days else MID_AUTUMN
    return dict(sorted(days.items()))


def name_of(text: str) -> str:
    """A holiday's name as it is stored: our own word for one that is known, else the text as it was written."""
    text = text.strip()
    return NAMES.get(text, text)
