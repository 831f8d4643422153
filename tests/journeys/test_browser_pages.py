"""Every page as people see it, in both languages, light and dark, on a desk and on a phone."""

import re
from datetime import UTC, date, datetime, time

import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace

from protocol.identifiers import EdgeId
from protocol.messages import OrderKind, OrderOutcome, OrderResult, Refusal
from server.access.model import Role
from server.attendance import actions as attendance
from server.attendance.actions import trials
from server.attendance.engine.comparing import day_changes
from server.attendance.model import RuleSubject
from server.attendance.model.rules import Rules
from server.attendance.model.trials import FigureChange, Who, WhoKind
from server.attendance.store import trials as trial_store
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from server.dispatch.areas import actions as areas
from server.dispatch.areas.model import Area
from server.dispatch.orders import actions as orders
from server.dispatch.orders.model import Targets
from server.fleet import actions as fleet
from server.hr.imports import actions as imports
from server.hr.requests import actions as requests, store as request_store
from server.hr.requests.model import NewRequest, RequestState, Span, TripContent
from server.ingest.files import actions as punch_files
from server.ingest.store import add_refused
from server.ingest.watch import actions as watch
from server.ingest.watch.model import Passes, Quiet, Receiver, ReceiverKind, RuleTerms
from server.jobs import actions as jobs
from server.jobs.model import NewJob
from server.roster import actions as roster
from server.roster.model import Anchor, HolidayChoice, PatternTerms, ShiftPart, ShiftTerms
from server.web.app import routes_of
from server.wiring import build_pages
from tests.journeys.conftest import LONG_NAME, PASSWORD
from tests.support.browser import PHONE, hurdles, overflow, words_on
from tests.support.company import NOW, TESTER
from tests.support.days import assessed

PROCESSES = {"workers": 1, "web": 1}
RULE = RuleTerms(
    "值班", frozenset({"edge-cut"}), frozenset(), True, (Receiver(ReceiverKind.ROLE, "it"),), 5, 60, 0, (),
    Quiet(time(22), time(7), weekends=True), Passes.URGENT, True,
)  # fmt: skip

PAGES = {
    "/sign-in": "/sign-in",
    "/password": "/password",
    "/board": "/board",
    "/today": "/today",
    "/attendance/month": "/attendance/month",
    "/attendance/exceptions": "/attendance/exceptions",
    "/people/{person_id:int}/days/{day}": "/people/1/days/2026-11-23",
    "/grants": "/grants",
    "/grants/new": "/grants/new?person=1&kind=leave",
    "/notices": "/notices",
    "/offline": "/offline",
    "/privacy": "/privacy",
    "/me/privacy": "/me/privacy",
    "/privacy/texts/new": "/privacy/texts/new",
    "/privacy/people/{person_id:int}": "/privacy/people/1",
    "/privacy/keep-times": "/privacy/keep-times",
    "/privacy/erasure": "/privacy/erasure",
    "/templates-to-erase": "/templates-to-erase",
    "/privacy/erasure/{kind}/{person_id:int}": "/privacy/erasure/attendance/1",
    "/me": "/me",
    "/me/month": "/me/month",
    "/me/days/{day}": "/me/days/2026-11-23",
    "/me/requests": "/me/requests",
    "/me/requests/new": "/me/requests/new",
    "/me/requests/new/{kind}": "/me/requests/new/leave",
    "/requests": "/requests",
    "/requests/certificates": "/requests/certificates",
    "/requests/new": "/requests/new",
    "/requests/new/{kind}": "/requests/new/leave?person=1",
    "/requests/{request_id:int}": "/requests/1",
    "/request-rules": "/request-rules",
    "/absent": "/absent",
    "/punches": "/punches",
    "/punches/{punch_id:int}": "/punches/1",
    "/people": "/people",
    "/people/new": "/people/new",
    "/org": "/org",
    "/departments": "/departments",
    "/departments/{department_id:int}": "/departments/1",
    "/legal-entities": "/legal-entities",
    "/people/{person_id:int}": "/people/1",
    "/enrolments": "/enrolments",
    "/imports": "/imports",
    "/imports/{import_id:int}": "/imports/1",
    "/fleet": "/fleet",
    "/terminals": "/terminals",
    "/terminals/{terminal_id:int}": "/terminals/1",
    "/areas": "/areas",
    "/areas/new": "/areas/new",
    "/areas/faces": "/areas/faces",
    "/areas/{area_id:int}": "/areas/1",
    "/areas/{area_id:int}/change": "/areas/1/change",
    "/terminals/{terminal_id:int}/users": "/terminals/1/users",
    "/terminals/{terminal_id:int}/readings": "/terminals/1/readings",
    "/terminals/{terminal_id:int}/raw": "/terminals/1/raw",
    "/people/{person_id:int}/terminals": "/people/1/terminals",
    "/terminals/new": "/terminals/new?serial=X1",
    "/terminals/files": "/terminals/files",
    "/terminals/files/{file_id:int}": "/terminals/files/1",
    "/terminals/{terminal_id:int}/change": "/terminals/1/change",
    "/terminals/{terminal_id:int}/service": "/terminals/1/service",
    "/terminals/{terminal_id:int}/role": "/terminals/1/role",
    "/discovery": "/discovery",
    "/discovery/add": "/discovery/add?edge=edge-hq&key=NEW7",
    "/clocks": "/clocks",
    "/terminals/{terminal_id:int}/settings": "/terminals/1/settings",
    "/orders": "/orders",
    "/orders/new": "/orders/new?kind=unlock&group=all",
    "/orders/{order_id:int}": "/orders/1",
    "/edges": "/edges",
    "/edges/{name}": "/edges/edge-hq",
    "/edges/new": "/edges/new?site=hq",
    "/edges/{name}/identity": "/edges/edge-hq/identity",
    "/sites": "/sites",
    "/support": "/support",
    "/alarms": "/alarms",
    "/alarms/history": "/alarms/history",
    "/alarms/rules": "/alarms/rules",
    "/alarms/rules/new": "/alarms/rules/new",
    "/alarms/rules/{rule_id:int}": "/alarms/rules/1",
    "/alarms/webhooks": "/alarms/webhooks",
    "/quarantine": "/quarantine",
    "/quarantine/{row_id:int}": "/quarantine/1?search=LONG",
    "/quarantine/refused": "/quarantine/refused",
    "/quarantine/refused/{message_id:int}": "/quarantine/refused/1",
    "/recalculate": "/recalculate",
    "/rules/try": "/rules/try?version=1",
    "/trials/{trial_id:int}": "/trials/1",
    "/trials/{trial_id:int}/days/{person_id:int}/{day}": "/trials/1/days/1/2026-11-17",
    "/jobs": "/jobs",
    "/jobs/{job_id:int}": "/jobs/1",
    "/grants/bulk": "/grants/bulk",
    "/roster": "/roster",
    "/roster/plain": "/roster/plain",
    "/roster/publish": "/roster/publish",
    "/roster/settings": "/roster/settings",
    "/rules": "/rules",
    "/rules/new": "/rules/new",
    "/rules/{set_id:int}": "/rules/1",
    "/rules/{set_id:int}/new-version": "/rules/1/new-version",
    "/rules/versions/{version_id:int}": "/rules/versions/1",
    "/positions": "/positions",
    "/pay-groups": "/pay-groups",
    "/people/{person_id:int}/employment": "/people/1/employment",
    "/people/{person_id:int}/record": "/people/1/record",
    "/staff/waiting": "/staff/waiting?kind=missing",
    "/me/record": "/me/record",
    "/staff/find": "/staff/find",
    "/staff/fields": "/staff/fields",
    "/staff/settings": "/staff/settings",
    "/shifts": "/shifts",
    "/shifts/new": "/shifts/new",
    "/shifts/{shift_id:int}": "/shifts/1",
    "/shifts/{shift_id:int}/change": "/shifts/1/change",
    "/patterns": "/patterns",
    "/patterns/new": "/patterns/new",
    "/patterns/{pattern_id:int}": "/patterns/1",
    "/patterns/{pattern_id:int}/change": "/patterns/1/change",
    "/assignments": "/assignments",
    "/exemptions": "/exemptions",
    "/calendar": "/calendar",
    "/periods": "/periods",
    "/periods/{group_id:int}/{month}": "/periods/1/2026-10",
    "/periods/{group_id:int}/{month}/people/{person_id:int}": "/periods/1/2099-01/people/1",
    "/periods/{group_id:int}/{month}/close": "/periods/1/2026-10/close",
    "/periods/{group_id:int}/{month}/differences": "/periods/1/2026-10/differences",
    "/me/periods": "/me/periods",
    "/silent-terminals": "/silent-terminals",
    "/approvals": "/approvals",
    "/approvals/stuck": "/approvals/stuck",
    "/delegations": "/delegations",
    "/flows": "/flows",
    "/flows/one": "/flows/one?kind=",
    "/flows/edit": "/flows/edit?kind=leave",
    "/flows/try": "/flows/try?person=LONG-0001&days=3",
    "/me/leave": "/me/leave",
    "/people/{person_id:int}/leave": "/people/1/leave?kind=child-care",
    "/leave/balances": "/leave/balances?kind=annual",
    "/leave/types": "/leave/types",
    "/leave/types/new": "/leave/types/new",
    "/leave/types/{code}": "/leave/types/maternity",
    "/leave/types/{code}/change": "/leave/types/annual/change",
    "/away": "/away",
    "/sign-in-ways": "/sign-in-ways",
    "/accounts": "/accounts",
    "/accounts/{login}": "/accounts/hr",
    "/sessions": "/sessions",
    "/second-factor": "/second-factor",
    "/sign-in-codes": "/sign-in-codes",
    "/audit": "/audit",
}
"""Every page of the application with an address that shows it."""
FAR_DAY = date(2099, 1, 1)
OF_ONE_PERSON = {
    "/privacy/receipts/{receipt_id:int}",
    "/me/periods/{group_id:int}/{month}",
    "/approvals/{course_id:int}",
    "/approvals/bulk/{bulk_id:int}",
    "/me/requests/{request_id:int}",
    "/me/requests/{request_id:int}/change",
}
"""Pages that only somebody who is an employee has; they are tried where there is one."""
MORE = ("/board?site=1", "/punches?order=oldest&text=1001", "/quarantine?view=rows", "/people?text=nobody", "/terminals?state=wrong")
NO_PAGES = re.compile(
    r"^/$|^/api/|^/sign-in/with/|^/sessions/link/|\.csv$|\.xlsx$|/body$"
    r"|^/areas/(.*/)?now$"
    r"|^/(healthz|readyz|metrics|manifest.webmanifest|service-worker.js|language/.*|board/(events|waiting)|today/figures|fleet/now|orders/.*/parts.*|discovery/found|terminals/.*/orders|attendance/month/rows|notices/.*|.*documents/.*|.*privacy/exports/.*)$"
)
NAMED = re.compile(rf"{LONG_NAME}|clockbridge server reset-password|[\w-]*\d[\w-]*")
"""What is called as it is on a Chinese page too: a person, a command, and whatever has a digit in it."""
ENGLISH = re.compile(r"[A-Za-z][A-Za-z'’-]{2,}")
NAMES = {"CSV", "XLSX", "xlsx", "JSON", "PDF", "SHA", "Asia", "Shanghai", "edge-hq", "tester", "server", "LONG"} | {
    "holiday-cn",
    "json",
    "Ctrl",
    "Del",
    "Delete",
    "Shift",
    "MAC",
    "TCP",
    "UDP",
    "any",
    "https",
    "webhook",
    "hosts",
    "mail",
}


@pytest.fixture(scope="module")
def a_refused_message(world):
    """Something that no honest edge sends."""
    with world.database.writing() as uow:
        watch.put_rule(uow, None, RULE, TESTER, datetime.now(UTC))
        add_refused(uow, "edge-hq", Refusal.BAD_SIGNATURE, "", "up/3/edge-hq/batch", b"nonsense" * 40, datetime.now(UTC))


@pytest.fixture(scope="module")
def a_job(world):
    """Long work that nobody does, because no runner is started."""
    with world.database.writing() as uow:
        jobs.enqueue(uow, NewJob("nothing", "nothing", "Long work", "see-days"), "tester", datetime.now(UTC))


@pytest.fixture(scope="module")
def a_trial(world):
    """Rules that were tried, and a day that they change."""
    day = assessed(date(2026, 11, 17), late=20)
    with world.database.writing() as uow:
        rules = attendance.add_rule_set(uow, "规则", Rules(), date(2026, 1, 1), TESTER, NOW).versions[0]
        tried = (rules.rules, "规则", rules.id)
        span = (date(2026, 11, 16), date(2026, 11, 20))
        trial = trials.ask_rules_trial(uow, Who(WhoKind.ALL, 0, ""), *span, tried, TESTER, NOW, span[1])
        before, after = replace(day, late_minutes=0, exceptions=()), day
        figures = {"names": ",late-minutes,", "figures": trial_store.encode_figures(day_changes(before, after))}
        bodies = {"before": trial_store.encode_whole(before), "after": trial_store.encode_whole(after)}
        own = {"trial_id": trial.id, "person_id": 1}
        row = own | {"work_date": day.work_date, "zone": "Asia/Shanghai"} | figures | bodies
        trial_store.add_findings(uow, [own | {"days": 1, "before": {}, "after": {"late-times": 1}, "changed": 1}], [row])
        trial_store.finish(uow, trial.id, [FigureChange("late-times", 0, 1)])


@pytest.fixture(scope="module")
def a_roster(world):
    """A shift, a pattern of it, and a pay group with rules that somebody is in from a far day on, when nobody has left."""
    with world.database.writing() as uow:
        shift = roster.add_shift(uow, "早班", "早", ShiftTerms(parts=(ShiftPart(start=540, end=1080),)), date(2025, 1, 1), TESTER, NOW)
        week = PatternTerms(
            days=(*[shift.id] * 5, None, None), anchor=Anchor.WEEK, starts_on=date(2024, 12, 30), holidays=HolidayChoice.OFF
        )
        roster.add_pattern(uow, "标准周", week, date(2025, 1, 1), TESTER, NOW)
        group = directory.add_pay_group(uow, "M", "月薪", 26, TESTER, NOW)
        directory.add_event(uow, 1, NewEvent(EventKind.TRANSFER, FAR_DAY, {"pay_group_id": group.id}), TESTER, NOW)
        rules = attendance.add_rule_set(uow, "月薪规则", Rules(), date(2026, 1, 1), TESTER, NOW)
        attendance.assign_rules(uow, rules.id, RuleSubject.COMPANY, 0, FAR_DAY, None, TESTER, NOW)


@pytest.fixture(scope="module")
def a_request(world):
    """Somebody wants to be away for a day; how it was approved is of no weight here."""
    content = TripContent(place="北京", span=Span(first_day=FAR_DAY))
    with world.database.writing() as uow:
        made = requests.save_draft(uow, NewRequest(1, content, "出差", "a-request"), TESTER, NOW)
        request_store.move(uow, made.id, RequestState.DRAFT, RequestState.WAITING, submitted_at=NOW)


@pytest.fixture(scope="module")
def an_order(world):
    """One that nobody carries out, because its time is over; and one to look for terminals, which met one that is new."""
    moment, edge = datetime.now(UTC), EdgeId("edge-hq")
    with world.database.writing() as uow:
        orders.give_order(uow, OrderKind.RE_READ, Targets("门", (1,)), {}, TESTER, NOW)
        scan = orders.give_order(uow, OrderKind.SCAN, Targets(edge, edges=(edge,)), {"subnet": "10.0.0.0/24"}, TESTER, moment)
        (part,) = orders.parts_of(uow, scan, moment)
        found = {"10.0.0.9": '{"serial":"NEW7","facts":{"firmware":"6.60"}}'}
        result = OrderResult(edge=edge, order=part.name, at=moment, outcome=OrderOutcome.DONE, found=found)
        orders.OrderCourier().hear(uow, fleet.known_edges(uow)[edge].id, result, moment)


@pytest.fixture(scope="module")
def an_area(world):
    """Of one terminal, to which nobody belongs."""
    with world.database.writing() as uow:
        areas.add_area(uow, Area(0, "G1", "大门", frozenset({1})), TESTER, NOW)


@pytest.fixture(scope="module")
def an_import(world):
    """A file that was taken in and that no runner looks at."""
    may = frozenset({"change-people", "see-people"})
    with world.database.writing() as uow:
        punch_files.hand_in(uow, "T1", "1_attlog.dat", b"1001\t2026-11-23 08:58:00\n", TESTER, datetime.now(UTC))
        imports.receive(uow, "部门.csv", "部门编号,名称\nQA,质量部\n".encode(), "departments", may, TESTER, datetime.now(UTC))


def test_every_page_is_known_here(world):
    paths = {route.path for route in all_routes(world) if "GET" in route.methods and not NO_PAGES.search(route.path)}

    assert paths - OF_ONE_PERSON == set(PAGES)


OWN = "about the reader's own things, who sees there what happened to them"
LIST = "a list, or a tool: its lines lead to pages with a foot"
FORM = "a form, which the object's page leads to"
ONE_OF_MANY = "raw evidence or a result that is worked out: nobody does anything to it"
WITHOUT_A_FOOT = {
    "/sign-in": OWN, "/password": OWN, "/notices": OWN, "/offline": OWN, "/me/privacy": OWN, "/me": OWN, "/me/month": OWN,
    "/me/days/{day}": OWN, "/me/requests": OWN, "/me/requests/new": OWN, "/me/requests/new/{kind}": OWN, "/me/record": OWN,
    "/me/periods": OWN, "/me/leave": OWN, "/sessions": OWN, "/second-factor": OWN, "/audit": "the trail itself",
    "/board": LIST, "/today": LIST, "/attendance/month": LIST, "/requests": LIST, "/absent": LIST, "/punches": LIST, "/people": LIST,
    "/org": LIST, "/imports": LIST, "/terminals/files": LIST, "/quarantine/refused": LIST, "/jobs": LIST,
    "/roster/plain": LIST, "/rules": LIST, "/staff/waiting": LIST, "/shifts": LIST, "/patterns": LIST, "/periods": LIST,
    "/approvals": LIST, "/approvals/stuck": LIST, "/away": LIST, "/staff/find": LIST, "/sign-in-codes": LIST, "/flows/try": LIST,
    "/templates-to-erase": LIST, "/fleet": LIST, "/alarms/history": LIST, "/alarms/rules/new": FORM, "/alarms/rules/{rule_id:int}": FORM,
    "/terminals/{terminal_id:int}/users": LIST, "/areas/faces": LIST, "/areas/new": FORM, "/areas/{area_id:int}/change": FORM,
    "/requests/certificates": LIST, "/sign-in-ways": "what the settings file says: nobody changes it here",
    "/privacy/erasure/{kind}/{person_id:int}": FORM,
    "/grants/new": FORM, "/grants/bulk": FORM, "/privacy/texts/new": FORM, "/requests/new": FORM, "/requests/new/{kind}": FORM,
    "/edges/new": FORM, "/orders/new": FORM, "/discovery/add": FORM, "/terminals/{terminal_id:int}/settings": FORM,
    "/people/new": FORM, "/terminals/new": FORM, "/terminals/{terminal_id:int}/change": FORM, "/terminals/{terminal_id:int}/service": FORM,
    "/terminals/{terminal_id:int}/role": FORM, "/recalculate": FORM, "/rules/try": FORM, "/roster/publish": FORM, "/rules/new": FORM,
    "/rules/{set_id:int}/new-version": FORM, "/shifts/new": FORM, "/shifts/{shift_id:int}/change": FORM, "/patterns/new": FORM,
    "/patterns/{pattern_id:int}/change": FORM, "/flows/edit": FORM, "/leave/types/new": FORM, "/leave/types/{code}/change": FORM,
    "/punches/{punch_id:int}": ONE_OF_MANY, "/quarantine/refused/{message_id:int}": ONE_OF_MANY, "/jobs/{job_id:int}": ONE_OF_MANY,
    "/trials/{trial_id:int}/days/{person_id:int}/{day}": ONE_OF_MANY,
}  # fmt: skip
"""Pages at whose foot no trail stands, with the reason; every other page shows objects and ends in what was done to them."""


def test_every_page_of_an_object_ends_in_its_trail(
    a_roster, a_request, a_refused_message, a_job, a_trial, an_import, an_order, an_area, world
):
    client = TestClient(build_pages(world.settings), base_url="https://clockbridge.test")
    client.headers |= {"accept-language": "en", "sec-fetch-site": "same-origin"}
    client.post("/sign-in", data={"login": Role.ADMINISTRATOR.value, "password": PASSWORD})
    footed = {}
    for route, address in PAGES.items():
        page = client.get(address)
        assert page.status_code == 200, address
        footed[route] = 'class="cb-foot"' in page.text

    assert {route for route, has in footed.items() if not has} == set(WITHOUT_A_FOOT)


def all_routes(world):
    app = build_pages(world.settings)
    yield from (route for one in app.routes if hasattr(one, "original_router") for route in routes_of(one.original_router))


@pytest.mark.parametrize(("language", "look"), [("zh", {"viewport": PHONE, "dark": True}), ("en", {})])
def test_each_page_is_sound(a_roster, a_request, a_refused_message, a_job, a_trial, an_import, an_order, an_area, desk_of, language, look):
    desk = desk_of(Role.ADMINISTRATOR, language=language, **look)
    stranger = desk_of(language=language, **look)
    wrong: dict[str, object] = {}
    for address in (*PAGES.values(), *MORE):
        page = (stranger if address == "/sign-in" else desk).open(address)
        faults = []
        if overflow(page) > 0:
            faults.append(f"{overflow(page)} px too wide")
        if page.locator("h1").count() != 1 or " · " not in page.title():
            faults.append("no heading or title")
        if language == "zh":
            faults += sorted(set(ENGLISH.findall(NAMED.sub("", words_on(page)))) - NAMES)
        faults += hurdles(page)
        if faults:
            wrong[address] = faults
    assert wrong == {}
