"""Terms of a kind of leave that cannot be, said with the field and the mend."""

from server.errors import InvalidInputError
from server.hr.leave.model import Accrual, Basis, Counting, DayLength, Entitlement, LeaveTerms

LONGEST_NAME = 60
MOST_DAYS = 366
LONGEST_SOURCE = 500
OLDEST, MOST_MONTHS = 120, 600


def check_terms(terms: LeaveTerms) -> None:
    """Raises InvalidInputError for the first thing that cannot be."""
    for field, text in (("name_zh", terms.name_zh), ("name_en", terms.name_en)):
        if not 1 <= len(text.strip()) <= LONGEST_NAME:
            raise InvalidInputError(field=field, reason="use 1 to {most} characters", most=LONGEST_NAME)
    if not 1 <= len(terms.source.strip()) <= LONGEST_SOURCE:
        raise InvalidInputError(field="source", reason="say where the rule is from, in at most {most} characters", most=LONGEST_SOURCE)
    if not 60 <= terms.standard_day_minutes <= 24 * 60:
        raise InvalidInputError(field="standard_day_minutes", reason="use 60 to 1440 minutes")
    if terms.certificate_from_days is not None and not 1 <= terms.certificate_from_days <= MOST_DAYS:
        raise InvalidInputError(field="certificate_from_days", reason="use 1 to {most} days, or nothing", most=MOST_DAYS)
    _check_whom(terms)
    if terms.counting is Counting.CALENDAR_DAYS and terms.day_length is DayLength.ROSTER:
        raise InvalidInputError(field="day_length", reason="days of the calendar are standard days: days off have no planned time")
    codes = [one.code for one in terms.occasions]
    if len(set(codes)) != len(codes) or any(not 1 <= one.days <= MOST_DAYS for one in terms.occasions):
        raise InvalidInputError(field="occasions", reason="name each occasion once, with 1 to {most} days", most=MOST_DAYS)
    _check_entitlement(terms.entitlement)


def _check_whom(terms: LeaveTerms) -> None:
    for field, age in (("least_age", terms.least_age), ("most_age", terms.most_age)):
        if age is not None and not 0 <= age <= OLDEST:
            raise InvalidInputError(field=field, reason="use 0 to {most} years, or nothing", most=OLDEST)
    if terms.least_age is not None and terms.most_age is not None and terms.most_age < terms.least_age:
        raise InvalidInputError(field="most_age", reason="it must not be below the least age")
    if not 0 <= terms.least_service_months <= MOST_MONTHS:
        raise InvalidInputError(field="least_service_months", reason="use 0 to {most} months", most=MOST_MONTHS)


def _check_entitlement(one: Entitlement) -> None:
    years = [step.years for step in one.steps]
    if one.basis is Basis.SERVICE and (
        not years or years != sorted(set(years)) or any(not 0 < step.days <= MOST_DAYS for step in one.steps)
    ):
        raise InvalidInputError(
            field="steps", reason="name years of service in rising order, each once, with 1 to {most} days", most=MOST_DAYS
        )
    if one.basis is Basis.YEARLY and not 1 <= one.days <= MOST_DAYS:
        raise InvalidInputError(field="days", reason="use 1 to {most} days a year", most=MOST_DAYS)
    if one.basis is Basis.EARNED and not 1 <= one.valid_months <= 60:
        raise InvalidInputError(field="valid_months", reason="use 1 to 60 months")
    if one.accrual is Accrual.MONTHLY and one.per_ground:
        raise InvalidInputError(field="accrual", reason="what is granted for a ground is granted at once")
    if not 0 <= one.carry_months <= 60:
        raise InvalidInputError(field="carry_months", reason="use 0 to 60 months")
    if one.carry_days is not None and not 0 <= one.carry_days <= MOST_DAYS:
        raise InvalidInputError(field="carry_days", reason="use 0 to {most} days, or nothing for all of them", most=MOST_DAYS)
    if not 0 <= one.overdraft_days <= MOST_DAYS:
        raise InvalidInputError(field="overdraft_days", reason="use 0 to {most} days", most=MOST_DAYS)
    if not 0 <= one.paid_percent <= one.pay_out_percent <= 1000:
        raise InvalidInputError(field="pay_out_percent", reason="use 0 to 1000, and not less than what is paid with wages already")
    if not 360 <= one.year_days <= 366:
        raise InvalidInputError(field="year_days", reason="use 360 to 366 days")
