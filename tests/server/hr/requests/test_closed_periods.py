"""Requests for days of a period that is really closed: said while somebody types, refused when it is sent, approved, changed or cancelled,
each time with what to do instead; and as a late fact it goes through."""

from collections.abc import Iterator
from datetime import date

import pytest

from server.attendance import actions as attendance
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from server.errors import RefusedError
from server.hr.approvals.model import Verdict
from server.hr.requests import actions
from server.hr.requests.actions import StoppedError
from server.hr.requests.engine.telling import sentence
from server.hr.requests.model import (
    CorrectionCause,
    CorrectionContent,
    FieldWorkContent,
    FindingCode,
    LeaveContent,
    Purpose,
    RequestState as S,
    ShiftChangeContent,
    Span,
    SwapContent,
    TripContent,
)
from server.storage import Database
from server.web.language import translator
from tests.server.conftest import VAULT
from tests.server.hr.requests.conftest import NOW, Office, annual, found_office, moment, overtime
from tests.support.closing import close_period
from tests.support.company import TESTER

NOVEMBER, OVER = date(2026, 11, 1), date(2026, 11, 23)
CLOSED, OPEN = date(2026, 11, 20), date(2026, 11, 23)
"""The Friday is the last day of the period of November; the Monday is in the next one."""


@pytest.fixture
def closing(new_database_url) -> Iterator[Office]:
    """WORKER and MATE are paid from the 16th on, from the 21st to the 20th; the days up to today are worked out."""
    database = Database(new_database_url("sqlite"), VAULT)
    office = found_office(database)
    with database.writing() as uow:
        group = directory.add_pay_group(uow, "M", "月薪", 21, TESTER, NOW)
        for name in ("WORKER", "MATE"):
            change = NewEvent(EventKind.TRANSFER, date(2026, 11, 16), {"pay_group_id": group.id})
            directory.add_event(uow, office.people[name], change, TESTER, NOW)
    office.settle()
    yield office
    database.close()


def close(office: Office) -> None:
    office.settle()
    with office.database.reading() as uow:
        issues = attendance.check_period(uow, attendance.find_period(uow, "M", NOVEMBER), OVER).issues
    assert close_period(office.database, "M", NOVEMBER, {one.kind: "核对过了" for one in issues}, OVER) == 2


def contents(office: Office) -> dict[str, object]:
    """By kind something for the Friday."""
    span = Span(first_day=CLOSED, last_day=CLOSED)
    at = moment(CLOSED, "16:00")
    return {
        "leave": LeaveContent(leave="sick", span=span),
        "overtime": overtime(CLOSED),
        "correction": CorrectionContent(cause=CorrectionCause.MISSING_OUT, work_date=CLOSED, at=at),
        "trip": TripContent(place="苏州", span=span),
        "field-work": FieldWorkContent(place="园区", span=span),
        "shift-change": ShiftChangeContent(day=CLOSED, shift_id=office.shifts["中"]),
        "swap": SwapContent(day=CLOSED, partner_id=office.people["MATE"], partner_day=CLOSED),
    }


ALONE = ("leave", "overtime", "correction", "trip", "field-work", "shift-change")


def stopping(judged) -> set[FindingCode]:
    return {one.code for one in judged.findings} & {FindingCode.CLOSED, FindingCode.CLOSED_LATE}


def test_every_kind_says_it_while_somebody_types_and_is_refused_with_what_to_do(closing):
    close(closing)

    for kind, content in contents(closing).items():
        typed, late = closing.judge(content), closing.judge(content, late=True)
        with pytest.raises(StoppedError) as refused:
            closing.ask(content, in_name=True)

        assert (stopping(typed), stopping(late)) == ({FindingCode.CLOSED}, {FindingCode.CLOSED_LATE}), kind
        (said,) = [one for one in refused.value.findings if one.code is FindingCode.CLOSED]
        assert sentence(said, translator("en")).startswith("The period of 2026-11-20 is closed. Tick “as a late fact”"), kind
        assert sentence(said, translator("zh")).startswith("2026-11-20 所在考勤周期已封账"), kind
    assert closing.count() == 0


@pytest.mark.parametrize("kind", ALONE)
def test_what_waits_while_the_period_is_closed_cannot_be_approved_but_as_a_late_fact(closing, kind):
    content = contents(closing)[kind]
    held = closing.ask(content, in_name=True)
    close(closing)

    with pytest.raises(RefusedError, match="closed"):
        closing.decide(held)
    assert (closing.see(held).state, closing.grants()) == (S.WAITING, [])

    closing.decide(held, Verdict.SEND_BACK)
    with pytest.raises(StoppedError):
        closing.do(actions.submit, held.id)
    closing.do(actions.change, held.id, closing.new(content, late=True))
    assert closing.decide(held).state is S.APPROVED


@pytest.mark.parametrize("kind", ALONE)
def test_what_was_approved_before_is_cancelled_or_changed_as_a_late_fact_only(closing, kind):
    content = contents(closing)[kind]
    held = closing.decide(closing.ask(content, in_name=True))
    made = len(closing.grants())
    close(closing)
    elsewhere = {"leave": LeaveContent(leave="sick", span=Span(first_day=OPEN, last_day=OPEN))}.get(kind)

    for purpose, wanted in ((Purpose.CANCEL, content), (Purpose.CHANGE, elsewhere)):
        if wanted is not None:
            with pytest.raises(StoppedError) as refused:
                closing.ask(wanted, purpose=purpose, target_id=held.id, in_name=True)
            assert {one.code for one in refused.value.findings} == {FindingCode.CLOSED}, purpose
    assert (closing.see(held).state, len(closing.grants())) == (S.APPROVED, made)

    late = closing.ask(content, purpose=Purpose.CANCEL, target_id=held.id, late=True, in_name=True)
    assert closing.decide(late).state is S.APPROVED
    assert (closing.see(held).state, closing.grants()) == (S.CANCELLED, [])


def test_a_cancellation_that_waits_while_the_period_is_closed_is_refused_at_its_approval(closing):
    held = closing.approved(annual(CLOSED))
    cancelling = closing.follow_up(held, Purpose.CANCEL)
    close(closing)

    with pytest.raises(RefusedError, match="closed"):
        closing.decide(cancelling)

    assert (closing.see(held).state, closing.see(cancelling).state) == (S.APPROVED, S.WAITING)
    assert closing.balance(CLOSED).taken == 480, "nothing was given back by halves"
