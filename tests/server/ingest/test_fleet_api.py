"""The fleet board, alarms and their rules for programs: what the pages do, by the same actions."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from protocol.messages import LastRead, Pushed, TerminalHealth
from server.access.model import Permission, Role
from server.ingest import alarm_routes, fleet_routes, routes
from tests.support.pages import browse
from tests.support.sending import SendingEdge, row

ROUTERS = (fleet_routes, alarm_routes, routes)
RULE = {"name": "夜间", "receivers": [{"kind": "mail", "value": "it@example.com"}], "kinds": ["edge-cut"], "sites": ["hq"],
        "quiet": {"since": "22:00", "until": "07:00"}}  # fmt: skip


@pytest.fixture
def edge(database, company):
    """T1 is read and misses rows, T2 cannot be reached."""
    edge = SendingEdge(database, now=datetime.now(UTC))
    edge.send(row("1"))
    read = LastRead(
        started_at=edge.now, finished_at=edge.now, declared_bytes=80, received_bytes=80, decoded=2, held=2, complete=True, appended=2
    )
    facts = {"users": "10", "users_capacity": "100"}
    edge.tell_health(
        TerminalHealth(serial="T1", name="T1", address="a", state="listening", held=4, appended=4, last_read=read, facts=facts),
        TerminalHealth(serial="T2", name="T2", address="b", state="unreachable"),
    )
    return edge


@pytest.fixture
def ask(database):
    """A program with the permissions of a role: `ask("get", address)` gives the answer."""

    def asking(method, address, body=None, who=Role.IT):
        client = browse(database, [one.router for one in ROUTERS], who).client
        return client.request(method, f"/api/v1{address}", json=body, headers={"accept-language": "en", "sec-fetch-site": "same-origin"})

    return asking


def test_the_board_is_told_as_the_page_shows_it_and_page_by_page(edge, ask):
    told = ask("get", "/fleet?order=state").json()

    assert (told["total"], told["following"]) == (2, None)
    assert told["standings"]["wrong"] == 2
    away, missing = sorted(told["terminals"], key=lambda one: one["state"] != "unreachable")
    assert (away["serial"], away["standing"]) == ("T2", "wrong")
    assert (missing["missing"], missing["fullest"]) == (3, {"kind": "users", "used": 10, "room": 100})
    assert missing["alarms"][0]["kind"] == "counts-disagree"
    assert "T1" in missing["alarms"][0]["text"] or "门" in missing["alarms"][0]["text"]
    assert [one["name"] for one in told["edges"]] == ["edge-hq"]

    first = ask("get", "/fleet?limit=1").json()
    rest = ask("get", f"/fleet?limit=1&after={first['following']}").json()
    assert {one["serial"] for one in first["terminals"] + rest["terminals"]} == {"T1", "T2"}
    assert rest["following"] is None
    assert [one["serial"] for one in ask("get", "/fleet?text=t2").json()["terminals"]] == ["T2"]
    assert ask("get", "/fleet?site=x").status_code == 422


def test_read_receipts_are_told(edge, ask):
    found = ask("get", "/terminals/1/readings").json()["readings"]

    assert [(one["decoded"], one["appended"], one["times"], one["complete"]) for one in found] == [(2, 2, 1, True)]
    assert ask("get", "/terminals/99/readings").status_code == 404
    assert ask("get", "/terminals/1/readings?before=2026-11-23T00:00").status_code == 422, "of which clock?"


def test_what_a_terminal_pushed_is_told(edge, ask):
    edge.tell_health(
        TerminalHealth(serial="T1", name="T1", address="a", state="listening"),
        pushed=[Pushed("T1", "2026-11-26", "attlog", edge.now, edge.now, bodies=2, rows=3, stamp="9999")],
    )

    (found,) = ask("get", "/terminals/1/pushed").json()["pushed"]

    assert (found["day"], found["told"], found["bodies"], found["rows"], found["stamp"], found["missing"]) == (
        "2026-11-26", "attlog", 2, 3, "9999", None,
    )  # fmt: skip
    assert ask("get", "/terminals/1/pushed?before=2026-11-26").json() == {"pushed": []}
    assert ask("get", "/terminals/99/pushed").status_code == 404


def test_an_alarm_is_taken_on_and_muted_and_its_history_says_so(edge, ask):
    key = next(one["alarms"][0]["key"] for one in ask("get", "/fleet").json()["terminals"] if one["serial"] == "T2")

    assert ask("post", "/alarms/take-on", {"key": key, "note": "new cable on Monday"}).json() == {"key": key}
    until = datetime.fromisoformat(ask("post", "/alarms/mute", {"key": key, "hours": 4, "reason": "known work"}).json()["until"])
    assert timedelta(hours=3.9) < until - datetime.now(UTC) < timedelta(hours=4.1)

    past = next(one for one in ask("get", "/alarms/history").json()["alarms"] if one["key"] == key)
    assert (past["taken_by"], past["note"], past["ended_at"]) == ("tester", "new cable on Monday", None)
    assert not next(one["alarms"] for one in ask("get", "/fleet").json()["terminals"] if one["serial"] == "T2")
    assert ask("post", "/alarms/unmute", {"key": key}).status_code == 200
    assert ask("post", "/alarms/mute", {"key": key, "hours": 1e300, "reason": "for ever"}).status_code == 422
    assert ask("post", "/alarms/take-on", {"key": "nothing"}).status_code == 404
    assert ask("post", "/alarms/take-on", {"key": key}, {Permission.SEE_FLEET}).status_code == 403


def test_a_rule_is_added_changed_switched_tried_and_removed(company, ask):
    made = ask("post", "/alarm-rules", RULE).json()

    assert (made["id"], made["on"], made["sites"], made["wait_minutes"]) == (1, True, ["hq"], 5)
    assert made["quiet"] == {"since": "22:00:00", "until": "07:00:00", "weekends": False}
    assert ask("get", "/alarm-rules").json() == {"rules": [made]}
    body = {name: value for name, value in made.items() if name not in ("id", "on")}
    assert ask("post", "/alarm-rules/1", body).json() == made, "what is told can be given back"
    assert ask("post", "/alarm-rules/1", RULE | {"quiet": None, "kinds": []}).json()["quiet"] is None
    assert ask("post", "/alarm-rules/1/switch", {"on": False}).json()["on"] is False
    assert ask("post", "/alarm-rules/1/test").json() == {"told": 1}
    assert ask("get", "/alarm-webhooks").json() == {"webhooks": []}
    assert ask("post", "/alarm-rules/1/remove").json() == {"removed": 1}
    assert ask("get", "/alarm-rules/1").status_code == 404


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"sites": ["nowhere"]}, 404, "nowhere"),
        ({"receivers": []}, 422, "say who is told"),
        ({"receivers": [{"kind": "mail", "value": "nobody"}]}, 422, "no mail address"),
        ({"quiet": {"since": "22:00"}}, 422, "from when, and until when"),
        ({"quiet": {}}, 422, "from when, and until when"),
        ({"quiet": {"since": "22:00Z", "until": "07:00Z"}}, 422, "on the clock of the alarm's site"),
        ({"wait_minutes": 99_999}, 422, "at most a week"),
        ({"kinds": ["full-moon"]}, 422, ""),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_what_to_mend(company, ask, change, status, said):
    answer = ask("post", "/alarm-rules", RULE | change)

    assert answer.status_code == status
    assert said in answer.text
    assert ask("get", "/alarm-rules").json() == {"rules": []}


def test_whatever_stands_in_an_address_no_route_of_the_fleet_fails(edge):
    """Each parameter in its turn, of every route that only reads."""
    client = browse(edge.database, [one.router for one in ROUTERS], Role.IT).client
    client._transport.raise_server_exceptions = False  # a failure is an answer here
    routes_that_read = [one for part in ROUTERS for one in part.router.routes if one.methods == {"GET"}]
    asked = [
        f"{filled}?{name}={value}" if name else filled
        for value in ("9" * 23, "-1", "NaN", "%00", "a%00b", "%ED%A0%80", "0001-01-01", "%3Cscript%3E", "%25_")
        for route in routes_that_read
        for filled in {re.sub(r"{\w+}", number, route.path) for number in ("1", value)}
        for name in ("", *(one.alias for one in route.dependant.query_params))
    ]

    failed = {address for address in asked if client.get(address).status_code >= 500}

    assert len(asked) > 20 * len(routes_that_read) > 100
    assert failed == set()


def test_a_number_that_is_none_mutes_nothing(edge, ask):
    client = browse(edge.database, [one.router for one in ROUTERS], Role.IT).client
    headers = {"content-type": "application/json", "sec-fetch-site": "same-origin"}

    answer = client.post("/api/v1/alarms/mute", content=b'{"key": "x", "hours": NaN, "reason": "r"}', headers=headers)

    assert answer.status_code == 422
