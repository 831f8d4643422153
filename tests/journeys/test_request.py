"""A worker asks for a correction on a phone; the supervisor is on leave, so the delegate approves; the day changes and says why."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import expect

from server.access.actions import create_account, hash_password, link_account
from server.access.model import Role
from server.attendance import actions as attendance
from server.attendance.actions.following import follow_clock, open_days
from server.attendance.jobs import DayWorker
from server.attendance.model import NewGrant, RuleSubject
from server.attendance.model.grants import GrantKind, Heading, LeaveKind
from server.attendance.model.rules import DayRules, Rules
from server.hr.approvals import actions as approvals
from server.hr.approvals.model import Delegation
from server.migrations import migrate
from server.roster import actions as roster
from server.storage import Database
from tests.server.hr.approvals.conftest import found_firm
from tests.support.browser import PHONE, Desk, hurdles, overflow
from tests.support.company import TESTER
from tests.support.live import served_copy
from tests.support.rosters import make_shifts, make_week

PASSWORD = "four plain words here"
LOGINS = {"WORKER": Role.EMPLOYEE, "MATE": Role.EMPLOYEE, "LEAD": Role.EMPLOYEE, "HEAD": Role.EMPLOYEE, "HR9": Role.HR}


def forgotten_day(uow, person_id: int, today: date) -> date:
    """The last day before today on which work was planned."""
    plans = roster.planned_days(uow, [person_id], today - timedelta(days=12), today - timedelta(days=1))[person_id]
    return max(plan.work_date for plan in plans if plan.parts)


@pytest.fixture(scope="module")
def today() -> date:
    return datetime.now(UTC).date()


@pytest.fixture(scope="module")
def company(tmp_path_factory, today):
    """WORKER came at 7:58 and never punched out; LEAD is on leave today, and HEAD decides in LEAD's place."""
    file = tmp_path_factory.mktemp("company") / "company.db"
    database = Database(f"sqlite:///{file}")
    database.make_file()
    migrate(database)
    firm, now = found_firm(database), datetime.now(UTC)
    hashed = hash_password(PASSWORD)
    with database.writing() as uow:
        make_week(uow, make_shifts(uow)["常"])
        rules = attendance.add_rule_set(uow, "全公司", Rules(day=DayRules()), today - timedelta(days=14), TESTER, now)
        attendance.assign_rules(uow, rules.id, RuleSubject.COMPANY, 0, today - timedelta(days=14), None, TESTER, now)
        day = forgotten_day(uow, firm.people["WORKER"], today)
        came = int(datetime(day.year, day.month, day.day, 7, 58, tzinfo=UTC).timestamp()) - 8 * 3600
        for who, facts in (
            ("WORKER", {"kind": GrantKind.CORRECTION, "starts_at": came, "heading": Heading.IN}),
            ("LEAD", {"kind": GrantKind.LEAVE, "leave": LeaveKind.ANNUAL, "first_day": today, "last_day": today + timedelta(days=1)}),
        ):
            attendance.record_grant(uow, NewGrant(person_id=firm.people[who], reason="事先", **facts), TESTER, now)
        away = Delegation(0, firm.people["LEAD"], firm.people["HEAD"], (), today - timedelta(days=1), None, only_away=True)
        approvals.delegate(uow, away, TESTER, now)
        for login, role in LOGINS.items():
            create_account(uow, login, login, hashed, frozenset({role}), TESTER, now, must_change=False)
            if login in firm.people:
                link_account(uow, login, firm.people[login], TESTER, now)
    settle(database)
    database.close()
    return file, day, firm.people


def settle(database: Database) -> None:
    """What a worker of days does until nothing waits."""
    worker = DayWorker(database, "days-test")
    for _ in range(1000):
        now = datetime.now(UTC)
        opened, clock = open_days(database, now), follow_clock(database, now)
        if not (worker.round() or opened or clock):
            return


@pytest.fixture
def served(company, tmp_path) -> Iterator[tuple[str, Database]]:
    """The application at a port of this machine, with a copy of the company."""
    with served_copy(company[0], tmp_path) as made:
        yield made


@pytest.fixture
def desk_of(served, chromium) -> Iterator:
    opened: list[Desk] = []

    def open_desk(login: str, **look) -> Desk:
        desk = Desk(chromium, served[0], **look)
        opened.append(desk)
        desk.sign_in(login, PASSWORD)
        return desk

    yield open_desk
    for desk in opened:
        desk.close()
    assert [fault for desk in opened for fault in desk.faults if "ERR_INTERNET_DISCONNECTED" not in fault] == []


def test_three_taps_ask_one_tap_of_the_delegate_approves_and_the_day_says_why(served, company, desk_of):
    day, database = company[1], served[1]
    worker = desk_of("WORKER", viewport=PHONE)
    page = worker.open("/me")

    page.get_by_role("listitem").filter(has_text=str(day)).get_by_role("link", name="申请更正").click()
    expect(page.locator('[name="at"]')).to_have_value(f"{day}T16:00")
    expect(page.locator('[name="cause"][value="missing-out"]')).to_be_checked()
    page.wait_for_load_state()  # the reason is filled in by a script
    page.get_by_role("button", name="忘记打卡").click()
    page.get_by_role("button", name="提交", exact=True).click()

    page.get_by_text("孙主管").first.wait_for()
    assert overflow(page) <= 0
    assert hurdles(page) == []
    number = page.locator("h1 small").inner_text()
    asked = page.url

    delegate = desk_of("HEAD", viewport=PHONE)
    inbox = delegate.open("/approvals")
    card = inbox.locator("[data-card]").filter(has_text=number)
    expect(card).to_contain_text("忘记打卡")
    card.locator(".cb-ap-yes").click()
    inbox.locator(".cb-ap-none").wait_for()

    settle(database)
    page.goto(asked)
    page.locator(".cb-answer .cb-ok").wait_for()
    page.get_by_role("link", name="已批准事项").click()
    page.wait_for_url(f"**/me/days/{day}")
    assert f"申请 {number}" in page.locator("main").inner_text()
    assert "缺卡" not in page.locator(".cb-answer").inner_text()


def test_what_was_typed_outlives_a_lost_connection_and_is_sent_once(served, company, desk_of, today):
    worker = desk_of("WORKER", viewport=PHONE, language="en")
    page = worker.open("/me/requests/new/trip")
    page.fill('[name="place"]', "北京")
    page.fill('[name="first_day"]', str(today + timedelta(days=3)))
    page.fill('[name="reason"]', "拜访客户")
    page.locator("[data-judged] .cb-note, [data-judged] .cb-soft").first.wait_for()

    worker.context.set_offline(True)
    page.get_by_role("button", name="Send", exact=True).click()
    page.locator("[data-kept-note]", has_text="No connection").wait_for()
    worker.context.set_offline(False)

    page.wait_for_url("**/me/requests")
    expect(page.locator(".cb-request")).to_have_count(1)
    expect(page.locator(".cb-request")).to_contain_text("TR-")
    page.goto("/me/requests/new/trip")
    assert page.input_value('[name="place"]') == "", "what was sent is forgotten"


def test_another_persons_request_is_not_there_for_anybody_who_may_not_see_it(served, company, desk_of, today):
    worker, mate = desk_of("WORKER"), desk_of("MATE", viewport=PHONE)
    page = worker.open("/me/requests/new/field-work")
    page.fill('[name="place"]', "客户处")
    page.fill('[name="first_day"]', str(today + timedelta(days=3)))
    page.fill('[name="reason"]', "私密的理由")
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url("**/me/requests/*")
    key = page.url.rsplit("/", 1)[1]

    for address in (f"/me/requests/{key}", f"/requests/{key}", f"/api/v1/requests/{key}", f"/api/v1/me/requests/{key}"):
        assert mate.status(address) == 404, address
    for address in ("/requests", "/requests.csv", "/requests?text=FW-", "/api/v1/requests"):
        assert mate.status(address) == 403, address
    assert "私密的理由" not in mate.open("/me/requests").content()
