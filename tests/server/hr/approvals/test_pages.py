"""Pages and API of approvals, without a browser: what is shown to whom, and what an answer does."""

from types import SimpleNamespace

import pytest

from server.access.model import PERMISSIONS, Role, Scope
from server.hr.approvals import jobs, pages, routes
from server.hr.approvals.model import Branch, CourseState, Flow, Step, Verdict, Who
from server.hr.approvals.pages.waiting import entries, work_lists
from tests.server.hr.approvals.conftest import Firm
from tests.support.jobs import do_all
from tests.support.pages import Browser, Reader, browse


@pytest.fixture
def dialect() -> str:
    return "sqlite"


def as_person(firm: Firm, who: str | None, *roles: Role, sees: Scope = Scope(everybody=True)) -> Browser:  # noqa: B008 - a frozen value
    """A browser of somebody of the firm, with the roles and as an employee; of an account that is nobody's."""
    permissions = frozenset(str(one) for role in (Role.EMPLOYEE, *roles) for one in PERMISSIONS[role])
    reader = Reader(permissions, login=who or "admin", person_id=None if who is None else firm.people[who], sees=sees)
    found = browse(firm.database, [pages.router, routes.router], reader)
    found.client.app.state.approval_handlers = firm.handlers
    return found


class TestInbox:
    def test_what_waits_is_shown_with_its_reason_and_warnings_and_two_buttons(self, firm):
        course = firm.ask()

        page = as_person(firm, "LEAD").get("/approvals").text

        for text in ("周员工", "2026-11-30", "回家探亲", "Exceptions: 2", f"/approvals/{course.id}/decide", "Approve", "Reject"):
            assert text in page
        assert "data-waiting>1<" in page
        assert "没有待您审批的申请" in as_person(firm, "MATE").get("/approvals", language="zh").text

    def test_what_was_decided_and_copied_stands_in_its_list_and_in_the_file(self, firm):
        mate = Step(Who.PEOPLE, does="copy", people=(firm.people["MATE"],))
        firm.publish(Flow((Branch((Step(Who.MANAGER), mate)),)))
        course = firm.ask()
        firm.decide("LEAD", course)

        assert f'data-card="{course.id}"' in as_person(firm, "LEAD").get("/approvals?tab=decided").text
        assert f'data-card="{course.id}"' in as_person(firm, "MATE").get("/approvals?tab=copied").text
        assert "回家探亲" in as_person(firm, "LEAD").get("/approvals.csv?tab=decided").text

    def test_an_account_that_is_nobodys_is_told(self, firm):
        assert "belongs to nobody" in as_person(firm, None, Role.ADMINISTRATOR).get("/approvals").text

    def test_it_is_counted_on_the_first_page(self, firm):
        firm.ask()
        lead = as_person(firm, "LEAD")
        request = SimpleNamespace(app=lead.client.app, headers={}, cookies={}, state=SimpleNamespace(visitor=lead.visitor))

        with firm.database.reading() as uow:
            found = list(work_lists(request, uow))
            own = list(entries(request, uow))

        assert [(one.href, one.detail) for one in own] == [("/approvals", "待您审批：1")]
        assert [(one.href, one.kind) for one in found] == [("/approvals", "attention")]


class TestCourse:
    def test_it_is_drawn_with_who_was_asked_what_they_said_and_what_comes(self, firm):
        firm.publish(Flow((Branch((Step(Who.MANAGER), Step(Who.MANAGER, nth=2), Step(Who.ROLE, role="hr"))),)))
        course = firm.ask()
        firm.decide("LEAD", course, comment="同意，注意交接")

        page = as_person(firm, "HEAD").get(f"/approvals/{course.id}").text

        assert "同意，注意交接" in page
        assert page.index("李组长") < page.index("孙主管") < page.index("郑人事")
        assert 'name="to_step"' in page

    @pytest.mark.parametrize("address", ["/approvals/{}", "/api/v1/approvals/{}"])
    def test_a_course_of_others_is_not_there_for_them(self, firm, address):
        course = firm.ask()

        assert as_person(firm, "MATE").get(address.format(course.id)).status_code == 404
        assert as_person(firm, "MATE").get(address.format(999)).status_code == 404
        assert as_person(firm, "MATE").get(address.format(2**70)).status_code == 404
        assert as_person(firm, "HR1", Role.HR).get(address.format(course.id)).status_code == 200
        assert as_person(firm, "HR1", Role.HR, sees=Scope()).get(address.format(course.id)).status_code == 404

    def test_the_requester_sees_it_and_can_withdraw_and_remind_but_not_answer(self, firm):
        course, worker = firm.ask(), as_person(firm, "WORKER")

        page = worker.get(f"/approvals/{course.id}").text
        assert 'value="approve"' not in page
        assert "cannot decide about your own" in page
        assert worker.post(f"/approvals/{course.id}/remind").status_code == 303
        assert worker.post(f"/approvals/{course.id}/remind").status_code == 409
        assert worker.post(f"/approvals/{course.id}/decide", {"verdict": "approve"}).status_code == 409
        assert worker.post(f"/approvals/{course.id}/withdraw").status_code == 303
        assert firm.see(course).course.state is CourseState.WITHDRAWN

    def test_what_was_typed_is_not_lost_when_it_cannot_be(self, firm):
        course, lead = firm.ask(), as_person(firm, "LEAD")
        firm.decide("LEAD", course)

        answer = lead.post(f"/approvals/{course.id}/decide", {"verdict": "refuse", "comment": "<b>人手不够</b>"})

        assert answer.status_code == 409
        assert "approved already" in answer.text
        assert "<b>" not in answer.text

    def test_hr_hands_over_what_nobody_can_decide(self, firm):
        course, hr = firm.ask(), as_person(firm, "HR1", Role.HR)
        assert hr.post(f"/approvals/{course.id}/hand-over", {"to": "WORKER", "reason": "离职"}).status_code == 422
        assert hr.post(f"/approvals/{course.id}/hand-over", {"to": "VP", "reason": ""}).status_code == 422

        assert hr.post(f"/approvals/{course.id}/hand-over", {"to": "VP", "reason": "离职"}).status_code == 303

        assert firm.asked(course) == {"VP"}
        assert "郑人事 handed it over to 钱副总" in hr.get(f"/approvals/{course.id}").text


class TestApi:
    def test_an_answer_and_its_errors(self, firm):
        course, lead = firm.ask(), as_person(firm, "LEAD")
        assert [one["id"] for one in lead.get("/api/v1/approvals").json()["approvals"]] == [course.id]
        bad = lead.post(f"/api/v1/approvals/{course.id}/decide", json={"verdict": "maybe"})
        assert (bad.status_code, bad.json()["code"]) == (422, "invalid-input")

        done = lead.post(f"/api/v1/approvals/{course.id}/decide", json={"verdict": "approve", "comment": "好"})

        assert done.json()["state"] == "approved"
        assert lead.post(f"/api/v1/approvals/{course.id}/decide", json={"verdict": "approve"}).status_code == 409
        told = lead.get(f"/api/v1/approvals/{course.id}").json()
        assert [one["kind"] for one in told["history"]] == ["submitted", "approved"]


class TestManyAtOnce:
    def test_each_is_answered_by_itself_and_what_cannot_be_is_named(self, firm):
        courses, lead = [firm.ask() for _ in range(3)], as_person(firm, "LEAD")
        foreign = firm.ask("LEAD")
        firm.decide("LEAD", courses[0])

        answer = lead.post("/approvals/decide", {"ids": [one.id for one in (*courses, foreign)], "verdict": "approve", "comment": "批量"})
        place = answer.headers["location"]
        do_all(firm.database, jobs.kinds(firm.handlers))

        assert [firm.see(one).course.state for one in (*courses, foreign)] == [CourseState.APPROVED] * 3 + [CourseState.OPEN]
        page = lead.get(place).text
        assert "approved already" in page
        assert "cannot decide about your own request" in page
        assert as_person(firm, "HEAD").get(place).status_code == 404

    def test_all_that_wait_are_answered_without_naming_them(self, firm):
        for _ in range(3):
            firm.ask()

        as_person(firm, "LEAD").post("/approvals/decide", {"everything": "1", "verdict": "refuse"})
        do_all(firm.database, jobs.kinds(firm.handlers))

        assert [told for told, _ in firm.notes.told] == ["refused"] * 3
        assert firm.waiting("LEAD") == []

    @pytest.mark.parametrize("data", [{"verdict": "approve"}, {"ids": [1], "verdict": "send-back"}, {"ids": [1], "verdict": "?"}])
    def test_what_cannot_be_asked_is_refused(self, firm, data):
        assert as_person(firm, "LEAD").post("/approvals/decide", data).status_code == 422


def test_given_a_no_of_somebody_without_a_word_then_it_is_a_no(firm):
    course = firm.ask()

    as_person(firm, "LEAD").post(f"/approvals/{course.id}/decide", {"verdict": Verdict.REFUSE.value, "back": "//evil.example"})

    assert firm.see(course).course.state is CourseState.REFUSED


class TestDelegations:
    def test_somebody_chooses_a_colleague_and_ends_it(self, firm):
        lead, form = as_person(firm, "LEAD"), {"delegate": "MATE", "last_day": "2099-12-31", "kinds": ["leave"]}
        assert lead.post("/delegations", form).status_code == 303

        page = lead.get("/delegations").text
        assert "吴员工" in page
        assert "holds now" in page
        assert "李组长" in as_person(firm, "MATE").get("/delegations").text
        assert as_person(firm, "MATE").post("/delegations/1/end").status_code == 404
        assert lead.post("/delegations/1/end").status_code == 303
        assert lead.post("/delegations/1/end").status_code == 409

    @pytest.mark.parametrize(
        "form",
        [
            {"delegate": ""},
            {"delegate": "nobody", "only_away": "1"},
            {"delegate": "MATE"},
            {"delegate": "MATE", "only_away": "1", "kinds": ["x"]},
            {"delegate": "MATE", "last_day": "soon"},
            {"delegate": "MATE", "only_away": "1", "person": "GM"},
        ],
    )
    def test_what_cannot_be_is_said_beside_the_form_with_what_was_typed(self, firm, form):
        answer = as_person(firm, "LEAD").post("/delegations", form)

        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        assert f'value="{form["delegate"]}"' in answer.text

    def test_hr_does_it_for_somebody_and_a_program_does_it_too(self, firm):
        hr = as_person(firm, "HR1", Role.HR)
        assert hr.post("/delegations", {"person": "GM", "delegate": "VP", "only_away": "1"}).status_code == 303
        assert "赵总" in hr.get("/delegations").text

        made = as_person(firm, "VP").post("/api/v1/delegations", json={"delegate": "HEAD", "last_day": "2099-01-01"})

        assert (made.status_code, made.json()["delegate_id"]) == (201, firm.people["HEAD"])
        assert len(as_person(firm, "VP").get("/api/v1/delegations").json()["delegations"]) == 2
        assert as_person(firm, "VP").post(f"/api/v1/delegations/{made.json()['id']}/end").status_code == 204


def test_kinds_of_other_areas_are_called_by_their_names(firm):
    lead = as_person(firm, "LEAD")
    lead.client.app.state.approval_kinds = lambda _uow, language: {"leave.annual": {"zh": "年休假", "en": "Annual leave"}[language]}
    firm.ask()

    assert "年休假" in lead.get("/delegations", language="zh").text
    assert lead.get("/api/v1/approvals").json()["approvals"][0]["kind"] == "Annual leave"
