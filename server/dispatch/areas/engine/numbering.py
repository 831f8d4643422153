"""Which number somebody gets on terminals who has none: the employee number where terminals take it, else the next free one."""

from collections.abc import Set as AbstractSet
from typing import NamedTuple

MOST_DIGITS = 9
"""The families of terminals that are known keep at least so many, as a number: a zero in front would be lost."""
FIRST = 1


class Taken(NamedTuple):
    """Numbers of a zone that are not free: of enrolments that go on and that ended, for as long as these are kept, and of users on
    terminals whom nobody knows. highest: of those that are numbers, 0 for none."""

    numbers: AbstractSet[str]
    highest: int


def fits(number: str) -> bool:
    """Whether terminals take an employee number as a user number."""
    return number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS and not number.startswith("0")


def number_for(employee_number: str, taken: Taken) -> str:
    """A number that was nobody's."""
    if fits(employee_number) and employee_number not in taken.numbers:
        return employee_number
    if taken.highest + 1 < 10**MOST_DIGITS:
        return str(taken.highest + 1)
    return str(next(number for number in range(FIRST, 10**MOST_DIGITS) if str(number) not in taken.numbers))
