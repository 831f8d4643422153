"""Days that a clerk can check by hand."""

from datetime import date, timedelta

from msgspec import structs

from server.attendance.model.days import AttendanceDay, DayState, DayStatus, ExceptionKind, Horizon, TimedPunch
from server.attendance.model.grants import DayPart, Grant, GrantKind, Heading, LeaveKind
from server.attendance.model.rules import (
    Consequence,
    DayRules,
    Direction,
    OvertimeRule,
    SettledBy,
    Settlement,
    Tier,
)
from server.roster.engine.planning import plan_days
from server.roster.model import (
    DayKind,
    LateLeave,
    PlannedDay,
    RequiredPunches,
    RosterDay,
    RosterSource,
    ShiftBreak,
    ShiftPart,
    ShiftTerms,
)
from tests.support.days import assess_days

ZONE = "Asia/Shanghai"
MONDAY = date(2026, 3, 2)
LUNCH = ShiftBreak(start=720, end=780)
OFFICE = ShiftTerms(parts=(ShiftPart(start=540, end=1080, breaks=(LUNCH,)),))
LONG_AFTER = 10**10
LATE_TIERS = (
    Tier(beyond_minutes=30, consequence=Consequence.SERIOUS),
    Tier(beyond_minutes=60, consequence=Consequence.HALF_DAY_ABSENT),
    Tier(beyond_minutes=120, consequence=Consequence.ABSENT),
)
BOTH = {DayKind.WORKDAY: OvertimeRule(rate=150, settlement=Settlement.BOTH, minimum_minutes=30, step_minutes=30)}


def minutes(text: str) -> int:
    hours, rest = text.split(":")
    return int(hours) * 60 + int(rest)


def office(terms: ShiftTerms = OFFICE, kind: DayKind = DayKind.WORKDAY, **more) -> tuple[PlannedDay, ...]:
    """Eleven days of one roster; the one that is looked at is in the middle."""
    days = [
        RosterDay(
            work_date=MONDAY + timedelta(number - 5),
            terms=terms,
            kind=kind if number == 5 else DayKind.WORKDAY,
            source=RosterSource.PATTERN,
            **more,
        )
        for number in range(11)
    ]
    return plan_days(days, ZONE)


def punches(*times: str, begins: int | None = None) -> list[TimedPunch]:
    """Punches of the day: "09:00" without a label, "in 09:00" and "out 18:00" with one."""
    start = office()[5].begins if begins is None else begins
    found = []
    for number, text in enumerate(times, 1):
        *label, time = text.split()
        found.append(TimedPunch(id=number, at=start + minutes(time) * 60, label=Heading(label[0]) if label else None))
    return found


def clock(day: AttendanceDay, text: str) -> int:
    return office()[5].begins + minutes(text) * 60


def assess(plans=None, found=(), grants=(), rules=None, now: str | None = None, reported: str | None = None) -> AttendanceDay:
    plans = plans or office()
    begins = plans[5].begins
    moment = LONG_AFTER if now is None else begins + minutes(now) * 60
    horizon = Horizon(now=moment, reported_until=moment if reported is None else begins + minutes(reported) * 60)
    (day,) = assess_days(plans, found, grants, rules or DayRules(), horizon, MONDAY, MONDAY)
    return day


def kinds(day: AttendanceDay) -> list[ExceptionKind]:
    return [one.kind for one in day.exceptions]


class TestOrdinaryDay:
    def test_given_two_punches_when_assessed_then_the_break_is_taken_off(self):
        day = assess(found=punches("08:58", "18:00"))

        assert (day.status, day.state, day.worked_minutes, day.scheduled_minutes) == (DayStatus.PRESENT, DayState.FINAL, 482, 480)
        assert [(use.heading, use.part) for use in day.uses] == [(Heading.IN, 0), (Heading.OUT, 0)]
        assert day.exceptions == ()

    def test_given_a_punched_break_when_assessed_then_it_is_not_taken_off_again(self):
        day = assess(found=punches("09:00", "12:10", "12:50", "18:00"))

        assert day.worked_minutes == 480

    def test_given_a_double_tap_when_assessed_then_the_second_stays_visible_with_its_reason(self):
        day = assess(found=punches("09:00", "09:00", "18:00"), rules=DayRules(duplicate_seconds=60))

        assert [use.reason for use in day.uses] == ["", "unused.duplicate", ""]
        assert day.worked_minutes == 480

    def test_given_nobody_came_when_the_site_is_offline_then_it_is_no_absence(self):
        day = assess(now="30:00", reported="12:00")

        assert (day.status, day.state, day.absent_halves, day.exceptions) == (DayStatus.PENDING, DayState.PROVISIONAL, 0, ())

    def test_given_nobody_came_when_every_terminal_has_reported_then_it_is_an_absence(self):
        day = assess()

        assert (day.status, day.absent_halves, day.absent_minutes, day.undertime_minutes) == (DayStatus.ABSENT, 2, 480, 480)
        assert kinds(day) == [ExceptionKind.ABSENCE]

    def test_given_a_forgotten_out_when_corrected_then_the_day_is_present_and_marked(self):
        correction = Grant(id=7, kind=GrantKind.CORRECTION, starts_at=office()[5].begins + minutes("18:00") * 60, heading=Heading.OUT)

        before, after = assess(found=punches("09:00")), assess(found=punches("09:00"), grants=[correction])

        assert (before.status, kinds(before)) == (DayStatus.INCOMPLETE, [ExceptionKind.MISSING_OUT])
        assert (after.status, after.worked_minutes, after.corrected) == (DayStatus.PRESENT, 480, True)

    def test_given_no_employment_when_something_is_punched_then_it_is_shown_and_counts_for_nothing(self):
        day = assess(office(employed=False), punches("09:00", "18:00"))

        assert (day.status, day.worked_minutes) == (DayStatus.NOT_EMPLOYED, 0)
        assert [use.reason for use in day.uses] == ["unused.not-employed", "unused.not-employed"]
        assert day.steps[-1].code == "verdict.not-employed"

    def test_given_two_parts_when_the_first_out_is_forgotten_then_the_second_part_keeps_its_own_verdict(self):
        two = office(ShiftTerms(parts=(ShiftPart(start=480, end=720), ShiftPart(start=840, end=1080))))

        day = assess(two, punches("08:05", "13:30", "18:00"))

        assert [(part.status, part.late_minutes) for part in day.parts] == [(DayStatus.INCOMPLETE, 5), (DayStatus.PRESENT, 0)]
        assert (day.status, day.worked_minutes, kinds(day)) == (DayStatus.INCOMPLETE, 270, [ExceptionKind.MISSING_OUT, ExceptionKind.LATE])


class TestLateness:
    def test_given_a_grace_when_it_is_passed_then_lateness_counts_from_the_start(self):
        rules = DayRules(grace_in_minutes=5)

        assert assess(found=punches("09:05", "18:00"), rules=rules).late_minutes == 0
        assert assess(found=punches("09:06", "18:00"), rules=rules).late_minutes == 6

    def test_given_tiers_when_passed_then_the_strongest_counts(self):
        rules = DayRules(late_tiers=LATE_TIERS)
        days = [assess(found=punches(time, "18:00"), rules=rules) for time in ("09:20", "09:40", "10:30", "11:30")]

        assert [day.status for day in days] == [DayStatus.PRESENT, DayStatus.PRESENT, DayStatus.HALF_DAY, DayStatus.ABSENT]
        assert [kinds(day)[0] for day in days] == [
            ExceptionKind.LATE,
            ExceptionKind.SERIOUS_LATE,
            ExceptionKind.ABSENCE,
            ExceptionKind.ABSENCE,
        ]

    def test_given_a_long_evening_when_the_next_morning_is_late_then_it_is_allowed(self):
        terms = ShiftTerms(parts=OFFICE.parts, late_leave=(LateLeave(after_minutes=60, later_minutes=60),))
        plans = office(terms)
        yesterday = [TimedPunch(id=90 + number, at=plans[4].begins + minutes(time) * 60) for number, time in enumerate(("09:00", "19:10"))]

        day = assess(plans, [*yesterday, *punches("09:50", "18:00")])

        assert day.late_minutes == 0
        assert day.parts[0].required_in == clock(day, "10:00")

    def test_given_a_rest_day_between_when_the_evening_before_it_was_long_then_nothing_is_allowed(self):
        terms = ShiftTerms(parts=OFFICE.parts, late_leave=(LateLeave(after_minutes=60, later_minutes=60),))
        days = [
            RosterDay(work_date=MONDAY + timedelta(number - 5), terms=None if number == 4 else terms, source=RosterSource.PATTERN)
            for number in range(11)
        ]
        plans = plan_days(days, ZONE)
        at_home = [TimedPunch(id=90 + number, at=plans[4].begins + minutes(time) * 60) for number, time in enumerate(("10:00", "14:00"))]

        assert assess(plans, [*at_home, *punches("09:50", "18:00")]).late_minutes == 50

    def test_given_a_nursing_hour_when_somebody_leaves_early_then_it_is_covered_and_paid(self):
        nursing = Grant(id=3, kind=GrantKind.NURSING, first_day=MONDAY, last_day=MONDAY, minutes=60)

        day = assess(found=punches("09:00", "17:00"), grants=[nursing])

        assert (day.early_minutes, day.undertime_minutes, day.excused_minutes) == (0, 0, 60)


class TestRequiredPunches:
    def test_given_one_punch_is_enough_when_there_is_one_then_the_plan_counts(self):
        day = assess(office(ShiftTerms(parts=OFFICE.parts, required_punches=RequiredPunches.ANY_ONE)), punches("11:00"))

        assert (day.status, day.worked_minutes, day.late_minutes) == (DayStatus.PRESENT, 480, 0)

    def test_given_only_the_start_is_punched_when_late_then_it_is_late_and_the_end_is_the_plan(self):
        day = assess(office(ShiftTerms(parts=OFFICE.parts, required_punches=RequiredPunches.IN_ONLY)), punches("09:10"))

        assert (day.status, day.worked_minutes, day.late_minutes, kinds(day)) == (DayStatus.PRESENT, 470, 10, [ExceptionKind.LATE])

    def test_given_four_punches_are_asked_for_when_two_come_then_the_break_punches_are_missing(self):
        day = assess(office(ShiftTerms(parts=OFFICE.parts, required_punches=RequiredPunches.WITH_BREAKS)), punches("09:00", "18:00"))

        assert kinds(day) == [ExceptionKind.MISSING_BREAK_OUT, ExceptionKind.MISSING_BREAK_IN]
        assert day.worked_minutes == 480

    def test_given_two_parts_and_four_punches_when_only_two_come_then_the_time_between_is_no_work(self):
        parts = (ShiftPart(start=480, end=720), ShiftPart(start=840, end=1080))
        two, four = ShiftTerms(parts=parts), ShiftTerms(parts=parts, required_punches=RequiredPunches.WITH_BREAKS)

        day = assess(office(four), punches("08:00", "18:00"))

        assert (day.worked_minutes, kinds(day)) == (480, [ExceptionKind.MISSING_BREAK_OUT, ExceptionKind.MISSING_BREAK_IN])
        assert assess(office(two), punches("08:00", "18:00")).worked_minutes == 600
        assert assess(office(four), punches("08:00", "12:00", "14:00", "18:00")).exceptions == ()

    def test_given_somebody_who_need_not_punch_when_nothing_comes_then_the_plan_counts(self):
        day = assess(office(must_punch=False))

        assert (day.status, day.worked_minutes, day.exceptions) == (DayStatus.PRESENT, 480, ())
        assert "plan.stands" in [step.code for step in day.steps]


class TestGrants:
    def test_given_leave_in_the_morning_when_the_afternoon_is_worked_then_nobody_is_late(self):
        leave = Grant(id=1, kind=GrantKind.LEAVE, leave=LeaveKind.ANNUAL, first_day=MONDAY, last_day=MONDAY, part=DayPart.MORNING)

        day = assess(found=punches("13:00", "18:00"), grants=[leave])

        assert (day.status, day.late_minutes, day.undertime_minutes, day.owed_minutes) == (DayStatus.PRESENT, 0, 0, 300)
        assert [(one.kind, one.minutes, one.halves) for one in day.leave] == [(LeaveKind.ANNUAL, 180, 1)]

    def test_given_a_flexible_shift_when_the_morning_is_leave_then_coming_at_noon_does_not_move_the_end(self):
        leave = Grant(id=1, kind=GrantKind.LEAVE, first_day=MONDAY, last_day=MONDAY, part=DayPart.MORNING)

        day = assess(office(ShiftTerms(parts=OFFICE.parts, come_late_minutes=60)), punches("13:00", "18:00"), [leave])

        assert (day.late_minutes, day.early_minutes, day.parts[0].required_out) == (0, 0, clock(day, "18:00"))

    def test_given_leave_by_the_hour_when_it_covers_the_gap_then_only_that_is_forgiven(self):
        begins = office()[5].begins
        leave = Grant(id=1, kind=GrantKind.LEAVE, leave=LeaveKind.PERSONAL, starts_at=begins + 15 * 3600, ends_at=begins + 18 * 3600)

        day = assess(found=punches("09:00", "15:00"), grants=[leave])

        assert (day.early_minutes, day.undertime_minutes, day.worked_minutes) == (0, 0, 300)

    def test_given_a_trip_when_nothing_is_punched_then_the_day_is_present(self):
        day = assess(grants=[Grant(id=1, kind=GrantKind.TRIP, first_day=MONDAY, last_day=MONDAY)])

        assert (day.status, day.on_duty, day.worked_minutes, day.trip_minutes) == (DayStatus.PRESENT, True, 480, 480)

    def test_given_an_afternoon_excused_when_somebody_leaves_at_noon_then_nothing_is_owed_and_nothing_is_overtime(self):
        typhoon = Grant(id=1, kind=GrantKind.EXCUSED, first_day=MONDAY, last_day=MONDAY, part=DayPart.AFTERNOON)

        day = assess(found=punches("09:00", "12:00"), grants=[typhoon])

        assert (day.early_minutes, day.undertime_minutes, day.excused_minutes, day.overtime) == (0, 0, 300, ())

    def test_given_a_terminal_out_of_order_when_only_the_evening_is_punched_then_the_morning_is_taken_from_the_plan(self):
        day = assess(found=punches("18:30"), grants=[Grant(id=1, kind=GrantKind.UNPUNCHED, first_day=MONDAY, last_day=MONDAY)])

        assert (day.status, day.worked_minutes, day.late_minutes) == (DayStatus.PRESENT, 510, 0)

    def test_given_time_owed_at_any_hour_when_on_a_trip_then_all_of_it_counts(self):
        any_hour = office(ShiftTerms(required_minutes=480))

        day = assess(any_hour, grants=[Grant(id=1, kind=GrantKind.TRIP, first_day=MONDAY, last_day=MONDAY)])
        free = assess(office(ShiftTerms(required_minutes=480), must_punch=False))

        assert (day.status, day.worked_minutes, day.trip_minutes, day.undertime_minutes) == (DayStatus.PRESENT, 480, 480, 0)
        assert (free.status, free.worked_minutes, free.overtime) == (DayStatus.PRESENT, 480, ())


class TestOvertime:
    def test_given_two_hours_approved_when_fewer_are_worked_then_the_shorter_counts(self):
        begins = office()[5].begins
        grant = Grant(id=1, kind=GrantKind.OVERTIME, starts_at=begins + 18 * 3600, ends_at=begins + 20 * 3600)

        day = assess(found=punches("09:00", "19:40"), grants=[grant], rules=DayRules(overtime=BOTH))

        assert [(one.rate, one.minutes) for one in day.overtime] == [(150, 90)]

    def test_given_a_day_approved_without_a_number_when_somebody_stays_then_all_of_it_counts(self):
        grant = Grant(id=1, kind=GrantKind.OVERTIME, first_day=MONDAY, last_day=MONDAY)

        day = assess(found=punches("09:00", "19:30"), grants=[grant], rules=DayRules(overtime=BOTH))

        assert [(one.rate, one.minutes) for one in day.overtime] == [(150, 90)]

    def test_given_nothing_approved_when_somebody_stays_then_it_does_not_count_and_is_shown(self):
        day = assess(found=punches("09:00", "19:40"), rules=DayRules(overtime=BOTH))

        assert (day.overtime, kinds(day)) == ((), [ExceptionKind.OVERTIME_NOT_APPROVED])

    def test_given_less_than_the_least_when_somebody_stays_then_nobody_is_asked_about_it(self):
        least = {kind: structs.replace(rule, minimum_minutes=30) for kind, rule in BOTH.items()}

        day = assess(found=punches("09:00", "18:29"), rules=DayRules(overtime=least))

        assert (day.overtime, kinds(day)) == ((), [])

    def test_given_time_off_when_it_is_a_statutory_day_then_it_is_paid_all_the_same(self):
        rules = DayRules(overtime={kind: OvertimeRule(rate=300, settled_by=SettledBy.TIME_OFF) for kind in DayKind})
        days = [assess(office(kind=kind), punches("09:00", "18:00"), rules=rules) for kind in (DayKind.REST_DAY, DayKind.STATUTORY_HOLIDAY)]

        assert [(day.overtime[0].minutes, day.overtime[0].settled_by) for day in days] == [(480, SettledBy.TIME_OFF), (480, SettledBy.PAY)]


class TestExplanation:
    def test_given_a_late_day_when_explained_then_the_steps_carry_its_numbers_in_order(self):
        day = assess(found=punches("09:31", "18:00"), rules=DayRules(direction=Direction.AUTO, grace_in_minutes=5))

        codes = [step.code for step in day.steps]
        assert codes == ["plan.part", "punch.in", "punch.out", "stay", "break.roster", "worked", "late", "undertime", "verdict.present"]
        assert next(step.facts for step in day.steps if step.code == "late")["late_minutes"] == 31
