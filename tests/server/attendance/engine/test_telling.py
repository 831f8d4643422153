"""What people read: the answer first, and no code without words in either language."""

import re
from datetime import UTC, date, datetime
from enum import StrEnum

import pytest

from server.attendance.engine.day.assessing import assess_day
from server.attendance.engine.period.assessing import assess_period
from server.attendance.engine.telling import (
    EXCEPTIONS,
    FINDINGS,
    SENTENCES,
    tell_day,
    tell_exception,
    tell_finding,
    tell_period,
    tell_steps,
)
from server.attendance.engine.wording import duration, moment, spoken, worded
from server.attendance.model.days import (
    AttendanceException,
    DayState,
    DayStatus,
    ExceptionKind,
    Horizon,
    LeaveTaken,
    PartResult,
    TimedPunch,
)
from server.attendance.model.grants import GrantKind, Heading, LeaveKind
from server.attendance.model.periods import FindingKind, PeriodFinding
from server.attendance.model.rules import DayRules, PeriodRules, SettledBy
from server.roster.model import DayKind, PlannedBreak, PlannedPart
from server.web.language import LANGUAGES, chinese, translator
from tests.support.days import assessed, planned

ZONE = "Asia/Shanghai"
MONDAY = date(2026, 10, 12)
ENGLISH, CHINESE = translator("en"), translator("zh")


def at(hour: int, minute: int = 0) -> int:
    """An instant on the site's clock, on that Monday."""
    return int(datetime(2026, 10, 12, tzinfo=UTC).timestamp()) + (hour - 8) * 3600 + minute * 60


def part(**facts) -> PartResult:
    plain = {"status": DayStatus.PRESENT, "scheduled_minutes": 480, "worked_minutes": 480, "late_minutes": 0, "early_minutes": 0}
    times = {"required_in": at(8), "required_out": at(17), "arrived_at": at(8), "left_at": at(17)}
    return PartResult(**(plain | times | facts))


class TestFacts:
    @pytest.mark.parametrize(
        ("minutes", "english", "told"), [(91, "1 h 31 min", "1 小时 31 分"), (60, "1 h", "1 小时"), (0, "0 min", "0 分")]
    )
    def test_minutes_are_hours_and_minutes(self, minutes, english, told):
        assert (duration(ENGLISH, minutes), duration(CHINESE, minutes)) == (english, told)

    def test_a_moment_is_told_on_the_clock_of_the_site(self):
        assert moment(at(8, 31), ZONE) == "08:31"
        assert moment(at(8, 31) + 7, ZONE) == "08:31:07"

    def test_a_moment_of_another_date_is_told_with_it(self):
        assert moment(at(26), ZONE, MONDAY) == "10-13 02:00"

    def test_the_name_of_a_fact_says_what_it_is(self):
        facts = {"came_at": at(9), "late_minutes": 75, "opens_time": 1560, "absent_halves": 1, "rate": 150, "kind": "rest-day", "count": 3}

        told = worded(CHINESE, facts, ZONE)

        assert list(told.values()) == ["09:00", "1 小时 15 分", "26:00", "0.5", "150 %", "休息日", "3"]

    def test_what_is_not_known_is_a_dash(self):
        assert worded(ENGLISH, {"left_at": None}, ZONE) == {"left_at": "—"}


class TestDays:
    def test_who_came_late_reads_by_how_much_and_why(self):
        day = assessed(MONDAY, late=31, parts=(part(late_minutes=31, arrived_at=at(8, 31)),))

        assert tell_day(day, ENGLISH, ZONE, DayRules(grace_in_minutes=5)) == (
            "Late by 31 min: came 08:31, had to be there at 08:00 (grace 5 min)."
        )
        assert tell_day(day, CHINESE, ZONE) == "迟到 31 分：08:31 到岗，应于 08:00 到岗。"

    def test_a_plain_day_reads_what_was_worked_and_when(self):
        day = assessed(MONDAY, 540, 60, parts=(part(),), arrived_at=at(8), left_at=at(18))

        assert tell_day(day, ENGLISH, ZONE) == "Worked 9 h, from 08:00 to 18:00. Overtime (workday): 1 h at 150 %."
        assert tell_day(day, CHINESE, ZONE) == "出勤 9 小时，08:00 至 18:00。加班（工作日）：1 小时，按 150 %。"

    def test_a_missing_punch_reads_which_one(self):
        missing = AttendanceException(kind=ExceptionKind.MISSING_OUT)
        day = assessed(MONDAY, 0, status=DayStatus.INCOMPLETE, exceptions=(missing,))

        assert tell_day(day, ENGLISH, ZONE) == "The punch at the end is missing."

    def test_leave_reads_its_kind(self):
        sick = LeaveTaken(kind=LeaveKind.SICK, minutes=480, halves=2, grant_id=1)

        assert tell_day(assessed(MONDAY, 0, status=DayStatus.LEAVE, leave=(sick,)), CHINESE, ZONE) == "请假：病假，8 小时。"

    def test_a_day_that_goes_on_reads_since_when_somebody_is_in(self):
        office = PlannedPart(start=at(9), end=at(18), opens=at(6), closes=at(22))
        plan = planned(MONDAY, rostered=True, parts=(office,))

        day = assess_day(plan, [TimedPunch(id=1, at=at(8, 58))], [], DayRules(), Horizon(now=at(11), reported_until=at(11)))

        assert tell_day(day, ENGLISH, ZONE) == "In since 08:58; not settled yet."
        assert tell_day(day, CHINESE, ZONE) == "08:58 已上班，尚未确定。"

    def test_what_is_provisional_says_so_first(self):
        day = assessed(MONDAY, 0, status=DayStatus.PENDING, state=DayState.PROVISIONAL)

        assert tell_day(day, ENGLISH, ZONE).startswith("Provisional: a terminal has not reported yet")

    @pytest.mark.parametrize("status", list(DayStatus))
    @pytest.mark.parametrize("worked", [0, 120])
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_status_is_told(self, status, worked, language):
        missing = AttendanceException(kind=ExceptionKind.MISSING_IN)
        leave = LeaveTaken(kind=LeaveKind.ANNUAL, minutes=480, halves=2, grant_id=1)
        day = assessed(MONDAY, worked, status=status, exceptions=(missing,), leave=(leave,) if status is DayStatus.LEAVE else ())

        assert whole(tell_day(day, translator(language), ZONE), language)


class TestPeriods:
    def test_a_period_reads_its_figures_in_one_line(self):
        days = [assessed(MONDAY, 540, 60, late=12), assessed(date(2026, 10, 17), kind=DayKind.REST_DAY, settled_by=SettledBy.TIME_OFF)]

        period = assess_period(days, [], PeriodRules(), date(2026, 10, 1), date(2026, 10, 31))

        assert tell_period(period, ENGLISH) == (
            "Worked 17 h on 2 days. Late 1 time, 12 min. Overtime (rest day): 8 h, taken as time off. Overtime (workday): 1 h at 150 %."
        )
        assert all(whole(said, "zh") for said in tell_steps(period.steps, CHINESE, ZONE))

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_finding_names_its_days_while_they_are_few(self, language):
        few = PeriodFinding(kind=FindingKind.PROVISIONAL_DAYS, count=1, days=(MONDAY,))
        many = PeriodFinding(kind=FindingKind.PROVISIONAL_DAYS, count=9, days=(MONDAY,) * 9)

        assert "10-12" in tell_finding(few, translator(language))
        assert "10-12" not in tell_finding(many, translator(language))


def whole(said: str, language: str) -> bool:
    """Whether a sentence has no open fact, and no English in Chinese but IN and OUT, units and dates."""
    return bool(said) and "{" not in said and (language == "en" or not re.search(r"[A-Za-z]{2,}", said))


@pytest.mark.parametrize("kind", [DayStatus, DayState, ExceptionKind, FindingKind, GrantKind, LeaveKind, DayKind, Heading, SettledBy])
def test_every_word_has_its_chinese(kind: type[StrEnum]):
    assert {one.value for one in kind} - chinese().keys() == set()
    assert all(whole(spoken(CHINESE, one.value), "zh") for one in kind)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(ExceptionKind))
def test_every_exception_is_told(kind, language):
    said = tell_exception(AttendanceException(kind=kind, minutes=12, at=at(9)), translator(language), ZONE)

    assert whole(said, language)
    assert EXCEPTIONS[kind] in chinese()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(FindingKind))
def test_every_finding_is_told(kind, language):
    assert whole(tell_finding(PeriodFinding(kind=kind, count=2, minutes=90), translator(language)), language)
    assert FINDINGS[kind] in chinese()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_of_a_real_day_is_told_with_its_unit(language):
    morning = PlannedPart(start=at(8), end=at(17), opens=at(6), closes=at(20), breaks=(PlannedBreak(start=at(12), end=at(13)),))
    plan = planned(MONDAY, rostered=True, parts=(morning,))
    punches = [TimedPunch(id=1, at=at(9, 31)), TimedPunch(id=2, at=at(9, 31) + 20), TimedPunch(id=3, at=at(18))]
    horizon = Horizon(now=at(48), reported_until=at(48))

    day = assess_day(plan, punches, [], DayRules(duplicate_seconds=60, grace_in_minutes=5), horizon)
    told = tell_steps(day.steps, translator(language), ZONE, MONDAY)

    assert all(whole(said, language) for said in told)
    late = {"en": "Came at 09:31, due at 08:00: 1 h 31 min late.", "zh": "09:31 到岗，应于 08:00 到岗：迟到 1 小时 31 分。"}
    assert late[language] in told


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_step_has_its_chinese(code):
    assert SENTENCES[code] in chinese()
