"""When a year's days are lost by law; a person decides, nothing is taken away by itself.

Source: Regulation on Paid Annual Leave of Employees (State Council order 514), article 4; a month is taken to be 30 days.
"""

from datetime import date

from server.hr.leave.engine.calendar import years_later
from server.hr.leave.model import Finding, FindingKind, LeaveType

DAYS_OF_MONTH = 30


def lost_by(kind: LeaveType, person_id: int, service_from: date | None, day: date, sick_days: int, personal_days: int) -> list[Finding]:
    """sick_days, personal_days: of the calendar in the year of the day; personal ones that were paid."""
    entitlement, lot = kind.terms.entitlement, date(day.year, 1, 1).isoformat()
    found = []
    steps = [one for one in entitlement.lost_by_sick if service_from is not None and years_later(service_from, one.years) <= day]
    if steps and sick_days > steps[-1].months * DAYS_OF_MONTH:
        facts = {"days": sick_days, "months": steps[-1].months, "years": steps[-1].years}
        found.append(Finding(FindingKind.LOST_BY_SICK, person_id, kind.code, lot, facts))
    least = entitlement.lost_by_personal_days
    if least is not None and personal_days >= least:
        found.append(Finding(FindingKind.LOST_BY_PERSONAL, person_id, kind.code, lot, {"days": personal_days, "least": least}))
    return found
