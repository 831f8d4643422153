"""Courses from asking to the end, on both databases."""

import threading
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from server.access.actions import unlink_account
from server.audit.tables import audit_row
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.approvals import actions
from server.hr.approvals.model import (
    Agreement,
    Branch,
    Comparison,
    Condition,
    CourseState,
    Does,
    EntryKind,
    Flow,
    On,
    SeatState,
    Step,
    Verdict,
    Who,
)

MANAGER = Step(Who.MANAGER)
HEAD_OF_LINE = Step(Who.MANAGER, nth=2)
HR = Step(Who.ROLE, role="hr")


def flow(*steps: Step, **more) -> Flow:
    return Flow((Branch(steps),), **more)


def test_given_a_fresh_installation_when_something_is_asked_then_the_manager_decides(firm):
    course = firm.ask()
    assert firm.asked(course) == {"LEAD"}

    ended = firm.decide("LEAD", course, comment="好的")

    assert ended.state is CourseState.APPROVED
    assert firm.notes.told == [("approved", course.subject.id)]
    assert [(one.kind, one.comment) for one in firm.see(course).entries] == [(EntryKind.SUBMITTED, ""), (EntryKind.APPROVED, "好的")]
    with firm.database.reading() as uow:
        assert uow.scalar(select(func.count()).where(audit_row.c.action == "course.decide", audit_row.c.actor == "LEAD")) == 1


def test_given_two_steps_when_both_agree_then_the_copy_is_told_and_the_end_comes_after_the_second(firm):
    mate = Step(Who.PEOPLE, does=Does.COPY, people=(firm.people["MATE"],))
    firm.publish(flow(MANAGER, mate, HR))
    course = firm.ask()

    half = firm.decide("LEAD", course)

    assert (half.state, firm.asked(course), firm.notes.told) == (CourseState.OPEN, {"HR1", "HR2"}, [])
    assert firm.decide("HR2", course).state is CourseState.APPROVED
    assert {seat.state for seat in firm.see(course).seats} == {SeatState.APPROVED, SeatState.COPIED, SeatState.SPARED}
    with firm.database.reading() as uow:
        assert [one.id for one in actions.copied_to(uow, firm.people["MATE"])] == [course.id]
        assert [one.id for one in actions.decided_by(uow, firm.people["HR2"])] == [course.id]


def test_given_all_must_agree_when_one_has_then_it_waits_for_the_others_and_one_no_is_enough(firm):
    firm.publish(flow(Step(Who.ROLE, role="hr", agreement=Agreement.ALL)))
    course = firm.ask()

    firm.decide("HR1", course)
    assert firm.asked(course) == {"HR2"}
    with pytest.raises(RefusedError, match="agreed to this already"):
        firm.decide("HR1", course)

    assert firm.decide("HR2", course, Verdict.REFUSE).state is CourseState.REFUSED
    assert firm.notes.told == [("refused", course.subject.id)]


class TestNobodyApprovesTheirOwn:
    def test_hr_that_asks_is_decided_about_by_the_other_one(self, firm):
        firm.publish(flow(HR))

        course = firm.ask("HR1")

        assert firm.asked(course) == {"HR2"}
        with pytest.raises(RefusedError, match="your own request"):
            firm.decide("HR1", course)

    def test_a_named_person_who_asks_is_decided_about_by_the_next_above(self, firm):
        firm.publish(flow(Step(Who.PEOPLE, people=(firm.people["LEAD"],))))

        assert firm.asked(firm.ask("LEAD")) == {"HEAD"}

    def test_the_head_of_the_company_goes_to_the_deputy_and_without_one_to_hr(self, firm):
        assert firm.asked(firm.ask("GM")) == {"HR1", "HR2"}

        firm.publish(flow(MANAGER, deputies=(firm.people["VP"],)))

        assert firm.asked(firm.ask("GM")) == {"VP"}

    def test_where_nobody_is_left_it_is_refused_with_the_step_and_what_to_do(self, firm):
        for name in ("HR1", "HR2"):
            firm.do(unlink_account, name)

        with pytest.raises(RefusedError, match=r"at step 1 of the flow\. HR can name a deputy"):
            firm.ask("GM")
        with firm.database.reading() as uow:
            assert actions.waiting_for(uow, firm.people["HR1"], firm.now) == []

    def test_who_agreed_at_an_earlier_step_is_passed_over(self, firm):
        firm.publish(flow(MANAGER, Step(Who.MANAGER, nth=9), HR))

        course = firm.ask("VP")
        firm.decide("GM", course)

        assert firm.asked(course) == {"HR1", "HR2"}
        assert [seat.state for seat in firm.see(course).seats[:2]] == [SeatState.APPROVED, SeatState.PASSED_OVER]


class TestSendingBack:
    def test_to_the_requester_who_changes_it_and_hands_it_in_again(self, firm):
        firm.publish(flow(MANAGER, HR))
        course = firm.ask()
        firm.decide("LEAD", course)
        with pytest.raises(InvalidInputError, match="comment"):
            firm.decide("HR1", course, Verdict.SEND_BACK)

        back = firm.decide("HR1", course, Verdict.SEND_BACK, "请附医院证明")
        assert (back.state, firm.asked(course)) == (CourseState.SENT_BACK, set())
        assert firm.notes.told == [("sent back", course.subject.id)]

        again = firm.do(actions.resubmit, firm.handlers, course.id, firm.facts(days=Decimal(1)), firm.people["WORKER"])
        assert (again.state, again.round, again.facts.days) == (CourseState.OPEN, 2, Decimal(1))
        assert firm.asked(course) == {"LEAD"}, "what was agreed before counts no more"

    def test_to_an_earlier_step_and_it_goes_on_from_there(self, firm):
        firm.publish(flow(MANAGER, HEAD_OF_LINE, HR))
        course = firm.ask()
        firm.decide("LEAD", course)
        firm.decide("HEAD", course)

        firm.decide("HR1", course, Verdict.SEND_BACK, "请主管再看", to_step=1)
        assert firm.asked(course) == {"HEAD"}

        firm.decide("HEAD", course)
        assert firm.asked(course) == {"HR1", "HR2"}
        with pytest.raises(RefusedError, match="earlier step"):
            firm.decide("HR1", course, Verdict.SEND_BACK, "?", to_step=2)


class TestWhatCannotBe:
    def test_a_closed_course_is_not_decided_again(self, firm):
        course = firm.ask()
        firm.decide("LEAD", course)

        with pytest.raises(RefusedError, match=r"approved already\. To take it back"):
            firm.decide("LEAD", course)
        with pytest.raises(RefusedError):
            firm.do(actions.withdraw, firm.handlers, course.id, firm.people["WORKER"])

    def test_a_course_of_others_is_not_there(self, firm):
        course = firm.ask()

        with pytest.raises(NotFoundError):
            firm.decide("MATE", course)
        with pytest.raises(NotFoundError), firm.database.reading() as uow:
            actions.see_course(uow, course.id, firm.people["MATE"], firm.now)
        with pytest.raises(NotFoundError):
            firm.do(actions.withdraw, firm.handlers, course.id, firm.people["MATE"])

    def test_what_is_asked_twice_is_refused(self, firm):
        course = firm.ask()

        with pytest.raises(RefusedError, match="handed in before"):
            firm.do(actions.submit, firm.handlers, course.subject, firm.facts())

    def test_what_the_area_refuses_is_not_decided(self, firm):
        course = firm.ask()
        firm.notes.fault = RefusedError(reason="The roster of this month is closed.")

        with pytest.raises(RefusedError, match="closed"):
            firm.decide("LEAD", course)

        assert firm.see(course).course.state is CourseState.OPEN
        assert len(firm.see(course).entries) == 1


def test_given_two_approvers_at_the_same_moment_then_it_is_decided_once(firm):
    firm.publish(flow(HR))
    course = firm.ask()
    start, said = threading.Barrier(2), {}

    def answer(who: str, verdict: Verdict) -> None:
        start.wait()
        try:
            said[who] = firm.decide(who, course, verdict).state
        except RefusedError as error:
            said[who] = error

    threads = [threading.Thread(target=answer, args=one) for one in (("HR1", Verdict.APPROVE), ("HR2", Verdict.REFUSE))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert len(firm.notes.told) == 1
    assert sorted(isinstance(one, RefusedError) for one in said.values()) == [False, True]


def test_given_it_is_withdrawn_then_nobody_waits(firm):
    course = firm.ask()

    firm.do(actions.withdraw, firm.handlers, course.id, firm.people["WORKER"])

    assert firm.waiting("LEAD") == []
    assert firm.notes.told == [("withdrawn", course.subject.id)]


def test_given_a_flow_without_a_step_then_it_is_approved_at_once(firm):
    firm.publish(Flow((Branch((), at_once=True),)), "correction")

    assert firm.ask(kind="correction").state is CourseState.APPROVED


def test_given_a_new_version_then_running_courses_keep_theirs(firm):
    long = Condition(On.DAYS, Comparison.MORE_THAN, limit=Decimal(3))
    firm.publish(Flow((Branch((MANAGER, HEAD_OF_LINE, HR), (long,)), Branch((MANAGER,)))), "leave")
    running = firm.ask(days="5")

    firm.publish(flow(HR), "leave")
    firm.decide("LEAD", running)

    assert firm.asked(running) == {"HEAD"}
    assert firm.asked(firm.ask(days="5")) == {"HR1", "HR2"}
    assert firm.asked(firm.ask(kind="overtime")) == {"LEAD"}


def test_given_somebody_published_in_between_then_the_second_is_told(firm):
    firm.publish(flow(HR))

    with pytest.raises(RefusedError, match="in the meantime"):
        firm.do(lambda uow, by, now: actions.publish_flow(uow, "", flow(MANAGER), "x", 0, by, now))
    with pytest.raises(InvalidInputError, match="nobody would approve this"):
        firm.do(lambda uow, by, now: actions.publish_flow(uow, "", Flow((Branch(()),)), "x", 1, by, now))


def test_given_more_words_than_are_kept_then_it_is_said_and_nothing_happens(firm):
    course = firm.ask()

    with pytest.raises(InvalidInputError) as refused:
        firm.decide("LEAD", course, comment="好" * 1001)

    assert (refused.value.facts["field"], refused.value.facts["most"]) == ("comment", 1000)
    assert firm.asked(course) == {"LEAD"}
    assert firm.decide("LEAD", course, comment="好" * 1000).state is CourseState.APPROVED


def test_given_a_step_that_finds_nobody_for_somebody_then_it_is_not_published(firm):
    for name in ("HR1", "HR2"):
        firm.do(unlink_account, name)

    with pytest.raises(InvalidInputError) as refused:
        firm.publish(flow(MANAGER))

    assert refused.value.facts["field"] == "branches.0.steps.0"
    said = (refused.value.facts["branch"], refused.value.facts["step"], refused.value.facts["n"])
    assert said == (1, 1, 1), "the general manager has nobody above, and there is no HR"
    firm.publish(flow(MANAGER, deputies=(firm.people["VP"],)))
