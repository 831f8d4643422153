"""Pages and API of requests: one's own, those of others within the scope, and nothing of anybody else."""

import json
from datetime import date

import pytest

from server.access.model import PERMISSIONS, Permission, Role, Scope
from server.hr.requests import pages, routes
from server.hr.requests.model import LeaveContent, RequestKind, RequestState as S, ShiftChangeContent, Span, SwapContent
from tests.server.hr.requests.conftest import FRIDAY, HANDLERS, Office, annual, missing_out
from tests.support.pages import Browser, Reader, browse

ROUTERS = [pages.router, routes.router]
EMPLOYEE, HR = PERMISSIONS[Role.EMPLOYEE], PERMISSIONS[Role.HR]


def open_as(office: Office, who: str, permissions=EMPLOYEE, sees: Scope | None = None) -> Browser:
    person = office.people[who]
    reader = Reader(frozenset(map(str, permissions)), login=who, person_id=person, sees=sees or Scope(everybody=True))
    made = browse(office.database, ROUTERS, reader)
    made.client.app.state.approval_handlers = HANDLERS
    return made


LEAVE = {
    "leave": "annual",
    "stretch": "days",
    "first_day": "2099-11-27",
    "last_day": "2099-11-27",
    "reason": "家里有事",
    "key": "a-key-of-mine",
}


PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)


def sick(day: date) -> LeaveContent:
    return LeaveContent(leave="sick", span=Span(first_day=day, last_day=day))


@pytest.fixture
def today(monkeypatch):
    """The pages take the clock; here it stands."""
    from tests.server.hr.requests.conftest import NOW

    for module in (pages.form, pages.own, pages.others, pages.rules, routes.own, routes.others, routes.documents):
        monkeypatch.setattr(module, "now", lambda: NOW)


@pytest.mark.usefixtures("today")
class TestMine:
    def test_a_form_becomes_a_request_once_and_its_page_shows_it(self, one_office):
        me = open_as(one_office, "WORKER")
        form = LEAVE | {"first_day": str(FRIDAY), "last_day": str(FRIDAY)}

        assert "Annual leave" in me.get("/me/requests/new/leave").text
        judged = me.post("/me/requests/check/leave", form).text
        first, again = me.post("/me/requests/new/leave", form), me.post("/me/requests/new/leave", form)

        assert "Length: 1 day" in judged
        assert "left afterwards" in judged
        assert (first.status_code, first.headers["location"]) == (303, again.headers["location"])
        shown = me.get(first.headers["location"]).text
        assert "LV-2026-000001" in shown
        assert "李组长" in shown, "whom it waits for"
        assert "LV-2026-000001" in me.get("/me/requests").text
        assert one_office.count() == 1

    def test_what_stands_in_the_way_is_said_while_typing_and_again_at_sending(self, one_office):
        me = open_as(one_office, "WORKER")
        form = LEAVE | {"first_day": str(FRIDAY), "last_day": "2026-12-31"}

        judged, sent = me.post("/me/requests/check/leave", form), me.post("/me/requests/new/leave", form)

        assert "this takes" in judged.text
        assert (sent.status_code, "this takes" in sent.text, "家里有事" in sent.text) == (409, True, True)
        wrong = me.post("/me/requests/new/leave", form | {"last_day": "2026-11-01"})
        assert (wrong.status_code, 'aria-invalid="true"' in wrong.text) == (422, True)
        assert one_office.count() == 0

    def test_a_correction_is_proposed_for_the_day(self, one_office):
        one_office.settle()
        me = open_as(one_office, "WORKER")

        shown = me.get("/me/requests/new/correction?work_date=2026-11-20&cause=missing-out").text

        assert 'value="2026-11-20T16:00"' in shown

    def test_withdrawing_cancelling_and_changing_from_the_page(self, one_office):
        me = open_as(one_office, "WORKER")
        waiting, approved = one_office.ask(annual()), one_office.approved(missing_out())

        assert me.post(f"/me/requests/{waiting.id}/withdraw").status_code == 303
        assert one_office.see(waiting).state is S.WITHDRAWN
        cancelling = me.post(f"/me/requests/{approved.id}/cancel", {"key": "cancel-it", "reason": "打错了"})
        assert cancelling.status_code == 303
        assert "CR-2026-000001" in me.get(cancelling.headers["location"]).text
        refused = me.post(f"/me/requests/{waiting.id}/withdraw")
        assert "copy it and ask anew" in refused.text
        assert me.get(f"/me/requests/new/leave?copy={waiting.id}").text.count("2026-11-27") >= 2

    def test_a_draft_is_kept_sent_and_nobody_elses(self, one_office):
        me, lead = open_as(one_office, "WORKER"), open_as(one_office, "LEAD", HR)
        form = LEAVE | {"first_day": str(FRIDAY), "last_day": str(FRIDAY), "draft": "1"}

        address = me.post("/me/requests/new/leave", form).headers["location"]

        assert "draft" in me.get(address).text
        assert lead.get(address.removeprefix("/me")).status_code == 404
        assert f'href="{address}"' in me.get("/me/requests").text
        assert f'href="{address.removeprefix("/me")}"' not in lead.get(f"/requests?person={one_office.people['WORKER']}").text
        assert me.post(f"{address}/send").status_code == 303

    def test_the_partner_of_a_swap_answers_on_the_own_page(self, one_office):
        one_office.approved(ShiftChangeContent(day=FRIDAY, shift_id=one_office.shifts["中"]), "MATE")
        asked = one_office.ask(SwapContent(day=FRIDAY, partner_id=one_office.people["MATE"], partner_day=FRIDAY))
        mate = open_as(one_office, "MATE")

        assert "WORKER wants to swap with you" in mate.get("/me/requests").text
        assert mate.post(f"/me/requests/{asked.id}/answer", {"answer": "yes"}).status_code == 303
        assert not one_office.see(asked).waits_for_partner

    def test_a_certificate_follows_until_the_time_is_over(self, one_office):
        me = open_as(one_office, "WORKER")
        held = one_office.approved(sick(date(2026, 11, 19)))
        late = one_office.approved(sick(date(2026, 11, 12)))

        def hand_in(request, data):
            return me.post(f"/me/requests/{request.id}/documents", files={"attachment": ("病假条.png", data, "image/png")})

        assert hand_in(held, PNG).status_code == 303
        assert "病假条.png" in me.get(f"/me/requests/{held.id}").text
        assert "PDF" in hand_in(held, b"MZ is no picture").text
        assert "2026-11-19" in hand_in(late, PNG).text
        document = one_office.view(held).attachments[0].document_id
        assert me.get(f"/me/requests/{held.id}/documents/{document}").content == PNG
        assert me.get(f"/me/requests/{late.id}/documents/{document}").status_code == 404
        assert [len(one_office.view(one).attachments) for one in (held, late)] == [1, 0]

    def test_every_kind_has_a_form_in_both_languages(self, one_office):
        me = open_as(one_office, "WORKER")
        for kind in RequestKind:
            for language in ("en", "zh"):
                assert me.get(f"/me/requests/new/{kind}", language).status_code == 200
        assert me.get("/me/requests/new/nothing").status_code == 404


@pytest.mark.usefixtures("today")
class TestOthers:
    def test_nobody_reaches_the_request_of_another(self, one_office):
        held = one_office.ask(annual())
        mate = open_as(one_office, "MATE")

        for address in (
            f"/me/requests/{held.id}",
            f"/me/requests/{held.id}/change",
            f"/requests/{held.id}",
            f"/me/requests/{held.id}/documents/1",
        ):
            answer = mate.get(address)
            assert (answer.status_code, "家里有事" in answer.text) == (404, False), address
        for deed in ("withdraw", "cancel", "answer", "send", "change"):
            assert mate.post(f"/me/requests/{held.id}/{deed}", {"key": "some-key-x", "reason": "x"}).status_code == 404, deed
        assert mate.get(f"/me/requests/new/leave?copy={held.id}").status_code == 404
        assert mate.get("/requests").status_code == 403
        assert mate.get(f"/api/v1/requests/{held.id}").status_code == 404
        assert mate.get(f"/api/v1/me/requests/{held.id}").status_code == 404
        assert one_office.see(held).state is S.WAITING

    def test_a_list_and_its_files_keep_to_the_scope(self, one_office):
        mine, other = one_office.ask(annual()), one_office.ask(annual(), "HEAD")
        some = frozenset({Permission.SEE_REQUESTS, Permission.SEE_PEOPLE, Permission.CHANGE_REQUESTS})
        lead = open_as(one_office, "LEAD", some, Scope(tree_of=one_office.people["LEAD"]))

        for address in ("/requests", "/requests.csv", "/requests?text=LV", "/api/v1/requests"):
            found = lead.get(address).text
            assert mine.number in found, address
            assert other.number not in found, address
        assert lead.get(f"/requests/{other.id}").status_code == 404
        assert lead.get(f"/requests/new/leave?person={one_office.people['HEAD']}").status_code == 404
        assert lead.post("/requests/new/leave", LEAVE | {"person": str(one_office.people["HEAD"])}).status_code == 404
        assert one_office.count() == 2

    def test_the_approver_sees_it_without_any_permission_over_people(self, one_office):
        held = one_office.ask(annual())

        assert held.number in open_as(one_office, "LEAD").get(f"/requests/{held.id}").text

    def test_hr_asks_in_a_name_and_filters(self, one_office):
        hr = open_as(one_office, "HR1", HR)
        person = str(one_office.people["WORKER"])
        form = {
            "person": person,
            "cause": "missing-out",
            "work_date": "2026-10-09",
            "at": "2026-10-09T16:00",
            "reason": "补",
            "key": "hr-key-12",
        }

        sent = hr.post("/requests/new/correction", form)

        assert sent.status_code == 303, sent.text
        shown = hr.get(sent.headers["location"]).text
        assert "HR1" in shown
        assert "31 days afterwards" in shown
        assert "CR-2026-000001" in hr.get("/requests?kind=correction&state=waiting&text=周").text
        assert "CR-2026-000001" not in hr.get("/requests?kind=leave").text
        own = hr.get(f"/requests/new/leave?person={one_office.people['HR1']}")
        assert own.status_code == 422
        assert hr.post(f"{sent.headers['location']}/withdraw", {"comment": "重复"}).status_code == 303
        assert hr.get("/requests?kind=nothing").status_code == 422

    def test_hr_asks_for_a_cancellation_in_a_name(self, one_office):
        hr, held = open_as(one_office, "HR1", HR), one_office.approved(annual())

        assert hr.post(f"/requests/{held.id}/cancel", {"key": "hr-cancels", "reason": ""}).text.count("say why")
        sent = hr.post(f"/requests/{held.id}/cancel", {"key": "hr-cancels", "reason": "项目上线"})

        assert sent.status_code == 303
        assert one_office.see(held).state is S.APPROVED, "its approvers decide"
        assert "HR1" in hr.get(sent.headers["location"]).text

    def test_rules_are_changed_on_their_page(self, one_office):
        hr = open_as(one_office, "HR1", HR)
        form = {"causes": ["missing-in", "missing-out"], "counted": ["missing-in"], "quota": "5", "deadline_days": "10"}

        for kind in RequestKind:
            assert hr.get(f"/request-rules?kind={kind}").status_code == 200
        wrong = hr.post("/request-rules/correction", form | {"first_day": "2026-12-01", "why": ""})
        done = hr.post("/request-rules/correction", form | {"first_day": "2026-12-01", "why": "放宽"})

        assert (wrong.status_code, 'value="5"' in wrong.text) == (422, True)
        assert done.status_code == 303
        assert "放宽" in hr.get(done.headers["location"]).text


@pytest.mark.usefixtures("today")
class TestApi:
    def test_asking_by_the_api_says_the_same_as_the_form(self, one_office):
        me = open_as(one_office, "WORKER")
        body = {
            "kind": "leave",
            "reason": "家里有事",
            "key": "api-key-1",
            "content": {"leave": "annual", "span": {"first_day": "2026-11-27"}},
        }

        def post(address, body):
            headers = {"sec-fetch-site": "same-origin", "accept-language": "en", "content-type": "application/json"}
            return me.client.post(address, content=json.dumps(body), headers=headers)

        checked, made = post("/api/v1/me/requests/check", body), post("/api/v1/me/requests", body)
        again = post("/api/v1/me/requests", body | {"key": "api-key-2"})
        nonsense = post("/api/v1/me/requests", body | {"key": "api-key-3", "content": {"leave": 7}})

        assert (checked.json()["findings"], checked.json()["minutes"]) == ([], 480)
        assert made.json()["number"] == "LV-2026-000001"
        assert made.json()["content"]["span"]["first_day"] == "2026-11-27"
        assert (again.status_code, [one["code"] for one in again.json()["findings"]]) == (409, ["asked-already"])
        assert (nonsense.status_code, nonsense.json()["code"]) == (422, "invalid-input")
        assert me.get("/api/v1/me/requests").json()["requests"][0]["state"] == "waiting"
        cancelled = post(f"/api/v1/me/requests/{made.json()['id']}/withdraw", {})
        assert cancelled.json()["state"] == "withdrawn"

    def test_a_draft_gets_its_documents_and_is_sent(self, one_office):
        me, lead = open_as(one_office, "WORKER"), open_as(one_office, "LEAD")
        content = {"leave": "sick", "span": {"first_day": "2026-11-19"}}
        draft = send(me, "/api/v1/me/requests", {"kind": "leave", "reason": "发烧", "key": "api-key-9", "content": content, "draft": True})
        address = f"/api/v1/me/requests/{draft['id']}"

        assert (draft["state"], lead.get(f"/api/v1/requests/{draft['id']}/documents").status_code) == ("draft", 404)
        added = me.post(f"{address}/documents", files={"file": ("病假条.png", PNG, "text/html")})
        assert added.status_code == 200, added.text
        (held,) = added.json()["documents"]
        assert (held["name"], held["type"], held["bytes"]) == ("病假条.png", "image/png", len(PNG))
        sent = send(me, f"{address}/send", {})
        assert (sent["state"], sent["findings"]) == ("waiting", [])
        others = f"/api/v1/requests/{draft['id']}/documents"
        assert lead.get(others).json() == me.get(f"{address}/documents").json()
        opened = lead.get(f"{others}/{held['id']}")
        assert (opened.content, "attachment" in opened.headers["content-disposition"]) == (PNG, True)

    def test_a_document_of_a_wrong_kind_or_size_is_refused_and_nothing_kept(self, one_office):
        me, mate, held = open_as(one_office, "WORKER"), open_as(one_office, "MATE"), one_office.ask(sick(date(2026, 11, 19)))
        address = f"/api/v1/me/requests/{held.id}/documents"

        def post(browser, where, data):
            return browser.post(where, files={"file": ("a.pdf", data, "application/pdf")})

        wrong, large, nothing = post(me, address, b"MZ no picture"), post(me, address, bytes(21 << 20)), me.post(address)
        claimed = me.client.post(
            address, content=b"--x", headers={"content-type": "multipart/form-data; boundary=x", "content-length": str(2 << 30)}
        )

        assert [one.status_code for one in (wrong, large, nothing)] == [422, 422, 422]
        assert "PDF" in wrong.json()["message"]
        assert "20 MB" in large.json()["message"]
        assert claimed.status_code == 413, "refused by its length, before anything of it is read"
        for browser, where in ((mate, address), (mate, f"/api/v1/requests/{held.id}/documents")):
            assert post(browser, where, PNG).status_code in {403, 404}
        assert one_office.view(held).attachments == []

    def test_hr_hands_in_what_came_too_late(self, one_office):
        hr, held = open_as(one_office, "HR1", HR), one_office.approved(sick(date(2026, 11, 12)))

        by_page = hr.post(f"/requests/{held.id}/documents", files={"attachment": ("a.png", PNG, "image/png")})
        by_api = hr.post(f"/api/v1/requests/{held.id}/documents", files={"file": ("b.png", PNG, "image/png")})

        assert (by_page.status_code, by_api.status_code) == (303, 200)
        assert [one.name for one in one_office.view(held).attachments] == ["a.png", "b.png"]

    def test_fields_have_the_same_limits_as_on_the_page(self, one_office):
        me, waiting = open_as(one_office, "WORKER"), one_office.ask(annual())
        trip = {
            "kind": "trip",
            "reason": "见客户",
            "key": "api-key-7",
            "content": {"place": "京" * 81, "span": {"first_day": "2026-11-26"}},
        }

        place = send(me, "/api/v1/me/requests", trip)
        reason = send(me, "/api/v1/me/requests", trip | {"reason": "因" * 501, "content": {**trip["content"], "place": "京"}})
        comment = send(me, f"/api/v1/me/requests/{waiting.id}/withdraw", {"comment": "撤" * 1001})
        page = me.post(f"/me/requests/{waiting.id}/withdraw", {"comment": "撤" * 1001})

        assert [one["code"] for one in (place, reason, comment)] == ["invalid-input"] * 3
        assert "80" in place["message"]
        assert "500" in reason["message"]
        assert "1000" in comment["message"]
        assert "1000" in page.text
        assert one_office.see(waiting).state is S.WAITING


def send(browser: Browser, address: str, body: dict) -> dict:
    headers = {"sec-fetch-site": "same-origin", "accept-language": "en", "content-type": "application/json"}
    return browser.client.post(address, content=json.dumps(body), headers=headers).json()
