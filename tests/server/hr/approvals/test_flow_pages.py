"""The editor of flows, how a flow reads, trying it, and its API; without a browser."""

import re
from decimal import Decimal

import pytest

from server.access.model import Role
from server.hr.approvals import actions
from server.hr.approvals.engine.wording import Names, read_flow, read_rest
from server.hr.approvals.model import (
    Agreement,
    Branch,
    Comparison,
    Condition,
    Does,
    Flow,
    On,
    Step,
    TimeLimit,
    TimeUp,
    Unit,
    Who,
)
from server.hr.approvals.pages.flow_forms import BranchForm, FlowForm, StepForm, changed, flow_of, form_of
from server.web.language import translator
from tests.server.hr.approvals.test_pages import as_person

MANAGER, HR = Step(Who.MANAGER), Step(Who.ROLE, role="hr", agreement=Agreement.ALL)
LONG = Condition(On.DAYS, Comparison.MORE_THAN, limit=Decimal(3))


@pytest.fixture
def dialect() -> str:
    return "sqlite"


@pytest.fixture
def hr(firm):
    return as_person(firm, "HR1", Role.HR)


def fields(page: str) -> dict[str, list[str]]:
    """The form of the editor as a browser would send it."""
    found: dict[str, list[str]] = {}
    form = page[page.index('id="flow"') : page.index("</form>", page.index('id="flow"'))]
    for tag in re.findall(r"<input[^>]*>", form):
        facts = dict(re.findall(r'(\S+?)="([^"]*)"', tag))
        if "name" in facts and (facts.get("type") != "checkbox" or "checked" in tag):
            found.setdefault(facts["name"], []).append(facts.get("value", ""))
    for name, body in re.findall(r'<select[^>]* name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        found[name] = re.findall(r'<option value="([^"]*)" selected', body)
    return found


class TestReading:
    FLOW = Flow(
        (
            Branch((MANAGER, HR, Step(Who.PEOPLE, Does.COPY, people=(7,))), (LONG, Condition(On.DEPARTMENT, Comparison.ONE_OF, (3,)))),
            Branch((Step(Who.MANAGER, nth=2, limit=TimeLimit(1, Unit.WORK_DAYS, TimeUp.ESCALATE)),)),
        ),
        deputies=(7,),
    )
    NAMES = Names(people={7: "吴员工"}, departments={3: "生产部"})

    def test_in_english(self):
        first, second = read_flow(self.FLOW, self.NAMES, translator("en"))

        assert first.when == "If the length in days is more than 3 and the department (with those below it) is 生产部:"
        assert first.steps == (
            "1. To decide: the manager.",
            "2. To decide, all of them: everybody with the role HR.",
            "3. Copy to: 吴员工.",
        )
        assert (second.when, second.steps) == (
            "Otherwise:",
            ("1. To decide: manager no. 2 above. After 1 work day it goes to the next above.",),
        )
        assert read_rest(self.FLOW, self.NAMES, translator("en"))[0] == "For somebody who has nobody above: 吴员工."

    def test_in_chinese_without_a_word_of_english(self):
        read = read_flow(self.FLOW, self.NAMES, translator("zh"))
        text = " ".join((*(line for one in read for line in (one.when, *one.steps)), *read_rest(self.FLOW, self.NAMES, translator("zh"))))

        assert re.findall("[A-Za-z]{2,}", text) == []
        assert "如果时长（天）多于 3，且部门（含下级部门）是生产部：" in text


class TestForm:
    def test_a_flow_goes_into_a_form_and_comes_back(self):
        money = Condition(On.MONEY, Comparison.AT_LEAST, limit=Decimal(100_00))
        kinds = Condition(On.KIND, Comparison.NONE_OF, ("leave.sick",))
        timed = Step(Who.PEOPLE, people=(7, 8), agreement=Agreement.ALL, limit=TimeLimit(4, Unit.WORK_HOURS, TimeUp.REFUSE))
        flow = Flow((Branch((MANAGER, timed), (LONG, money, kinds)), Branch((HR,)), Branch((), at_once=True)), (8,), True, 510, 1050)

        found, unread = flow_of(form_of("leave", flow, 3, {7: "A7", 8: "A8"}), {"A7": 7, "A8": 8}.get)

        assert (found, unread) == (flow, ())

    @pytest.mark.parametrize(
        ("deed", "expected"),
        [
            ("up-step:0:1", "bac"),
            ("down-step:0:1", "acb"),
            ("move-step:0:2:0", "cab"),
            ("remove-step:0:0", "bc"),
            ("up-step:0:0", "abc"),
            ("move-step:0:9:0", "abc"),
            ("move-step:x:0:1", "abc"),
            ("remove-step:7:0", "abc"),
            ("", "abc"),
        ],
    )
    def test_cards_are_moved_and_taken_away(self, deed, expected):
        form = FlowForm("", (BranchForm(steps=tuple(StepForm(people=name) for name in "abc")),))

        assert "".join(step.people for step in changed(form, deed).branches[0].steps) == expected

    def test_who_is_not_known_is_named(self):
        form = FlowForm("", (BranchForm(steps=(StepForm(who="people", people="A7，无名氏"),)),))

        flow, unread = flow_of(form, {"A7": 7}.get)

        assert flow.branches[0].steps[0].people == (7,)
        assert [(one.place, one.facts["name"]) for one in unread] == [("branches.0.steps.0.people", "无名氏")]


class TestEditor:
    def test_steps_are_added_checked_and_published_and_new_requests_go_by_it(self, firm, hr):
        page = hr.post("/flows/edit", {**fields(hr.get("/flows/edit?kind=leave").text), "do": "add-step:0"}).text
        form = fields(page) | {"b0.s1.who": "role", "b0.s1.role": "hr", "reason": "两级审批"}
        assert "To decide, one of them: everybody with the role HR" in hr.post("/flows/check", form).text

        answer = hr.post("/flows/publish", form)

        assert (answer.status_code, answer.headers["location"]) == (303, "/flows/one?kind=leave")
        shown = hr.get("/flows/one?kind=leave").text
        assert "两级审批" in shown
        assert "To decide, one of them: everybody with the role HR" in shown
        course = firm.ask()
        firm.decide("LEAD", course)
        assert firm.asked(course) == {"HR1", "HR2"}

    def test_a_flow_without_an_approver_is_refused_with_the_reason_and_nothing_typed_is_lost(self, hr):
        form = fields(hr.get("/flows/edit?kind=trip").text) | {"b0.s0.does": "copy", "reason": "只抄送"}

        assert "nobody would approve this" in hr.post("/flows/check", form).text
        answer = hr.post("/flows/publish", form)

        assert answer.status_code == 422
        assert 'value="只抄送"' in answer.text
        assert hr.get("/flows/one?kind=trip").status_code == 404

    def test_a_branch_that_is_never_reached_is_told(self, hr):
        form = fields(hr.post("/flows/edit", {**fields(hr.get("/flows/edit?kind=leave").text), "do": "add-branch"}).text)

        assert "never reached: branch 1" in hr.post("/flows/check", form).text

    def test_for_how_many_nobody_or_only_hr_decides_is_told(self, firm, hr):
        form = fields(hr.get("/flows/edit?kind=").text)
        assert "1 person has nobody above" in hr.post("/flows/check", form).text

        firm.publish(Flow((Branch((Step(Who.ROLE, role="hr"),)),)), "swap")
        with firm.database.reading() as uow:
            assert actions.lacking(uow, Flow((Branch((Step(Who.ROLE, role="hr"),)),)), firm.facts().first_day) == []

    def test_somebody_who_published_in_the_meantime_is_not_written_over(self, firm, hr):
        form = fields(hr.get("/flows/edit?kind=leave").text) | {"reason": "x"}
        firm.publish(Flow((Branch((HR,)),)), "leave")

        answer = hr.post("/flows/publish", form)

        assert answer.status_code == 409
        assert "in the meantime" in answer.text

    def test_a_flow_is_taken_away_and_the_wider_one_holds(self, firm, hr):
        firm.publish(Flow((Branch((HR,)),)), "leave")

        assert hr.post("/flows/retire", {"kind": "leave", "based_on": "1", "reason": "不再需要"}).status_code == 303

        assert firm.asked(firm.ask()) == {"LEAD"}
        assert "no flow of its own now" in hr.get("/flows/one?kind=leave").text
        assert hr.post("/flows/retire", {"kind": "", "based_on": "0", "reason": "x"}).status_code == 409

    @pytest.mark.parametrize("junk", [{}, {"branches": "99999999"}, {"branches": "1", "b0.steps": "1", "b0.s0.who": "x", "b0.s0.nth": "²"}])
    def test_junk_is_no_flow_and_no_failure(self, hr, junk):
        assert hr.post("/flows/check", junk).status_code == 200
        assert hr.post("/flows/edit", {**junk, "do": "up-step:0:0:0"}).status_code == 200
        assert hr.post("/flows/publish", {**junk, "reason": "x"}).status_code == 422


class TestTrying:
    def test_who_would_approve_this_with_reasons(self, firm, hr):
        firm.publish(Flow((Branch((MANAGER, HR), (LONG,)), Branch((MANAGER,)))), "leave")

        page = hr.get("/flows/try?person=周员工&kind=leave.annual&days=5").text

        assert "branch 1" in page
        assert page.index("李组长") < page.index("郑人事")
        assert "all must agree" in page
        assert "branch 2" in hr.get("/flows/try?person=WORKER&kind=leave&days=1").text
        assert "HR, because nobody is above" in hr.get("/flows/try?person=GM&kind=trip").text

    @pytest.mark.parametrize(
        "asked", ["person=nobody", "person=GM&days=x", "person=GM&money=-1", "person=GM&day=soon", "person=GM&minutes=1.5"]
    )
    def test_what_cannot_be_asked_is_told(self, hr, asked):
        answer = hr.get(f"/flows/try?{asked}")

        assert answer.status_code == 422
        assert 'role="alert"' in answer.text


class TestTryingADraft:
    def test_what_is_written_is_tried_before_it_is_published(self, firm, hr):
        form = fields(hr.get("/flows/edit?kind=leave").text)
        more = form | {
            "b0.steps": ["1"],
            "b0.s0.who": ["people"],
            "b0.s0.people": ["VP"],
            "try.person": ["WORKER"],
            "try.kind": ["leave.annual"],
        }

        tried, checked = hr.post("/flows/edit", more | {"do": ["try"]}).text, hr.post("/flows/check", more).text

        for shown in (tried, checked):
            assert "branch 1 of the flow as it is written here" in shown
            assert "钱副总" in shown
        assert 'value="WORKER"' in tried, "what was typed is kept"
        with firm.database.reading() as uow:
            assert [one.number for one in actions.versions_of(uow, "leave")] == [], "nothing was published"
        wrong = hr.post("/flows/check", more | {"try.person": ["NOBODY"]}).text
        assert "write the employee number" in wrong
        outside = hr.post("/flows/check", more | {"kind": ["trip"], "try.kind": ["leave"]}).text
        assert "version 0 of the flow" in outside, "a kind that this flow is not for goes by the one that holds"

    def test_by_the_api(self, firm, hr):
        flow = {"branches": [{"steps": [{"who": "manager", "nth": 2}]}]}

        tried = hr.client.post("/api/v1/flows/try", json={"flow": flow, "person": "WORKER", "kind": "trip"}, headers=SAME).json()
        empty = hr.client.post("/api/v1/flows/try", json={"flow": {"branches": []}, "person": "WORKER", "kind": "trip"}, headers=SAME)

        assert tried["drafted"] is True
        assert [one["person_id"] for one in tried["steps"][0]["asked"]] == [firm.people["HEAD"]]
        assert empty.status_code == 422


SAME = {"sec-fetch-site": "same-origin", "accept-language": "en"}


class TestApi:
    def test_flows_are_read_checked_published_and_tried(self, firm, hr):
        assert [one["kind"] for one in hr.get("/api/v1/flows").json()["flows"]] == [""]
        flow = {"branches": [{"steps": [{"who": "role", "role": "hr"}]}]}
        assert hr.post("/api/v1/flows/check", json={"flow": flow}).json()["findings"] == []
        assert hr.post("/api/v1/flows/check", json={"flow": {"branches": []}}).json()["findings"][0]["grave"] is True

        made = hr.post("/api/v1/flows", json={"kind": "trip", "flow": flow, "reason": "试行"})

        assert (made.status_code, made.json()["number"]) == (201, 1)
        assert hr.post("/api/v1/flows", json={"kind": "trip", "flow": flow, "reason": "试行"}).status_code == 409
        assert hr.post("/api/v1/flows", json={"kind": "trip", "flow": {"branches": [{"steps": [{}]}]}, "reason": "x"}).status_code == 422
        tried = hr.get("/api/v1/flows/try?person=WORKER&kind=trip").json()
        assert [one["person_id"] for one in tried["steps"][0]["asked"]] == [firm.people["HR1"], firm.people["HR2"]]
        assert len(hr.get("/api/v1/flows/versions?kind=trip").json()["versions"]) == 1
