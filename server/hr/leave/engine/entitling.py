"""How much of a year's days is due to somebody: by years of service, by grounds, for the part of the year that they are here."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from server.hr.leave.engine.calendar import DAY, months_later, years_later
from server.hr.leave.model import Basis, Crossing, Entitlement, Ground, LeaveTerms, Rounding


@dataclass(frozen=True, slots=True)
class Stint:
    """A span of working here without a gap, as somebody whom the leave is for. last: the last day of work; None while it goes on."""

    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class Part:
    """From a first to a last day so many days a year."""

    first: date
    last: date
    days: int


@dataclass(frozen=True, slots=True)
class Share:
    """What is due of a year. exact: in days, before rounding. whole: all of the year at one figure, so that nothing was divided."""

    parts: tuple[Part, ...]
    exact: Fraction
    minutes: int
    whole: bool

    @property
    def first(self) -> date:
        """From which day on it is due."""
        return self.parts[0].first


def days_by_service(entitlement: Entitlement, service_from: date | None, day: date) -> int:
    """Days a year on a day, by years of service in all."""
    if service_from is None:
        return 0
    reached = [step.days for step in entitlement.steps if years_later(service_from, step.years) <= day]
    return max(reached, default=0)


def share_by_service(terms: LeaveTerms, service_from: date | None, stint: Stint, year: tuple[date, date]) -> Share | None:
    """Of a leave year what is due to somebody by service; None where nothing is."""
    entitlement = terms.entitlement
    if service_from is None:
        return None
    begins = max(year[0], stint.first, months_later(service_from, entitlement.after_months))
    ends = min(year[1], stint.last or year[1])
    if begins > ends:
        return None
    steps = sorted({years_later(service_from, step.years) for step in entitlement.steps})
    edges = [begins, *(edge for edge in steps if begins < edge <= ends)]
    if entitlement.crossing is not Crossing.SPLIT:
        decisive = ends if entitlement.crossing is Crossing.HIGHER else begins
        parts = [Part(begins, ends, days_by_service(entitlement, service_from, decisive))]
    else:
        lasts = [*(edge - DAY for edge in edges[1:]), ends]
        parts = [Part(first, last, days_by_service(entitlement, service_from, first)) for first, last in zip(edges, lasts, strict=True)]
    return _share(terms, [part for part in parts if part.days], year)


def share_by_year(terms: LeaveTerms, stint: Stint, year: tuple[date, date], ground: Ground | None) -> Share | None:
    """Of a leave year what is due by itself, or for a ground; None where nothing is."""
    begins, ends = max(year[0], stint.first), min(year[1], stint.last or year[1])
    if ground is not None:
        begins, ends = max(begins, ground.first_day), min(ends, ground.last_day)
    if begins > ends or not terms.entitlement.days:
        return None
    part = Part(begins, ends, terms.entitlement.days)
    if terms.entitlement.prorated:
        return _share(terms, [part], year)
    return Share((part,), Fraction(part.days), part.days * terms.standard_day_minutes, whole=True)


def rounded(terms: LeaveTerms, days: Fraction) -> int:
    """Minutes of so many days, down to what is granted of a part."""
    match terms.entitlement.rounding:
        case Rounding.WHOLE_DAY:
            return int(days) * terms.standard_day_minutes
        case Rounding.HALF_DAY:
            return int(days * 2) * terms.standard_day_minutes // 2
        case Rounding.MINUTE:
            return int(days * terms.standard_day_minutes)


def is_by_ground(terms: LeaveTerms) -> bool:
    return terms.entitlement.basis is Basis.YEARLY and terms.entitlement.per_ground


def _share(terms: LeaveTerms, parts: list[Part], year: tuple[date, date]) -> Share | None:
    """Days of the calendar times days a year, divided by the days of a year: those of the law, or for a whole year its own."""
    if not parts:
        return None
    length = (year[1] - year[0]).days + 1
    counted = sum((part.last - part.first).days + 1 for part in parts)
    divisor = length if counted == length else terms.entitlement.year_days
    exact = sum((Fraction(part.days * ((part.last - part.first).days + 1), divisor) for part in parts), Fraction(0))
    exact = min(exact, Fraction(max(part.days for part in parts)))
    whole = counted == length and len({part.days for part in parts}) == 1
    return Share(tuple(parts), exact, rounded(terms, exact), whole)
