"""The control page without a demo behind it: what it shows, what it lets through."""

import re

import pytest
from starlette.testclient import TestClient

from clockbridge.demo.panel import PAGE, build_panel
from clockbridge.demo.scene import Condition, Deed, PartState, TerminalCounts, Words
from clockbridge.demo.signins import SIGN_INS


class Scene:
    def __init__(self):
        self.done = []

    def parts(self):
        return [PartState("broker", Words("broker", "消息代理"), Condition.RUNNING, (Deed.KILL,))]

    def counts(self):
        return [TerminalCounts("A1", "gate", "hq", 7, 7, 6, 1), TerminalCounts("A2", "door", "hq", None, 7, 6, 0)]

    def do(self, key, deed):
        if (key, deed) != ("broker", Deed.KILL):
            raise KeyError(key, deed)
        self.done.append((key, deed))
        return Words("killed the broker", "已强行结束消息代理")


@pytest.fixture
def scene():
    return Scene()


@pytest.fixture
def panel(scene):
    return TestClient(build_panel(scene, "http://127.0.0.1:8000/"), base_url="http://127.0.0.1")


def test_given_the_state_then_counts_of_each_station_and_names_in_both_languages(panel):
    state = panel.get("/state").json()

    assert [(one["held"], one["appended"], one["received"], one["equal"]) for one in state["counts"]] == [
        (7, 7, 7, True),
        (None, 7, 6, False),
    ]
    assert state["parts"] == [{"key": "broker", "name": {"en": "broker", "zh": "消息代理"}, "condition": "running", "deeds": ["kill"]}]


def test_given_what_to_try_then_each_step_has_an_account_that_there_is_words_in_both_languages_and_a_page(panel):
    stops = panel.get("/tour").json()

    assert {stop["login"] for stop in stops} <= {one.login for one in SIGN_INS}
    assert all(stop["address"].startswith("http://127.0.0.1:8000/") and stop["title"]["zh"] and stop["does"]["en"] for stop in stops)


def test_given_a_deed_when_sent_then_done_once_and_told_with_its_time(panel, scene):
    answer = panel.post("/do", json={"part": "broker", "deed": "kill"}, headers={"sec-fetch-site": "same-origin"})

    assert answer.json() == {"en": "killed the broker", "zh": "已强行结束消息代理"}
    assert scene.done == [("broker", Deed.KILL)]
    (told,) = panel.get("/state").json()["done"]
    assert re.fullmatch(r"\d\d:\d\d:\d\d", told["at"])


@pytest.mark.parametrize("wish", [{"part": "nobody", "deed": "kill"}, {"part": "broker", "deed": "start"}])
def test_given_a_part_that_cannot_do_that_then_not_found(panel, scene, wish):
    assert panel.post("/do", json=wish).status_code == 404
    assert scene.done == []


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_given_another_site_in_the_same_browser_when_it_sends_a_deed_then_refused(panel, scene, site):
    answer = panel.post("/do", json={"part": "broker", "deed": "kill"}, headers={"sec-fetch-site": site})

    assert answer.status_code == 403
    assert scene.done == []


def test_given_another_name_for_this_machine_when_asked_then_refused(scene):
    stranger = TestClient(build_panel(scene, "http://127.0.0.1:8000/"), base_url="http://evil.example")

    assert stranger.get("/state").status_code == 400


def test_given_its_files_then_served_under_a_strict_policy_and_nothing_else_is(panel):
    page = panel.get("/")
    named = re.findall(r'(?:href|src)="(/page/[^"]+)"', page.text)

    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert [panel.get(name).status_code for name in named] == [200] * 3
    assert panel.get("/page/panel.html").status_code == panel.get("/page/..%2fpanel.py").status_code == 404


def test_given_the_page_then_every_text_stands_there_in_both_languages():
    html = (PAGE / "panel.html").read_text(encoding="utf-8")
    script = (PAGE / "panel.js").read_text(encoding="utf-8")
    tables = re.findall(r"^  (zh|en): \{(.*?)\},?$", script, re.MULTILINE | re.DOTALL)
    words = {language: re.findall(r'"?(\w[\w ]*)"?: "', body) for language, body in tables}

    assert html.count('<span lang="zh"') == html.count('<span lang="en"') > 10
    assert words["zh"] == words["en"]
    assert {*Condition, *Deed} <= set(words["zh"])
