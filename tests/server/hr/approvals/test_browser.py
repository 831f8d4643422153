"""The inbox and the editor in a real browser: one tap that can be undone, keys, many chosen, cards moved by keyboard; nothing too wide."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from server.access.model import Role
from server.hr.approvals.model import Branch, CourseState, Flow, Step, Who
from tests.server.hr.approvals.test_pages import as_person
from tests.support.browser import PHONE, Desk, hurdles, overflow, running_chromium
from tests.support.company import NOW
from tests.support.live import served

CARD = "[data-card]:visible"


@pytest.fixture
def dialect() -> str:
    return "sqlite"


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def open_for(firm, chromium) -> Iterator:
    """A browser of somebody of the firm, whose clock stands: what can be undone for some seconds can be for as long as a test takes.

    Nothing may have gone wrong in it at the end, but that an answer was refused.
    """
    places, desks = [], []

    def open_desk(who: str, *roles: Role, **look) -> Desk:
        place = served(as_person(firm, who, *roles).client.app)
        desk = Desk(chromium, place.__enter__(), **look)
        desk.page.clock.set_fixed_time(NOW)
        places.append(place)
        desks.append(desk)
        return desk

    yield open_desk
    for desk in desks:
        desk.close()
    for place in places:
        place.__exit__(None, None, None)
    assert [fault for desk in desks for fault in desk.faults if "409" not in fault] == []


def test_given_a_phone_when_tapped_then_it_is_sent_with_what_was_said_and_what_was_undone_is_not(firm, open_for):
    first, second = firm.ask(), firm.ask()
    desk = open_for("LEAD", language="zh", viewport=PHONE, dark=True)
    page = desk.open("/approvals")
    assert overflow(page) == 0
    assert hurdles(page) == []

    page.locator(CARD).nth(1).get_by_role("button", name="同意").click()
    page.get_by_role("button", name="撤销").click()
    page.locator(CARD).nth(0).get_by_role("button", name="拒绝").click()
    page.get_by_placeholder("说明原因").fill("月底盘点")
    page.get_by_placeholder("说明原因").press("Enter")

    expect(page.locator(CARD)).to_have_count(1)
    assert firm.see(first).course.state is CourseState.REFUSED
    assert firm.see(first).entries[-1].comment == "月底盘点"
    assert firm.see(second).course.state is CourseState.OPEN
    expect(page.locator("[data-waiting]")).to_have_text("1")


def test_given_an_answer_that_waits_when_the_page_is_left_then_it_is_sent_at_once(firm, open_for):
    course = firm.ask()
    page = open_for("LEAD", language="en", viewport=PHONE).open("/approvals")

    page.get_by_role("button", name="Approve", exact=True).click()
    page.get_by_role("link", name="Decided by me").click()

    expect(page).to_have_url(re.compile("decided"))
    while not page.locator(f'[data-card="{course.id}"]').is_visible():
        page.reload()


def test_given_nobody_undoes_an_answer_then_it_is_sent_after_some_seconds(firm, open_for):
    course = firm.ask()
    page = open_for("LEAD", language="en").open("/approvals")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()

    page.clock.set_fixed_time(NOW + timedelta(seconds=6))

    expect(page.locator(CARD)).to_have_count(0)
    assert firm.see(course).course.state is CourseState.APPROVED


def test_given_what_cannot_be_then_the_card_comes_back_and_says_why(firm, open_for):
    course = firm.ask()
    page = open_for("LEAD", language="en").open("/approvals")
    firm.decide("LEAD", course)

    page.locator(CARD).first.locator("h2 a").focus()
    page.keyboard.press("a")
    page.get_by_placeholder("Say why").press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("approved already")
    expect(page.locator(CARD)).to_have_count(1)


def test_given_a_desk_then_many_are_chosen_by_keys_and_answered_as_one_piece_of_work(firm, open_for):
    for _ in range(3):
        firm.ask()
    page = open_for("LEAD", language="en").open("/approvals")

    page.locator("h1").click()
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("#chosen-count")).to_have_text("Chosen: 2")
    page.get_by_role("button", name="Approve the chosen").click()

    expect(page).to_have_url(re.compile("/approvals/bulk/1"))
    expect(page.locator("progress")).to_be_visible()


def test_given_the_editor_then_cards_move_by_keyboard_and_the_reading_follows(firm, open_for):
    firm.publish(Flow((Branch((Step(Who.MANAGER), Step(Who.ROLE, role="hr"))),)), "leave")
    desk = open_for("HR1", Role.HR, language="en")
    page = desk.open("/flows/edit?kind=leave")
    assert hurdles(page) == []

    page.locator("#b0\\.s1\\.who").focus()
    page.keyboard.press("Alt+ArrowUp")

    expect(page.locator("#checks li").first).to_contain_text("the role HR")
    expect(page.locator("#b0\\.s0\\.who")).to_be_focused()
    page.get_by_role("button", name="Add a step to branch 1").click()
    expect(page.locator("[data-step]")).to_have_count(3)
    page.locator("#b0\\.s2\\.does").select_option("copy")
    page.locator("#b0\\.s2\\.who").select_option("people")
    page.locator("#b0\\.s2\\.people").fill("MATE")
    expect(page.locator("#checks")).to_contain_text("Copy to: 吴员工.")
    page.locator("#reason").fill("试行")
    page.get_by_role("button", name="Publish from now on").click()
    expect(page).to_have_url(re.compile("/flows/one"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Flow: Leave")
