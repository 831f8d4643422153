"""What stands in the way of a trip or of field work."""

from collections.abc import Iterator

from server.hr.requests.engine.clashes import field_of
from server.hr.requests.engine.surroundings import Surroundings
from server.hr.requests.engine.times import days_of
from server.hr.requests.model import FieldWorkContent, Finding, FindingCode, Severity, TripContent, TripRules
from server.roster.model import each_day


def judge_trip(content: TripContent | FieldWorkContent, rules: TripRules, around: Surroundings) -> Iterator[Finding]:
    """Its length, how far back it is, and whether any work is planned then."""
    first, last = days_of(content, around.zone)
    if (last - first).days >= rules.longest_days:
        yield Finding(FindingCode.TOO_LONG, Severity.STOPS, "last_day", {"days": rules.longest_days})
    if (around.today - first).days > rules.back_days:
        yield Finding(FindingCode.TOO_FAR_BACK, Severity.STOPS, field_of(content), {"days": rules.back_days})
    if rules.attachment and not around.attachments:
        yield Finding(FindingCode.ATTACHMENT, Severity.STOPS, "attachment")
    if not any(around.plans[day].parts for day in each_day(first, last) if day in around.plans):
        yield Finding(FindingCode.NO_WORK, Severity.WARNS, field_of(content))
