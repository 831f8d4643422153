"""What people do with the pages, in a real browser against a real server: two workers, two web processes, an edge and a terminal."""

import csv
import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from server.access.actions import create_account, hash_password
from server.access.model import PERMISSIONS, Role
from server.web.places import groups_for
from tests.journeys.conftest import LONG_NAME, PASSWORD
from tests.support.browser import PHONE, Desk, overflow
from tests.support.company import TESTER
from tests.support.pages import Reader

PROCESSES = {"workers": 2, "web": 2}
RESTART_MS = 240_000
"""For a web process that was killed to be there again on a machine that is busy; both may be away for a moment."""


def test_given_the_generated_password_when_signed_in_the_first_time_then_it_is_good_only_for_choosing_another(world, desk_of):
    desk = desk_of()
    desk.open("/punches?site=1")
    assert "/sign-in?next=" in desk.page.url

    desk.sign_in("admin", world.password)
    for elsewhere in ("/board", "/accounts"):
        desk.open(elsewhere)
        assert desk.page.url.endswith("/password")
    assert desk.page.locator("#places").count() == 0

    desk.page.fill("#old", world.password)
    desk.page.fill("#new", "four other words here")
    desk.page.fill("#again", "four other words here")
    desk.page.click("main button")
    desk.page.wait_for_url("**/today")
    assert desk.page.locator(PLACES).count() == len(offered(Role.ADMINISTRATOR))

    desk.page.click(".cb-who form button")
    desk.page.wait_for_url("**/sign-in**")
    desk.page.locator("main form button").first.wait_for()  # a page that is still coming cannot be left backwards
    desk.page.go_back()
    desk.page.reload()
    expect(desk.page).to_have_url(re.compile("/sign-in"))
    desk.sign_in("admin", "four other words here")


def test_given_an_open_board_when_a_finger_is_on_a_terminal_then_the_punch_appears_by_itself_whichever_process_dies(world, desk_of):
    desk, phone = desk_of(Role.HR), desk_of(Role.IT, language="en")
    for one in (desk, phone):
        one.open("/board")
        one.page.locator("#line.cb-ok").wait_for()
        one.page.evaluate("window.opened = 'once'")

    for number, dies in ((1003, None), (1004, "web-1"), (1005, "web-2")):
        if dies:
            world.signal(dies)
        world.ask("T1", f"punch {number}")
        desk.page.locator("#board tr", has_text=f"员工{number}").filter(has_text="实时").wait_for(timeout=RESTART_MS)
        phone.page.locator("#board tr", has_text=str(number)).filter(has_text="live").wait_for(timeout=RESTART_MS)

    expect(desk.page.locator("#board tr").first).to_contain_text("员工1005")
    assert "员工" not in phone.page.locator("main").inner_text()
    for one in (desk, phone):
        assert one.page.evaluate("window.opened") == "once"
        ids = one.page.eval_on_selector_all("#board tr", "rows => rows.map(row => row.dataset.id)")
        assert len(ids) == len(set(ids))
        one.faults[:] = [fault for fault in one.faults if not re.search("ERR_(CONNECTION|INCOMPLETE|EMPTY)", fault)]  # a line was cut


def test_given_a_person_who_has_not_punched_when_they_do_then_they_are_no_longer_missing(world, desk_of):
    desk = desk_of(Role.HR)
    desk.open("/board")
    desk.page.click("text=未打卡人员")
    desk.page.locator("tbody tr", has_text="员工1011").wait_for()

    world.ask("T1", "punch 1011")
    world.until(lambda: not _row(desk, "/absent", "员工1011"), "no longer missing")

    assert _row(desk, "/absent", LONG_NAME)


def _row(desk: Desk, address: str, text: str) -> bool:
    return bool(desk.open(address).locator("tbody tr", has_text=text).count())


def test_given_many_punches_when_filtered_turned_round_and_paged_then_the_file_holds_what_the_page_shows(desk_of):
    desk = desk_of(Role.HR)
    page = desk.open("/punches")
    page.fill("[data-search]", "员工1002")
    page.press("[data-search]", "Enter")
    page.locator(".cb-filter", has_text="员工1002").wait_for()
    page.wait_for_load_state()  # the filter stands above the rows
    assert set(page.locator("tbody td .cb-chip").all_inner_texts()) == {"员工1002 edge-hq-1002"}

    page.click("thead a")
    page.locator("th[aria-sort=ascending]").wait_for()
    page.wait_for_load_state()
    shown = page.locator("tbody th time").all_inner_texts()
    assert shown == sorted(shown)

    with page.expect_download() as download:
        page.click(".btn >> text=CSV")
    lines = list(csv.reader(download.value.path().read_text(encoding="utf-8-sig").splitlines()))
    assert [line[0] for line in lines[1:]] == shown
    assert lines[0][:2] == ["考勤机时间", "姓名"]

    page.click(".cb-filter >> text=员工1002")
    expect(page.locator(".cb-filter", has_text="员工1002")).to_have_count(0)
    page.wait_for_load_state()
    first = page.locator("tbody tr").first.get_attribute("data-href")
    page.click("[rel=next]")
    page.wait_for_url("**after=**")
    assert page.locator("tbody tr").first.get_attribute("data-href") != first
    page.go_back()
    assert page.locator("tbody tr").first.get_attribute("data-href") == first


def test_given_a_punch_of_nobody_when_hr_says_who_it_is_by_keyboard_alone_then_it_is_a_punch(world, desk_of):
    desk = desk_of(Role.HR)
    page, keys = desk.page, desk.page.keyboard
    world.ask("T1", "punch 1021")
    world.until(lambda: _row(desk, "/quarantine?user=1021", "1021"), "in quarantine")

    keys.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('tr').innerText").split()[:2] == ["T1", "1021"]
    keys.press("Enter")
    page.wait_for_url("**view=rows**")
    keys.press("ArrowDown")
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/quarantine/\d+$"))
    keys.press("/")
    keys.type("LONG-0001")
    keys.press("Enter")
    page.locator("input[type=radio]").wait_for()
    page.wait_for_load_state()
    _tab_to(page, "input[type=radio]")
    keys.press("Space")
    _tab_to(page, "form[action$='/map'] button")
    keys.press("Enter")
    page.wait_for_url("**done=mapped")
    assert "已重放" in page.locator("h1").inner_text()

    assert _row(desk, "/punches?text=1021", LONG_NAME)
    page.locator("tbody a.cb-chip").first.click()
    page.wait_for_url("**/people/*")
    assert LONG_NAME in page.locator("h1").inner_text()
    assert page.locator(".cb-steps a").count() > 0


def _tab_to(page, selector: str) -> None:
    for _ in range(40):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"40 tabs do not lead to {selector}")


def test_given_a_row_that_is_no_punch_when_dismissed_then_it_can_be_undone_and_the_trail_says_who(world, desk_of):
    desk, boss = desk_of(Role.IT, language="en"), desk_of(Role.ADMINISTRATOR, language="en")
    world.ask("T1", "punch 1022")
    world.until(lambda: _row(desk, "/quarantine?user=1022", "1022"), "in quarantine")
    page = desk.page

    page.click("summary >> text=Dismiss these")
    page.fill("#note", "a test of the door")
    page.click("form[action='/quarantine/dismiss'] button")
    page.locator("[role=status] button").click()
    page.locator("[role=status]", has_text="open again").wait_for()
    assert _row(desk, "/quarantine?user=1022", "1022")

    boss.open("/audit?actor=it")
    done = boss.page.locator("tbody td:nth-child(4)").all_inner_texts()
    assert done[:2] == ["quarantine: reopen", "quarantine: dismiss"]
    boss.page.click("text=Check the chain")
    boss.page.locator("h1", has_text="Checking the chain of the trail").wait_for()


def test_given_the_work_lists_when_walked_by_keyboard_then_every_row_opens(desk_of):
    desk = desk_of(Role.ADMINISTRATOR)
    for address in ("/board", "/punches", "/people", "/absent", "/terminals", "/edges", "/quarantine"):
        page = desk.open(address)
        wanted = page.locator("table.cb tbody tr[data-href]").last.get_attribute("data-href")
        for _ in range(page.locator("table.cb tbody tr[data-href]").count() + 1):
            page.keyboard.press("ArrowDown")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", "one sees where the focus is"
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{wanted}")


PLACES = "#places .cb-places a, #places .cb-group-name:only-child"


def offered(role: Role) -> list[str]:
    """The places that somebody of a role is offered, in order; tests/server/web/test_places.py says that these are right."""
    groups = groups_for(Reader(frozenset(map(str, PERMISSIONS[role]))))
    return [place.address for group in groups for place in group.places]


@pytest.mark.parametrize(("role", "seen", "refused"), [
    (Role.ADMINISTRATOR, offered(Role.ADMINISTRATOR), []),
    (Role.HR, offered(Role.HR), ["/accounts", "/audit", "/terminals/new", "/me"]),
    (Role.IT, offered(Role.IT), ["/people", "/people/1", "/absent", "/imports", "/accounts", "/audit", "/today", "/grants", "/me"]),
])  # fmt: skip
def test_each_role_is_offered_what_it_may_do_and_refused_the_rest(world, desk_of, role, seen, refused):
    desk = desk_of(role, language="en")
    page = desk.open("/board")
    assert page.locator(PLACES).evaluate_all("places => places.map(one => one.getAttribute('href'))") == seen
    assert {address: desk.status(address) for address in refused} == dict.fromkeys(refused, 403)

    names = []
    for address in (*seen, "/punches/1", "/terminals/1", "/edges/edge-hq", "/quarantine?view=rows&state=all"):
        text = desk.open(address).locator("body").inner_text()
        names += re.findall(r"员工1\d{3}|LONG-0001", text)
        is_key_page = address == "/edges/edge-hq"
        assert ("Keys it signs with" in text) == (is_key_page and role is not Role.HR), address
    assert bool(names) == (role is not Role.IT)
    told = desk.context.request.get("/punches.csv").text() + desk.context.request.get("/api/v1/punches").text()
    assert bool(re.findall(r"员工1\d{3}", told)) == (role is not Role.IT)
    assert page.locator("text=Add a terminal").count() == 0
    desk.open("/terminals")
    assert page.locator("text=Add a terminal").count() == (role is not Role.HR)


def test_given_a_phone_when_the_menu_is_used_then_it_leads_everywhere(desk_of):
    desk = desk_of(Role.ADMINISTRATOR, viewport=PHONE)
    page = desk.open("/board")
    assert not page.locator("#places").is_visible()

    page.click("[aria-controls=places]")
    expect(page.locator("[aria-controls=places]")).to_have_attribute("aria-expanded", "true")
    page.click("#places .cb-places a >> text=打卡记录")
    page.wait_for_url("**/punches")
    assert overflow(page) <= 0


def test_given_two_browsers_when_the_password_is_changed_in_one_then_the_other_is_signed_out(world, desk_of):
    with world.database.writing() as uow:
        create_account(uow, "both", "Both", hash_password(PASSWORD), frozenset({Role.HR}), TESTER, datetime.now(UTC), must_change=False)
    here, there = desk_of(), desk_of()
    for desk in (here, there):
        desk.sign_in("both", PASSWORD)

    page = here.open("/password")
    page.fill("#old", PASSWORD)
    page.fill("#new", "another four plain words")
    page.fill("#again", "another four plain words")
    page.click("main button")
    page.wait_for_url("**/today")

    there.open("/people")
    assert "/sign-in" in there.page.url
    here.open("/people")
    assert here.page.url.endswith("/people")
