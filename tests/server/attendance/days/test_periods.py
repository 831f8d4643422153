"""Attendance periods on both dialects: asked for, answered, closed, and what a late punch does then."""

from datetime import date

import pytest

from server.attendance import actions
from server.attendance.actions import closing
from server.attendance.jobs.closing import KINDS
from server.attendance.model import Answer, IssueKind, PeriodState
from server.attendance.store.marks import mark_days
from server.audit import store as trail
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.jobs.model import JobState
from tests.server.attendance.days.conftest import at
from tests.support.closing import close_period
from tests.support.company import NOW, TESTER
from tests.support.jobs import do_all

NOVEMBER = date(2026, 11, 1)
TODAY = date(2026, 11, 23)
"""The period is 16 October to 15 November; people are in the group from Monday the 9th on."""


class Periods:
    """What tests do with the period of November of pay group M."""

    def __init__(self, days):
        self.days, self.database, self.people = days, days.database, days.company.people

    def find(self):
        with self.database.reading() as uow:
            return actions.find_period(uow, "M", NOVEMBER)

    def check(self, today=TODAY):
        with self.database.reading() as uow:
            check = actions.check_period(uow, actions.find_period(uow, "M", NOVEMBER), today)
        return {issue.kind: (issue.count, [one.employee_number for one in issue.people]) for issue in check.issues}

    def close(self, today=TODAY, **reasons):
        said = {IssueKind(kind.replace("_", "-")): reason for kind, reason in reasons.items()}
        return close_period(self.database, "M", NOVEMBER, said, today)

    def ask(self, until=date(2026, 11, 25), today=TODAY):
        with self.database.writing() as uow:
            actions.ask_to_confirm(uow, "M", NOVEMBER, until, TESTER, NOW, today)

    def own(self, who, today=TODAY):
        with self.database.reading() as uow:
            return actions.own_period(uow, "M", NOVEMBER, self.people[who], today)

    def answer(self, who, answer=Answer.CONFIRMED, comment="", figures=None, today=TODAY):
        seen = self.own(who).figures if figures is None else figures
        with self.database.writing() as uow:
            actions.answer_period(uow, "M", NOVEMBER, self.people[who], answer, comment, seen, TESTER, NOW, today)

    def results(self):
        with self.database.reading() as uow:
            return actions.frozen_results(uow, actions.find_period(uow, "M", NOVEMBER))

    def differences(self):
        with self.database.reading() as uow:
            return actions.list_differences(uow, actions.find_period(uow, "M", NOVEMBER))

    def arrears(self, who):
        with self.database.reading() as uow:
            found = actions.list_arrears(uow, actions.find_period(uow, "M", NOVEMBER)).get(self.people[who], [])
        return [{(item.name, item.kind): item.amount for item in one.items} for one in found]

    def decide(self, act, ids, reason="seen"):
        with self.database.writing() as uow:
            return act(uow, "M", NOVEMBER, ids, reason, TESTER, NOW)


@pytest.fixture
def periods(days):
    """A1 and A2 in the group; A1 works all week, A2 comes late on the 10th and does not punch out on the 13th."""
    with days.database.writing() as uow:
        group = directory.add_pay_group(uow, "M", "月薪", 16, TESTER, NOW)
        for who in ("A1", "A2"):
            event = NewEvent(EventKind.TRANSFER, date(2026, 11, 9), {"pay_group_id": group.id})
            directory.add_event(uow, days.company.people[who], event, TESTER, NOW)
    for day in range(9, 14):
        days.punch("A1", at(day, "08:55"), at(day, "18:05"))
        late, out = "09:20" if day == 10 else "08:58", [] if day == 13 else [at(day, "18:01")]
        days.punch("A2", at(day, late), *out)
    days.report(at(23, "09:59"))
    days.settle()
    return Periods(days)


@pytest.fixture
def closed(periods):
    periods.close(open_exceptions="looked at")
    return periods


class TestChecks:
    def test_given_open_exceptions_then_they_are_named_with_their_people(self, periods):
        assert periods.check() == {IssueKind.OPEN_EXCEPTIONS: (2, ["A2"])}

    def test_given_a_period_that_goes_on_then_it_cannot_be_closed(self, periods):
        assert IssueKind.NOT_OVER in periods.check(today=date(2026, 11, 15))
        with pytest.raises(RefusedError, match="still in the way"):
            periods.close(today=date(2026, 11, 15), open_exceptions="x")

    def test_given_days_that_wait_to_be_assessed_then_it_cannot_be_closed(self, periods):
        with periods.database.writing() as uow:
            mark_days(uow, [(periods.people["A1"], date(2026, 11, 11))], "test", NOW)

        assert periods.check()[IssueKind.WAITING] == (1, ["A1"])
        with pytest.raises(RefusedError):
            periods.close(open_exceptions="x")

    def test_given_people_without_rules_then_it_cannot_be_closed(self, periods):
        with periods.database.writing() as uow:
            (rule,) = actions.list_rule_assignments(uow)
            actions.withdraw_assignment(uow, rule.id, TESTER, NOW, reason="test")

        assert periods.check()[IssueKind.WITHOUT_RULES] == (2, ["A2", "A1"])

    def test_given_a_terminal_that_has_not_reported_then_its_days_are_provisional_and_may_be_accepted(self, days):
        with days.database.writing() as uow:
            group = directory.add_pay_group(uow, "M", "月薪", 16, TESTER, NOW)
            event = NewEvent(EventKind.TRANSFER, date(2026, 11, 14), {"pay_group_id": group.id})
            directory.add_event(uow, days.company.people["A1"], event, TESTER, NOW)
        days.report(at(14, "09:00"))
        days.settle()
        periods = Periods(days)

        assert periods.check()[IssueKind.PROVISIONAL] == (2, ["A1"])
        with pytest.raises(InvalidInputError, match="provisional"):
            periods.close()
        assert periods.close(provisional="the terminal was broken") == 1

    def test_given_somebody_who_left_and_came_again_then_the_days_between_are_in_nobodys_way(self, periods):
        with periods.database.writing() as uow:
            directory.add_event(uow, periods.people["A1"], NewEvent(EventKind.LEAVING, date(2026, 11, 10)), TESTER, NOW)
            again = NewEvent(EventKind.HIRE, date(2026, 11, 13), {"pay_group_id": 1, "site_id": periods.days.company.site})
            directory.add_event(uow, periods.people["A1"], again, TESTER, NOW)
        periods.days.settle()

        assert set(periods.check()) == {IssueKind.OPEN_EXCEPTIONS}
        periods.close(open_exceptions="x")
        result = periods.results()[periods.people["A1"]].result
        assert (result.first_day, result.last_day, result.owed_days) == (date(2026, 11, 9), date(2026, 11, 15), 3)

    def test_given_somebody_who_was_paid_with_another_group_in_between_then_each_period_has_its_own_days_once(self, periods):
        with periods.database.writing() as uow:
            other = directory.add_pay_group(uow, "N", "项目", 16, TESTER, NOW)
            for day, group in ((11, other.id), (13, 1)):
                event = NewEvent(EventKind.TRANSFER, date(2026, 11, day), {"pay_group_id": group})
                directory.add_event(uow, periods.people["A1"], event, TESTER, NOW)
        periods.days.settle()

        periods.close(open_exceptions="x")
        close_period(periods.database, "N", NOVEMBER, {}, TODAY)
        with periods.database.reading() as uow:
            between = actions.frozen_results(uow, actions.find_period(uow, "N", NOVEMBER))

        own, other_days = periods.results()[periods.people["A1"]].result, between[periods.people["A1"]].result
        assert (own.attended_days, own.owed_days, [day.work_date.day for day in own.days]) == (3, 3, [9, 10, 13, 14, 15])
        assert (other_days.attended_days, [day.work_date.day for day in other_days.days]) == (2, [11, 12])
        locked = [periods.days.day("A1", day).period_id for day in (10, 11, 12, 13)]
        assert locked == [periods.find().id, periods.find().id + 1, periods.find().id + 1, periods.find().id]

    def test_given_an_unknown_group_then_it_is_said(self, periods):
        with pytest.raises(NotFoundError), periods.database.reading() as uow:
            actions.find_period(uow, "NOPE", NOVEMBER)


class TestConfirming:
    def test_given_it_was_asked_for_when_confirmed_then_the_answer_stands_in_the_result(self, periods):
        periods.ask()
        periods.answer("A1")

        periods.close(open_exceptions="x", unanswered="A2 is ill")

        assert {who: one.answer for who, one in periods.results().items()} == {
            periods.people["A1"]: Answer.CONFIRMED,
            periods.people["A2"]: Answer.NONE,
        }

    def test_given_the_last_day_is_over_then_silence_is_in_nobodys_way_and_is_not_consent(self, periods):
        periods.ask(until=date(2026, 11, 23))

        assert IssueKind.UNANSWERED in periods.check()
        assert IssueKind.UNANSWERED not in periods.check(today=date(2026, 11, 24))
        with pytest.raises(RefusedError, match="No answer is awaited"):
            periods.answer("A1", today=date(2026, 11, 24))

    def test_given_an_objection_then_it_needs_words_and_is_in_the_way(self, periods):
        periods.ask()
        with pytest.raises(InvalidInputError, match="say what is not right"):
            periods.answer("A2", Answer.OBJECTED)

        periods.answer("A2", Answer.OBJECTED, "10 日我没有迟到")

        assert periods.check()[IssueKind.OBJECTIONS] == (1, ["A2"])
        assert periods.own("A2").said.comment == "10 日我没有迟到"

    def test_given_figures_that_changed_then_an_answer_to_the_old_ones_is_not_taken_and_an_earlier_one_is_out_of_date(self, periods):
        periods.ask()
        periods.answer("A1")
        seen = periods.own("A1").figures
        periods.days.punch("A1", at(14, "09:00"), at(14, "12:00"))
        periods.days.settle()

        assert periods.own("A1").outdated
        with pytest.raises(RefusedError, match="have changed"):
            periods.answer("A1", figures=seen)

    def test_given_somebody_of_another_group_then_the_period_is_not_theirs(self, periods):
        with pytest.raises(NotFoundError):
            periods.own("A3")
        with periods.database.reading() as uow:
            assert actions.own_periods(uow, periods.people["A3"], TODAY) == []
            assert [one.name for one, _ in actions.own_periods(uow, periods.people["A1"], TODAY)] == ["M 2026-12", "M 2026-11"]

    def test_given_bad_days_then_asking_is_refused(self, periods):
        with pytest.raises(InvalidInputError, match="confirm_until"):
            periods.ask(until=date(2026, 11, 1))
        with pytest.raises(RefusedError, match="when it is over"):
            periods.ask(today=date(2026, 11, 15))


class TestClosing:
    def test_given_no_reason_for_what_is_in_the_way_then_it_is_asked_for_and_nothing_is_closed(self, periods):
        with pytest.raises(InvalidInputError, match="open-exceptions: say why"):
            periods.close()

        assert periods.find().state is PeriodState.OPEN
        assert periods.results() == {}

    def test_given_it_is_closed_then_results_are_frozen_days_are_locked_and_the_trail_tells(self, closed):
        period, results = closed.find(), closed.results()

        assert (period.state, period.closed_by) == (PeriodState.CLOSED, "tester")
        one, two = (results[closed.people[who]].result for who in ("A1", "A2"))
        assert (one.first_day, one.last_day, one.attended_days, one.late_times) == (date(2026, 11, 9), date(2026, 11, 15), 5, 0)
        assert (two.late_times, two.late_minutes, two.missing_punches) == (1, 20, 1)
        assert closed.days.day("A1", 10).period_id == period.id
        assert closed.days.day("A1", 8).period_id is None, "not a member yet"
        assert closed.days.day("A3", 10).period_id is None
        with closed.database.reading() as uow:
            row = trail.newest(uow, limit=1)[0]
        assert (row.action, row.subject) == ("period.close", "M 2026-11")
        assert row.after == {"people": 2, "not-confirmed": 2, "open-exceptions": "looked at"}
        with pytest.raises(RefusedError, match="is closed"):
            closed.close()
        with pytest.raises(RefusedError, match="is closed"):
            closed.ask()


class TestClosingGoesOnBehind:
    """Between the look at everybody and the moment of writing, anything may happen."""

    def ask(self, periods):
        with periods.database.writing() as uow:
            reasons = {IssueKind.OPEN_EXCEPTIONS: "looked at"}
            return closing.order_of(actions.ask_closing(uow, "M", NOVEMBER, reasons, TESTER, NOW, TODAY))

    def work_out(self, periods, order):
        told = []
        with periods.database.reading() as uow:
            return closing.work_out_closing(uow, order, told.append), told

    def close(self, periods, order, worked_out):
        with periods.database.writing() as uow:
            closing.close_period(uow, order, worked_out)

    def test_given_a_day_that_changes_meanwhile_then_what_is_frozen_is_what_is_locked(self, periods):
        order = self.ask(periods)
        worked_out, told = self.work_out(periods, order)
        periods.days.punch("A2", at(13, "18:30"), terminal="T2")
        periods.days.settle()

        self.close(periods, order, worked_out)

        result = periods.results()[periods.people["A2"]].result
        assert (told, result.missing_punches, result.attended_days) == ([2], 0, 5)
        assert periods.differences() == []

    def test_given_an_objection_that_comes_meanwhile_then_nothing_is_closed(self, periods):
        periods.ask()
        with periods.database.writing() as uow:
            reasons = {IssueKind.OPEN_EXCEPTIONS: "looked at", IssueKind.UNANSWERED: "no matter"}
            order = closing.order_of(actions.ask_closing(uow, "M", NOVEMBER, reasons, TESTER, NOW, TODAY))
        worked_out, _ = self.work_out(periods, order)
        periods.answer("A1", Answer.OBJECTED, "10 日我没有迟到")

        with pytest.raises(RefusedError, match="something else has come in the way"):
            self.close(periods, order, worked_out)

        assert periods.find().state is PeriodState.CONFIRMING
        assert periods.results() == {}
        assert periods.days.day("A1", 10).period_id is None

    def test_given_work_that_failed_then_it_can_be_asked_for_again(self, periods):
        self.ask(periods)
        with periods.database.writing() as uow:
            mark_days(uow, [(periods.people["A1"], date(2026, 11, 11))], "test", NOW)
        do_all(periods.database, KINDS)
        with periods.database.reading() as uow:
            failed = actions.closing_job(uow, periods.find())
        periods.days.settle()

        assert (failed.state, periods.find().state) == (JobState.FAILED, PeriodState.OPEN)
        assert periods.close(open_exceptions="looked at") == 2
        assert periods.find().state is PeriodState.CLOSED


class TestLateFacts:
    @pytest.fixture
    def late(self, closed):
        """An offline terminal's punch: A2 did punch out on the 13th."""
        closed.days.punch("A2", at(13, "18:30"), terminal="T2")
        closed.days.settle()
        return closed

    def test_given_a_late_punch_then_the_closed_day_stays_and_a_difference_stands_beside_it(self, late):
        (one,) = late.differences()

        assert (one.person_id, one.work_date, one.state) == (late.people["A2"], date(2026, 11, 13), "open")
        assert one.before.worked_minutes == 0
        assert one.after.worked_minutes > 500

        assert late.days.day("A2", 13).day.worked_minutes == 0

    def test_given_it_is_accepted_then_payroll_gets_what_it_comes_to_and_what_was_frozen_stays(self, late):
        (one,) = late.differences()
        frozen = late.results()

        assert late.decide(actions.accept_differences, [one.id]) == 1

        (items,) = late.arrears("A2")
        assert items["worked_minutes", ""] == one.after.worked_minutes
        assert items["missing_punches", ""] == -1
        assert late.results() == frozen
        assert late.days.day("A2", 13).day.worked_minutes == 0
        assert [each.state for each in late.differences()] == ["accepted"]

    def test_given_a_second_fact_of_the_same_day_then_only_what_is_new_is_owed(self, late):
        late.decide(actions.accept_differences, [late.differences()[0].id])
        late.days.punch("A2", at(13, "19:00"), terminal="T2")
        late.days.settle()

        second = late.differences()[-1]
        late.decide(actions.accept_differences, [second.id])

        first_items, items = late.arrears("A2")
        assert second.before.worked_minutes == first_items["worked_minutes", ""], "it is held against what was accepted"
        assert items.get(("worked_minutes", ""), 0) == second.after.worked_minutes - second.before.worked_minutes

    def test_given_it_is_refused_then_nothing_is_owed(self, late):
        (one,) = late.differences()

        late.decide(actions.refuse_differences, [one.id], "belongs to somebody else")

        assert late.arrears("A2") == []
        assert [(each.state, each.reason) for each in late.differences()] == [("refused", "belongs to somebody else")]

    def test_given_no_reason_no_choice_or_one_that_is_decided_then_it_is_refused(self, late):
        (one,) = late.differences()
        for ids, reason, error in [([one.id], " ", InvalidInputError), ([], "x", InvalidInputError), ([9999], "x", RefusedError)]:
            with pytest.raises(error):
                late.decide(actions.accept_differences, ids, reason)
        late.decide(actions.accept_differences, [one.id])
        with pytest.raises(RefusedError, match="decided already"):
            late.decide(actions.refuse_differences, [one.id])

    def test_given_it_is_opened_again_then_days_follow_and_a_new_closing_holds_what_they_are_now(self, late):
        with pytest.raises(InvalidInputError), late.database.writing() as uow:
            actions.reopen_period(uow, "M", NOVEMBER, "", TESTER, NOW)
        with late.database.writing() as uow:
            actions.reopen_period(uow, "M", NOVEMBER, "the terminal was offline", TESTER, NOW)
        late.days.settle()

        assert late.find().state is PeriodState.OPEN
        assert late.differences() == []
        assert late.days.day("A2", 13).day.worked_minutes > 500
        assert late.days.day("A2", 13).period_id is None

        late.close(open_exceptions="again")
        assert late.results()[late.people["A2"]].result.missing_punches == 0
        with late.database.reading() as uow:
            assert [row.action for row in trail.newest(uow, limit=2)] == ["period.close", "period.reopen"]


def test_given_nothing_happened_yet_then_the_last_periods_of_each_group_are_listed(periods):
    with periods.database.reading() as uow:
        found = actions.list_periods(uow, TODAY)

    assert [(one.name, one.state, one.id) for one in found] == [
        ("M 2026-12", PeriodState.OPEN, None),
        ("M 2026-11", PeriodState.OPEN, None),
        ("M 2026-10", PeriodState.OPEN, None),
    ]
