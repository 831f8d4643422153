"""What is in the way of closing a period. Pure: everything that was found out is given."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from server.attendance.model.closing import Answer, Confirmation, Issue, IssueKind, Membership, Period
from server.attendance.model.days import DayState
from server.attendance.model.stored import DaySigns

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PeriodFacts:
    """What closing looks at. signs: of the days in the period, by person. unannounced: people and days whose year's calendar is not
    announced. without_rules: people who have no rules on a day of theirs. waiting: days that are to be assessed again.
    """

    signs: Mapping[int, Sequence[DaySigns]]
    unannounced: Mapping[int, int]
    without_rules: Collection[int]
    waiting: Mapping[int, int]
    answers: Mapping[int, Confirmation]


def issues_of(period: Period, members: Sequence[Membership], facts: PeriodFacts, today: date) -> tuple[Issue, ...]:
    """Everything in the way, the gravest first."""
    found = []
    if today <= period.last_day:
        found.append(Issue(IssueKind.NOT_OVER, (period.last_day - today).days + 1))
    counts: dict[IssueKind, dict[int, int]] = {
        IssueKind.UNANNOUNCED: dict(facts.unannounced),
        IssueKind.WITHOUT_RULES: dict.fromkeys(facts.without_rules, 1),
        IssueKind.WAITING: dict(facts.waiting),
        IssueKind.NOT_ASSESSED: {one.person_id: _missing(one, facts) for one in members if one.person_id not in facts.without_rules},
        IssueKind.PROVISIONAL: {one.person_id: _unsettled(facts.signs.get(one.person_id, ())) for one in members},
        IssueKind.OPEN_EXCEPTIONS: {one.person_id: sum(day.open for day in facts.signs.get(one.person_id, ())) for one in members},
        IssueKind.OBJECTIONS: {one.person_id: 1 for one in members if _answer(facts, one) is Answer.OBJECTED},
    }
    if period.asked_at is not None and period.confirm_until is not None and today <= period.confirm_until:
        counts[IssueKind.UNANSWERED] = {one.person_id: 1 for one in members if _answer(facts, one) is Answer.NONE}
    for kind, by_person in counts.items():
        people = tuple(one for one in members if by_person.get(one.person_id))
        if people:
            found.append(Issue(kind, sum(by_person[one.person_id] for one in people), people))
    return tuple(sorted(found, key=lambda issue: list(IssueKind).index(issue.kind)))


def _missing(one: Membership, facts: PeriodFacts) -> int:
    """Days of the membership that nobody has assessed; those that wait for it are told as waiting."""
    there = {day.work_date for day in facts.signs.get(one.person_id, ())}
    inside = sum(one.holds(day) for day in there)
    return 0 if facts.waiting.get(one.person_id) else max(0, one.days - inside)


def _unsettled(days: Sequence[DaySigns]) -> int:
    return sum(day.state is not DayState.FINAL for day in days)


def _answer(facts: PeriodFacts, one: Membership) -> Answer:
    found = facts.answers.get(one.person_id)
    return found.answer if found else Answer.NONE
