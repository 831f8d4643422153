"""From a drawn roster to a closed period, and what an offline site brings afterwards: real processes, terminals, and a browser."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from server.access.actions import create_account, hash_password, link_account
from server.access.model import Role
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from server.fleet import actions as fleet
from server.roster import actions as roster
from server.roster.model import CalendarYear, Law, ShiftBreak, ShiftPart, ShiftTerms, YearState
from tests.journeys.conftest import PASSWORD
from tests.support.browser import PHONE, Desk, overflow
from tests.support.company import TESTER
from tests.support.world import World

TODAY = (datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(hours=12)).date()
"""Yesterday's duty can be punched out of until six in the morning: until noon we live in yesterday."""
NUMBER, NAME = "edge-hq-1001", "员工1001"
AT_THE_BRANCH = "77"
"""Their user number at the other site's terminal."""


def _work_date() -> date:
    """The last day of a period that is over: yesterday, where its next day can begin one."""
    yesterday = TODAY - timedelta(days=1)
    return yesterday if TODAY.day <= 28 else TODAY.replace(day=27)


WORK_DATE = _work_date()
START_DAY = (WORK_DATE + timedelta(days=1)).day


@pytest.fixture(scope="module")
def world(tmp_path_factory, chromium):
    """Two sites. Headquarters are up; the branch has a terminal that nobody has ever heard of, because its edge is off."""
    with World(tmp_path_factory.mktemp("branches"), web=1, jobs=1, users=2) as world:
        for edge, terminal in (("edge-hq", "T1"), ("edge-far", "T2")):
            world.add_terminal(world.add_site(edge), terminal)
        with world.database.writing() as uow:
            _prepare(uow, datetime.now(UTC))
        world.server.start()
        site = world.sites["edge-hq"]
        for part in (*site.simulators.values(), site.part):
            part.start()
        world.until(lambda: "web-1" in world.processes() and _is_served(world), "the pages answer")
        yield world


def _is_served(world: World) -> bool:
    with suppress(OSError), urlopen(f"http://127.0.0.1:{world.web_port}/readyz", timeout=60) as answer:
        return answer.status == 200
    return False


def _prepare(uow, now):
    """A shift, a pay group whose period ended with the work date, people of every role; 员工1001 may punch at both sites."""
    lunch = ShiftBreak(start=12 * 60, end=13 * 60)
    terms = ShiftTerms(parts=(ShiftPart(start=9 * 60, end=18 * 60, breaks=(lunch,)),))
    roster.add_shift(uow, "常日班", "常", terms, date(2020, 1, 1), TESTER, now)
    group = directory.add_pay_group(uow, "MAIN", "总部", START_DAY, TESTER, now)
    person = directory.find_person(uow, NUMBER)
    joins = NewEvent(kind=EventKind.TRANSFER, effective_on=date(2020, 1, 1), sets={"pay_group_id": group.id}, reason="")
    directory.add_event(uow, person.id, joins, TESTER, now)
    far = next(site for site in fleet.list_sites(uow) if site.code == "edge-far")
    directory.enrol(uow, person.id, fleet.own_zone(uow, far).id, AT_THE_BRANCH, date(2020, 1, 1), TESTER, now)
    _make_ordinary_days(uow, now)
    hashed = hash_password(PASSWORD)
    for role in (Role.HR, Role.EMPLOYEE):
        create_account(uow, role.value, role.value, hashed, frozenset({role}), TESTER, now, must_change=False)
    link_account(uow, Role.EMPLOYEE.value, person.id, TESTER, now)


def _make_ordinary_days(uow, now):
    """A calendar whose years are announced and hold no holiday, whenever this runs."""
    calendar = roster.add_calendar(uow, "无假日", roster.roster_settings_now(uow).calendar_id, Law.OTHER, TESTER, now)
    for year in (WORK_DATE.year - 1, WORK_DATE.year, WORK_DATE.year + 1):
        roster.set_calendar_year(uow, calendar.id, CalendarYear(year, YearState.ANNOUNCED, "test"), (), TESTER, now)
    for site in fleet.list_sites(uow):
        roster.set_site_calendar(uow, site.id, calendar.id, date(2020, 1, 1), TESTER, now)


def test_given_a_roster_and_punches_when_a_month_is_closed_then_a_late_punch_is_a_difference_that_somebody_accepts(world, desk_of):
    hr = desk_of(Role.HR)
    draw_a_roster(hr)
    world.ask("T1", f"punch 1001 {WORK_DATE} 08:58:00")
    wait_for(world, hr, "暂定")

    accept_silence(hr)
    wait_for(world, hr, "缺下班卡")

    add_the_missing_punch(hr)
    wait_for(world, hr, "18:00 的打卡为下班卡")
    told = hr.page.locator("main").inner_text()
    assert "出勤 8 小时" in told, told

    ask_the_employees(hr)
    confirm_on_the_phone(desk_of)
    close_the_period(hr)

    wake_the_branch(world)
    accept_the_difference(world, hr)
    assert "18:00 的打卡为下班卡" in _day(hr, world), "a closed day stands as it was"


def draw_a_roster(desk: Desk) -> None:
    """Drag the shift onto the work date, and publish."""
    monday = WORK_DATE - timedelta(days=WORK_DATE.weekday())
    page = desk.open(f"/roster?first={monday}&span=week&text={NUMBER}")
    page.locator("#c0-0").wait_for()
    page.locator(".cb-roster-bar [data-sign='常']").drag_to(page.locator(f"#c0-{WORK_DATE.weekday()}"))
    page.locator("#roster[data-state=saved]").wait_for()
    page.click("#roster-publish")
    page.click("form[action^='/roster/publish'] button")
    page.locator(".cb-note.cb-ok").wait_for()


def _day(desk: Desk, world: World) -> str:
    with world.database.reading() as uow:
        person = directory.find_person(uow, NUMBER)
    return desk.open(f"/people/{person.id}/days/{WORK_DATE}").locator("main").inner_text()


def wait_for(world: World, desk: Desk, words: str) -> None:
    seen = [""]

    def says() -> bool:
        seen[0] = _day(desk, world)
        return words in seen[0]

    try:
        world.until(says, f"the day says {words}")
    except AssertionError as error:
        raise AssertionError(f"{error}; it says {seen[0]}") from error


def accept_silence(desk: Desk) -> None:
    page = desk.open("/silent-terminals")
    row = page.locator("tbody tr", has_text="T2")
    row.locator("summary").click()
    row.locator("[name=reason]").fill("分店断网，已电话确认无人打卡")
    row.locator("button").click()
    page.locator("h2", has_text="已接受").wait_for()


def add_the_missing_punch(desk: Desk) -> None:
    page = desk.open(f"/attendance/exceptions?text={NUMBER}&since={WORK_DATE}&until={WORK_DATE}")
    page.locator("tbody tr", has_text="缺下班卡").locator("input[type=checkbox]").check()
    page.fill("[name=reason]", "忘记打卡，主管确认")
    page.click("button[formaction$='/correct']")
    page.locator(".cb-note.cb-ok").wait_for()


def the_period(desk: Desk) -> Page:
    page = desk.open("/periods")
    page.locator("main a", has_text=f"{WORK_DATE:%Y-%m}").first.click()
    page.locator("h1", has_text=f"{WORK_DATE:%Y-%m}").wait_for()
    return page


def ask_the_employees(desk: Desk) -> None:
    page = the_period(desk)
    page.locator("form[action$='/ask'] button").click()
    page.locator("form[action$='/ask'] button:not(.btn-primary)").wait_for()


def confirm_on_the_phone(desk_of) -> None:
    phone = desk_of(Role.EMPLOYEE, viewport=PHONE)
    page = phone.open("/me/periods")
    page.locator("main a", has_text=f"{WORK_DATE:%Y-%m}").first.click()
    page.click("button[value=confirmed]")
    page.locator(".cb-note.cb-ok").wait_for()
    assert overflow(page) == 0


def close_the_period(desk: Desk) -> None:
    page = the_period(desk)
    page.locator("a[href$='/close']").click()
    page.click("form[action$='/close'] button")
    page.locator("form[action$='/reopen']").wait_for(state="attached")


def wake_the_branch(world: World) -> None:
    """Its edge comes up at last, with a punch of that evening in the terminal's log."""
    site = world.sites["edge-far"]
    for part in site.simulators.values():
        part.start()
    world.until(lambda: world.held()["T2"] is not None, "the terminal answers")
    world.ask("T2", f"punch {AT_THE_BRANCH} {WORK_DATE} 19:30:00")
    site.part.start()


def accept_the_difference(world: World, desk: Desk) -> None:
    address = f"{the_period(desk).url}/differences"
    world.until(lambda: desk.open(address).locator("tbody input[type=checkbox]").count() > 0, "the late punch is a difference")
    desk.page.locator("tbody input[type=checkbox]").first.check()
    desk.page.fill("[name=reason]", "分店记录属实，补计")
    desk.page.click("button[value=accept]")
    arrears = desk.page.locator("section tbody tr", has_text=NAME)
    expect(arrears, "from 18:00, when they were thought to have left, to 19:30").to_contain_text("+90 分钟出勤")
