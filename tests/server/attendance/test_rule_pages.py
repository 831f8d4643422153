"""Pages of rule sets, in the real application on both databases: somebody adds a set, changes it from a date, and says whom it is for."""

import re
from datetime import date

import pytest
from msgspec import to_builtins

from server.access.model import Permission
from server.attendance.actions import rule_sets
from server.attendance.engine.rules.forms import form_of
from server.attendance.engine.rules.ready_made import READY_MADE
from server.attendance.model import RuleSubject
from server.attendance.tables import attendance_day, locked_span
from server.audit.store import newest
from server.errors import InvalidInputError
from server.storage import waiting_changes
from tests.support.company import NOW, TESTER

OFFICE = READY_MADE["office"].rules
FIRST, LATER = date(2026, 1, 1), date(2026, 6, 1)


@pytest.fixture
def office(database, company):
    """A rule set with one version, for nobody."""
    with database.writing() as uow:
        return rule_sets.add_rule_set(uow, "总部", OFFICE, FIRST, TESTER, NOW, ready_made="office")


@pytest.fixture
def changed(database, office):
    """The same with a second version, in which the grace is longer."""
    form = form_of(OFFICE) | {"day.grace_in_minutes": "10"}
    rules = filled(form)
    with database.writing() as uow:
        rule_sets.add_rule_version(uow, office.id, LATER, rules, TESTER, NOW, reason="新制度")
        return rule_sets.find_rule_set(uow, office.id)


def filled(form):
    from server.attendance.engine.rules.forms import rules_of_form

    rules = rules_of_form(form).rules
    assert rules is not None
    return rules


def assessed_row(person_id: int, day: date, version_id: int) -> dict:
    """A day as it is kept, of which only the version matters."""
    texts = dict.fromkeys(("state", "status", "kind", "leave_kind"), "")
    columns = attendance_day.c.keys()
    numbers = {name: 0 for name in columns if name.endswith(("_minutes", "_halves", "exceptions")) or name == "flags"}
    bodies = dict.fromkeys(("inputs_hash", "body", "steps", "inputs"), bytes(16))
    return texts | numbers | bodies | {"person_id": person_id, "work_date": day, "rules_version_id": version_id, "assessed_at": NOW}


def typed(**others) -> dict:
    return form_of(OFFICE) | {"name": "总部", "valid_from": "2026-01-01", "reason": "", "ready": "office"} | others


class TestAdding:
    def test_begins_with_the_ready_made_sets_and_says_when_there_is_none(self, company, visit):
        assert "There is no rule set yet" in visit().get("/rules").text
        assert all(f"/rules/new?ready={key}" in visit().get("/rules/new").text for key in READY_MADE)

    @pytest.mark.parametrize("key", list(READY_MADE))
    def test_the_editor_shows_the_chosen_one_with_its_preview(self, company, visit, key):
        answer = visit().get(f"/rules/new?ready={key}")

        assert answer.status_code == 200
        assert 'name="day.grace_in_minutes"' in answer.text
        assert "Who comes at all is not absent, however short the day." in answer.text

    def test_keeps_it_and_leads_to_it(self, database, company, visit):
        answer = visit().post("/rules/new", typed())

        with database.reading() as uow:
            (found,) = rule_sets.list_rule_sets(uow)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/rules/{found.id}")
        assert (found.name, found.ready_made, found.versions[0].rules) == ("总部", "office", OFFICE)

    def test_looking_keeps_nothing_and_loses_nothing(self, database, company, visit):
        answer = visit().post("/rules/new", typed(**{"deed": "look", "day.grace_in_minutes": "17"}))

        assert answer.status_code == 200
        assert 'value="17"' in answer.text
        assert "Coming up to 17 min after the start is not late" in answer.text
        with database.reading() as uow:
            assert rule_sets.list_rule_sets(uow) == []

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"day.grace_in_minutes": "a while"}, "Give a whole number from 0 to 100000."),
            ({"day.overtime.workday.settled_by": "time-off"}, "Time off settles rest-day overtime only"),
            ({"day.late_tiers.0.beyond_minutes": "400"}, "The limits have to rise"),
            ({"name": " "}, "use 1 to 80 characters"),
            ({"valid_from": "soon"}, "give a date such as 2026-11-23"),
        ],
    )
    def test_what_cannot_be_is_said_beside_what_was_typed_and_nothing_is_kept(self, database, company, visit, wrong, said):
        answer = visit().post("/rules/new", typed(**wrong))

        assert answer.status_code == 422
        assert said in answer.text
        with database.reading() as uow:
            assert rule_sets.list_rule_sets(uow) == []

    def test_a_name_that_is_taken_is_refused(self, office, visit):
        answer = visit().post("/rules/new", typed())

        assert answer.status_code == 409
        assert "There is a rule set 总部 already" in answer.text

    def test_an_unknown_ready_made_set_is_not_found(self, company, visit):
        assert visit().get("/rules/new?ready=circus").status_code == 404


class TestPreview:
    def test_says_the_rules_the_changes_and_a_day_worked_out_by_them(self, office, visit):
        asked = {"base": str(office.versions[0].id), "day.grace_in_minutes": "0", "example.came": "09:08", "example.left": "18:00"}

        answer = visit().post("/rules/preview", typed(**asked))

        assert "Late by 8 min: came 09:08, had to be there at 09:00." in answer.text
        assert '<td class="cb-wrap">5 min</td><td class="cb-wrap">0 min</td>' in answer.text
        assert "Every minute after the start is late." in answer.text

    def test_says_what_is_wrong_and_where(self, company, visit):
        answer = visit().post("/rules/preview", typed(**{"day.night.0": "25"}))

        assert 'href="#day.night.0"' in answer.text
        assert "Give a time such as 22:00" in answer.text

    def test_a_rounding_whose_step_is_not_chosen_yet_is_told_and_the_example_goes_by_none(self, company, visit):
        answer = visit().post("/rules/preview", typed(**{"day.round_in.mode": "up"}))

        assert answer.status_code == 200
        assert "Use a step of 1 to 1440 minutes, or turn the rounding off." in answer.text

    @pytest.mark.parametrize("came", ["", "noon", "99:99"])
    def test_a_punch_that_is_none_is_missing(self, company, visit, came):
        assert visit().post("/rules/preview", typed(**{"example.came": came})).status_code == 200

    def test_a_doubt_about_the_law_is_said_and_stops_nobody(self, company, visit):
        asked = typed(**{"day.overtime.workday.rate": "120"})

        assert "The law asks for at least 150 %" in visit().post("/rules/preview", asked).text
        assert visit().post("/rules/new", asked).status_code == 303


class TestVersions:
    def test_a_new_version_holds_from_its_day_and_the_past_keeps_what_it_had(self, database, office, visit):
        asked = typed(**{"valid_from": "2026-06-01", "reason": "新制度", "day.grace_in_minutes": "10", "base": str(office.versions[0].id)})

        answer = visit().post(f"/rules/{office.id}/new-version", asked)

        with database.reading() as uow:
            new, old = rule_sets.find_rule_set(uow, office.id).versions
        assert answer.headers["location"] == f"/rules/versions/{new.id}"
        assert (new.valid_from, new.rules.day.grace_in_minutes) == (LATER, 10)
        assert (old.valid_from, old.rules) == (FIRST, OFFICE)

    def test_the_editor_begins_with_the_version_that_is_asked_for(self, changed, visit):
        old = changed.versions[-1]

        assert 'name="day.grace_in_minutes" value="5"' in visit().get(f"/rules/{changed.id}/new-version?base={old.id}").text
        assert 'name="day.grace_in_minutes" value="10"' in visit().get(f"/rules/{changed.id}/new-version").text
        assert visit().get(f"/rules/{changed.id}/new-version?base=999").status_code == 404

    def test_without_a_reason_it_is_not_kept(self, office, visit):
        answer = visit().post(f"/rules/{office.id}/new-version", typed(base=str(office.versions[0].id)))

        assert answer.status_code == 422
        assert "say why" in answer.text

    def test_a_set_shows_its_versions_and_what_changed(self, changed, visit):
        text = visit().get(f"/rules/{changed.id}").text

        assert text.index("from 2026-06-01 on") < text.index("from 2026-01-01 on")
        assert "1 field changed" in text
        assert "Grace coming in" in text

    def test_a_version_is_told_in_words_and_as_a_file(self, changed, visit):
        new = changed.versions[0]

        assert "上班后 10 分 之内到岗不算迟到" in visit().get(f"/rules/versions/{new.id}", "zh").text
        assert visit().get(f"/rules/versions/{new.id}.xlsx").content[:2] == b"PK"
        assert visit().get("/rules/versions/999").status_code == 404

    def test_a_version_that_is_withdrawn_holds_for_no_day_and_its_days_are_assessed_again(self, database, changed, visit):
        new = changed.versions[0]

        answer = visit().post(f"/rules/versions/{new.id}/withdraw", {"reason": "搞错了"})

        assert answer.headers["location"] == f"/rules/{changed.id}"
        with database.reading() as uow:
            assert [one.valid_from for one in rule_sets.find_rule_set(uow, changed.id).versions] == [FIRST]
            assert [(one.subject_id, one.first_day, one.last_day) for one in waiting_changes(uow, 99)][-1] == (changed.id, LATER, None)
            assert newest(uow, limit=1)[0].action == "rules.withdraw"
        assert visit().post(f"/rules/versions/{new.id}/withdraw", {"reason": "又一次"}).status_code == 409

    def test_the_only_version_stays(self, office, visit):
        answer = visit().post(f"/rules/versions/{office.versions[0].id}/withdraw", {"reason": "搞错了"})

        assert answer.status_code == 409
        assert "It is the only version of its rule set" in answer.text

    def test_a_version_that_a_closed_period_used_stays(self, database, company, changed, visit):
        new = changed.versions[0]
        with database.writing() as uow:
            uow.execute(attendance_day.insert().values(**assessed_row(company.people["A1"], date(2026, 6, 3), new.id)))
            span = {"first_day": LATER, "last_day": date(2026, 6, 30)}
            uow.execute(locked_span.insert().values(person_id=company.people["A1"], period_id=1, **span))

        answer = visit().post(f"/rules/versions/{new.id}/withdraw", {"reason": "搞错了"})

        assert answer.status_code == 409
        assert "A closed period was assessed by this version" in answer.text
        with database.reading() as uow:
            assert len(rule_sets.find_rule_set(uow, changed.id).versions) == 2

    def test_a_reason_is_wanted(self, changed, visit):
        assert visit().post(f"/rules/versions/{changed.versions[0].id}/withdraw", {"reason": " "}).status_code == 422

    def test_rules_that_contradict_themselves_are_kept_by_no_way(self, database, office):
        wrong = filled(form_of(OFFICE) | {"day.late_tiers.0.beyond_minutes": "400"})

        with database.writing() as uow, pytest.raises(InvalidInputError, match="Lateness beyond a limit: The limits have to rise"):
            rule_sets.add_rule_version(uow, office.id, LATER, wrong, TESTER, NOW, reason="x")


class TestAssigning:
    @pytest.mark.parametrize(
        ("subject", "kind"),
        [("company", "company"), ("site:1", "site"), ("department:1", "department"), ("person", "person")],
    )
    def test_says_whom_it_is_for_and_shows_it(self, database, company, office, visit, subject, kind):
        asked = {"subject": subject, "number": "A2", "first_day": "2026-02-01", "last_day": "", "reason": "开始"}

        answer = visit().post(f"/rules/{office.id}/assign", asked)

        assert answer.headers["location"] == f"/rules/{office.id}"
        with database.reading() as uow:
            (made,) = rule_sets.list_rule_assignments(uow, office.id)
        assert (made.subject, made.first_day, made.last_day, made.reason) == (RuleSubject(kind), date(2026, 2, 1), None, "开始")
        name = {"company": "the whole company", "site": "上海总部", "department": "研发部", "person": "李娜"}[kind]
        assert name in visit().get("/rules").text

    @pytest.mark.parametrize(
        ("asked", "status", "said"),
        [
            ({"subject": "person", "number": "A99"}, 404, "There is no person A99."),
            ({"subject": "site:99"}, 422, "choose whom the rules are for"),
            ({"subject": "company", "first_day": ""}, 422, "give a date such as 2026-11-23"),
            ({"subject": "company", "last_day": "2025-01-01"}, 422, "the last day must not be before the first"),
        ],
    )
    def test_what_cannot_be_is_said_and_nothing_is_kept(self, database, office, visit, asked, status, said):
        answer = visit().post(f"/rules/{office.id}/assign", {"first_day": "2026-02-01", "last_day": "", "reason": "x"} | asked)

        assert answer.status_code == status
        assert said in answer.text
        with database.reading() as uow:
            assert rule_sets.list_rule_assignments(uow) == []

    def test_is_taken_back_with_a_reason(self, database, company, office, visit):
        with database.writing() as uow:
            made = rule_sets.assign_rules(uow, office.id, RuleSubject.COMPANY, 0, FIRST, None, TESTER, NOW)
        address = f"/rules/{office.id}/assignments/{made.id}/withdraw"

        assert visit().post(address, {"reason": ""}).status_code == 422
        assert visit().post(address, {"reason": "搞错了"}).status_code == 303
        with database.reading() as uow:
            assert rule_sets.list_rule_assignments(uow) == []

    def test_names_nobody_to_readers_who_may_not_see_people(self, database, company, office, visit):
        with database.writing() as uow:
            rule_sets.assign_rules(uow, office.id, RuleSubject.PERSON, company.people["A2"], FIRST, None, TESTER, NOW)

        for address in ("/rules", f"/rules/{office.id}"):
            text = visit({Permission.SEE_DAYS}).get(address).text
            assert "a person" in text
            assert "李娜" not in text


class TestApi:
    BODY = to_builtins(OFFICE, str_keys=True)

    def test_does_what_the_pages_do(self, company, visit):
        made = visit().post("/api/v1/rule-sets", json={"name": "总部", "rules": self.BODY, "valid_from": "2026-01-01"}).json()
        longer = self.BODY | {"day": self.BODY["day"] | {"grace_in_minutes": 10}}
        wanted = {"rules": longer, "valid_from": "2026-06-01", "reason": "新制度"}
        version = visit().post(f"/api/v1/rule-sets/{made['id']}/versions", json=wanted).json()
        span = {"subject": "person", "subject_id": company.people["A1"], "first_day": "2026-01-01"}
        assigned = visit().post(f"/api/v1/rule-sets/{made['id']}/assignments", json=span).json()

        (listed,) = visit().get("/api/v1/rule-sets").json()["rule_sets"]
        told = visit().get(f"/api/v1/rule-versions/{version['id']}?language=zh").json()

        assert [one["valid_from"] for one in listed["versions"]] == ["2026-06-01", "2026-01-01"]
        assert listed["assignments"] == [assigned]
        assert told["rules"]["day"]["grace_in_minutes"] == 10
        assert "上班后 10 分 之内到岗不算迟到；超过则从应到时间起算。" in told["says"]["迟到与早退"]
        assert visit().post(f"/api/v1/rule-versions/{version['id']}/withdraw", json={"reason": "搞错了"}).status_code == 200
        assert visit().post(f"/api/v1/rule-assignments/{assigned['id']}/withdraw", json={"reason": "搞错了"}).status_code == 200
        (listed,) = visit().get("/api/v1/rule-sets").json()["rule_sets"]
        assert (len(listed["versions"]), listed["assignments"]) == (1, [])

    @pytest.mark.parametrize(
        ("rules", "said"),
        [
            ({"day": {"grace_in_minutes": "five"}}, "$.day.grace_in_minutes"),
            ({"day": {"absent_below_minutes": 300, "half_day_below_minutes": 240}}, "Less than 5:00 would be absence"),
        ],
    )
    def test_says_which_rule_cannot_be(self, company, visit, rules, said):
        answer = visit().post("/api/v1/rule-sets", json={"name": "x", "rules": rules, "valid_from": "2026-01-01"})

        assert answer.status_code == 422
        assert said in answer.json()["message"]

    @pytest.mark.parametrize("subject", [{"subject": "site", "subject_id": 99}, {"subject": "person", "subject_id": 10**30}])
    def test_is_for_nobody_who_is_not_there(self, office, visit, subject):
        answer = visit().post(f"/api/v1/rule-sets/{office.id}/assignments", json=subject | {"first_day": "2026-01-01"})

        assert answer.status_code in {404, 422}

    @pytest.mark.parametrize(
        "address", ["/api/v1/rule-versions/99", f"/api/v1/rule-versions/{10**30}", f"/rules/versions/{10**30}", "/rules/99"]
    )
    def test_what_is_not_there_is_not_found(self, office, visit, address):
        assert visit().get(address).status_code == 404


class TestChinese:
    def test_pages_are_whole_in_chinese(self, changed, visit):
        addresses = ["/rules", "/rules/new", "/rules/new?ready=factory", f"/rules/{changed.id}", f"/rules/{changed.id}/new-version"]
        for address in [*addresses, f"/rules/versions/{changed.versions[0].id}"]:
            text = re.sub(r"<(script|style)[\s\S]*?</\1>", "", visit().get(address, "zh").text)
            words = re.findall(r"[A-Za-z]{4,}", re.sub(r"<[^>]*>|&\w+;", " ", text))
            assert set(words) <= {"Clockbridge", "English", "tester", "PROD"}, address
