"""The personal legal retirement age by the reform of 2025-01-01, as a closed form.

| category | before the reform | first birth month that waits | one month later for each | most |
|----------|-------------------|------------------------------|--------------------------|------|
| male     | 60 years          | 1965-01                      | 4 birth months           | 36   |
| female55 | 55 years          | 1970-01                      | 4 birth months           | 36   |
| female50 | 50 years          | 1975-01                      | 2 birth months           | 60   |

By agreement one may go up to 3 years earlier, yet not before the old age, or up to 3 years later. The contribution years that a pension
needs rise from 15 by 6 months each year from 2030 on, to 20 in 2039.
"""

from dataclasses import dataclass
from datetime import date

from server.hr.staff.engine.months import month_number, months_later
from server.hr.staff.model import RetirementCategory

FLEXIBLE_MONTHS = 36
FEWEST, MOST_CONTRIBUTED, RISE_FROM = 180, 240, 2030
"""Months of contributions, and the year in which they begin to rise."""


@dataclass(frozen=True, slots=True)
class Delay:
    """old_months: the old age in months. per: birth months for each month of delay."""

    old_months: int
    first_birth: date
    per: int
    most: int


DELAYS = {
    RetirementCategory.MALE_60: Delay(60 * 12, date(1965, 1, 1), 4, 36),
    RetirementCategory.FEMALE_55: Delay(55 * 12, date(1970, 1, 1), 4, 36),
    RetirementCategory.FEMALE_50: Delay(50 * 12, date(1975, 1, 1), 2, 60),
}


@dataclass(frozen=True, slots=True)
class Retirement:
    """When somebody retires by law. age_months, delay_months: whole months. retires_on: the day of that age; the contract ends by it.

    earliest_on, latest_on: by the person's choice, and by agreement. contribution_months: what a pension needs in that year.
    """

    category: RetirementCategory
    old_age_months: int
    delay_months: int
    age_months: int
    retires_on: date
    earliest_on: date
    latest_on: date
    contribution_months: int


def retirement_of(born: date, category: RetirementCategory) -> Retirement:
    """Source: docs/explanation/retirement-and-service.md."""
    rule = DELAYS[category]
    late = month_number(born) - month_number(rule.first_birth) + 1
    delay = min(rule.most, max(0, -(-late // rule.per)))
    age = rule.old_months + delay
    retires = months_later(born, age)
    return Retirement(
        category=category,
        old_age_months=rule.old_months,
        delay_months=delay,
        age_months=age,
        retires_on=retires,
        earliest_on=months_later(born, max(rule.old_months, age - FLEXIBLE_MONTHS)),
        latest_on=months_later(born, age + FLEXIBLE_MONTHS),
        contribution_months=contribution_months(retires.year),
    )


def contribution_months(year: int) -> int:
    """Months of contributions that a pension which begins in this year needs."""
    return min(MOST_CONTRIBUTED, FEWEST + max(0, year - RISE_FROM + 1) * 6)
