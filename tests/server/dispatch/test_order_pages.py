"""`/orders` as people see it: giving to one terminal or a group, following, taking back; who may and who may not."""

import pytest

from edge.protocol_log import Ring, _line
from protocol.edge_words import told
from protocol.messages import OrderKind, OrderOutcome
from server.access.model import Role
from server.dispatch.orders import pages, routes
from server.dispatch.orders.pages.values import told_value
from server.fleet import actions as fleet
from server.web.asking import now
from server.web.language import translator
from tests.server.dispatch.test_areas import agree
from tests.server.dispatch.test_orders import HQ, House
from tests.support.company import NOW
from tests.support.pages import browse, said


@pytest.fixture
def house(database):
    return House(database)


def visit(house, role=Role.IT, language="en"):
    made = browse(house.database, [pages.router, routes.router], role)
    made.language = language
    return made


def test_given_a_person_without_consent_when_a_finger_is_asked_for_then_the_page_says_so_and_leads_to_the_register(house):
    asked = {"kind": "enrol", "terminal": [str(house.terminals["T1"])], "user": "1", "finger": "6"}
    person = house.company.people["A1"]

    refused = visit(house, Role.ADMINISTRATOR).post("/orders/new", asked)
    chinese_page = visit(house, Role.IT, "zh").post("/orders/new", asked).text

    assert refused.status_code == 409
    assert "has not given the separate consent" in refused.text
    assert f'href="/privacy/people/{person}"' in refused.text
    assert "此人尚未对使用指纹和人脸作出单独同意" in chinese_page
    assert f"/privacy/people/{person}" not in chinese_page, "IT keeps no register"

    agree(house.database, person)

    assert visit(house).post("/orders/new", asked).status_code == 303
    answer = visit(house).post("/api/v1/orders", json={"kind": "enrol", "terminals": [house.terminals["T2"]], "parameters": {"user": "2"}})
    assert answer.status_code == 409


def test_given_a_site_when_an_order_is_given_to_it_then_its_page_tells_each_terminal_and_what_can_be_done(house):
    it = visit(house)
    form = said(it.get("/orders/new?kind=set-clock&group=site:hq").text)
    assert form.count("checked") == 3
    assert "no edge reads this terminal" in form

    ids = [str(house.terminals[one]) for one in ("T1", "T2", "T3")]
    made = it.post("/orders/new", {"kind": "set-clock", "group": "site:hq", "terminal": ids, "minutes_good": "60"})

    page = it.get(made.headers["location"]).text
    assert [name in page for name in ("门 T1", "门 T2", "门 T3", "门 T4")] == [True, True, True, False]
    assert "its edge is away; it is asked when it comes back" in page
    assert "Take back what waits" in page
    assert "门 T1、门 T2、门 T3" in it.get("/orders").text
    assert "等待应答" in it.get(made.headers["location"], "zh").text
    assert it.post(f"{made.headers['location']}/cancel").status_code == 303
    assert "taken back" in it.get(f"{made.headers['location']}/parts").text
    again = it.post(f"{made.headers['location']}/repeat")
    assert again.headers["location"] != made.headers["location"]
    assert "the order before" in it.get(again.headers["location"]).text


def test_given_a_grave_order_when_given_without_a_reason_then_the_form_says_so_and_keeps_what_was_typed(house):
    answer = visit(house).post("/orders/new", {"kind": "unlock", "terminal": str(house.terminals["T1"]), "seconds": "9", "reason": ""})

    assert answer.status_code == 422
    assert "say why" in answer.text
    assert 'value="9"' in answer.text


def test_given_hr_when_it_asks_then_gentle_orders_are_given_and_grave_ones_are_not_offered(house):
    hr, one = visit(house, Role.HR), str(house.terminals["T1"])

    assert hr.post("/orders/new", {"kind": "re-read", "terminal": one}).status_code == 303
    kinds = said(hr.get("/orders/new").text)
    assert ("Read again" in kinds, "Unlock the door" in kinds, "protocol log" in kinds) == (True, False, False)
    assert hr.post("/orders/new", {"kind": "unlock", "terminal": one, "reason": "fire drill"}).status_code == 403
    assert hr.get("/orders/new?kind=reboot").status_code == 403
    reboot = house.give(OrderKind.REBOOT, "T2", reason="hangs", at=now())
    assert hr.post(f"/orders/{reboot}/cancel").status_code == 403


def test_given_a_terminal_when_its_orders_are_shown_then_they_can_be_given_there_and_the_last_ones_stand_below(house):
    order_id = house.give(OrderKind.READ_OPTIONS, "T1")
    (part,) = house.parts(order_id)
    house.answer(part, OrderOutcome.DONE, found={"~OEMVendor": "ZKTeco <Inc>"}, body=b"a log")
    it = visit(house)

    shown = it.get(f"/terminals/{house.terminals['T1']}/orders").text
    assert ("Read its facts" in shown, "Unlock the door…" in shown, "done" in shown) == (True, True, True)
    assert "nothing can be asked" in it.get(f"/terminals/{house.terminals['T4']}/orders").text
    page = it.get(f"/orders/{order_id}").text
    assert "ZKTeco &lt;Inc&gt;" in page
    assert it.get(f"/orders/{order_id}/parts/{part.id}/file").content == b"a log"
    rows = it.get(f"/orders/{order_id}/parts.csv").text.splitlines()
    assert rows[1].startswith("门 T1,T1,edge-hq,done,~OEMVendor ZKTeco <Inc>,")
    assert "Read its facts,chosen,1,1,0,0," in it.get("/orders.csv?kind=read-options").text
    assert it.get("/orders/999/parts.csv").status_code == 404
    assert it.get("/orders/999").status_code == it.get("/terminals/999/orders").status_code == 404


def test_given_a_protocol_log_when_it_has_come_then_its_page_shows_it_line_by_line_and_bytes_of_no_form_stay_in_the_file(house):
    ring = Ring(9)
    ring.note("out", "get-time 201", 0, "")
    ring.note("in", "ack-ok 2000", 4, "0b 2f 85 <3>")
    body = b"".join(f"{_line(entry)}\n".encode() for entry in ring.entries()) + b"a line of another form\n"
    order_id = house.give(OrderKind.PROTOCOL_LOG, "T1", reason="looking", at=now())
    house.answer(house.parts(order_id)[0], OrderOutcome.DONE, body=body)

    page = said(visit(house).get(f"/orders/{order_id}").text)

    assert ("to the terminal" in page, "get-time 201" in page, "0b 2f 85 &lt;3&gt;" in page, "another form" in page) == (
        True,
        True,
        True,
        False,
    )
    assert "get-time" not in visit(house, Role.HR).get(f"/orders/{order_id}").text


def test_given_a_program_when_it_gives_an_order_then_it_can_follow_it(house):
    it = visit(house)
    made = it.client.post("/api/v1/orders", json={"kind": "reboot", "group": "site:hq", "reason": "new firmware"})
    assert made.status_code == 201

    told = it.get(f"/api/v1/orders/{made.json()['id']}").json()
    assert (told["kind"], told["total"], told["states"]) == ("reboot", 4, {"waiting": 3, "refused": 1})
    assert it.client.post(f"/api/v1/orders/{told['id']}/cancel").json() == {"cancelled": 3}
    assert it.client.post("/api/v1/orders", json={"kind": "reboot", "terminals": [1]}).status_code == 422
    assert it.client.post("/api/v1/orders", json={"kind": "dance", "terminals": [1]}).status_code == 422
    assert len(it.get("/api/v1/orders?kind=reboot").json()["orders"]) == 1
    scan = it.client.post("/api/v1/orders", json={"kind": "scan", "edges": [HQ], "parameters": {"subnet": "10.1.0.0/24"}})
    assert it.get(f"/api/v1/orders/{scan.json()['id']}").json()["parts"][0]["edge"] == HQ


def test_given_measurements_of_a_clock_when_a_program_asks_then_it_gets_the_history(house):
    from protocol.messages import Health, TerminalHealth

    told = TerminalHealth(serial="T1", name="x", address="a", state="ok", drift_ms=4200)
    with house.database.writing() as uow:
        fleet.record_health(uow, house.company.edge, Health(edge=HQ, at=NOW, version="1", queue_depth=0, terminals=[told]), now())

    points = visit(house).get(f"/api/v1/terminals/{house.terminals['T1']}/drift").json()["points"]

    assert [(one["drift_ms"], one["corrected"]) for one in points] == [(4200, False)]
    assert visit(house).get("/api/v1/terminals/999/drift").status_code == 404


def test_given_nobody_signed_in_or_an_employee_when_orders_are_asked_for_then_they_are_not_shown(house):
    assert visit(house, Role.EMPLOYEE).get("/orders").status_code == 403


def test_given_an_edges_answer_when_told_then_figures_are_counted_codes_are_words_and_the_unknown_stays():
    english, chinese = translator("en"), translator("zh")

    assert told("addresses: 254, found: 1", english) == "254 addresses asked, 1 terminal found"
    assert (told("terminals: 1", chinese), told("drift_ms=-40", english)) == ("1 台考勤机", "drift of the clock now, in ms: -40")
    assert (told("the terminal refused it: busy", chinese), told("log-not-read-whole", english)) == (
        "考勤机拒绝：设备忙",
        "log not read whole",
    )
    tampered = "clock set at the terminal at 2026-11-23 09:00:00; 2 new administrators"
    assert told(tampered, chinese) == "2026-11-23 09:00:00 在考勤机上修改了时钟；新增管理员 2 名"
    assert told("the door of 3: open", chinese) == "the door of 3: open"
    assert told_value('{"serial":"NEW7","facts":{"firmware":"6.60"}}', english) == "NEW7 · firmware 6.60"
    assert told_value('{"trouble":"wrong-key: 12"}', english) == "wrong key: 12"
    assert [told_value(one, english) for one in ("missing: 2", "{no json", "ZMM220")] == ["2 missing", "{no json", "ZMM220"]


@pytest.mark.parametrize(
    ("said", "chinese_words"),
    [
        ("4000 bytes were announced and 3960 came", "终端声明 4000 字节，实际收到 3960 字节"),
        ("the layouts 8a, 8b are equally likely; choose one for this terminal", "8a、8b 几种格式同样可能，请为此考勤机选定一种"),
        ("version 7: no known layout fits all rows", "版本 7：没有一种已知格式适合全部记录"),
        ("2026-11-26: 3 missing; 2026-11-27: 1 missing", "2026-11-26：缺 3 条；2026-11-27：缺 1 条"),
    ],
)
def test_given_what_an_alarm_of_an_edge_says_when_told_in_chinese_then_it_is(said, chinese_words):
    assert told(said, translator("zh")) == chinese_words
    assert told(said, translator("en")) == said
