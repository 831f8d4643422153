"""Delegates for an absence, what happens when time is up, handing over, and reminders."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from server.attendance import actions as attendance
from server.attendance.model import GrantOrigin, NewGrant
from server.attendance.model.grants import GrantKind, LeaveKind
from server.directory.actions import NewEvent, add_event
from server.directory.model import EventKind
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.approvals import actions
from server.hr.approvals.model import (
    Agreement,
    Branch,
    CourseState,
    Delegation,
    EntryKind,
    Flow,
    Step,
    TimeLimit,
    TimeUp,
    Unit,
    Who,
)
from server.notify import actions as notify

MONDAY = date(2026, 11, 23)
SUNDAY = MONDAY + timedelta(days=6)
HOUR = timedelta(hours=1)


def delegation(firm, person: str, to: str, **more) -> Delegation:
    return replace(Delegation(0, firm.people[person], firm.people[to], (), MONDAY, SUNDAY, False), **more)


def notices(firm, who: str) -> list[str]:
    with firm.database.reading() as uow:
        return [one.text for one in notify.notices_of(uow, firm.people[who])]


class TestDelegates:
    def test_a_delegate_decides_and_it_is_told_for_whom(self, firm):
        firm.do(actions.delegate, delegation(firm, "LEAD", "MATE"))
        course = firm.ask()
        assert [one.for_person for one in firm.waiting("MATE")] == [firm.people["LEAD"]]
        assert len(firm.waiting("LEAD")) == 1, "who is away can still decide"
        assert notices(firm, "MATE") == ["{who} asks for your approval: {what}"]

        firm.decide("MATE", course)

        last = firm.see(course).entries[-1]
        assert (last.kind, last.person_id, last.facts["for"]) == (EntryKind.APPROVED, firm.people["MATE"], [firm.people["LEAD"]])
        assert firm.see(course).seats[0].decided_by == firm.people["MATE"]

    def test_a_delegate_does_not_decide_about_their_own(self, firm):
        firm.do(actions.delegate, delegation(firm, "LEAD", "MATE"))

        course = firm.ask("MATE")

        assert firm.waiting("MATE") == []
        with pytest.raises(RefusedError, match="your own request"):
            firm.decide("MATE", course)

    def test_it_is_for_its_days_and_its_kinds(self, firm):
        firm.do(actions.delegate, delegation(firm, "LEAD", "MATE", kinds=("leave",), first_day=MONDAY + timedelta(days=1)))
        leave, overtime = firm.ask(), firm.ask(kind="overtime")
        assert firm.waiting("MATE") == []

        firm.later(days=1)

        assert [one.course.id for one in firm.waiting("MATE")] == [leave.id]
        with pytest.raises(NotFoundError):
            firm.decide("MATE", overtime)
        firm.later(days=6)
        assert firm.waiting("MATE") == []

    def test_one_for_days_of_leave_counts_while_the_person_is_on_leave(self, firm):
        firm.do(actions.delegate, delegation(firm, "LEAD", "MATE", only_away=True, last_day=None))
        course = firm.ask()
        assert firm.waiting("MATE") == []

        leave = NewGrant(
            person_id=firm.people["LEAD"], kind=GrantKind.LEAVE, first_day=MONDAY, last_day=MONDAY, leave=LeaveKind.ANNUAL,
            origin=GrantOrigin.BY_HAND, reason="年假",
        )  # fmt: skip
        firm.do(attendance.record_grant, leave)

        assert [one.course.id for one in firm.waiting("MATE")] == [course.id]

    def test_who_agreed_as_a_delegate_is_not_asked_again(self, firm):
        firm.publish(Flow((Branch((Step(Who.MANAGER), Step(Who.MANAGER, nth=2), Step(Who.ROLE, role="hr"))),)))
        firm.do(actions.delegate, delegation(firm, "LEAD", "HEAD"))
        course = firm.ask()

        firm.decide("HEAD", course)

        assert firm.asked(course) == {"HR1", "HR2"}

    def test_an_ended_one_counts_no_more(self, firm):
        held = firm.do(actions.delegate, delegation(firm, "LEAD", "MATE"))
        firm.ask()
        with pytest.raises(NotFoundError):
            firm.do(actions.end_delegation, held.id, firm.people["VP"])

        firm.do(actions.end_delegation, held.id, firm.people["LEAD"])

        assert firm.waiting("MATE") == []
        with pytest.raises(RefusedError):
            firm.do(actions.end_delegation, held.id, None)

    @pytest.mark.parametrize(
        ("to", "more"),
        [
            ("LEAD", {}),
            ("MATE", {"last_day": None}),
            ("MATE", {"last_day": MONDAY - timedelta(days=1)}),
        ],
    )
    def test_what_cannot_be_is_refused(self, firm, to, more):
        with pytest.raises(InvalidInputError):
            firm.do(actions.delegate, delegation(firm, "LEAD", to, **more))


def limited(then: TimeUp, *more: Step) -> Flow:
    return Flow((Branch((Step(Who.MANAGER, limit=TimeLimit(2, Unit.WORK_HOURS, then)), *more)),))


def time_goes(firm, **span) -> int:
    firm.later(**span)
    with firm.database.writing() as uow:
        return actions.follow_time(uow, firm.handlers, firm.now)


class TestTimeLimits:
    """It is asked on Monday at 9:00 in Shanghai, so two working hours end at 11:00."""

    def test_nothing_happens_before(self, firm):
        firm.publish(limited(TimeUp.APPROVE))
        firm.ask()

        assert time_goes(firm, hours=1, minutes=59) == 0

    @pytest.mark.parametrize(("then", "state"), [(TimeUp.APPROVE, CourseState.APPROVED), (TimeUp.REFUSE, CourseState.REFUSED)])
    def test_it_is_settled(self, firm, then, state):
        firm.publish(limited(then))
        course = firm.ask()

        assert time_goes(firm, hours=2) == 1

        assert firm.see(course).course.state is state
        assert firm.notes.told == [(state.value, course.subject.id)]
        assert firm.see(course).entries[-1].kind is EntryKind.TIME_UP
        assert time_goes(firm, hours=9) == 0

    def test_it_goes_to_the_next_above_until_nobody_is_above_who_is_reminded(self, firm):
        firm.publish(limited(TimeUp.ESCALATE))
        course = firm.ask("VP")
        assert firm.asked(course) == {"GM"}

        time_goes(firm, hours=2)
        assert firm.asked(course) == {"GM"}
        assert firm.see(course).course.reminded_at == firm.now

        other = firm.ask()
        time_goes(firm, hours=2)
        assert firm.asked(other) == {"HEAD"}
        assert firm.see(other).course.due_at == firm.now + timedelta(hours=2)
        with pytest.raises(RefusedError):
            firm.decide("LEAD", other)
        assert firm.decide("HEAD", other).state is CourseState.APPROVED

    def test_they_are_reminded(self, firm):
        firm.publish(limited(TimeUp.REMIND))
        course = firm.ask()

        time_goes(firm, hours=2)

        assert firm.see(course).course.reminded_at == firm.now
        assert notices(firm, "LEAD")[0] == "{who} still waits for your approval: {what}"

    def test_what_the_area_refuses_stays_and_says_so_and_does_not_stop_the_others(self, firm):
        firm.publish(limited(TimeUp.APPROVE))
        course = firm.ask()
        firm.notes.fault = RefusedError(reason="The roster of this month is closed.")

        assert time_goes(firm, hours=2) == 1

        view = firm.see(course)
        assert (view.course.state, view.course.due_at) == (CourseState.OPEN, firm.now + HOUR)
        assert [one.kind for one in view.entries] == [EntryKind.SUBMITTED, EntryKind.COULD_NOT]


class TestHandingOver:
    def test_who_has_left_is_replaced_by_hr(self, firm):
        firm.publish(Flow((Branch((Step(Who.PEOPLE, people=(firm.people["MATE"],)),)),)))
        course = firm.ask()
        firm.do(lambda uow, by, now: add_event(uow, firm.people["MATE"], NewEvent(EventKind.LEAVING, MONDAY, GROUND), by, now))
        firm.later(days=1)
        with firm.database.reading() as uow:
            assert [one.id for one in actions.without_approver(uow, firm.now)] == [course.id]

        firm.do(lambda uow, by, now: actions.hand_over(uow, course.id, firm.people["HEAD"], "已离职", firm.people["HR1"], by, now))

        assert firm.asked(course) == {"HEAD"}
        with firm.database.reading() as uow:
            assert actions.without_approver(uow, firm.now) == []
        with pytest.raises(InvalidInputError):
            firm.do(lambda uow, by, now: actions.hand_over(uow, course.id, firm.people["WORKER"], "x", None, by, now))

    def test_somebody_is_reminded_at_most_once_an_hour(self, firm):
        firm.publish(Flow((Branch((Step(Who.ROLE, role="hr", agreement=Agreement.ALL),)),)))
        course = firm.ask()

        firm.do(actions.remind, course.id, firm.people["WORKER"])
        with pytest.raises(RefusedError, match="less than an hour"):
            firm.do(actions.remind, course.id, firm.people["WORKER"])
        with pytest.raises(NotFoundError):
            firm.do(actions.remind, course.id, firm.people["MATE"])

        firm.later(hours=1)
        firm.do(actions.remind, course.id, firm.people["WORKER"])


GROUND = {"ground": "resigned"}
