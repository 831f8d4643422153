"""Nobody gets a row out of their scope: every route, asked by readers whose scope is some people, for what is somebody else's."""

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from server.access.actions import create_account, limit_role, link_account
from server.access.model import Role
from server.attendance import actions as attendance
from server.attendance.engine.comparing import day_changes
from server.attendance.model import NewGrant, RuleSubject
from server.attendance.model.days import AttendanceDay
from server.attendance.model.grants import GrantKind
from server.attendance.model.rules import Rules
from server.attendance.model.trials import FigureChange, Who, WhoKind
from server.attendance.store import trials as trial_store
from server.attendance.tables import day_exception, punch
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from server.fleet.actions import add_legal_entity
from server.roster import actions as roster
from server.roster.model import Scope as RosterScope
from tests.server.access.conftest import HASHED, Person
from tests.server.access.test_needs import HOW, LEFT_OUT, NEEDS, SAMPLES, How, how_of
from tests.support.assessed_days import house_rules, office_day, store_day
from tests.support.company import NOW, TESTER, found_company, new_punch
from tests.support.rosters import make_shifts, make_week

DAY = date(2026, 11, 24)
SECRET, NUMBER = "Markerson", "ZZMARK9"
"""Part of the name of somebody whom nobody here may see, and their employee number."""
SEEN = "A1"
AUDITOR_ONE = ("auditor-one", Role.AUDITOR, None)


@dataclass(frozen=True)
class Secrets:
    """What belongs to the person who is out of scope."""

    person: int
    grant: int
    exception: int
    punch: int
    trial: int
    assignment: int
    exemption: int
    rule_set: int
    group: int


@pytest.fixture
def secrets(database, accounts) -> Secrets:
    """A supervisor and HR of one legal entity who are responsible for A1 only, an employee A1, and Markerson with one of everything."""
    company = found_company(database)
    with database.writing() as uow:
        entities = [add_legal_entity(uow, code, f"Company {code}", TESTER, NOW).id for code in ("ONE", "TWO")]
        mark = directory.add_person(
            uow, NUMBER, f"Quux {SECRET}", TESTER, NOW, department_id=directory.add_department(uow, "LAB", "Lab", TESTER, NOW).id,
            site_id=company.site, hired_on=date(2020, 1, 1),
        ).id  # fmt: skip
        directory.enrol(uow, mark, company.zone, "77", date(2020, 1, 1), TESTER, NOW)
        group = directory.add_pay_group(uow, "M", "Monthly", 1, TESTER, NOW).id
        boss, worker = company.people["A2"], company.people[SEEN]
        joined = date(2026, 10, 1)
        directory.add_event(uow, worker, event(joined, manager_id=boss, legal_entity_id=entities[0], pay_group_id=group), TESTER, NOW)
        directory.add_event(uow, mark, event(joined, legal_entity_id=entities[1], pay_group_id=group), TESTER, NOW)
        for login, role, person in (
            ("boss", Role.SUPERVISOR, boss),
            ("worker", Role.EMPLOYEE, worker),
            ("hr-one", Role.HR, None),
            ("auditor-one", Role.AUDITOR, None),
        ):
            create_account(uow, login, login, HASHED, frozenset({role}), TESTER, NOW, must_change=False)
            if person:
                link_account(uow, login, person, TESTER, NOW)
        limit_role(uow, "hr-one", Role.HR, frozenset({entities[0]}), TESTER, NOW)
        limit_role(uow, "auditor-one", Role.AUDITOR, frozenset({entities[0]}), TESTER, NOW)
        version = house_rules(uow)
        for person in (worker, mark):
            store_day(uow, person, office_day(DAY), version=version)
        attendance.record_punches(uow, [new_punch(company, 20261124092000, "77", 1), new_punch(company, 20261124092100, "1", 2)], NOW)
        grant = attendance.record_grant(
            uow, NewGrant(person_id=mark, kind=GrantKind.EXCUSED, reason="private", first_day=DAY, last_day=DAY), TESTER, NOW
        ).grant.id  # fmt: skip
        make_week(uow, make_shifts(uow)["常"])
        pattern = roster.list_patterns(uow)[0].id
        assignment = roster.assign_pattern(uow, pattern, RosterScope.PERSON, mark, DAY, None, TESTER, NOW).id
        exemption = roster.exempt(uow, mark, DAY + timedelta(days=30), None, "on his own", TESTER, NOW).id
        rules = attendance.add_rule_set(uow, "Own rules", Rules(), date(2026, 1, 1), TESTER, NOW)
        attendance.assign_rules(uow, rules.id, RuleSubject.PERSON, mark, DAY, None, TESTER, NOW)
        trial = tried(uow, mark, attendance.day_of(uow, mark, DAY).day)
        late = uow.scalar(day_exception.select().with_only_columns(day_exception.c.id).where(day_exception.c.person_id == mark))
        own_punch = uow.scalar(punch.select().with_only_columns(punch.c.id).where(punch.c.terminal_user == "77"))
    return Secrets(mark, grant, late, own_punch, trial, assignment, exemption, rules.id, group)


def event(day, **sets):
    return NewEvent(EventKind.TRANSFER, day, sets)


def tried(uow, person_id: int, day: AttendanceDay) -> int:
    """A recalculation of one person alone that found a difference."""
    made = attendance.trials.ask_recalculation(uow, Who(WhoKind.PERSON, person_id, f"Quux {SECRET}"), DAY, DAY, TESTER, NOW, DAY).id
    before = day_changes(day, None)
    bodies = {"before": trial_store.encode_whole(day), "after": trial_store.encode_whole(day), "zone": "Asia/Shanghai"}
    row = {"trial_id": made, "person_id": person_id, "work_date": DAY, "names": ",late-minutes,"}
    person = {"trial_id": made, "person_id": person_id, "days": 1, "before": {}, "after": {"late-times": 1}, "changed": 1}
    trial_store.add_findings(uow, [person], [row | bodies | {"figures": trial_store.encode_figures(before)}])
    trial_store.finish(uow, made, [FigureChange("late-times", 0, 1)])
    return made


@pytest.fixture
def reader(app_of, secrets):
    """Somebody at a browser, by login."""
    app = app_of()

    def sign_in(login: str) -> Person:
        person = Person(app)
        person.sign_in(login)
        return person

    return sign_in


def addresses(secrets: Secrets, route: str) -> list[str]:
    """The route's address for what is Markerson's, with every question that a page may take, and without those for a person."""
    path = route.split(" ")[1]
    own = {
        "person_id": secrets.person, "grant_id": secrets.grant, "punch_id": secrets.punch, "trial_id": secrets.trial,
        "assignment_id": secrets.assignment, "exemption_id": secrets.exemption, "set_id": secrets.rule_set, "group_id": secrets.group,
        "day": DAY, "month": f"{DAY:%Y-%m}",
    }  # fmt: skip
    for name, value in own.items():
        path = path.replace(f"{{{name}:int}}", str(value)).replace(f"{{{name}}}", str(value))
    for name, value in SAMPLES.items():
        path = path.replace(name, value)
    asked = {
        "day": DAY, "month": f"{DAY:%Y-%m}", "since": DAY, "until": DAY, "first": DAY, "last": DAY, "text": "ZZMARK", "search": "ZZMARK",
        "number": NUMBER, "person": secrets.person, "people": secrets.person, "who": "all", "site": "",
    }  # fmt: skip
    question = "&".join(f"{name}={value}" for name, value in asked.items())
    narrow = "&".join(f"{name}={value}" for name, value in asked.items() if name not in {"who", "text", "search", "person"})
    return [f"{path}?{narrow}", f"{path}?{question}"]


def said(answer) -> str:
    """All the words of an answer, also those of a workbook."""
    if answer.content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            return "".join(book.read(name).decode(errors="replace") for name in book.namelist())
    return answer.content.decode(errors="replace")


def told(answer) -> str:
    """The sentence of an error, without what is about the address around it."""
    return (
        answer.json()["message"]
        if answer.headers["content-type"] == "application/json"
        else re.sub(r"(?s).*<main|</main.*|href=.*?>", "", said(answer))
    )


@pytest.mark.parametrize("login", ["boss", "hr-one", "worker"])
def test_no_page_export_search_or_call_names_somebody_out_of_scope(reader, secrets, login):
    one = reader(login)
    named = {}
    for route in NEEDS:
        if not route.startswith("GET ") or route in LEFT_OUT:
            continue
        for address in addresses(secrets, route):
            answer = one.get(address)
            if answer.status_code == 500 or SECRET in said(answer):
                named[address] = answer.status_code

    assert named == {}


@pytest.mark.parametrize("login", ["boss", "hr-one", "worker"])
def test_an_address_of_somebody_out_of_scope_answers_as_if_nobody_were_there(reader, secrets, login):
    one = reader(login)
    for route in NEEDS:
        if how_of(route) is How.ADDRESS:
            method, _ = route.split(" ")
            address = addresses(secrets, route)[0]
            answer = one.get(address) if method == "GET" else one.post(address)
            assert answer.status_code in {403, 404}, (route, answer.status_code)
            if answer.status_code == 404 and "/days/" not in route:
                nobody = address.replace(f"/people/{secrets.person}", "/people/987654")
                other = one.get(nobody) if method == "GET" else one.post(nobody)
                assert told(other).replace("987654", "") == told(answer).replace(f" {secrets.person}.", " ."), route


def test_what_is_of_somebody_out_of_scope_cannot_be_changed_by_its_number(reader, secrets, database):
    hr = reader("hr-one")
    form = {"reason": "why not", "late": "1", "last_day": "2026-12-01"}
    refused = {
        f"/grants/{secrets.grant}/withdraw": {},
        "/attendance/exceptions/settle": {"ids": secrets.exception},
        "/attendance/exceptions/correct": {"ids": secrets.exception},
        "/attendance/exceptions/excuse": {"ids": secrets.exception},
        "/attendance/exceptions/withdraw": {"ids": secrets.grant},
        "/grants/new": {"person": secrets.person, "kind": "excused", "span": "days", "first_day": "2026-11-23", "last_day": "2026-11-23"},
        "/grants/bulk": {"kind": "excused", "people": NUMBER, "first_day": "2026-11-23"},
        f"/assignments/{secrets.assignment}/end": {},
        f"/exemptions/{secrets.exemption}/end": {},
        "/exemptions": {"number": NUMBER, "first_day": "2026-11-23"},
        "/recalculate": {"number": NUMBER, "first_day": "2026-11-23", "last_day": "2026-11-23"},
        f"/trials/{secrets.trial}/apply": {},
        f"/rules/{secrets.rule_set}/assign": {"subject": "person:", "number": NUMBER, "first_day": "2026-12-01"},
        f"/periods/{secrets.group}/2026-10/reopen": {},
        f"/people/{secrets.person}/evidence": {"since": "2026-11-01", "until": "2026-11-24"},
    }
    with database.reading() as uow:
        before = len(attendance.list_grants(uow, attendance_filter()))
    for address, more in refused.items():
        answer = hr.post(address, **(form | more))
        assert answer.status_code in {404, 409, 422}, (address, answer.status_code)
        assert SECRET not in said(answer), address
    with database.reading() as uow:
        assert len(attendance.list_grants(uow, attendance_filter())) == before
        assert attendance.find_grant(uow, secrets.grant).withdrawn_at is None


def attendance_filter():
    from server.attendance.model import GrantFilter

    return GrantFilter()


def test_the_readers_do_see_their_own_people_and_an_auditor_sees_all(reader):
    month, day = f"month={DAY:%Y-%m}", f"day={DAY}&group=absent"
    shown = ("/people", "/people.csv", f"/today?{day}", f"/attendance/month/rows?{month}", "/attendance/exceptions", "/api/v1/people")
    for login in ("boss", "hr-one"):
        one = reader(login)
        for address in shown:
            assert SEEN in said(one.get(address)), (login, address)
    assert NUMBER in said(reader("auditor").get("/people"))
    assert NUMBER in said(reader("hr").get("/people"))


def test_the_table_says_of_every_route_how_it_is_about_people():
    for route in NEEDS:
        assert how_of(route) is not None, f"say in HOW whether {route} shows people, and see that it shows only those of the reader's scope"
    beginnings = [one for one in HOW if not any(route.split(" ")[1].startswith(one) for route in NEEDS)]
    assert beginnings == []


def test_counts_are_of_those_whom_the_reader_may_see(reader, secrets, database):
    """Two people are at the site and paid with the group, each with a company of their own; HR of one of these companies sees one."""
    one, all_of_them = reader("hr-one"), reader("hr")
    day = f"day={DAY}"

    def counted(person, address: str, *path: str) -> list[int]:
        found = person.get(address).json()
        for name in path[:-1]:
            found = found[name]
        return [each[path[-1]] for each in found]

    assert sum(counted(one, f"/api/v1/presence?{day}", "sites", "people")) == 1
    assert sum(counted(all_of_them, f"/api/v1/presence?{day}", "sites", "people")) > 1
    assert sum(counted(one, f"/api/v1/presence?{day}", "sites", "punched")) <= 1
    assert sum(counted(one, "/api/v1/legal-entities", "people")) == 1
    assert sum(counted(all_of_them, "/api/v1/legal-entities", "people")) == 2
    narrow, wide = (re.findall(r'<td class="cb-number">(\d+)</td>', person.get("/pay-groups").text) for person in (one, all_of_them))
    assert (narrow, wide) == (["1"], ["2"])
    assert re.findall(r"<small> / (\d+)</small>", one.get("/board").text) == ["1"]


def test_the_trail_tells_nothing_about_who_is_out_of_scope(reader, secrets):
    """An auditor of one company: neither the page nor its file names somebody of another."""
    auditor = reader("auditor-one")

    for address in (
        "/audit",
        "/audit.csv",
        f"/audit?person={NUMBER}",
        f"/audit?person={SECRET}",
        "/audit?text=MARK",
        "/audit.xlsx?text=MARK",
    ):
        said_there = said(auditor.get(address)).replace(address.partition("=")[2] or "-", "")
        assert NUMBER not in said_there, address
        assert SECRET not in said_there, address
    assert SEEN in said(auditor.get("/audit?person=A1"))
