"""What the law says about labour contracts (Labour Contract Law, its Regulation, Interpretation II), computed.

| article        | says                                                                                                  |
|----------------|-------------------------------------------------------------------------------------------------------|
| 10, 82, 14     | written within a month; then double pay, at most for 11 months; after a year it counts as open-ended  |
| 14             | after two fixed terms in a row, or ten years with us, the next is open-ended unless the employee asks |
| 19             | probation once, at most 1, 2 or 6 months for terms from 3, 12 and 36 months on, none for a task       |
| Regulation 21  | the contract ends at the legal retirement age of the person                                           |
"""

from collections.abc import Sequence
from datetime import date, timedelta

from server.errors import InvalidInputError
from server.hr.staff.engine.months import months_later, whole_months
from server.hr.staff.model import Advice, Contract, ContractAdvice, ContractKind, ContractTerms, Stage

DAY = timedelta(days=1)
STAGES = ((30, Stage.DAYS_30), (45, Stage.DAYS_45), (60, Stage.DAYS_60))
PROBATION = ((36, 6), (12, 2), (3, 1))
"""Months of a fixed term from which on, and the months that probation may last."""
OPEN_PROBATION = 6
TEN_YEARS = 120
LONGEST_TASK = 200


def check_terms(terms: ContractTerms, others: Sequence[Contract], service_months: int) -> None:
    """others: contracts of the same employment that are in force. service_months: with us, when the contract begins.

    Raises InvalidInputError for what cannot be, and for what the law forbids.
    """
    _check_days(terms)
    _check_alone(terms, others)
    if terms.probation_until is not None:
        _check_probation(terms)
    due = open_ended_due(others, service_months)
    if terms.kind is ContractKind.FIXED and due and not terms.asked_fixed:
        raise InvalidInputError(field="kind", reason=ASK_FIRST)


ASK_FIRST = (
    "an open-ended contract is due now (article 14); choose it, or tick that the employee asked for a fixed term, and keep the proof of it"
)


def longest_probation(terms: ContractTerms) -> int:
    """Months of probation that the law allows for this contract."""
    if terms.kind is ContractKind.OPEN_ENDED:
        return OPEN_PROBATION
    if terms.kind is ContractKind.TASK or terms.last_day is None:
        return 0
    months = whole_months(terms.first_day, terms.last_day + DAY)
    return next((most for at_least, most in PROBATION if months >= at_least), 0)


def ends_on(terms: ContractTerms, retires_on: date | None) -> date | None:
    """The last day by term or by the personal retirement age, whichever is first; None for one that only a notice ends."""
    return min((day for day in (terms.last_day, retires_on) if day is not None), default=None)


def stage_of(last_day: date | None, today: date) -> Stage:
    """How near the end is today."""
    if last_day is None:
        return Stage.FAR
    left = (last_day - today).days
    return Stage.EXPIRED if left < 0 else next((stage for most, stage in STAGES if left <= most), Stage.FAR)


def open_ended_due(held: Sequence[Contract], service_months: int) -> Advice | None:
    """Why the next contract after these must be open-ended; None where it need not be."""
    if any(one.terms.kind is ContractKind.OPEN_ENDED for one in held):
        return None
    if service_months >= TEN_YEARS:
        return Advice.OPEN_ENDED_AFTER_TEN_YEARS
    fixed = [one for one in held if one.terms.kind is ContractKind.FIXED]
    if fixed and max(one.terms.signing_order for one in fixed) >= 2:
        return Advice.OPEN_ENDED_AFTER_TWO
    return None


def missing_contract(hired_on: date, today: date) -> ContractAdvice:
    """What it means that nothing is signed yet."""
    month_over, year_over = months_later(hired_on, 1), months_later(hired_on, 12)
    if today >= year_over:
        return ContractAdvice(Advice.DEEMED_OPEN_ENDED, grave=True, facts={"since": year_over})
    if today >= month_over:
        return ContractAdvice(Advice.DOUBLE_PAY, grave=True, facts={"since": month_over, "days": (today - month_over).days + 1})
    return ContractAdvice(Advice.SIGN_FIRST, facts={"until": month_over - DAY})


def advice_on(
    held: Sequence[Contract],
    hired_on: date,
    today: date,
    *,
    service_months: int,
    retires_on: date | None,
    probation_until: date | None,
) -> tuple[ContractAdvice, ...]:
    """All that somebody should know about a present employment's contracts. held: those in force, of this employment.

    service_months: with us when the latest contract ends. probation_until: as the employment says, None for none.
    """
    if not held:
        return (missing_contract(hired_on, today),)
    latest = max(held, key=lambda one: one.terms.first_day)
    first = min(held, key=lambda one: one.terms.first_day)
    return (
        *_of_end(latest.terms, today, retires_on),
        *_of_renewal(held, latest.terms, service_months),
        *_of_probation(first.terms, probation_until, today),
    )


def _of_end(terms: ContractTerms, today: date, retires_on: date | None) -> list[ContractAdvice]:
    found, last = [], ends_on(terms, retires_on)
    if retires_on is not None and last == retires_on and terms.last_day != retires_on:
        found.append(ContractAdvice(Advice.ENDS_BY_RETIREMENT, facts={"day": retires_on}))
    stage = stage_of(last, today)
    if stage is Stage.EXPIRED and last is not None:
        found.append(ContractAdvice(Advice.EXPIRED, grave=True, facts={"day": last, "days": (today - last).days}))
    elif stage is not Stage.FAR and last is not None:
        found.append(ContractAdvice(Advice.RENEW, facts={"day": last, "days": (last - today).days}))
    return found


def _of_renewal(held: Sequence[Contract], terms: ContractTerms, service_months: int) -> list[ContractAdvice]:
    due = open_ended_due(held, service_months)
    if due is None or terms.kind is not ContractKind.FIXED or terms.last_day is None:
        return []
    return [ContractAdvice(due, facts={"day": terms.last_day})]


def _of_probation(terms: ContractTerms, probation_until: date | None, today: date) -> list[ContractAdvice]:
    if probation_until is None or probation_until < today:
        return []
    found, last = [], last_probation_day(terms)
    if probation_until != terms.probation_until:
        found.append(ContractAdvice(Advice.PROBATION_DIFFERS, facts={"day": probation_until}))
    if last is None or probation_until > last:
        allowed = longest_probation(terms)
        found.append(ContractAdvice(Advice.PROBATION_TOO_LONG, grave=True, facts={"months": allowed, "day": probation_until}))
    return found


def last_probation_day(terms: ContractTerms) -> date | None:
    """The last day that probation may have; None where there may be none."""
    months = longest_probation(terms)
    return months_later(terms.first_day, months) - DAY if months else None


def _check_days(terms: ContractTerms) -> None:
    if terms.kind is ContractKind.FIXED:
        if terms.last_day is None:
            raise InvalidInputError(field="last_day", reason="a fixed term has a last day")
        if terms.last_day < terms.first_day:
            raise InvalidInputError(field="last_day", reason="the last day is not before the first")
    elif terms.last_day is not None:
        raise InvalidInputError(field="last_day", reason="only a fixed term has a last day; leave it empty")
    if terms.kind is ContractKind.TASK and not 1 <= len(terms.task) <= LONGEST_TASK:
        raise InvalidInputError(field="task", reason="say which piece of work, in at most {most} characters", most=LONGEST_TASK)
    if not 1 <= terms.signing_order <= 99:
        raise InvalidInputError(field="signing_order", reason="use a number from {fewest} to {most}", fewest=1, most=99)


def _check_alone(terms: ContractTerms, others: Sequence[Contract]) -> None:
    """No two contracts share a day, and they are counted in the order of their days."""
    for one in others:
        ends = one.terms.last_day or date.max
        if one.terms.first_day <= (terms.last_day or date.max) and ends >= terms.first_day:
            told = "on these days the contract from {day} holds already; withdraw it if it was a mistake"
            raise InvalidInputError(field="first_day", reason=told, day=one.terms.first_day)
        before = one.terms.first_day < terms.first_day
        if before != (one.terms.signing_order < terms.signing_order):
            told = "the contract from {day} is number {order}: they are counted in the order of their days"
            raise InvalidInputError(field="signing_order", reason=told, day=one.terms.first_day, order=one.terms.signing_order)


def _check_probation(terms: ContractTerms) -> None:
    until, last = terms.probation_until, last_probation_day(terms)
    assert until is not None
    if terms.signing_order > 1:
        told = "probation may be agreed once with the same employee (article 19), in the first contract"
        raise InvalidInputError(field="probation_until", reason=told)
    if until < terms.first_day:
        raise InvalidInputError(field="probation_until", reason="the last day is not before the first")
    if last is None:
        raise InvalidInputError(field="probation_until", reason="a contract of this kind or length may have no probation (article 19)")
    if until > last:
        told = "probation may last {months} {months:month|months} at most for this contract (article 19), until {day}"
        raise InvalidInputError(field="probation_until", reason=told, months=longest_probation(terms), day=last)
