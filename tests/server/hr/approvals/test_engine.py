"""The pure rules: which flow and branch, which people, the state machine, the clock, what is wrong with a flow."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from server.errors import RefusedError
from server.hr.approvals.engine.checking import check_flow
from server.hr.approvals.engine.choosing import choose, fits
from server.hr.approvals.engine.coursing import ALLOWED, Act, answer, require_allowed, require_pause
from server.hr.approvals.engine.limits import due_at
from server.hr.approvals.engine.resolving import Chart, next_above, resolve
from server.hr.approvals.model import (
    ENDED,
    HOUSE_FLOW,
    Agreement,
    Asked,
    Branch,
    Comparison,
    Condition,
    CourseState,
    Does,
    Facts,
    Flow,
    FlowVersion,
    On,
    Seat,
    SeatState,
    Step,
    TimeLimit,
    TimeUp,
    Unit,
    Verdict,
    Who,
    Why,
    patterns_of,
)

FACTS = Facts("leave.sick", 9, date(2026, 11, 23), days=Decimal("3.5"), department_id=30, site_id=7, level=4, money_fen=100_00)
SHANGHAI = ZoneInfo("Asia/Shanghai")
MANAGER, HR = Step(Who.MANAGER), Step(Who.ROLE, role="hr")
CHART = Chart(9, (4, 3, 2, 1), (4, 3, None), {"hr": (5, 6)}, frozenset(range(1, 10)))
"""Person 9 below 4 below 3 below 2 below 1; 4 and 3 are heads of departments; 5 and 6 are HR."""


def number(on: On, test: Comparison, limit: str) -> Condition:
    return Condition(on, test, limit=Decimal(limit))


def version(kind: str, *branches: Branch) -> FlowVersion:
    return FlowVersion(len(kind) + 1, kind, 1, Flow(branches) if branches else None, "", "", datetime(2026, 1, 1, tzinfo=UTC))


class TestChoosing:
    def test_the_narrowest_kind_that_has_a_flow_is_taken(self):
        versions = {
            one.kind: one for one in (version("", Branch((HR,))), version("leave", Branch((MANAGER,))), version("trip", Branch((HR,))))
        }

        assert choose(versions, FACTS, (30,)) == (versions["leave"], 0)
        assert choose(versions, replace(FACTS, kind="leave.sick.cancel"), (30,)) == (versions["leave"], 0)
        assert choose(versions, replace(FACTS, kind="overtime"), (30,)) == (versions[""], 0)

    def test_the_first_branch_that_fits_is_taken_and_where_none_does_the_wider_flow(self):
        long, longer = (Branch((HR,), (number(On.DAYS, Comparison.MORE_THAN, limit),)) for limit in ("3", "10"))
        versions = {"leave": version("leave", longer, long), "": version("", Branch((MANAGER,)))}

        assert choose(versions, FACTS, ()) == (versions["leave"], 1)
        assert choose(versions, replace(FACTS, days=Decimal(3)), ()) == (versions[""], 0)

    def test_a_flow_that_was_taken_away_is_none(self):
        assert choose({"leave": version("leave")}, FACTS, ()) is None

    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            (Condition(On.KIND, Comparison.ONE_OF, ("leave",)), True),
            (Condition(On.KIND, Comparison.NONE_OF, ("leave.sick",)), False),
            (Condition(On.DEPARTMENT, Comparison.ONE_OF, (10,)), True),
            (Condition(On.DEPARTMENT, Comparison.ONE_OF, (31,)), False),
            (Condition(On.DEPARTMENT, Comparison.NONE_OF, (10,)), False),
            (Condition(On.SITE, Comparison.ONE_OF, (7, 8)), True),
            (Condition(On.LEGAL_ENTITY, Comparison.NONE_OF, (1,)), False),
            (number(On.DAYS, Comparison.AT_LEAST, "3.5"), True),
            (number(On.DAYS, Comparison.MORE_THAN, "3.5"), False),
            (number(On.LEVEL, Comparison.LESS_THAN, "5"), True),
            (number(On.MONEY, Comparison.AT_MOST, "9999"), False),
            (number(On.MINUTES, Comparison.AT_MOST, "9999"), False),
        ],
    )
    def test_conditions_and_what_is_not_known_fits_none(self, condition, expected):
        assert fits(condition, FACTS, (30, 20, 10)) is expected


class TestResolving:
    @pytest.mark.parametrize(
        ("step", "expected"),
        [
            (MANAGER, [Asked(4, Why.MANAGER)]),
            (Step(Who.MANAGER, nth=3), [Asked(2, Why.MANAGER)]),
            (Step(Who.MANAGER, nth=9), [Asked(1, Why.MANAGER)]),
            (Step(Who.DEPARTMENT_HEAD, nth=0), [Asked(4, Why.HEAD)]),
            (Step(Who.DEPARTMENT_HEAD, nth=2), [Asked(4, Why.NEXT_ABOVE)]),
            (HR, [Asked(5, Why.ROLE), Asked(6, Why.ROLE)]),
            (Step(Who.PEOPLE, people=(8, 77)), [Asked(8, Why.NAMED)]),
            (Step(Who.PEOPLE, people=(9,)), [Asked(4, Why.NEXT_ABOVE)]),
            (Step(Who.PEOPLE, people=(9, 77), does=Does.COPY), []),
        ],
    )
    def test_whom_a_step_means(self, step, expected):
        assert list(resolve(step, HOUSE_FLOW, CHART).asked) == expected

    def test_the_head_of_a_department_asks_the_head_above(self):
        chart = replace(CHART, requester_id=4, managers=(3, 2, 1))

        assert resolve(Step(Who.DEPARTMENT_HEAD, nth=0), HOUSE_FLOW, chart).asked == (Asked(3, Why.NEXT_ABOVE),)

    def test_who_has_nobody_above_goes_to_the_deputies_else_to_hr_but_never_to_oneself(self):
        top = replace(CHART, requester_id=5, managers=(), heads=())
        deputies = replace(HOUSE_FLOW, deputies=(5, 8))

        assert resolve(MANAGER, deputies, top).asked == (Asked(8, Why.DEPUTY),)
        assert resolve(MANAGER, HOUSE_FLOW, top).asked == (Asked(6, Why.HR),)
        assert resolve(MANAGER, HOUSE_FLOW, replace(top, roles={"hr": (5,)})).finds_nobody

    def test_who_agreed_before_is_passed_over_unless_the_flow_asks_again(self):
        both = Step(Who.ROLE, role="hr", agreement=Agreement.ALL)

        assert resolve(HR, HOUSE_FLOW, CHART, {5}).asked == ()
        assert resolve(both, HOUSE_FLOW, CHART, {5}).asked == (Asked(6, Why.ROLE),)
        assert len(resolve(HR, replace(HOUSE_FLOW, asks_again=True), CHART, {5}).asked) == 2

    def test_who_comes_next_above(self):
        assert next_above(CHART, [4]) == Asked(3, Why.ESCALATED)
        assert next_above(CHART, [5, 6]) == Asked(4, Why.ESCALATED)
        assert next_above(CHART, [1, 4]) is None

    @given(
        who=st.sampled_from(Who),
        nth=st.integers(1, 9),
        does=st.sampled_from(Does),
        requester=st.integers(1, 12),
        managers=st.lists(st.integers(1, 12), max_size=4),
        heads=st.lists(st.none() | st.integers(1, 12), max_size=3),
        named=st.lists(st.integers(1, 12), max_size=3),
        deputies=st.lists(st.integers(1, 12), max_size=2),
        employed=st.frozensets(st.integers(1, 12)),
        agreed=st.frozensets(st.integers(1, 12)),
    )
    def test_nobody_is_ever_asked_about_their_own_and_nobody_who_has_left(
        self, who, nth, does, requester, managers, heads, named, deputies, employed, agreed
    ):
        chart = Chart(requester, tuple(managers), tuple(heads), {"hr": tuple(named)}, employed)
        step = Step(who, does, nth, "hr", tuple(named))

        found = resolve(step, replace(HOUSE_FLOW, deputies=tuple(deputies)), chart, agreed)

        asked = [one.person_id for one in found.asked]
        assert requester not in asked
        assert set(asked) <= employed
        assert len(set(asked)) == len(asked)


class TestStateMachine:
    @pytest.mark.parametrize(("state", "act"), list(itertools.product(CourseState, Act)))
    def test_every_state_meets_every_act(self, state, act):
        if state in ENDED:
            expected = act is Act.COMMENT
        elif state is CourseState.SENT_BACK:
            expected = act in {Act.COMMENT, Act.WITHDRAW, Act.RESUBMIT}
        else:
            expected = act is not Act.RESUBMIT

        if expected:
            require_allowed(state, act)
        else:
            with pytest.raises(RefusedError):
                require_allowed(state, act)
        assert (act in ALLOWED[state]) is expected

    @pytest.mark.parametrize(("verdict", "all_must"), list(itertools.product(Verdict, (True, False))))
    @pytest.mark.parametrize("others", list(itertools.product(SeatState, repeat=2)))
    def test_every_verdict_meets_every_state_of_the_others(self, verdict, all_must, others):
        seats = [seat(1, SeatState.OPEN), *(seat(2 + place, state) for place, state in enumerate(others))]

        found = answer(seats, [1], verdict, all_must=all_must)

        waits = SeatState.OPEN in others
        assert found.outcome == (None if verdict is Verdict.APPROVE and all_must and waits else verdict)
        left = {one.id for one in seats if one.state is SeatState.OPEN} - found.seats.keys()
        assert bool(left) is (found.outcome is None), "either it goes on waiting, or nobody is left waiting"
        assert all(found.seats.get(one.id, one.state) == one.state for one in seats if one.state is not SeatState.OPEN)

    def test_somebody_is_reminded_once_an_hour(self):
        at = datetime(2026, 11, 23, 9, tzinfo=UTC)

        require_pause(None, at)
        require_pause(at, at + timedelta(hours=1))
        with pytest.raises(RefusedError, match="in 1 min"):
            require_pause(at, at + timedelta(minutes=59, seconds=30))


def seat(key: int, state: SeatState) -> Seat:
    return Seat(key, 1, 1, 0, key, Why.ROLE, state, None, None)


def is_workday(day: date) -> bool:
    return day.weekday() < 5 and day != date(2026, 11, 25)


class TestTimeLimits:
    @pytest.mark.parametrize(
        ("since", "amount", "unit", "expected"),
        [
            ("2026-11-23 10:00", 2, Unit.WORK_HOURS, "2026-11-23 12:00"),
            ("2026-11-23 17:00", 2, Unit.WORK_HOURS, "2026-11-24 10:00"),
            ("2026-11-24 17:00", 2, Unit.WORK_HOURS, "2026-11-26 10:00"),
            ("2026-11-23 07:00", 9, Unit.WORK_HOURS, "2026-11-23 18:00"),
            ("2026-11-28 15:00", 1, Unit.WORK_HOURS, "2026-11-30 10:00"),
            ("2026-11-23 10:00", 1, Unit.WORK_DAYS, "2026-11-24 10:00"),
            ("2026-11-24 10:00", 1, Unit.WORK_DAYS, "2026-11-26 10:00"),
            ("2026-11-27 20:00", 2, Unit.WORK_DAYS, "2026-12-02 09:00"),
        ],
    )
    def test_when_time_is_up(self, since, amount, unit, expected):
        begun = datetime.fromisoformat(since).replace(tzinfo=SHANGHAI)

        found = due_at(begun, TimeLimit(amount, unit, TimeUp.REMIND), HOUSE_FLOW, SHANGHAI, is_workday)

        assert f"{found:%Y-%m-%d %H:%M}" == expected

    def test_a_calendar_without_work_days_still_ends(self):
        begun = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)

        assert due_at(begun, TimeLimit(5, Unit.WORK_HOURS, TimeUp.REFUSE), HOUSE_FLOW, SHANGHAI, lambda _: False) > begun


LONG, LONGER = number(On.DAYS, Comparison.MORE_THAN, "3"), number(On.DAYS, Comparison.MORE_THAN, "10")


class TestChecking:
    def test_a_sound_flow_has_no_finding(self):
        flow = Flow((Branch((MANAGER, HR), (LONGER,)), Branch((MANAGER,), (LONG,)), Branch((), at_once=True)))

        assert check_flow("leave", flow) == ()

    @pytest.mark.parametrize(
        ("flow", "place", "grave"),
        [
            (Flow(()), "branches", True),
            (Flow((Branch(()),)), "branches.0.steps", True),
            (Flow((Branch((replace(HR, does=Does.COPY),)),)), "branches.0.steps", True),
            (Flow((Branch((HR,), at_once=True),)), "branches.0.steps", True),
            (Flow((Branch((Step(Who.PEOPLE),)),)), "branches.0.steps.0.people", True),
            (Flow((Branch((Step(Who.MANAGER, nth=0),)),)), "branches.0.steps.0.nth", True),
            (Flow((Branch((replace(HR, limit=TimeLimit(0, Unit.WORK_DAYS, TimeUp.REMIND)),)),)), "branches.0.steps.0.limit", True),
            (Flow((Branch((HR,)), Branch((MANAGER,), (LONG,)))), "branches.1.conditions", True),
            (Flow((Branch((HR,), (LONG,)), Branch((MANAGER,), (LONGER,)), Branch((HR,)))), "branches.1.conditions", True),
            (Flow((Branch((HR,), (LONG, number(On.DAYS, Comparison.AT_MOST, "3"))), Branch((HR,)))), "branches.0.conditions", True),
            (Flow((Branch((HR,), (Condition(On.KIND, Comparison.ONE_OF, ("trip",)),)), Branch((HR,)))), "branches.0.conditions", True),
            (Flow((Branch((HR,), (Condition(On.SITE, Comparison.ONE_OF),)), Branch((HR,)))), "branches.0.conditions.0.values", True),
            (Flow((Branch((HR,), (Condition(On.DAYS, Comparison.ONE_OF, (1,)),)), Branch((HR,)))), "branches.0.conditions.0.test", True),
            (Flow((Branch((HR,), (LONG,)),)), "branches", False),
            (Flow((Branch((HR,)),), opens=600, closes=600), "opens", True),
        ],
    )
    def test_what_is_wrong_is_told_at_its_place(self, flow, place, grave):
        assert [(one.place, one.grave) for one in check_flow("leave", flow)] == [(place, grave)]

    def test_the_flow_for_any_kind_must_fit_everybody(self):
        assert [one.grave for one in check_flow("", Flow((Branch((HR,), (LONG,)),)))] == [True]

    @given(st.lists(st.tuples(st.sampled_from(list(Comparison)[2:]), st.integers(0, 4)), max_size=3), st.integers(0, 8))
    def test_a_branch_that_is_called_unreachable_is_never_chosen(self, rules, halves):
        conditions = tuple(number(On.DAYS, test, str(limit)) for test, limit in rules)
        flow = Flow((Branch((HR,), (LONG,)), Branch((MANAGER,), conditions)))
        found = check_flow("leave", flow)

        chosen = choose({"leave": version("leave", *flow.branches)}, replace(FACTS, days=Decimal(halves) / 2), ())

        if any(one.place == "branches.1.conditions" for one in found):
            assert chosen is None or chosen[1] == 0


def test_the_kinds_whose_flows_can_be_meant():
    assert patterns_of("leave.annual.cancel") == ("leave.annual.cancel", "leave.annual", "leave", "")
