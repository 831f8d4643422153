"""Rule sets: named rules with versions by date, and whom they are for."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from server.attendance.model.rules import Rules


class RuleSubject(StrEnum):
    """Whom a rule set is for. Of several that fit somebody the most particular counts: the order of these, from the company up."""

    COMPANY = "company"
    SITE = "site"
    DEPARTMENT = "department"
    POSITION = "position"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class RuleSetVersion:
    """One version: holds from `valid_from` until the next one's first day."""

    id: int
    rule_set_id: int
    valid_from: date
    rules: Rules
    author: str
    reason: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rule set with its versions, the latest first. ready_made: the name of the set it began as, "" for none."""

    id: int
    name: str
    ready_made: str
    versions: tuple[RuleSetVersion, ...]


@dataclass(frozen=True, slots=True)
class RuleAssignment:
    """That a rule set is for somebody, from first_day to last_day (both included; None: for ever).

    Of two for the same subject the one that begins later counts while it lasts.
    """

    id: int
    rule_set_id: int
    subject: RuleSubject
    subject_id: int
    first_day: date
    last_day: date | None
    author: str
    reason: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class RulesSpan:
    """The rules of somebody from first_day to last_day, both included."""

    first_day: date
    last_day: date
    version_id: int
    rules: Rules
