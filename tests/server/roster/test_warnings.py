"""What is doubtful in a roster, as a clerk would say it."""

from datetime import date, timedelta

import pytest

from server.roster.engine.warnings import ApprovedLeave, RosterLimits, RosterWarning, WarningKind, told, watch
from server.roster.model import DayKind, RosterDay, RosterSource, ShiftPart, ShiftTerms
from server.web.language import translator

MONDAY = date(2026, 11, 2)
SHANGHAI = "Asia/Shanghai"
LIMITS = RosterLimits(rest_minutes=11 * 60, days_in_a_row=6)
DAY, LATE, NIGHT = (8 * 60, 17 * 60), (15 * 60, 23 * 60), (22 * 60, 30 * 60)


def hours(*spans):
    return ShiftTerms(parts=tuple(ShiftPart(start=start, end=end) for start, end in spans))


def roster(*shifts, first=MONDAY, **more):
    """One day after the other: a span of minutes, or None for a free day."""
    return [
        RosterDay(
            work_date=first + timedelta(days=number),
            kind=DayKind.WORKDAY if span else DayKind.REST_DAY,
            terms=hours(span) if span else None,
            shift_id=7 if span else None,
            shift_name="早班",
            source=RosterSource.ENTRY,
            **more,
        )
        for number, span in enumerate(shifts)
    ]


def found(days, leave=None, limits=LIMITS, zone=SHANGHAI):
    return [(one.work_date.day, one.kind.value) for one in watch(days, leave or {}, limits, zone)]


class TestRest:
    def test_given_an_early_shift_after_a_late_one_when_the_rest_is_short_then_the_second_day_is_told(self):
        (warning,) = watch(roster(LATE, DAY), {}, LIMITS, SHANGHAI)

        expected = {"minutes": 9 * 60, "limit": 11 * 60, "other": MONDAY}
        assert warning == RosterWarning(kind=WarningKind.SHORT_REST, work_date=MONDAY + timedelta(days=1), **expected)

    def test_given_just_enough_rest_then_nothing_is_told(self):
        assert found(roster((9 * 60, 21 * 60), DAY)) == []

    def test_given_a_night_shift_when_the_next_day_begins_before_it_ends_then_they_overlap(self):
        (warning,) = watch(roster(NIGHT, (5 * 60, 9 * 60)), {}, LIMITS, SHANGHAI)

        assert (warning.kind, warning.minutes) == (WarningKind.OVERLAP, 60)

    def test_given_a_company_that_looks_at_neither_then_only_an_overlap_is_told(self):
        limits = RosterLimits(rest_minutes=None, days_in_a_row=None)

        assert found(roster(LATE, *[DAY] * 9), limits=limits) == []
        assert found(roster(NIGHT, (5 * 60, 9 * 60)), limits=limits) == [(3, "overlap")]

    def test_given_a_free_day_between_then_the_rest_is_counted_over_it(self):
        assert found(roster((20 * 60, 36 * 60), None, DAY)) == []
        assert found(roster((20 * 60, 50 * 60), None, (8 * 60, 9 * 60))) == [(4, "short-rest")]

    def test_given_the_clock_is_put_on_in_the_night_then_the_rest_is_an_hour_shorter(self):
        days = roster((12 * 60, 21 * 60), DAY, first=date(2026, 3, 28))

        assert found(days, zone="Europe/Berlin") == [(29, "short-rest")]
        assert found(days) == []


class TestDaysInARow:
    def test_given_seven_days_then_the_seventh_is_told_with_its_number(self):
        (warning,) = watch(roster(*[DAY] * 7), {}, LIMITS, SHANGHAI)

        assert (warning.kind, warning.count, warning.work_date.day) == (WarningKind.TOO_MANY_DAYS, 7, 8)

    def test_given_a_free_day_or_a_whole_day_of_leave_between_then_the_count_begins_again(self):
        leave = {MONDAY + timedelta(days=3): ApprovedLeave(name="年休假")}

        assert found(roster(*[DAY] * 5, None, *[DAY] * 5)) == []
        assert found(roster(*[DAY] * 9), leave) == [(5, "leave")]

    def test_given_half_a_day_of_leave_then_it_is_a_day_of_work(self):
        leave = {MONDAY + timedelta(days=3): ApprovedLeave(name="病假", whole=False)}

        assert found(roster(*[DAY] * 7), leave) == [(5, "leave"), (8, "too-many-days")]


class TestNightWork:
    @pytest.mark.parametrize(
        ("span", "minutes"), [(NIGHT, 480), (LATE, 60), ((0, 8 * 60), 360), ((5 * 60, 14 * 60), 60), ((20 * 60, 54 * 60), 960)]
    )
    def test_given_somebody_protected_then_the_minutes_from_ten_to_six_are_told(self, span, minutes):
        (warning,) = watch(roster(span, protected=True), {}, LIMITS, SHANGHAI)

        assert (warning.kind, warning.minutes) == (WarningKind.NIGHT_WORK, minutes)

    def test_given_a_day_shift_or_somebody_else_then_nothing_is_told(self):
        assert found(roster((6 * 60, 22 * 60), protected=True)) == []
        assert found(roster(NIGHT)) == []


class TestWhatMayNotBePublished:
    def test_given_a_shift_before_the_hire_then_it_blocks(self):
        (warning,) = watch(roster(DAY, employed=False), {}, LIMITS, SHANGHAI)

        assert (warning.kind, warning.blocks) == (WarningKind.NOT_EMPLOYED, True)

    def test_given_a_shift_without_a_version_on_that_date_then_it_blocks_and_is_named(self):
        day = RosterDay(work_date=MONDAY, shift_id=7, shift_name="早班", source=RosterSource.ENTRY)

        (warning,) = watch([day], {}, LIMITS, SHANGHAI)

        assert (warning.kind, warning.name, warning.blocks) == (WarningKind.NO_VERSION, "早班", True)

    def test_given_a_pattern_that_runs_past_the_leaving_then_nobody_is_asked(self):
        day = RosterDay(work_date=MONDAY, employed=False, shift_id=7, source=RosterSource.PATTERN, terms=hours(DAY))

        assert watch([day], {}, LIMITS, SHANGHAI) == ()

    def test_everything_else_blocks_nothing(self):
        warnings = watch(roster(NIGHT, *[DAY] * 7, protected=True), {MONDAY: ApprovedLeave(name="x", whole=False)}, LIMITS, SHANGHAI)

        assert {one.kind for one in warnings} == set(WarningKind) - {"not-employed", "no-version", "overlap"}
        assert not any(one.blocks for one in warnings)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", WarningKind)
def test_each_kind_has_a_sentence_in_both_languages(kind, language):
    warning = RosterWarning(kind=kind, work_date=MONDAY, minutes=545, limit=660, count=7, other=MONDAY, name="早班")

    said = told(warning, translator(language))

    assert "{" not in said
    assert said.isascii() == (language == "en" and kind not in {WarningKind.LEAVE, WarningKind.NO_VERSION})
    if kind is WarningKind.SHORT_REST:
        assert "9:05" in said
        assert "11:00" in said
