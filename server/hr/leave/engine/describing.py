"""What a kind of leave is, in plain sentences, as its page and the preview of a change show it."""

from server.hr.leave.engine.telling import Tell
from server.hr.leave.model import (
    Accrual,
    Basis,
    Counting,
    Crossing,
    DayLength,
    Entitlement,
    LeaveTerms,
    LotEnd,
    Pay,
    Unit,
)


def tell_terms(terms: LeaveTerms, tell: Tell) -> list[str]:
    """What a kind of leave is, in plain sentences."""
    said = [tell(_PAID[terms.pay])]
    calendar = terms.counting is Counting.CALENDAR_DAYS
    said.append(tell("Every day of the calendar counts, days off too.") if calendar else tell("Only days that would be worked count."))
    said.append(tell(_UNITS[terms.unit]))
    if not calendar and terms.day_length is DayLength.STANDARD:
        hours = f"{terms.standard_day_minutes / 60:g}"
        said.append(tell("A day off is one day ({hours} hours), however long its shift is; an hour is its share of it.", hours=hours))
    elif not calendar:
        said.append(tell("A day off takes the minutes that were planned."))
    if terms.certificate_from_days == 1:
        said.append(tell("A certificate is needed."))
    elif terms.certificate_from_days:
        said.append(tell("A certificate is needed from {n} {n:day|days} on.", n=terms.certificate_from_days))
    if terms.sex:
        said.append(tell("For women only.") if terms.sex == "female" else tell("For men only."))
    if terms.least_age is not None:
        said.append(tell("From {n} {n:year|years} of age on.", n=terms.least_age))
    if terms.most_age is not None:
        said.append(tell("Up to {n} {n:year|years} of age.", n=terms.most_age))
    if terms.least_service_months:
        said.append(tell("After {n} {n:month|months} of service in all.", n=terms.least_service_months))
    said += _occasions(terms, tell)
    return said + _entitlement(terms.entitlement, tell)


def _occasions(terms: LeaveTerms, tell: Tell) -> list[str]:
    whole = [one.days for one in terms.occasions if not one.adds]
    return [tell("At most {n} {n:day|days} at a time, more where something adds to it.", n=max(whole))] if whole else []


def _entitlement(one: Entitlement, tell: Tell) -> list[str]:
    match one.basis:
        case Basis.NOTHING:
            return [tell("No balance is kept: it is asked for when it is needed.")]
        case Basis.EARNED:
            told = tell(
                "Overtime that is settled by time off gives it, usable for {n} more {n:month|months} after the month it was worked in.",
                n=one.valid_months,
            )
            return [told, tell("What is left then is paid out at {percent} %; it is never lost.", percent=one.pay_out_percent)]
        case Basis.SERVICE:
            steps = "; ".join(
                tell("{days} {days:day|days} from {years} {years:year|years} on", days=step.days, years=step.years) for step in one.steps
            )
            said = [tell("A year has, by service in all: {steps}.", steps=steps)]
            if one.after_months:
                said.append(tell("The first of it after {n} {n:month|months} of service in a row.", n=one.after_months))
            said.append(tell(_CROSSINGS[one.crossing]))
        case Basis.YEARLY:
            said = [
                tell("{n} {n:day|days} a year for each ground that HR has noted.", n=one.days)
                if one.per_ground
                else tell("{n} {n:day|days} a year.", n=one.days)
            ]
    said.append(tell(_ACCRUALS[one.accrual]))
    if one.prorated:
        said.append(tell("Who joins or leaves within the year has the share of their days of the calendar."))
    return said + _end(one, tell)


def _end(one: Entitlement, tell: Tell) -> list[str]:
    said = []
    if one.at_end is not LotEnd.KEEP and one.carry_months and one.carry_days != 0:
        most = tell("all of it") if one.carry_days is None else tell("at most {n} {n:day|days}", n=one.carry_days)
        said.append(
            tell(
                "What is left at the end of the year goes on for {months} {months:month|months}: {most}.",
                months=one.carry_months,
                most=most,
            )
        )
    match one.at_end:
        case LotEnd.LAPSE:
            said.append(tell("What is left then is over."))
        case LotEnd.PAY_OUT:
            numbers = {"percent": one.pay_out_percent, "paid": one.paid_percent}
            said.append(tell("What is left then is paid out at {percent} %, of which {paid} % was paid with the wages already.", **numbers))
        case LotEnd.KEEP:
            said.append(tell("What is left goes on for one more year, and is paid out then."))
    return said


_PAID = {
    Pay.FULL: "It is paid in full.",
    Pay.PARTLY: "It is paid in part.",
    Pay.FUND: "The maternity fund pays, and the employer what is missing to the wage.",
    Pay.NONE: "It is not paid.",
}
_UNITS = {
    Unit.DAY: "It is taken in whole days.",
    Unit.HALF: "It is taken in days and halves.",
    Unit.HOUR: "It is taken in days, halves and hours.",
}
_CROSSINGS = {
    Crossing.SPLIT: "Who reaches more days within the year has each figure for its part of the year.",
    Crossing.HIGHER: "Who reaches more days within the year has the higher figure for all of it.",
    Crossing.NEXT_YEAR: "Who reaches more days within the year has them from the next year on.",
}
_ACCRUALS = {
    Accrual.AT_ONCE: "All of it is granted on 1 January.",
    Accrual.MONTHLY: "A share of it is granted on the first of each month.",
    Accrual.ANNIVERSARY: "All of it is granted on the day of the hire, for a year from then.",
}
SENTENCES = (*_PAID.values(), *_UNITS.values(), *_CROSSINGS.values(), *_ACCRUALS.values())
"""Texts of tables here, which have a translation."""
