"""Periods a clerk can add up by hand, then properties of any period."""

from datetime import date, timedelta

from hypothesis import given, strategies as st
from msgspec import json

from server.attendance.engine.period.assessing import assess_period, days_needed
from server.attendance.engine.period.counters import corrections_left
from server.attendance.engine.period.steps import SENTENCES, replay_period
from server.attendance.model.days import DayState, DayStatus, LeaveTaken, PunchUse
from server.attendance.model.grants import Heading, LeaveKind
from server.attendance.model.periods import AttendancePeriod, FindingKind
from server.attendance.model.rules import Counter, OvertimeTier, PeriodRules, PeriodSum, SettledBy
from server.directory.model import HoursSystem
from server.errors import filled
from server.roster.model import DayKind
from tests.support.days import assessed, dates, planned

OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))
MONDAY = date(2026, 10, 12)
NO_RULES = PeriodRules()


def by_rate(period: AttendancePeriod) -> dict:
    return {one.name or one.rate: one.minutes for one in period.overtime}


def kinds(period: AttendancePeriod) -> set[FindingKind]:
    return {one.kind for one in period.findings}


def week(*worked: int, **facts):
    return [assessed(MONDAY + timedelta(days=number), minutes, **facts) for number, minutes in enumerate(worked)]


class TestTotals:
    def test_a_month_is_the_sum_of_its_days_and_of_no_other(self):
        days = [assessed(date(2026, 9, 30), 500), *week(480, 480, 540), assessed(date(2026, 11, 1), 500)]

        period = assess_period(days, [], NO_RULES, *OCTOBER)

        assert (period.worked_minutes, period.regular_minutes, period.attended_days) == (1500, 1500, 3)
        assert [day.work_date for day in period.days] == [MONDAY + timedelta(days=n) for n in range(3)]

    def test_days_that_another_group_pays_only_decide(self):
        rules = PeriodRules(weekly_tiers=(OvertimeTier(after_minutes=2400, rate=150),))
        without = frozenset({MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)})

        period = assess_period(week(600, 600, 600, 600, 600), [], rules, *OCTOBER, without)

        assert (period.worked_minutes, period.attended_days, by_rate(period)) == (1800, 3, {150: 600})
        assert [day.work_date.day for day in period.days] == [12, 15, 16]

    def test_a_sum_is_settled_by_the_group_that_pays_its_last_day(self):
        days = [assessed(day, 480) for day in dates(*OCTOBER)]
        plans = [planned(day, HoursSystem.COMPREHENSIVE) for day in dates(*OCTOBER)]
        rules = PeriodRules(comprehensive_over=PeriodSum.MONTH)
        span = (date(2026, 10, 20), date(2026, 11, 19))

        with_it, without_it = (assess_period(days, plans, rules, *span, frozenset(left)) for left in ((), dates(OCTOBER[1], OCTOBER[1])))

        assert [one.settled for one in (*with_it.sums, *without_it.sums)] == [True, False]

    def test_leave_stands_by_kind_and_allowances_with_their_days(self):
        sick = LeaveTaken(kind=LeaveKind.SICK, minutes=240, halves=1, grant_id=7)
        days = [
            assessed(MONDAY, 240, leave=(sick,), allowances=(("night", 60),)),
            assessed(MONDAY + timedelta(days=1), leave=(sick,), allowances=(("night", 30),)),
        ]

        period = assess_period(days, [], NO_RULES, *OCTOBER)

        assert [(one.kind, one.minutes, one.halves) for one in period.leave] == [(LeaveKind.SICK, 480, 2)]
        assert (period.allowances, period.allowance_days) == ((("night", 90),), (("night", 2),))

    def test_owed_days_are_those_with_planned_work_that_are_no_days_off(self):
        days = [
            assessed(MONDAY, scheduled_minutes=480),
            assessed(MONDAY + timedelta(days=1), 0, scheduled_minutes=480, status=DayStatus.ABSENT, absent_halves=2),
            assessed(MONDAY + timedelta(days=2), 0, scheduled_minutes=480, status=DayStatus.HOLIDAY),
        ]

        period = assess_period(days, [], NO_RULES, *OCTOBER)

        assert (period.owed_days, period.attended_days, period.absent_halves) == (2, 1, 2)


class TestWeekTiers:
    TIERS = (
        OvertimeTier(after_minutes=2820, rate=150),
        OvertimeTier(after_minutes=3540, rate=200),
        OvertimeTier(after_minutes=4260, rate=250),
    )

    def test_six_days_of_twelve_hours_climb_through_the_tiers(self):
        period = assess_period(week(720, 720, 720, 720, 720, 720), [], PeriodRules(weekly_tiers=self.TIERS), *OCTOBER)

        assert [day.regular_minutes for day in period.days] == [720, 720, 720, 660, 0, 0]
        assert [{one.rate: one.minutes for one in day.overtime} for day in period.days[3:]] == [
            {150: 60},
            {150: 660, 200: 60},
            {200: 660, 250: 60},
        ]

    def test_an_hour_above_the_day_and_the_week_counts_once(self):
        days = week(600, 480, 480, 480, 600)
        days[0], days[4] = assessed(MONDAY, 600, 60), assessed(MONDAY + timedelta(days=4), 600, 60)

        period = assess_period(days, [], PeriodRules(weekly_tiers=(OvertimeTier(after_minutes=2400, rate=150),)), *OCTOBER)

        assert [sum(one.minutes for one in day.overtime) for day in period.days] == [60, 0, 0, 0, 240]
        assert by_rate(period) == {150: 300}

    def test_a_week_that_begins_in_the_month_before_runs_on(self):
        rules = PeriodRules(weekly_tiers=(OvertimeTier(after_minutes=2400, rate=150),))
        days = [assessed(day, 600) for day in dates(date(2026, 9, 28), date(2026, 10, 2))]

        period = assess_period(days, [], rules, *OCTOBER)

        assert [day.regular_minutes for day in period.days] == [600, 0]
        assert days_needed(*OCTOBER, rules, {HoursSystem.STANDARD}) == (date(2026, 9, 25), date(2026, 10, 31))

    def test_work_that_is_dearer_by_itself_stays_what_it_is(self):
        days = [*week(480, 480, 480, 480, 480), assessed(MONDAY + timedelta(days=5), 240, kind=DayKind.REST_DAY)]

        period = assess_period(days, [], PeriodRules(weekly_tiers=(OvertimeTier(after_minutes=2400, rate=150),)), *OCTOBER)

        assert by_rate(period) == {200: 240}


class TestRowsOfDays:
    def test_all_of_the_second_day_in_a_row_of_a_week_is_consecutive(self):
        period = assess_period(week(720, 720), [], PeriodRules(consecutive_from=2), *OCTOBER)

        assert [day.regular_minutes for day in period.days] == [720, 0]
        assert by_rate(period) == {"consecutive": 720}

    def test_a_day_without_work_and_a_new_week_begin_the_row_again(self):
        days = [assessed(MONDAY + timedelta(days=number)) for number in (0, 2, 6, 7)]

        period = assess_period(days, [], PeriodRules(consecutive_from=2), *OCTOBER)

        assert period.overtime == ()

    def test_seven_days_in_a_row_are_found_across_the_edge_of_the_period(self):
        days = [assessed(day) for day in dates(date(2026, 9, 25), date(2026, 10, 1))]

        found = assess_period(days, [], NO_RULES, *OCTOBER)
        not_found = assess_period(days[1:], [], NO_RULES, *OCTOBER)

        assert FindingKind.SEVEN_DAYS_IN_A_ROW in kinds(found)
        assert FindingKind.SEVEN_DAYS_IN_A_ROW not in kinds(not_found)


class TestCounters:
    LATE_DAYS = tuple(assessed(MONDAY + timedelta(days=number), late=minutes) for number, minutes in enumerate((5, 40, 5, 5, 5, 5)))

    def test_three_lates_are_half_a_day(self):
        rules = PeriodRules(counters=(Counter(kind="late", each=3, half_days=1),))

        period = assess_period(self.LATE_DAYS, [], rules, *OCTOBER)

        assert (period.late_times, period.late_minutes, period.counter_halves) == (6, 65, 2)

    def test_the_first_two_are_forgiven_and_long_ones_never_are(self):
        rules = PeriodRules(counters=(Counter(kind="late", free=2, up_to_minutes=10, each=3, half_days=1),))

        period = assess_period(self.LATE_DAYS, [], rules, *OCTOBER)

        assert (period.forgiven_times, period.forgiven_minutes) == (2, 10)
        assert (period.late_times, period.late_minutes, period.counter_halves) == (4, 55, 1)

    def test_corrections_that_are_used_up_are_said(self):
        use = PunchUse(punch_id=0, at=0, heading=Heading.IN, counted_at=0, grant_id=4)
        days = [assessed(MONDAY, uses=(use,), corrected=True)]

        period = assess_period(days, [], PeriodRules(corrections_allowed=1), *OCTOBER)

        assert period.corrections == 1
        assert FindingKind.CORRECTIONS_USED_UP in kinds(period)
        assert (corrections_left(2, 1), corrections_left(2, 2), corrections_left(None, 9)) == (1, 0, None)


class TestLimits:
    def test_overtime_above_the_month_and_the_day_is_found_and_paid_all_the_same(self):
        rules = PeriodRules(overtime_limit_minutes=36 * 60, overtime_day_limit_minutes=180)
        days = [assessed(MONDAY + timedelta(days=number), 721, 241) for number in range(9)]

        period = assess_period(days, [], rules, *OCTOBER)

        limit = next(one for one in period.findings if one.kind is FindingKind.OVERTIME_LIMIT)
        assert (limit.minutes, limit.count) == (2169, 9)
        assert next(one for one in period.findings if one.kind is FindingKind.OVERTIME_DAY_LIMIT).count == 9
        assert by_rate(period) == {150: 2169}

    def test_exactly_thirty_six_hours_are_allowed(self):
        days = [assessed(MONDAY + timedelta(days=number), 660, 180) for number in range(12)]

        period = assess_period(days, [], PeriodRules(overtime_limit_minutes=36 * 60, overtime_day_limit_minutes=180), *OCTOBER)

        assert not kinds(period) & {FindingKind.OVERTIME_LIMIT, FindingKind.OVERTIME_DAY_LIMIT}

    def test_overtime_of_somebody_protected_is_found(self):
        period = assess_period([assessed(MONDAY, 540, 60)], [planned(MONDAY, protected=True)], NO_RULES, *OCTOBER)

        assert FindingKind.PROTECTED_OVERTIME in kinds(period)

    def test_days_that_are_not_final_or_never_came_are_provisional(self):
        plans = [planned(day) for day in dates(MONDAY, MONDAY + timedelta(days=2))]
        days = [assessed(MONDAY), assessed(MONDAY + timedelta(days=1), state=DayState.PROVISIONAL, status=DayStatus.PENDING)]

        period = assess_period(days, plans, NO_RULES, *OCTOBER)

        assert next(one for one in period.findings if one.kind is FindingKind.PROVISIONAL_DAYS).days == (
            MONDAY + timedelta(days=1),
            MONDAY + timedelta(days=2),
        )


class TestTimeOff:
    def test_rest_day_overtime_stays_time_off_with_its_date_and_rate(self):
        saturday = MONDAY + timedelta(days=5)

        period = assess_period([assessed(saturday, kind=DayKind.REST_DAY, settled_by=SettledBy.TIME_OFF)], [], NO_RULES, *OCTOBER)

        (earned,) = period.days[0].overtime
        assert (period.days[0].work_date, earned.settled_by, earned.rate, earned.minutes) == (saturday, SettledBy.TIME_OFF, 200, 480)

    def test_overtime_of_a_workday_or_a_statutory_day_is_paid_whatever_the_day_says(self):
        days = [
            assessed(date(2026, 10, 1), kind=DayKind.STATUTORY_HOLIDAY, settled_by=SettledBy.TIME_OFF),
            assessed(MONDAY, 540, 60, settled_by=SettledBy.TIME_OFF),
        ]

        period = assess_period(days, [], NO_RULES, *OCTOBER)

        assert {one.settled_by for one in period.overtime} == {SettledBy.PAY}
        assert [step.code for step in period.steps].count("period-time-off-refused") == 2


class TestComprehensiveHours:
    QUARTER = (date(2026, 10, 1), date(2026, 12, 31))
    RULES = PeriodRules(comprehensive_over=PeriodSum.QUARTER)

    def quarter(self, minutes: int, statutory: int = 0):
        """That much work in the quarter, so much of it on 1 October."""
        rest = minutes - statutory
        days = [assessed(date(2026, 10, 1), statutory, kind=DayKind.STATUTORY_HOLIDAY)] if statutory else []
        return [*days, *(assessed(day, rest // 60) for day in dates(date(2026, 10, 8), date(2026, 12, 6)))]

    def plans(self, first=date(2026, 10, 1), last=date(2026, 12, 31)):
        return [planned(day, HoursSystem.COMPREHENSIVE, employed=first <= day <= last) for day in dates(*self.QUARTER)]

    def test_520_hours_in_a_quarter_are_24_hours_of_excess(self):
        period = assess_period(self.quarter(31_200), self.plans(), self.RULES, *self.QUARTER)

        assert period.standard_minutes == 29_760
        assert by_rate(period) == {150: 1440}

    def test_hours_on_a_statutory_holiday_go_at_300_and_out_of_the_excess(self):
        period = assess_period(self.quarter(31_200, 480), self.plans(), self.RULES, *self.QUARTER)

        assert by_rate(period) == {300: 480, 150: 960}

    def test_a_sunday_and_a_long_day_are_no_overtime_by_themselves(self):
        days = [assessed(date(2026, 10, 11), kind=DayKind.REST_DAY), assessed(MONDAY, 600, 120)]

        period = assess_period(days, self.plans(), self.RULES, *OCTOBER)

        assert (period.overtime, period.regular_minutes) == ((), 1080)
        assert [step.code for step in period.steps].count("period-day-in-sum") == 2

    def test_the_excess_is_settled_in_the_month_in_which_the_quarter_ends(self):
        october = assess_period(self.quarter(31_200), self.plans(), self.RULES, *OCTOBER)
        december = assess_period(self.quarter(31_200), self.plans(), self.RULES, date(2026, 12, 1), date(2026, 12, 31))

        assert (by_rate(october), october.sums[0].settled) == ({}, False)
        assert by_rate(december) == {150: 1440}

    def test_who_leaves_owes_a_share_by_weekdays_and_is_settled_then(self):
        plans = self.plans(last=date(2026, 11, 15))

        period = assess_period(self.quarter(31_200), plans, self.RULES, date(2026, 11, 1), date(2026, 11, 30))

        assert period.sums[0].settled
        assert period.standard_minutes == 29_760 * 32 // 66

    def test_leave_lowers_what_is_owed(self):
        leave = LeaveTaken(kind=LeaveKind.ANNUAL, minutes=480, halves=2, grant_id=1)
        days = [*self.quarter(29_760), assessed(date(2026, 12, 21), 0, leave=(leave,), status=DayStatus.LEAVE)]

        period = assess_period(days, self.plans(), self.RULES, *self.QUARTER)

        assert (period.sums[0].not_owed_minutes, by_rate(period)) == (480, {150: 480})

    def test_a_year_owes_248_days_and_a_month_a_third_of_a_quarter(self):
        from server.attendance.engine.period.hours_sums import whole_standard

        owed = {over: whole_standard(over, 480) for over in PeriodSum}
        assert owed == {PeriodSum.YEAR: 248 * 480, PeriodSum.QUARTER: 62 * 480, PeriodSum.MONTH: 9920}

    def test_the_span_that_is_needed_is_the_calendar_quarters_of_the_period(self):
        span = days_needed(date(2026, 9, 26), date(2026, 10, 25), self.RULES, {HoursSystem.COMPREHENSIVE})

        assert span == (date(2026, 7, 1), date(2026, 12, 31))


class TestIrregularHours:
    def test_there_is_no_overtime(self):
        period = assess_period([assessed(MONDAY, 700, 220)], [planned(MONDAY, HoursSystem.IRREGULAR)], NO_RULES, *OCTOBER)

        assert (period.overtime, period.regular_minutes) == ((), 700)

    def test_what_a_day_gives_for_a_statutory_holiday_stays(self):
        days, plans = [assessed(date(2026, 10, 1), kind=DayKind.STATUTORY_HOLIDAY)], [planned(date(2026, 10, 1), HoursSystem.IRREGULAR)]

        assert by_rate(assess_period(days, plans, NO_RULES, *OCTOBER)) == {300: 480}

    def test_a_change_of_the_system_inside_the_period_is_found(self):
        plans = [planned(MONDAY), planned(MONDAY + timedelta(days=1), HoursSystem.IRREGULAR)]

        assert FindingKind.SYSTEM_CHANGED in kinds(assess_period(week(480, 480), plans, NO_RULES, *OCTOBER))


ANY_DAYS = st.lists(
    st.tuples(
        st.integers(-20, 40),
        st.integers(0, 800),
        st.integers(0, 300),
        st.sampled_from(list(DayKind)),
        st.integers(0, 60),
        st.sampled_from(list(SettledBy)),
        st.sampled_from(list(HoursSystem)),
    ),
    unique_by=lambda one: one[0],
    max_size=40,
)
ANY_RULES = st.builds(
    PeriodRules,
    weekly_tiers=st.sampled_from([(), (OvertimeTier(after_minutes=2400, rate=150), OvertimeTier(after_minutes=3000, rate=250))]),
    consecutive_from=st.sampled_from([None, 3, 6]),
    counters=st.sampled_from([(), (Counter(kind="late", free=2, each=3, half_days=1, up_to_minutes=20),)]),
    corrections_allowed=st.sampled_from([None, 0, 2]),
    comprehensive_over=st.sampled_from(list(PeriodSum)),
)


class TestAnyPeriod:
    def made(self, drawn):
        days, plans = [], []
        for number, worked, extra, kind, late, settled_by, system in drawn:
            day = date(2026, 10, 1) + timedelta(days=number)
            days.append(assessed(day, worked, min(worked, extra), kind=kind, late=late, settled_by=settled_by))
            plans.append(planned(day, system, kind=kind))
        return days, plans

    @given(drawn=ANY_DAYS, rules=ANY_RULES, order=st.randoms(use_true_random=False))
    def test_the_order_of_days_changes_nothing_and_the_explanation_replays(self, drawn, rules, order):
        days, plans = self.made(drawn)

        period = assess_period(days, plans, rules, *OCTOBER)
        order.shuffle(days)
        order.shuffle(plans)

        assert assess_period(days, plans, rules, *OCTOBER) == period
        assert {name: getattr(period, name) for name in replay_period(period.steps)} == replay_period(period.steps)
        assert json.decode(json.encode(period), type=AttendancePeriod) == period

    @given(drawn=ANY_DAYS, rules=ANY_RULES)
    def test_no_minute_is_lost_or_counted_twice(self, drawn, rules):
        days, plans = self.made(drawn)

        period = assess_period(days, plans, rules, *OCTOBER)

        counted = {day.work_date: day.regular_minutes + sum(one.minutes for one in day.overtime) for day in period.days}
        assert counted == {day.work_date: day.worked_minutes for day in days if OCTOBER[0] <= day.work_date <= OCTOBER[1]}

    @given(drawn=ANY_DAYS, rules=ANY_RULES)
    def test_without_explanation_the_figures_are_the_same_and_every_step_has_a_sentence(self, drawn, rules):
        days, plans = self.made(drawn)

        explained, bare = (assess_period(days, plans, rules, *OCTOBER, explain=explain) for explain in (True, False))

        assert bare.steps == ()
        assert (bare.overtime, bare.days, bare.findings) == (explained.overtime, explained.days, explained.findings)
        for step in explained.steps:
            filled(SENTENCES[step.code], step.facts)
