"""The pages and the API of sites, edges and tokens: what is shown once, what is refused, what IT sees of it."""

import re
from html import unescape

import pytest

from protocol.enrolment import Enrolled, read_token
from server.access.model import Permission
from server.fleet import actions as fleet
from server.fleet.model import EdgeState
from server.provisioning import pages, routes
from tests.server.provisioning.conftest import BRANCH, Box
from tests.support.company import NOW, TESTER
from tests.support.pages import browse

IT = (Permission.SEE_FLEET, Permission.CHANGE_FLEET)


@pytest.fixture
def it(office):
    browser = browse(office.database, [pages.router, routes.router], IT)
    browser.client.app.state.entrance, browser.client.app.state.pages_address = office.entrance, "https://clockbridge.test"
    return browser


def line_on(page: str) -> str:
    return unescape(re.search(r'<pre[^>]*id="line"[^>]*>([^<]*)</pre>', page)[1])


def test_given_no_site_when_the_wizard_is_walked_then_a_site_an_edge_and_one_line_come_of_it(it, office):
    added = it.post("/sites", {"code": "sz", "name": "苏州", "time_zone": "Asia/Shanghai"})
    assert added.headers["location"] == "/edges/new?site=sz"
    assert 'value="edge-sz"' in it.get(added.headers["location"]).text

    shown = it.post("/edges/new", {"name": "edge-sz", "site": "sz", "life": "3600"})

    line = line_on(shown.text)
    token = read_token(line.split()[-1])
    assert line.startswith("clockbridge edge enrol --server https://clockbridge.test --token edge-sz.")
    assert token.fingerprint == office.entrance.authority.fingerprint
    assert "<svg" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert "style=" not in re.search(r'<div class="cb-qrbox">(.*?)</div>', shown.text)[1], "the pages' policy forbids it"
    later = it.get("/edges/edge-sz/identity").text
    assert "waits for its box" in later
    assert token.secret.hex() not in later
    assert line not in later


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "Edge!", "site": "hq"}, "is no name of an edge"),
        ({"name": BRANCH, "site": "hq"}, "There is an edge edge-branch already"),
        ({"name": "edge-x", "site": "nowhere"}, "There is no site nowhere"),
        ({"name": "edge-x", "site": "hq", "life": "9"}, "choose how long"),
    ],
)
def test_given_what_cannot_be_when_an_edge_is_added_then_it_says_so_and_adds_nothing(it, office, typed, said):
    answer = it.post("/edges/new", typed)

    assert answer.status_code in {404, 409, 422}
    assert said in unescape(answer.text)
    assert f'value="{typed["name"]}"' in answer.text, "what was typed is kept"
    with office.database.reading() as uow:
        assert {one.edge.name for one in fleet.list_edges(uow)} == {"edge-hq", BRANCH}


def test_given_an_edge_when_it_is_revoked_and_taken_back_then_page_and_state_follow(it, office):
    office.answers(Box(1).asks(office.offer().secret))
    assert it.post(f"/edges/{BRANCH}/revoke", {"reason": " "}).status_code == 422
    assert office.edge.state is EdgeState.ACTIVE

    it.post(f"/edges/{BRANCH}/revoke", {"reason": "stolen"})

    page = it.get(f"/edges/{BRANCH}/identity").text
    assert "Revoke this edge" not in page
    assert office.edge.state is EdgeState.REVOKED
    token = read_token(line_on(it.post(f"/edges/{BRANCH}/token", {"life": "86400", "reason": "new box"}).text).split()[-1])
    from datetime import UTC, datetime

    assert isinstance(office.answers(Box(2).asks(token.secret), datetime.now(UTC)), Enrolled)
    assert office.edge.state is EdgeState.ACTIVE


def test_given_somebody_who_was_refused_when_it_has_looked_then_it_is_settled_until_it_comes_again(it, office):
    office.answers(Box(1).asks(bytes(16)))
    office.answers(Box(1).asks(office.offer().secret))
    (used,) = [one for one in office.standing.tokens if one.used_at]
    assert "unknown tokens" in it.get("/sites").text

    it.post("/sites/refused")

    assert "unknown tokens" not in it.get("/sites").text
    office.answers(Box(1).asks(bytes(16)))
    assert "unknown tokens" in it.get("/sites").text
    assert it.post(f"/edges/{BRANCH}/tokens/{used.id}/withdraw").status_code == 409


def test_given_an_edge_in_quarantine_when_it_is_taken_back_then_it_is_active_and_why_is_on_the_trail(it, office):
    assert it.post(f"/edges/{BRANCH}/release", {"reason": "x"}).status_code == 409
    with office.database.writing() as uow:
        fleet.change_edge_state(uow, BRANCH, EdgeState.QUARANTINED, TESTER, NOW)
    assert "two places" in it.get(f"/edges/{BRANCH}/identity").text

    it.post(f"/edges/{BRANCH}/release", {"reason": "the copy was ours"})

    assert office.edge.state is EdgeState.ACTIVE


def test_given_a_program_when_it_sets_a_site_up_then_it_gets_the_token_once(it, office):
    site = it.client.post("/api/v1/sites", json={"code": "sz", "name": "苏州", "time_zone": "Asia/Shanghai"})
    edge = it.client.post("/api/v1/edges", json={"name": "edge-sz", "site": "sz"})

    made = it.client.post("/api/v1/edges/edge-sz/token", json={"hours": 168, "reason": "roll-out"}).json()

    assert (site.status_code, edge.json()) == (200, {"name": "edge-sz"})
    assert read_token(made["token"]).edge == "edge-sz"
    assert it.client.get("/api/v1/edges/edge-sz/certificates").json() == []
    assert it.client.post("/api/v1/edges/edge-sz/revoke", json={"reason": "a mistake"}).status_code == 200
    assert it.client.post("/api/v1/edges/edge-sz/token", json={"hours": 5}).status_code == 422


def test_given_no_edge_of_that_name_when_asked_then_it_is_not_found(it):
    assert it.get("/edges/Nobody!/identity").status_code == 404
    assert it.post("/edges/nobody/token", {"life": "3600"}).status_code == 404
