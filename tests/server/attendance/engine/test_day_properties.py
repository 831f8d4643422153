"""What holds for every day, whatever was punched: order, repeats, the range that is calculated, and the explanation."""

import string
from datetime import date, timedelta
from itertools import pairwise

import msgspec
from hypothesis import given, settings, strategies as st

from server.attendance.engine.day.assessing import assess_day
from server.attendance.engine.day.dividing import REACH_DAYS, divide
from server.attendance.engine.steps import SENTENCES
from server.attendance.model.days import AttendanceDay, DayState, Horizon, TimedPunch
from server.attendance.model.grants import DayPart, Grant, GrantKind, Heading, LeaveKind
from server.attendance.model.rules import (
    Allowance,
    BreakMode,
    BreakRule,
    Consequence,
    DayOf,
    DayRules,
    Direction,
    OvertimeRule,
    OvertimeTier,
    Pairing,
    Rounding,
    RoundingMode,
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

FIRST = date(2013, 10, 28)
"""The clocks of Vancouver go back in the night to 3 November."""
DAYS = 13
LUNCH = (ShiftBreak(start=720, end=780),)
SHIFTS = [
    None,
    ShiftTerms(parts=(ShiftPart(start=540, end=1080, breaks=LUNCH),)),
    ShiftTerms(parts=(ShiftPart(start=540, end=1080, breaks=LUNCH),), come_late_minutes=60, core=(600, 960)),
    ShiftTerms(parts=(ShiftPart(start=540, end=1080),), late_leave=(LateLeave(after_minutes=60, later_minutes=60),)),
    ShiftTerms(parts=(ShiftPart(start=1320, end=1800, opens_before=60, closes_after=120),)),
    ShiftTerms(parts=(ShiftPart(name="A", start=480, end=720), ShiftPart(name="B", start=840, end=1080))),
    ShiftTerms(parts=(ShiftPart(start=480, end=1020, breaks=(ShiftBreak(minutes=60),)),), required_punches=RequiredPunches.IN_ONLY),
    ShiftTerms(required_minutes=480),
]
RULES = st.builds(
    DayRules,
    direction=st.sampled_from(Direction),
    pairing=st.sampled_from(Pairing),
    duplicate_seconds=st.sampled_from([None, 60]),
    whole_seconds=st.booleans(),
    count_before_start=st.booleans(),
    day_of=st.sampled_from(DayOf),
    day_boundary=st.sampled_from([None, None, 240]),
    new_shift_minutes=st.sampled_from([None, 0, 240]),
    longest_shift_minutes=st.sampled_from([None, 960]),
    round_in=st.sampled_from([None, Rounding(mode=RoundingMode.UP, step_minutes=15, grace_minutes=5)]),
    round_total=st.sampled_from([None, Rounding(mode=RoundingMode.DOWN, step_minutes=30)]),
    breaks=st.sampled_from([BreakRule(), BreakRule(mode=BreakMode.DEDUCT, minutes=30, after_minutes=240)]),
    late_tiers=st.sampled_from([(), (Tier(beyond_minutes=30, consequence=Consequence.MISSING),)]),
    grace_in_minutes=st.sampled_from([0, 5]),
    overtime=st.sampled_from([{}, {DayKind.WORKDAY: OvertimeRule(rate=150, settlement=Settlement.BOTH, step_minutes=30)}]),
    daily_tiers=st.sampled_from([(), (OvertimeTier(after_minutes=480, rate=150),)]),
    allowances=st.sampled_from([(), (Allowance(code="N", name="Night", start=1320, end=360),)]),
    night=st.sampled_from([None, (1320, 1800)]),
)
ROSTERS = st.lists(
    st.tuples(st.sampled_from(SHIFTS), st.sampled_from([DayKind.WORKDAY, DayKind.WORKDAY, DayKind.REST_DAY, DayKind.STATUTORY_HOLIDAY])),
    min_size=DAYS,
    max_size=DAYS,
)
_LABELS = st.sampled_from([None, Heading.IN, Heading.OUT])
ANYHOW = st.lists(st.tuples(st.integers(0, DAYS * 288), st.integers(0, 59), _LABELS), max_size=24, unique=True)
HABITS = [(108, 216), (96, 144, 156, 204), (240, 72 + 288), (264, 24 + 288, 36 + 288, 84 + 288), (84, 132, 192, 240)]
"""Times of day that somebody punches at, in steps of five minutes: office, with lunch, nights, nights with a break, split."""


@st.composite
def by_habit(draw) -> list[tuple[int, int, Heading | None]]:
    """A fortnight of one habit, some minutes off, some punches forgotten; labelled or not."""
    habit, labelled = draw(st.sampled_from(HABITS)), draw(st.booleans())
    found = []
    for day in range(DAYS):
        for place, slot in enumerate(habit):
            moved = draw(st.integers(-3, 4))
            if moved < 4:
                label = (Heading.IN, Heading.OUT)[place % 2] if labelled else None
                found.append((day * 288 + slot + moved, 0, label))
    return found


PUNCHES = st.one_of(ANYHOW, by_habit())
GRANTS = st.lists(
    st.one_of(
        st.builds(
            lambda kind, day, part: Grant(id=day, kind=kind, first_day=on(day), last_day=on(day + 1), part=part, leave=LeaveKind.ANNUAL),
            st.sampled_from([GrantKind.LEAVE, GrantKind.TRIP, GrantKind.EXCUSED, GrantKind.UNPUNCHED]),
            st.integers(1, DAYS),
            st.sampled_from(DayPart),
        ),
        st.builds(
            lambda kind, hour, length: Grant(
                id=1000 + hour,
                kind=kind,
                starts_at=midnight() + hour * 3600,
                ends_at=midnight() + (hour + length) * 3600,
                heading=Heading.IN,
            ),
            st.sampled_from([GrantKind.OVERTIME, GrantKind.FIELD_WORK, GrantKind.CORRECTION, GrantKind.LEAVE]),
            st.integers(0, DAYS * 24),
            st.integers(1, 6),
        ),
    ),
    max_size=4,
    unique_by=lambda grant: grant.id,
)


def on(day: int) -> date:
    return FIRST + timedelta(days=day)


def plans_of(roster) -> tuple[PlannedDay, ...]:
    days = [
        RosterDay(work_date=on(number), kind=kind, terms=terms, source=RosterSource.PATTERN if terms else RosterSource.NOTHING)
        for number, (terms, kind) in enumerate(roster)
    ]
    return plan_days(days, "America/Vancouver")


def midnight() -> int:
    return plans_of([(None, DayKind.WORKDAY)])[0].begins


def timed(given_punches, order=None) -> list[TimedPunch]:
    """order: a permutation; ids count arrivals, as the database's do."""
    begins, places = midnight(), order or range(len(given_punches))
    found = []
    for number, place in enumerate(places, 1):
        slot, seconds, label = given_punches[place]
        found.append(TimedPunch(id=number, at=begins + slot * 300 + seconds, label=label))
    return found


some = settings(max_examples=40)
SETTLED = Horizon(now=10**11, reported_until=10**11)
FROM, TO = on(4), on(8)


def assess(plans, punches, grants, rules, horizon=SETTLED, first=FROM, last=TO) -> list[AttendanceDay]:
    return assess_days(plans, punches, grants, rules, horizon, first, last)


def without_ids(day: AttendanceDay):
    """A day as it is whatever numbers the database gave its punches."""
    plain = msgspec.to_builtins(day)
    for one in (*plain["uses"], *plain["exceptions"], *(step["facts"] for step in plain["steps"])):
        one.pop("punch_id", None)
    return plain


@some
@given(ROSTERS, PUNCHES, GRANTS, RULES, st.randoms(use_true_random=False))
def test_given_any_order_of_arrival_and_repeats_when_assessed_then_the_days_are_the_same(roster, given_punches, grants, rules, chance):
    plans = plans_of(roster)
    order = chance.sample(range(len(given_punches)), len(given_punches))
    shuffled = timed(given_punches, order)

    straight = assess(plans, timed(given_punches), grants, rules)

    assert [without_ids(day) for day in assess(plans, [*shuffled, *shuffled[:3]], grants[::-1], rules)] == [
        without_ids(day) for day in straight
    ]


@some
@given(ROSTERS, PUNCHES, GRANTS, RULES)
def test_given_any_day_when_assessed_again_then_nothing_changes_and_it_survives_json(roster, given_punches, grants, rules):
    plans, punches = plans_of(roster), timed(given_punches)

    days = assess(plans, punches, grants, rules)

    again = msgspec.json.decode(
        msgspec.json.encode((plans, punches, grants, rules)), type=tuple[tuple[PlannedDay, ...], list[TimedPunch], list[Grant], DayRules]
    )
    assert assess(*again) == days
    assert msgspec.json.decode(msgspec.json.encode(days), type=list[AttendanceDay]) == days


@some
@given(ROSTERS, PUNCHES, GRANTS, RULES, st.integers(0, 4))
def test_given_any_day_when_only_its_reach_is_known_then_it_is_the_same(roster, given_punches, grants, rules, day):
    plans, punches = plans_of(roster), timed(given_punches)
    place = 4 + day
    near = plans[place - REACH_DAYS : place + REACH_DAYS + 1]
    close = [punch for punch in punches if near[0].begins <= punch.at < near[-1].ends]

    whole = assess(plans, punches, grants, rules)[day]

    assert assess(near, close, grants, rules, first=on(place), last=on(place)) == [whole]


@some
@given(ROSTERS, PUNCHES, RULES)
def test_given_any_punches_when_divided_then_none_is_lost_and_none_belongs_to_two_days(roster, given_punches, rules):
    plans, punches = plans_of(roster), timed(given_punches)

    divided = divide(plans, punches, rules)

    inner = [punch.id for punch in punches if plans[3].begins <= punch.at < plans[-4].ends]
    given_to = [punch.id for own in divided.values() for punch in own]
    assert set(inner) <= set(given_to)
    assert rules.day_of is DayOf.SPLIT_AT_MIDNIGHT or len(given_to) == len(set(given_to))


@some
@given(ROSTERS, PUNCHES, GRANTS, RULES)
def test_given_any_day_then_its_numbers_agree_with_each_other(roster, given_punches, grants, rules):
    for day in assess(plans_of(roster), timed(given_punches), grants, rules):
        spans = [(one.start, one.end) for one in day.intervals]
        assert all(start < end for start, end in spans)
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))
        anytime = 0 if day.parts else day.scheduled_minutes * 60  # a trip stands for time owed at any hour without a time of its own
        assert day.worked_seconds <= max(spans[-1][1] - spans[0][0] if spans else 0, anytime)
        overtime = sum(one.minutes for one in day.overtime)
        assert day.regular_minutes + overtime + day.banked_minutes >= day.worked_minutes
        assert min(day.late_minutes, day.early_minutes, day.undertime_minutes, day.absent_minutes, day.regular_minutes) >= 0
        assert sum(one.minutes for one in day.leave) <= day.scheduled_minutes
        assert day.state is DayState.FINAL


@some
@given(ROSTERS, PUNCHES, GRANTS, RULES, st.integers(0, DAYS * 24))
def test_given_any_moment_then_nothing_is_held_against_anybody_before_it_is_settled(roster, given_punches, grants, rules, hour):
    now = midnight() + hour * 3600
    for day in assess(plans_of(roster), timed(given_punches), grants, rules, Horizon(now=now, reported_until=None)):
        assert day.state is not DayState.FINAL
        assert (day.absent_halves, day.absent_minutes) == (0, 0)
        assert not any(one.kind.value.startswith(("missing", "absence")) for one in day.exceptions)


@some
@given(ROSTERS, PUNCHES, GRANTS, RULES)
def test_given_any_day_then_every_step_has_a_sentence_and_all_its_facts(roster, given_punches, grants, rules):
    for day in assess(plans_of(roster), timed(given_punches), grants, rules):
        assert day.steps[-1].code == f"verdict.{day.status.value}"
        for step in day.steps:
            wanted = {name for _, name, _, _ in string.Formatter().parse(SENTENCES[step.code]) if name}
            assert wanted <= step.facts.keys(), step


def test_given_no_explanation_is_wanted_when_assessed_then_only_the_steps_are_missing():
    plans, punches = plans_of([(SHIFTS[1], DayKind.WORKDAY)] * DAYS), timed([(288 * 4 + 108, 0, None), (288 * 4 + 220, 0, None)])
    own = divide(plans, punches, DayRules())[on(4)]

    told = assess_day(plans[4], own, (), DayRules(), SETTLED)
    silent = assess_day(plans[4], own, (), DayRules(), SETTLED, explain=False)

    assert told.steps
    assert msgspec.structs.replace(told, steps=()) == silent
