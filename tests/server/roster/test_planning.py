"""From wall minutes to instants: zones, changes of the clocks, windows between neighbours."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from server.roster.engine.planning import NEIGHBOUR_DAYS, plan_days
from server.roster.model import DayKind, PlannedDay, RosterDay, RosterSource, ShiftBreak, ShiftPart, ShiftTerms

SHANGHAI, VANCOUVER = "Asia/Shanghai", "America/Vancouver"
MONDAY = date(2026, 3, 2)


def minutes(text: str) -> int:
    hours, rest = text.split(":")
    return int(hours) * 60 + int(rest)


def part(start: str, end: str, **terms) -> ShiftPart:
    return ShiftPart(start=minutes(start), end=minutes(end), **terms)


def day(work_date: date, *parts: ShiftPart, **terms) -> RosterDay:
    roster = {"terms": ShiftTerms(parts=parts), "source": RosterSource.PATTERN} if parts else {}
    return RosterDay(work_date=work_date, **roster, **terms)


def wall(instant: int, zone: str = SHANGHAI) -> str:
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).strftime("%d %H:%M")


def windows(plan: PlannedDay) -> list[tuple[str, str]]:
    return [(wall(part.opens), wall(part.closes)) for part in plan.parts]


def test_given_a_day_shift_when_planned_then_its_times_are_instants_of_the_site():
    (plan,) = plan_days([day(MONDAY, part("09:00", "18:00", breaks=(ShiftBreak(start=720, end=780),)))], SHANGHAI)

    assert plan.parts[0].start == datetime(2026, 3, 2, 1, tzinfo=UTC).timestamp()
    assert wall(plan.parts[0].end) == "02 18:00"
    assert (wall(plan.parts[0].breaks[0].start), plan.parts[0].breaks[0].minutes) == ("02 12:00", 60)
    assert (wall(plan.begins), wall(plan.ends)) == ("02 00:00", "03 00:00")
    assert plan.rostered


def test_given_an_end_written_26_00_when_planned_then_it_is_two_in_the_morning():
    (plan,) = plan_days([day(MONDAY, part("18:00", "26:00"))], SHANGHAI)

    assert wall(plan.parts[0].end) == "03 02:00"


@pytest.mark.parametrize(("night", "hours"), [(date(2013, 11, 2), 9), (date(2013, 3, 9), 7), (date(2013, 6, 1), 8)])
def test_given_a_night_shift_when_the_clocks_change_then_its_length_is_real_time(night, hours):
    (plan,) = plan_days([day(night, part("22:00", "30:00"))], VANCOUVER)

    assert plan.parts[0].end - plan.parts[0].start == hours * 3600


def test_given_margins_that_overlap_when_planned_then_they_are_cut_at_the_end_of_the_earlier_part():
    margins = {"opens_before": 60, "closes_after": 60}
    (plan,) = plan_days([day(MONDAY, part("08:00", "12:00", **margins), part("12:30", "16:30", **margins))], SHANGHAI)

    assert windows(plan) == [("02 07:00", "02 12:00"), ("02 12:00", "02 17:30")]


def test_given_no_margins_when_planned_then_the_border_is_the_middle_of_the_gap():
    (plan,) = plan_days([day(MONDAY, part("08:00", "11:00"), part("13:00", "17:00"))], SHANGHAI)

    assert windows(plan) == [("01 20:00", "02 12:00"), ("02 12:00", "03 05:00")]
    assert not plan.parts[0].sure_close


def test_given_a_night_and_a_late_shift_on_the_next_day_when_planned_then_each_keeps_its_own_punches():
    plans = plan_days([day(MONDAY, part("18:00", "31:00", closes_after=60)), day(MONDAY + timedelta(1), part("14:00", "20:00"))], SHANGHAI)

    assert windows(plans[0])[0][1] == "03 08:00"
    assert windows(plans[1])[0][0] == "03 08:00"
    assert (wall(plans[0].next_start), wall(plans[1].previous_end)) == ("03 14:00", "03 07:00")


def test_given_a_weekend_between_two_days_when_planned_then_an_open_window_reaches_half_a_day():
    plans = plan_days([day(MONDAY + timedelta(days), *([part("09:00", "18:00")] if days != 1 else [])) for days in range(3)], SHANGHAI)

    assert windows(plans[0])[0][1] == "03 06:00"
    assert not plans[1].rostered
    assert plans[1].parts == ()


def test_given_a_person_who_has_left_when_planned_then_nothing_is_planned_and_neighbours_do_not_see_the_shift():
    plans = plan_days([day(MONDAY, part("09:00", "18:00")), day(MONDAY + timedelta(1), part("09:00", "18:00"), employed=False)], SHANGHAI)

    assert plans[1].parts == ()
    assert plans[0].next_start is None


def test_given_a_rest_day_by_pattern_when_planned_then_it_is_rostered_without_parts():
    (plan,) = plan_days([RosterDay(work_date=MONDAY, kind=DayKind.REST_DAY, source=RosterSource.PATTERN)], SHANGHAI)

    assert (plan.rostered, plan.parts) == (True, ())


SHIFTS = [
    (),
    (part("09:00", "18:00"),),
    (part("22:00", "30:00", opens_before=90),),
    (part("06:00", "14:00", opens_before=60, closes_after=60),),
    (part("08:00", "12:00"), part("14:00", "26:00", closes_after=120)),
]


@given(st.lists(st.sampled_from(SHIFTS), min_size=6, max_size=12), st.sampled_from([SHANGHAI, VANCOUVER]))
def test_given_any_roster_when_less_of_it_is_planned_then_inner_days_are_the_same(shifts, zone):
    first = date(2026, 3, 5)
    days = [day(first + timedelta(number), *parts) for number, parts in enumerate(shifts)]

    whole = plan_days(days, zone)

    assert plan_days(days[1:], zone)[NEIGHBOUR_DAYS:] == whole[NEIGHBOUR_DAYS + 1 :]
    assert plan_days(days[:-1], zone)[:-NEIGHBOUR_DAYS] == whole[: -NEIGHBOUR_DAYS - 1]
