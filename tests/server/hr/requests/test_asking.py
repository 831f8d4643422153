"""Asking, deciding, taking back: a request's way to a grant and back, on both databases."""

from datetime import date, timedelta

import pytest

from server.attendance import actions as attendance
from server.attendance.model import GrantOrigin, NewGrant
from server.attendance.model.grants import DayPart, GrantKind, Heading, LeaveKind
from server.audit import store as trail
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.approvals.model import Verdict
from server.hr.requests import actions
from server.hr.requests.actions import NewFile, StoppedError
from server.hr.requests.model import (
    CorrectionCause,
    CorrectionContent,
    FieldWorkContent,
    FindingCode,
    Purpose,
    RequestKind,
    RequestState as S,
    ShiftChangeContent,
    Span,
    SwapContent,
    TripContent,
)
from server.roster import actions as roster
from tests.server.hr.requests.conftest import FRIDAY, MONDAY, NOW, annual, missing_out, moment, overtime
from tests.support.company import TESTER

DAY = 480
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)


def test_leave_goes_from_asking_to_a_grant_and_back(office):
    before = office.balance().available

    asked = office.ask(annual())

    assert asked.number == "LV-2026-000001"
    assert (asked.state, asked.minutes, asked.first_day) == (S.WAITING, DAY, FRIDAY)
    assert office.balance().available == before - DAY
    assert office.balance().pending == DAY
    assert office.grants() == []

    decided = office.decide(asked)

    (grant,) = office.grants()
    assert decided.state is S.APPROVED
    assert (grant.grant.kind, grant.grant.leave, grant.grant.first_day) == (GrantKind.LEAVE, LeaveKind.ANNUAL, FRIDAY)
    assert (grant.origin, grant.origin_reference) == (GrantOrigin.REQUEST, "LV-2026-000001")
    assert (office.balance().taken, office.balance().pending) == (DAY, 0)

    cancelling = office.follow_up(decided, Purpose.CANCEL)
    assert office.see(decided).state is S.APPROVED
    assert office.decide(cancelling).state is S.APPROVED

    assert office.see(decided).state is S.CANCELLED
    assert office.grants() == []
    assert office.balance().available == before
    view = office.view(decided)
    assert [one.state for one in view.events] == [S.WAITING, S.APPROVED, S.CANCELLED]
    assert view.grants[0].withdrawn_reason == cancelling.number
    with office.database.reading() as uow:
        told = [row.action for row in trail.newest(uow, subject=("request", asked.number))]
        reasons = [row.reason for row in trail.newest(uow, limit=200) if row.subject_kind == "request"]
    assert told == ["request.cancel", "request.approve", "request.submit"]
    assert not any(reasons), "what people give as a reason may be about their health"


def test_a_change_of_an_approved_request_replaces_it_when_it_is_approved(one_office):
    held = one_office.approved(annual())

    changing = one_office.follow_up(held, Purpose.CHANGE, annual(FRIDAY, part=DayPart.MORNING))
    assert one_office.grants()[0].origin_reference == held.number
    with pytest.raises(RefusedError, match=changing.number):
        one_office.follow_up(held, Purpose.CANCEL)
    one_office.decide(changing)

    (grant,) = one_office.grants()
    assert (grant.origin_reference, grant.grant.part) == (changing.number, DayPart.MORNING)
    assert one_office.balance().taken == DAY // 2
    assert one_office.see(held).state is S.CANCELLED


def test_before_it_is_decided_it_changes_at_once_and_goes_to_the_approvers_anew(one_office):
    asked = one_office.ask(annual())

    changed = one_office.do(actions.change, asked.id, one_office.new(annual(FRIDAY - timedelta(days=1))))

    assert (changed.number, changed.state, changed.first_day) == (asked.number, S.WAITING, FRIDAY - timedelta(days=1))
    assert one_office.balance().pending == DAY
    one_office.decide(changed)
    assert one_office.grants()[0].grant.first_day == FRIDAY - timedelta(days=1)


@pytest.mark.parametrize(("verdict", "state"), [(Verdict.REFUSE, S.REFUSED), (Verdict.SEND_BACK, S.SENT_BACK)])
def test_what_is_not_approved_lets_the_balance_go(one_office, verdict, state):
    asked = one_office.ask(annual())

    assert one_office.decide(asked, verdict).state is state

    assert one_office.balance().pending == 0
    if state is S.SENT_BACK:
        again = one_office.do(actions.change, asked.id, one_office.new(annual(FRIDAY, part=DayPart.AFTERNOON)))
        assert (again.state, one_office.balance().pending) == (S.WAITING, DAY // 2)
        assert one_office.decide(again).state is S.APPROVED


def test_withdrawing_ends_the_course_and_drafts_are_nobody_elses_business(office):
    asked = office.ask(annual())
    draft = office.draft(annual(MONDAY + timedelta(days=7)))

    withdrawn = office.do(actions.withdraw_request, asked.id)

    assert (withdrawn.state, office.balance().pending) == (S.WITHDRAWN, 0)
    with pytest.raises(RefusedError, match="withdrawn"):
        office.do(actions.withdraw_request, asked.id)
    assert draft.state is S.DRAFT
    assert office.count() == 1
    assert office.do(actions.submit, draft.id).state is S.WAITING


def test_the_same_key_twice_is_one_request(one_office):
    first, second = one_office.ask(annual(), key="the-same-key"), one_office.ask(annual(), key="the-same-key")

    assert (first.id, one_office.count()) == (second.id, 1)


GRANTS = [
    (missing_out(), GrantKind.CORRECTION, {"heading": Heading.OUT}),
    (overtime(minutes=90), GrantKind.OVERTIME, {"minutes": 90}),
    (TripContent(place="北京", span=Span(first_day=FRIDAY)), GrantKind.TRIP, {"last_day": FRIDAY}),
    (
        FieldWorkContent(place="客户", span=Span(starts_at=moment(FRIDAY, "09:00"), ends_at=moment(FRIDAY, "11:00"))),
        GrantKind.FIELD_WORK,
        {},
    ),
    (
        CorrectionContent(cause=CorrectionCause.LATE_FOR_COMPANY, work_date=date(2026, 11, 20), at=moment(date(2026, 11, 20), "09:30")),
        GrantKind.EXCUSED,
        {"starts_at": moment(date(2026, 11, 20), "08:00"), "ends_at": moment(date(2026, 11, 20), "09:30")},
    ),
    (CorrectionContent(cause=CorrectionCause.TERMINAL_FAULT, work_date=date(2026, 11, 20)), GrantKind.UNPUNCHED, {}),
]


def test_every_kind_becomes_the_grant_that_it_is(office):
    for content, kind, facts in GRANTS:
        held = office.approved(content)

        grant = office.grants()[-1]
        assert (grant.grant.kind, grant.origin_reference) == (kind, held.number)
        assert {name: getattr(grant.grant, name) for name in facts} == facts
        office.decide(office.follow_up(held, Purpose.CANCEL))
        assert office.grants() == []


def test_an_approved_correction_changes_the_day_which_says_why(one_office):
    day = date(2026, 11, 20)
    with one_office.database.writing() as uow:
        new = NewGrant(
            person_id=one_office.people["WORKER"],
            kind=GrantKind.CORRECTION,
            reason="测试",
            starts_at=moment(day, "07:58"),
            heading=Heading.IN,
        )
        attendance.record_grant(uow, new, TESTER, NOW)
    one_office.settle()
    missing = {one.exception.kind for one in one_office.day(day).exceptions}
    with one_office.database.reading() as uow:
        proposed = actions.propose_correction(uow, one_office.people["WORKER"], day)

    held = one_office.approved(CorrectionContent(cause=proposed.cause, work_date=day, at=proposed.at))
    one_office.settle()

    assert missing == {"missing-out"}
    assert (proposed.cause, proposed.at) == (CorrectionCause.MISSING_OUT, moment(day, "16:00"))
    assert one_office.day(day).exceptions == ()
    assert one_office.day(day).day.left_at == moment(day, "16:00")
    assert held.number in {one.origin_reference for one in one_office.grants()}


class TestRosters:
    def cells(self, office, who, *days):
        with office.database.reading() as uow:
            plans = roster.planned_days(uow, [office.people[who]], min(days), max(days))[office.people[who]]
        names = {shift: sign for sign, shift in office.shifts.items()}
        return [names.get(plan.shift_id, "休") for plan in plans if plan.work_date in days]

    def test_another_shift_is_published_and_taken_back(self, office):
        held = office.approved(ShiftChangeContent(day=FRIDAY, shift_id=office.shifts["中"]))
        assert self.cells(office, "WORKER", FRIDAY) == ["中"]

        office.decide(office.follow_up(held, Purpose.CANCEL))

        assert self.cells(office, "WORKER", FRIDAY) == ["常"]
        with office.database.reading() as uow:
            assert roster.people_with_drafts(uow, office.people.values(), FRIDAY, FRIDAY) == set()

    def test_a_swap_waits_for_the_partner_then_for_the_approver_and_changes_both(self, office):
        late = office.approved(ShiftChangeContent(day=FRIDAY, shift_id=office.shifts["中"]), "MATE")
        asked = office.ask(SwapContent(day=FRIDAY, partner_id=office.people["MATE"], partner_day=FRIDAY))

        assert late.state is S.APPROVED
        assert asked.waits_for_partner
        with office.database.reading() as uow:
            assert actions.course_of(uow, asked.id) is None
            assert [one.id for one in actions.swaps_to_answer(uow, office.people["MATE"])] == [asked.id]
        with pytest.raises(NotFoundError):
            office.do(actions.answer_swap, asked.id, office.people["VP"], agrees=True)

        office.do(actions.answer_swap, asked.id, office.people["MATE"], agrees=True)
        office.decide(asked)

        assert (self.cells(office, "WORKER", FRIDAY), self.cells(office, "MATE", FRIDAY)) == (["中"], ["常"])
        office.decide(office.follow_up(office.see(asked), Purpose.CANCEL))
        assert (self.cells(office, "WORKER", FRIDAY), self.cells(office, "MATE", FRIDAY)) == (["常"], ["中"])

    def test_a_partner_who_says_no_ends_it(self, one_office):
        one_office.approved(ShiftChangeContent(day=FRIDAY, shift_id=one_office.shifts["中"]), "MATE")
        asked = one_office.ask(SwapContent(day=FRIDAY, partner_id=one_office.people["MATE"], partner_day=FRIDAY))

        assert one_office.do(actions.answer_swap, asked.id, one_office.people["MATE"], agrees=False).state is S.REFUSED
        with pytest.raises(InvalidInputError, match="partner"):
            one_office.ask(SwapContent(day=FRIDAY, partner_id=one_office.people["VP"], partner_day=FRIDAY))


class TestWhatCannotBe:
    def stopped(self, office, content, **more) -> set[FindingCode]:
        with pytest.raises(StoppedError) as caught:
            office.ask(content, **more)
        return {one.code for one in caught.value.findings}

    def test_nothing_is_kept_of_what_stops(self, office):
        assert self.stopped(office, annual(FRIDAY, FRIDAY + timedelta(days=60))) == {FindingCode.OVER_BALANCE}
        assert self.stopped(office, missing_out(date(2026, 10, 9))) == {FindingCode.TOO_FAR_BACK}
        assert self.stopped(office, annual(FRIDAY + timedelta(days=1))) == {FindingCode.NO_WORK}
        office.ask(annual())
        assert self.stopped(office, TripContent(place="北京", span=Span(first_day=FRIDAY))) == {FindingCode.ASKED_ALREADY}

        assert office.count() == 1
        assert office.ask(annual(MONDAY + timedelta(days=7))).number == "LV-2026-000002"

    def test_hr_may_go_beyond_the_companys_limits_in_somebodys_name(self, one_office):
        late = one_office.ask(missing_out(date(2026, 10, 9)), in_name=True)

        assert (late.state, late.in_name) == (S.WAITING, True)
        assert [one.code for one in late.findings] == [FindingCode.TOO_FAR_BACK]
        with pytest.raises(StoppedError):
            one_office.ask(missing_out(date(2026, 10, 9)))

    def test_a_quota_is_of_the_month_and_gives_back_what_was_refused(self, one_office):
        used = [one_office.ask(missing_out(date(2026, 11, day))) for day in (16, 17, 18)]

        assert self.stopped(one_office, missing_out(date(2026, 11, 19))) == {FindingCode.QUOTA}
        one_office.decide(used[0], Verdict.REFUSE)
        assert one_office.ask(missing_out(date(2026, 11, 19))).state is S.WAITING

    def test_a_grant_that_came_in_between_undoes_the_decision(self, office):
        asked = office.ask(annual())
        with office.database.writing() as uow:
            new = NewGrant(person_id=asked.person_id, kind=GrantKind.TRIP, reason="出差", first_day=FRIDAY, last_day=FRIDAY)
            attendance.record_grant(uow, new, TESTER, NOW)

        with pytest.raises(RefusedError, match="has grant"):
            office.decide(asked)

        assert office.see(asked).state is S.WAITING
        assert (office.balance().pending, office.balance().taken) == (DAY, 0)

    @pytest.mark.parametrize(
        ("data", "name", "message"),
        [(b"#!/bin/sh\necho hello", "病假条.pdf", "file"), (b"", "病假条.png", "file"), (PNG, "a.png", None)],
    )
    def test_attachments_go_by_their_content(self, one_office, data, name, message):
        if message is None:
            held = one_office.ask(missing_out(), files=(NewFile(name, data),))
            assert [one.name for one in one_office.view(held).attachments] == [name]
        else:
            with pytest.raises(InvalidInputError, match=message):
                one_office.ask(missing_out(), files=(NewFile(name, data),))
            assert one_office.count() == 0


def test_rules_hold_from_their_day_on(one_office):
    with one_office.database.reading() as uow:
        held = actions.rules_on(uow, RequestKind.CORRECTION, MONDAY)
    with one_office.database.writing() as uow:
        stricter = type(held)(quota=1, deadline_days=3)
        actions.change_rules(uow, RequestKind.CORRECTION, stricter, MONDAY + timedelta(days=1), "更严", TESTER, NOW)

    with one_office.database.reading() as uow:
        assert actions.rules_on(uow, RequestKind.CORRECTION, MONDAY) == held
        assert actions.rules_on(uow, RequestKind.CORRECTION, FRIDAY) == stricter
    with one_office.database.writing() as uow, pytest.raises(RefusedError):
        actions.change_rules(uow, RequestKind.CORRECTION, stricter, FRIDAY, "再次", TESTER, NOW)


SUNDAY, NEW_YEARS_EVE = date(2026, 11, 29), date(2026, 12, 31)
WORKED = [
    (annual(), DAY, set()),
    (annual(part=DayPart.MORNING), DAY // 2, set()),
    (annual(FRIDAY, SUNDAY), DAY, {FindingCode.PARTLY_NO_WORK}),
    (annual(SUNDAY), 0, {FindingCode.NO_WORK}),
    (annual(FRIDAY, NEW_YEARS_EVE), 25 * DAY, {FindingCode.OVER_BALANCE, FindingCode.PARTLY_NO_WORK}),
]


def test_the_worked_example_of_the_explanation_holds(one_office):
    for content, minutes, codes in WORKED:
        judged = one_office.judge(content)
        assert (judged.minutes, {one.code for one in judged.findings}) == (minutes, codes), content
