"""Which days of approved leave the roster is told of."""

from datetime import UTC, date, datetime, timedelta

import pytest

from server.attendance.actions import leave_days, record_grants, withdraw_grant
from server.attendance.model import NewGrant
from server.attendance.model.grants import DayPart, GrantKind, LeaveKind
from server.roster.actions import ApprovedLeave
from tests.support.company import NOW, TESTER

MONDAY = date(2026, 11, 23)
SUNDAY = MONDAY + timedelta(days=6)


@pytest.fixture
def grant(database, company):
    def record(number, kind=GrantKind.LEAVE, **facts):
        with database.writing() as uow:
            return record_grants(uow, [NewGrant(person_id=company.people[number], kind=kind, reason="因病", **facts)], TESTER, NOW)[0]

    return record


@pytest.fixture
def told(database, company):
    def read():
        numbers = {person: number for number, person in company.people.items()}
        with database.reading() as uow:
            found = leave_days(uow, list(company.people.values()), MONDAY, SUNDAY)
        return {(numbers[person], day.day): leave for person, days in found.items() for day, leave in days.items()}

    return read


def test_given_days_of_leave_then_those_in_the_span_are_told_with_their_kind(grant, told):
    grant("A1", first_day=MONDAY - timedelta(days=3), last_day=MONDAY + timedelta(days=1), leave=LeaveKind.ANNUAL)

    assert told() == {("A1", 23): ApprovedLeave(name="annual"), ("A1", 24): ApprovedLeave(name="annual")}


def test_given_half_a_day_or_hours_then_the_day_is_not_whole(grant, told):
    four = datetime(2026, 11, 25, 16, tzinfo=UTC)  # midnight in Shanghai
    grant("A1", first_day=MONDAY, last_day=MONDAY, leave=LeaveKind.SICK, part=DayPart.MORNING)
    grant("A2", leave=LeaveKind.PERSONAL, starts_at=int(four.timestamp()) - 3600, ends_at=int(four.timestamp()))

    assert told() == {("A1", 23): ApprovedLeave(name="sick", whole=False), ("A2", 25): ApprovedLeave(name="personal", whole=False)}


def test_given_other_grants_or_withdrawn_leave_then_nothing_is_told(database, grant, told):
    grant("A1", kind=GrantKind.TRIP, first_day=MONDAY, last_day=MONDAY)
    leave = grant("A2", first_day=MONDAY, last_day=MONDAY, leave=LeaveKind.SICK)
    with database.writing() as uow:
        withdraw_grant(uow, leave.grant.id, TESTER, NOW, "a mistake")

    assert told() == {}
