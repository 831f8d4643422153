"""The calendar of China: what the law says, what a year's file comes to, what cannot be."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

import server.roster
from server.roster.engine.holidays import check_year, read_holiday_cn
from server.roster.engine.statutory import FIRST_YEAR, LAST_YEAR, NAMES, statutory_days
from server.roster.model import CalendarDay, CalendarKind, Law

SHIPPED = json.loads((Path(server.roster.__path__[0]) / "data" / "china-2026-11.json").read_text(encoding="utf-8"))["years"]
CHINESE = {name: chinese for chinese, name in reversed(NAMES.items())}
WORK_DAYS = {
    2025: [19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23],
    2026: [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23],
}
"""By month, as counted from the State Council's notices by an independent library (chinesecalendar 1.11.0)."""


def shipped(year):
    days = []
    for one in SHIPPED[str(year)]["days"]:
        stands_for = date.fromisoformat(one["stands_for"]) if "stands_for" in one else None
        days.append(CalendarDay(date.fromisoformat(one["day"]), CalendarKind(one["kind"]), one["name"], stands_for))
    return days


def holiday_cn(year, change=lambda days: days):
    """The shipped year as holiday-cn writes it."""
    days = [
        {"name": CHINESE[one.name], "date": one.day.isoformat(), "isOffDay": one.kind is not CalendarKind.MAKE_UP} for one in shipped(year)
    ]
    return json.dumps({"year": year, "papers": ["https://www.gov.cn/notice"], "days": change(days)}, ensure_ascii=False).encode()


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_the_shipped_years_have_the_days_of_the_law_and_no_finding(year):
    days = shipped(year)

    assert check_year(year, days, Law.CHINA) == ()
    assert {one.day: one.name for one in days if one.kind is CalendarKind.STATUTORY} == statutory_days(year)


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_shipped_years_have_the_work_days_of_the_notices(year):
    kinds = {one.day: one.kind for one in shipped(year)}
    counted = [0] * 12
    for number in range(365):
        day = date(year, 1, 1) + timedelta(days=number)
        counted[day.month - 1] += kinds.get(day) is CalendarKind.MAKE_UP or (day.weekday() < 5 and day not in kinds)

    assert counted == WORK_DAYS[year]
    assert sum(counted) == 248


@pytest.mark.parametrize("year", range(FIRST_YEAR, LAST_YEAR + 1))
def test_the_law_has_thirteen_days_each_year_but_where_two_fall_on_one_date(year):
    days = statutory_days(year)

    assert len(days) == 13 - sum(name == "National Day and Mid-Autumn Festival" for name in days.values())
    assert list(days) == sorted(days)
    assert [day.year for day in days] == [year] * len(days)


class TestReadingAFile:
    @pytest.mark.parametrize("year", [2025, 2026])
    def test_given_the_file_of_a_year_then_its_kinds_are_those_of_the_notice(self, year):
        reading = read_holiday_cn(holiday_cn(year))

        assert reading.findings == ()
        assert [(one.day, one.kind, one.stands_for) for one in reading.days] == [
            (one.day, one.kind, one.stands_for) for one in shipped(year)
        ]
        assert reading.source == "https://www.gov.cn/notice"

    @pytest.mark.parametrize(
        ("data", "field"),
        [
            (b"", "file"),
            (b"[]", "file"),
            (b'{"year": 2026}', "file"),
            (b'{"year": 2026, "days": [{"name": "x", "date": "2026-02-30", "isOffDay": true}]}', "file"),
            (b'{"year": 1999, "days": []}', "year"),
            (b'{"year": 2027, "days": []}', "days"),
        ],
    )
    def test_given_no_such_file_then_the_finding_names_what_is_wrong(self, data, field):
        reading = read_holiday_cn(data)

        assert [one.field for one in reading.findings] == [field]
        assert reading.days == ()

    def test_given_a_day_of_two_kinds_then_it_is_a_finding(self):
        twice = holiday_cn(2026, lambda days: [*days, {**days[0], "isOffDay": False}])

        assert [(one.field, str(one.facts["day"])) for one in read_holiday_cn(twice).findings] == [("days", "2026-01-01")]

    def test_given_a_statutory_day_that_is_worked_then_it_is_a_finding(self):
        without = holiday_cn(2026, lambda days: [one for one in days if one["date"] != "2026-10-01"])

        (finding,) = read_holiday_cn(without).findings
        assert (finding.facts["day"], finding.facts["what"]) == (date(2026, 10, 1), "National Day")

    def test_given_a_make_up_day_on_a_weekday_then_it_is_a_finding(self):
        wrong = holiday_cn(2026, lambda days: [*days, {"name": "国庆节", "date": "2026-10-13", "isOffDay": False}])

        assert [one.problem for one in read_holiday_cn(wrong).findings] == ["{day} is no weekend day, so it cannot be a make-up work day"]


class TestKindsThatCannotBe:
    @pytest.mark.parametrize(
        "wrong",
        [
            CalendarDay(date(2026, 10, 1), CalendarKind.SWAPPED_REST, "x"),
            CalendarDay(date(2026, 10, 10), CalendarKind.MOVED, "x"),
            CalendarDay(date(2026, 10, 12), CalendarKind.MAKE_UP, "x"),
            CalendarDay(date(2026, 10, 12), CalendarKind.WEEKEND, "x"),
            CalendarDay(date(2026, 10, 12), CalendarKind.STATUTORY, "x"),
            CalendarDay(date(2026, 10, 12), CalendarKind.COMPANY, " "),
            CalendarDay(date(2026, 10, 12), CalendarKind.COMPANY, "x", date(2026, 10, 11)),
            CalendarDay(date(2027, 10, 12), CalendarKind.COMPANY, "x"),
        ],
    )
    def test_given_a_kind_on_a_wrong_date_then_there_is_a_finding(self, wrong):
        days = [one for one in shipped(2026) if one.day != wrong.day]

        assert check_year(2026, [*days, wrong], Law.CHINA) != ()

    def test_given_a_place_with_days_of_its_own_then_the_law_of_china_is_not_asked(self):
        third_of_third = CalendarDay(date(2026, 4, 20), CalendarKind.STATUTORY, "三月三")

        assert check_year(2026, [*shipped(2026), third_of_third], Law.OTHER) == ()
        assert check_year(2026, [*shipped(2026), third_of_third], Law.CHINA) != ()
