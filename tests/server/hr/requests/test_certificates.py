"""Certificates that have not come: whoever owes one is reminded, each time once; HR sees who does, and is told when it is too late."""

from datetime import date, timedelta

import pytest

from server.hr.requests import actions
from server.hr.requests.actions import NewFile
from server.hr.requests.engine.certificates import Stage, stage_of
from server.hr.requests.model import LeaveContent, Span
from tests.server.hr.requests.conftest import MONDAY
from tests.server.hr.requests.test_pages import HR, PNG, open_as
from tests.server.hr.requests.test_telling import told
from tests.support.company import TESTER

LAST = date(2026, 11, 19)
UNTIL = date(2026, 11, 26)


def sick(day: date) -> LeaveContent:
    return LeaveContent(leave="sick", span=Span(first_day=day, last_day=day))


def remind_on(office, day: date) -> int:
    office.now += timedelta(days=(day - office.now.date()).days)
    with office.database.writing() as uow:
        return actions.remind_of_certificates(uow, office.now)


@pytest.mark.parametrize(
    ("last", "until", "today", "stage"),
    [
        (LAST, UNTIL, date(2026, 11, 20), Stage.OWED),
        (LAST, UNTIL, date(2026, 11, 23), Stage.OWED),
        (LAST, UNTIL, date(2026, 11, 24), Stage.SOON),
        (LAST, UNTIL, UNTIL, Stage.SOON),
        (LAST, UNTIL, date(2026, 11, 27), Stage.OVER),
        (LAST, date(2026, 11, 20), date(2026, 11, 20), Stage.OWED),
        (LAST, LAST, date(2026, 11, 20), Stage.OVER),
    ],
)
def test_a_certificate_is_owed_then_soon_then_overdue(last, until, today, stage):
    assert stage_of(last, until, today) is stage


def test_each_reminder_comes_once_and_none_when_it_has_come(office):
    owed, brought = office.approved(sick(LAST)), office.approved(sick(date(2026, 11, 18)))
    with office.database.writing() as uow:
        actions.hand_in_later(uow, brought, (NewFile("a.png", PNG),), TESTER, office.now)

    counts = [remind_on(office, day) for day in (MONDAY, MONDAY, date(2026, 11, 25), date(2026, 11, 28), date(2026, 12, 9))]

    assert counts == [1, 0, 1, 1, 0]
    assert told(office, "WORKER") == [
        f"Your leave {owed.number} needs a certificate: hand it in until 2026-11-26.",
        f"Your leave {owed.number} needs a certificate: hand it in until 2026-11-26.",
        f"The certificate for your leave {owed.number} has not come. The time for it ended on 2026-11-26: bring it to HR.",
    ]
    assert told(office, "HR1") == [f"The certificate for leave {owed.number} of 周员工 has not come; the time for it ended on 2026-11-26."]


def test_hr_has_the_list_with_what_is_overdue(one_office, monkeypatch):
    one_office.approved(sick(date(2026, 11, 12)))
    hr, worker = open_as(one_office, "HR1", HR), open_as(one_office, "WORKER")
    monkeypatch.setattr("server.hr.requests.pages.certificates.today", lambda _asked: MONDAY)

    shown, exported = hr.get("/requests/certificates").text, hr.get("/requests/certificates.csv").text

    assert "LV-2026-000001" in shown
    assert "overdue" in shown
    assert "LV-2026-000001,周员工" in exported
    assert worker.get("/requests/certificates").status_code == 403
