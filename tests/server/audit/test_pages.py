"""`/audit` and the foot of pages: what is found, how it is told, and what nobody sees who may not."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from server.access.model import PERMISSIONS, Role, Scope
from server.audit import pages, store
from server.audit.actions import record
from server.audit.jobs import KINDS
from server.audit.model import Actor, Break, Head
from server.directory import actions as directory, pages as directory_pages
from server.directory.model import EventKind
from server.fleet.actions import add_legal_entity
from server.jobs import actions as jobs
from tests.support.company import NOW, TESTER
from tests.support.pages import Reader, browse

DAY = timedelta(days=1)
AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
HR, BOSS = Actor("hr-li", "00aa11bb22cc33dd"), Actor("boss")


@pytest.fixture
def company(database, founded):
    """A1 and A2, of two legal entities, with some rows about each, about both, and about none of them."""
    with database.writing() as uow:
        entities = [add_legal_entity(uow, code, code, TESTER, NOW).id for code in ("ONE", "TWO")]
        one, two = founded.people["A1"], founded.people["A2"]
        for person, entity in ((one, entities[0]), (two, entities[1])):
            terms = {"legal_entity_id": entity}
            directory.add_event(uow, person, directory.NewEvent(EventKind.TRANSFER, date(2026, 10, 1), terms), TESTER, NOW)
        record(uow, HR, "contract.add", "person", "A1", at=AT, after={"kind": "fixed-term", "last_day": date(2027, 3, 1)}, people=[one])
        record(uow, HR, "request.submit", "request", "R2026-7", at=AT + DAY, reason="回老家", people=[one])
        record(uow, BOSS, "grant.record", "people", "2", at=AT + 2 * DAY, after={"kind": "excused"}, people=[one, two])
        record(
            uow,
            BOSS,
            "shift.change",
            "shift",
            "早班",
            at=AT + 3 * DAY,
            before={"start": 540, "end": 1080},
            after={"start": 510, "end": 1080},
        )
        pay = {"bank_account": "*****6789", "bonus_fen": 88_000_00}
        record(uow, BOSS, "identity.change", "person", "A2", at=AT + 4 * DAY, after=pay, people=[two])
    return founded, entities


def reader(*, scope: Scope = Scope(everybody=True), role: Role = Role.AUDITOR) -> Reader:  # noqa: B008 - a frozen value
    return Reader(frozenset(map(str, PERMISSIONS[role])), sees=scope)


@pytest.fixture
def asked(database, company):
    """The numbers of rows that a question to `/audit` finds, of those that the company made."""
    with database.reading() as uow:
        before = store.newest(uow, limit=1)[0].id - 5

    def ask(question: str, **more) -> list[int]:
        browser = browse(database, [pages.router], reader(**more))
        answer = browser.get(f"/audit.csv?{question}")
        assert answer.status_code == 200
        assert browser.get(f"/audit?{question}").status_code == 200
        found = [int(line.split(",")[0]) - before for line in answer.text.splitlines()[1:] if line.split(",")[0].isdigit()]
        return [number for number in found if number > 0]

    return ask


def test_every_question_finds_its_rows_the_latest_first(asked):
    assert asked("actor=boss") == [5, 4, 3]
    assert asked("person=A1")[:3] == [3, 2, 1]
    assert asked("person=A2&actor=boss") == [5, 3]
    assert asked("person=nobody") == []
    assert asked("action=shift.change") == [4]
    assert asked("kind=person&actor=hr-li") == [1]
    assert asked("subject=R2026-7") == [2]
    assert asked("request=00aa11bb22cc33dd") == [2, 1]
    assert asked("since=2026-11-21&until=2026-11-22") == [3, 2]
    assert asked("text=老家") == [2]
    assert asked("text=FIXED") == [1]
    assert asked("text=fixed&actor=boss") == []


def test_a_name_means_the_people_who_have_it(database, company, asked):
    with database.reading() as uow:
        name = directory.names_of(uow, [company[0].people["A2"]])[company[0].people["A2"]]

    assert asked(f"person={name}&actor=boss") == [5, 3]


def test_whoever_reads_for_one_legal_entity_sees_nothing_about_others(database, company, asked):
    only_one = Scope(entities=frozenset({company[1][0]}))

    assert asked("actor=boss", scope=only_one) == [4]
    assert asked("person=A2", scope=only_one) == []
    assert asked("actor=hr-li", scope=only_one) == [2, 1]
    assert "A2" not in browse(database, [pages.router], reader(scope=only_one)).get("/audit").text


def test_values_of_pay_are_masked_and_not_found_by_an_auditor(database, asked):
    auditor, pay = browse(database, [pages.router], reader()), browse(database, [pages.router], ["see-audit", "see-pay"])

    for address in ("/audit?kind=person", "/audit.csv?kind=person"):
        assert "6789" not in auditor.get(address).text
        assert "8800000" not in auditor.get(address).text
        assert "6789" in pay.get(address).text
    assert asked("text=6789") == []
    assert asked("text=8800000") == []


def test_before_and_after_are_told_by_field_in_the_reader_s_language(database, company):
    browser = browse(database, [pages.router], reader())

    told = browser.get("/audit?action=shift.change", language="zh").text
    assert "540" in told
    assert "510" in told
    assert "1080" not in told, "what did not change is not told"
    contract = browser.get("/audit?action=contract.add", language="zh").text
    assert "固定期限" in contract
    assert "fixed-term" not in contract
    assert "2027-03-01" in contract


def test_a_long_search_goes_on_by_portions(database, company, monkeypatch):
    monkeypatch.setattr("server.audit.actions.SEARCHED", 2)
    browser = browse(database, [pages.router], reader())

    first = browser.get("/audit?text=老家").text
    assert "Look further back" in first
    assert "looked for back to" in first

    with database.reading() as uow:
        last = store.newest(uow, limit=1)[0].id
    assert "R2026-7" in browser.get(f"/audit?text=老家&after={last - 2}").text


def test_bad_questions_are_answered_with_what_to_give(database, company):
    browser = browse(database, [pages.router], reader())

    for question in ("since=yesterday", "after=x"):
        answer = browser.get(f"/audit?{question}")
        assert answer.status_code == 422
        assert "Traceback" not in answer.text
    assert "Nothing fits" in browser.get("/audit?actor=%3Cscript%3E").text
    assert "<script>" not in browser.get("/audit?text=%3Cscript%3Ealert").text.replace("<script type", "")


def test_the_chain_is_checked_behind_the_page_and_against_the_end_of_the_last_check(database, company):
    browser = browse(database, [pages.router], reader())
    assert "not checked yet" in browser.get("/audit").text

    address = browser.post("/audit/check").headers["location"]
    work(database, int(address.rsplit("/", 1)[1]))
    assert "entries hold" in browser.get("/audit").text

    with database.writing() as uow:
        store.add_check(uow, replaced_end(store.last_check(uow).found), "server", NOW + DAY)
        later = jobs.enqueue(uow, jobs.NewJob(KINDS[0].name, "again", "", "see-audit"), "server", NOW)
    work(database, later.id)
    with database.reading() as uow:
        broken = store.last_check(uow).found.broken
    assert broken.kind is Break.MISSING
    assert "does not hold at number" in browser.get("/audit").text


def replaced_end(found):
    """A check that saw more rows than there are: they were cut off since."""
    return replace(found, head=Head(found.head.last_id + 3, bytes(32)))


def work(database, job_id: int) -> None:
    with database.reading() as uow:
        job = jobs.find_job(uow, job_id, {"see-audit"})
        save = KINDS[0].work(uow, job, {}, lambda _rows: None)
        assert KINDS[0].split(uow, {})[0].size > 0
    with database.writing() as uow:
        save(uow)


def test_the_foot_is_for_those_who_work_with_the_object_and_only_about_whom_they_may_see(database, company):
    made, entities = company
    with database.reading() as uow:
        department = directory.list_departments(uow)[0]
    with database.writing() as uow:
        for number, code in ((made.people["A1"], "A1"), (made.people["A2"], "A2")):
            record(uow, HR, "department.head", "department", department.code, at=NOW, after={"head": code}, people=[number])
    address = f"/departments/{department.id}"

    def shown(role: Role, scope: Scope) -> str:
        page = browse(database, [directory_pages.router], reader(role=role, scope=scope)).get(address)
        assert page.status_code == 200
        return page.text.partition('class="cb-foot"')[2]

    everybody, one = Scope(everybody=True), Scope(entities=frozenset({entities[0]}))
    assert all(f"head</span> <span>{code}" in shown(Role.HR, everybody) for code in ("A1", "A2"))
    assert "A1" in shown(Role.HR, one)
    assert "A2" not in shown(Role.HR, one)
    assert "All entries" not in shown(Role.HR, everybody)
    assert "/audit?kind=department" in shown(Role.AUDITOR, everybody)
    assert shown(Role.SUPERVISOR, Scope(tree_of=made.people["A2"])) == ""
