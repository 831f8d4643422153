"""The day line says where things stand; what it looks like is the template's."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from server.attendance.model.days import AttendanceDay, DayState, DayStatus, Interval, PartResult, PunchUse
from server.attendance.model.grants import DayPart, Grant, GrantKind, Heading, LeaveKind
from server.attendance.pages.drawing import WIDTH, draw_day
from server.roster.model import DayKind, PlannedBreak, PlannedDay, PlannedPart

DAY = date(2026, 11, 23)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(clock: str) -> int:
    """An instant of the day on the clock of Shanghai; hours may exceed 24."""
    hours, minutes = map(int, clock.split(":"))
    return int(datetime(2026, 11, 23, tzinfo=SHANGHAI).timestamp()) + hours * 3600 + minutes * 60


def plan(*parts: tuple[str, str], lunch: tuple[str, str] | None = None) -> PlannedDay:
    breaks = (PlannedBreak(start=at(lunch[0]), end=at(lunch[1])),) if lunch else ()
    made = [PlannedPart(start=at(start), end=at(end), opens=at(start) - 3600, closes=at(end) + 3600, breaks=breaks) for start, end in parts]
    return PlannedDay(work_date=DAY, zone="Asia/Shanghai", begins=at("0:00"), ends=at("24:00"), rostered=bool(parts), parts=tuple(made))


def day(**facts) -> AttendanceDay:
    return AttendanceDay(**({"work_date": DAY, "kind": DayKind.WORKDAY, "state": DayState.FINAL, "status": DayStatus.PRESENT} | facts))


def use(clock: str, heading: Heading | None, punch_id: int = 1, reason: str = "") -> PunchUse:
    return PunchUse(punch_id=punch_id, at=at(clock), heading=heading, counted_at=at(clock), reason=reason)


def place(clock: str) -> float:
    return pytest.approx((at(clock) - at("0:00")) / 86_400 * WIDTH, abs=0.1)


OFFICE = plan(("9:00", "18:00"), lunch=("12:00", "13:00"))


def test_an_ordinary_day_is_24_hours_from_midnight():
    line = draw_day(OFFICE, day(intervals=(Interval(start=at("8:58"), end=at("18:03")),)))

    assert line.hours[0] == (0.0, "00:00")
    assert line.hours[-1] == (WIDTH, "00:00")
    assert (line.plan[0].x, line.breaks[0].x, line.counted[0].x) == (place("9:00"), place("12:00"), place("8:58"))
    assert line.plan[0].width == pytest.approx(9 / 24 * WIDTH, abs=0.1)


def test_a_night_shift_moves_the_line_so_that_all_of_it_is_there():
    line = draw_day(plan(("22:00", "30:00")), day(uses=(use("21:50", Heading.IN), use("30:05", Heading.OUT))))

    assert (line.hours[0][1], line.hours[-1][1]) == ("20:00", "20:00")
    assert 0 < line.plan[0].x < line.plan[0].x + line.plan[0].width < WIDTH


def test_late_and_early_parts_carry_their_minutes():
    part = PartResult(
        status=DayStatus.PRESENT, scheduled_minutes=480, worked_minutes=450, late_minutes=12, early_minutes=18,
        required_in=at("9:00"), required_out=at("18:00"), arrived_at=at("9:12"), left_at=at("17:42"),
    )  # fmt: skip
    line = draw_day(OFFICE, day(parts=(part,)))

    assert [(bar.kind, bar.minutes) for bar in line.marks] == [("late", 12), ("early", 18)]
    assert (line.marks[0].x, line.marks[1].x) == (place("9:00"), place("17:42"))


def test_somebody_who_never_came_has_no_late_stretch():
    part = PartResult(
        status=DayStatus.ABSENT, scheduled_minutes=480, worked_minutes=0, late_minutes=30, early_minutes=0,
        required_in=at("9:00"), required_out=at("18:00"),
    )  # fmt: skip

    assert draw_day(OFFICE, day(parts=(part,))).marks == ()


class TestPunches:
    def test_have_their_time_their_terminal_and_what_became_of_them(self):
        line = draw_day(
            OFFICE, day(uses=(use("18:03", Heading.OUT, 2), use("8:58", Heading.IN, 1), use("8:59", None, 3, "duplicate"))), (), {1: "East"}
        )

        assert [(tick.time, tick.place, tick.heading, tick.reason) for tick in line.ticks] == [
            ("08:58", "East", Heading.IN, ""),
            ("08:59", "", None, "duplicate"),
            ("18:03", "", Heading.OUT, ""),
        ]

    def test_that_are_close_are_told_below_each_other(self):
        line = draw_day(OFFICE, day(uses=tuple(use(f"9:0{minute}", Heading.IN, minute + 1) for minute in range(4))))

        assert [tick.row for tick in line.ticks] == [0, 1, 2, 3]
        assert line.tick_rows == 4

    def test_at_the_end_of_the_line_are_told_to_the_left(self):
        assert [tick.leftwards for tick in draw_day(OFFICE, day(uses=(use("23:50", Heading.OUT),))).ticks] == [True]


class TestGrants:
    def test_by_half_days_go_to_the_break(self):
        leave = Grant(id=7, kind=GrantKind.LEAVE, first_day=DAY, last_day=DAY, part=DayPart.AFTERNOON, leave=LeaveKind.ANNUAL)
        line = draw_day(OFFICE, day(), [leave])

        assert (line.grants[0].x, line.grants[0].word) == (place("13:00"), "annual")

    def test_of_other_dates_are_not_drawn(self):
        later = Grant(id=7, kind=GrantKind.TRIP, first_day=date(2026, 11, 24), last_day=date(2026, 11, 30))

        assert draw_day(OFFICE, day(), [later]).grants == ()

    def test_that_overlap_stand_below_each_other(self):
        grants = [Grant(id=number, kind=GrantKind.TRIP, starts_at=at("9:00"), ends_at=at("11:00")) for number in (1, 2)]

        assert {bar.row for bar in draw_day(OFFICE, day(), grants).grants} == {0, 1}

    def test_a_correction_is_a_punch_and_no_band(self):
        correction = Grant(id=7, kind=GrantKind.CORRECTION, starts_at=at("18:00"), heading=Heading.OUT)

        assert draw_day(OFFICE, day(), [correction]).grants == ()

    def test_of_a_day_without_a_plan_take_all_of_it(self):
        line = draw_day(plan(), day(), [Grant(id=1, kind=GrantKind.TRIP, first_day=DAY, last_day=DAY)])

        assert (line.grants[0].x, line.grants[0].width) == (0.0, WIDTH)


def test_the_list_has_everything_in_the_order_of_time():
    line = draw_day(OFFICE, day(uses=(use("18:03", Heading.OUT, 2), use("8:58", Heading.IN, 1))))

    assert [(moment.time, moment.until, moment.kind) for moment in line.moments] == [
        ("08:58", "", "in"),
        ("09:00", "18:00", "plan"),
        ("12:00", "13:00", "break"),
        ("18:03", "", "out"),
    ]


@pytest.mark.parametrize(("state", "unsettled"), [(DayState.FINAL, False), (DayState.PROVISIONAL, True), (DayState.PENDING, True)])
def test_what_is_not_settled_is_said_to_be(state, unsettled):
    assert draw_day(OFFICE, day(state=state)).unsettled is unsettled


def test_now_is_on_the_line_of_its_day_only():
    assert draw_day(OFFICE, day(), now=at("10:00")).now_x == place("10:00")
    assert draw_day(OFFICE, day(), now=int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())).now_x is None
