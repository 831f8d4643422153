"""Grants are recorded whole or not at all, never deleted, and mark the days they can matter to."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from server.attendance import actions
from server.attendance.model import GrantFilter, NewGrant
from server.attendance.model.grants import DayPart, GrantKind, Heading, LeaveKind
from server.attendance.tables import attendance_grant, day_mark, locked_span
from server.errors import InvalidInputError, NotFoundError, RefusedError
from tests.support.company import NOW, TESTER

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp())


def days(first: int, last: int) -> dict:
    return {"first_day": date(2026, 11, first), "last_day": date(2026, 11, last)}


@pytest.fixture
def new(company):
    return lambda kind=GrantKind.LEAVE, **fields: NewGrant(
        person_id=company.people["A1"],
        kind=kind,
        **{"reason": "as asked", **({"leave": LeaveKind.ANNUAL} if kind is GrantKind.LEAVE else {}), **fields},
    )


@pytest.fixture
def grant(database):
    def record(*wanted):
        with database.writing() as uow:
            return actions.record_grants(uow, wanted, TESTER, NOW)

    return record


def marks(database):
    with database.reading() as uow:
        return [(row.person_id, row.work_date.day) for row in uow.fetch_all(select(day_mark).order_by(day_mark.c.work_date))]


def listed(database, **wanted):
    with database.reading() as uow:
        return [line.stored.grant.id for line in actions.list_grants(uow, GrantFilter(**wanted))]


def test_given_leave_by_days_when_recorded_then_exactly_those_days_are_marked(database, company, new, grant):
    grant(new(**days(23, 25)))

    assert marks(database) == [(company.people["A1"], day) for day in (23, 24, 25)]


def test_given_a_correction_after_midnight_when_recorded_then_the_days_beside_it_are_marked_too(database, company, new, grant):
    grant(new(GrantKind.CORRECTION, starts_at=at("2026-11-22 00:30"), heading=Heading.OUT))

    assert marks(database) == [(company.people["A1"], day) for day in (21, 22, 23)]


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        (GrantKind.LEAVE, days(25, 24), "last_day"),
        (GrantKind.LEAVE, {"first_day": date(2026, 11, 1)}, "last_day"),
        (GrantKind.LEAVE, {}, "first_day"),
        (GrantKind.LEAVE, days(1, 2) | {"leave": None}, "leave"),
        (GrantKind.LEAVE, days(1, 2) | {"reason": " "}, "reason"),
        (GrantKind.LEAVE, days(1, 2) | {"starts_at": 5}, "starts_at"),
        (GrantKind.LEAVE, {"first_day": date(2026, 1, 1), "last_day": date(2027, 12, 31)}, "last_day"),
        (GrantKind.TRIP, {"starts_at": at("2026-11-22 10:00"), "ends_at": at("2026-11-22 10:00")}, "ends_at"),
        (GrantKind.TRIP, {"starts_at": at("2026-11-22 10:00")}, "ends_at"),
        (GrantKind.TRIP, {"starts_at": at("2026-10-01 10:00"), "ends_at": at("2026-11-22 10:00")}, "ends_at"),
        (GrantKind.OVERTIME, days(22, 22), "minutes"),
        (GrantKind.OVERTIME, {"starts_at": at("2026-11-22 18:00"), "ends_at": at("2026-11-22 19:00"), "minutes": 61}, "minutes"),
        (GrantKind.OVERTIME, days(22, 22) | {"minutes": 1441}, "minutes"),
        (GrantKind.NURSING, days(22, 22), "minutes"),
        (GrantKind.NURSING, {"starts_at": 1, "ends_at": 2, "minutes": 60}, "first_day"),
        (GrantKind.CORRECTION, days(22, 22), "starts_at"),
        (GrantKind.CORRECTION, {"starts_at": at("2026-11-22 10:00")}, "heading"),
        (GrantKind.CORRECTION, {"starts_at": at("2026-11-23 23:00"), "heading": Heading.IN}, "starts_at"),
    ],
)
def test_given_what_cannot_be_when_recorded_then_the_field_is_named_and_nothing_is_saved(database, new, grant, kind, fields, field):
    good = new(GrantKind.EXCUSED, **days(2, 2))

    with pytest.raises(InvalidInputError) as caught:
        grant(good, new(kind, **fields))

    assert caught.value.facts["field"] == field
    assert listed(database) == marks(database) == []


def test_given_leave_when_a_trip_is_recorded_for_one_of_its_days_then_it_is_refused(database, new, grant):
    grant(new(**days(23, 25)))

    with pytest.raises(RefusedError, match="A1 has grant"):
        grant(new(GrantKind.TRIP, **days(25, 26)))

    assert len(listed(database)) == 1


def test_given_a_morning_of_leave_when_the_afternoon_follows_then_both_stand(database, new, grant):
    grant(new(part=DayPart.MORNING, **days(23, 23)))
    grant(new(part=DayPart.AFTERNOON, **days(23, 23)))

    assert len(listed(database)) == 2


def test_given_a_correction_when_the_same_one_comes_again_then_it_is_refused(new, grant):
    again = new(GrantKind.CORRECTION, starts_at=at("2026-11-22 09:00:40"), heading=Heading.IN)
    grant(new(GrantKind.CORRECTION, starts_at=at("2026-11-22 09:00"), heading=Heading.IN))

    with pytest.raises(RefusedError):
        grant(again)


def test_given_leave_and_overtime_on_one_day_then_both_stand(database, new, grant):
    grant(new(**days(23, 23)), new(GrantKind.OVERTIME, minutes=60, **days(23, 23)))

    assert len(listed(database)) == 2


def test_given_nobody_of_that_number_when_recorded_then_it_says_so(database, new, grant):
    with pytest.raises(NotFoundError):
        grant(NewGrant(person_id=99, kind=GrantKind.EXCUSED, reason="typhoon", **days(1, 1)))


class TestClosedPeriod:
    @pytest.fixture(autouse=True)
    def closed(self, database, company):
        with database.writing() as uow:
            span = {"person_id": company.people["A1"], "first_day": date(2026, 11, 1), "last_day": date(2026, 11, 22), "period_id": 5}
            uow.execute(locked_span.insert().values(**span))

    def test_a_grant_in_it_is_refused(self, database, new, grant):
        with pytest.raises(RefusedError, match="2026-11-22 is closed"):
            grant(new(**days(22, 23)))

        assert listed(database) == []

    def test_a_grant_beside_it_stands(self, database, new, grant):
        grant(new(GrantKind.CORRECTION, starts_at=at("2026-11-23 08:00"), heading=Heading.IN))

        assert len(listed(database)) == 1

    def test_a_late_fact_is_recorded_all_the_same(self, database, new, grant):
        grant(new(late=True, **days(22, 23)))

        assert len(listed(database)) == 1


def test_given_a_grant_when_withdrawn_then_it_stays_with_who_and_why_and_its_days_are_marked(database, company, new, grant):
    (made,) = grant(new(**days(23, 23)))
    with database.writing() as uow:
        uow.execute(day_mark.delete())

    with database.writing() as uow:
        actions.withdraw_grant(uow, made.grant.id, TESTER, datetime(2026, 11, 24, tzinfo=UTC), "asked twice")

    assert marks(database) == [(company.people["A1"], 23)]
    assert listed(database) == []
    assert listed(database, withdrawn=True) == [made.grant.id]
    with database.reading() as uow:
        row = uow.fetch_one(select(attendance_grant))
        assert (row.withdrawn_by, row.withdrawn_reason) == ("tester", "asked twice")
    with pytest.raises(RefusedError), database.writing() as uow:
        actions.withdraw_grant(uow, made.grant.id, TESTER, NOW, "again")


def test_given_a_withdrawn_grant_when_the_same_is_recorded_then_it_stands(database, new, grant):
    (made,) = grant(new(**days(23, 23)))
    with database.writing() as uow:
        actions.withdraw_grant(uow, made.grant.id, TESTER, NOW, "wrong person")

    grant(new(**days(23, 23)))

    assert len(listed(database)) == 1
