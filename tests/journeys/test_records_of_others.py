"""An employee, and a supervisor outside the tree, try to reach somebody's record by address, export, search and API, and get nothing.

Somebody with a name and a number that stand nowhere else has one of everything. What a browser is given may have neither, and must be
what it would be given about nobody at all.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from server.access.actions import create_account, hash_password, link_account
from server.access.model import Role
from server.attendance import actions as attendance
from server.attendance.model import NewGrant
from server.attendance.model.grants import GrantKind
from server.directory import actions as directory
from server.hr.requests import actions as requests, store as request_store
from server.hr.requests.model import NewRequest, RequestState, Span, TripContent
from server.migrations import migrate
from server.storage import Database
from tests.server.hr.approvals.conftest import found_firm
from tests.support.assessed_days import house_rules, office_day, store_day
from tests.support.browser import Desk
from tests.support.company import NOW, TESTER
from tests.support.live import served_copy

PASSWORD = "four plain words here"
NAME, NUMBER = "Quux Markerson", "ZZMARK9"
CANARY = re.compile("Markerson|ZZMARK9")
NOBODY = 99_999
"""An id that is nobody's: what is said of it is all that may be said of somebody who is not to be seen."""
READERS = {"WORKER": frozenset({Role.EMPLOYEE}), "LEAD": frozenset({Role.SUPERVISOR, Role.EMPLOYEE})}


@pytest.fixture(scope="module")
def day() -> date:
    """Of what there is about them; lately, so that lists of these days would have it."""
    return datetime.now(UTC).date() - timedelta(days=1)


@pytest.fixture(scope="module")
def company(tmp_path_factory, day):
    """Where the database is, and the id of the one who is above and beside both readers."""
    file = tmp_path_factory.mktemp("company") / "company.db"
    database = Database(f"sqlite:///{file}")
    database.make_file()
    migrate(database)
    firm, hashed = found_firm(database), hash_password(PASSWORD)
    with database.writing() as uow:
        mark = directory.add_person(
            uow, NUMBER, NAME, TESTER, NOW, department_id=firm.departments["TOP"], site_id=firm.site, hired_on=date(2020, 1, 1)
        ).id  # fmt: skip
        store_day(uow, mark, office_day(day), version=house_rules(uow))
        attendance.record_grant(
            uow, NewGrant(person_id=mark, kind=GrantKind.EXCUSED, reason=NAME, first_day=day, last_day=day), TESTER, NOW
        )
        made = requests.save_draft(uow, NewRequest(mark, TripContent(place=NAME, span=Span(first_day=day)), NAME, "a-request"), TESTER, NOW)
        request_store.move(uow, made.id, RequestState.DRAFT, RequestState.WAITING, submitted_at=NOW)
        for login, roles in READERS.items():
            create_account(uow, login, login, hashed, roles, TESTER, NOW, must_change=False)
            link_account(uow, login, firm.people[login], TESTER, NOW)
    database.close()
    return file, mark, made.id


@pytest.fixture(scope="module")
def base(company, tmp_path_factory) -> Iterator[str]:
    with served_copy(company[0], tmp_path_factory.mktemp("served")) as made:
        yield made[0]


@pytest.fixture(params=READERS)
def desk(request, base, chromium) -> Iterator[Desk]:
    made = Desk(chromium, base, language="en")
    made.sign_in(request.param, PASSWORD)
    yield made
    made.close()


def given(desk: Desk, address: str) -> tuple[int, str]:
    """Status and words of what the browser gets for an address with its cookies, those inside a workbook, too."""
    answer = desk.context.request.get(address)
    body = answer.body()
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in book.namelist())
    return answer.status, f"{answer.headers}{body.decode(errors='replace')}"


def test_by_address_it_is_as_if_nobody_were_there(desk, company, day):
    _, mark, request = company
    pages = ("", "/record", "/employment", "/leave", f"/days/{day}", f"?month={day:%Y-%m}")
    for page in pages:
        there, nobody = (desk.page.goto(f"/people/{one}{page}") for one in (mark, NOBODY))
        assert there.status == nobody.status, page
        assert there.status in {403, 404}, page
        assert not CANARY.search(desk.page.content())
        texts = [given(desk, f"/people/{one}{page}")[1] for one in (mark, NOBODY)]
        assert not CANARY.search(texts[0]), page
    for address in (f"/requests/{request}", f"/me/requests/{request}", "/approvals/1", f"/privacy/people/{mark}"):
        answer = desk.page.goto(address)
        assert answer.status in {403, 404}, address
        assert not CANARY.search(desk.page.content()), address


def test_by_export_the_file_has_no_line_of_it(desk, company, day):
    mark = company[1]
    asked = f"day={day}&month={day:%Y-%m}&number=ZZMARK9&person={mark}&state=all"
    lists = ("/people", "/today", "/grants", "/requests", "/attendance/exceptions", "/absent", "/leave/balances", "/away", "/enrolments",
             "/staff/waiting", "/audit", "/approvals", "/punches")  # fmt: skip
    for name in (f"{one}.{ending}" for one in lists for ending in ("csv", "xlsx")):
        for address in (name, f"{name}?{asked}"):
            status, text = given(desk, address)
            assert status in {200, 403, 404, 422}, (address, status)
            assert not CANARY.search(text.replace(address, "")), address
    assert not CANARY.search(given(desk, f"/attendance/month.xlsx?month={day:%Y-%m}&who=all")[1])


def test_by_search_nothing_is_found(desk, company):
    for place in ("/people", "/requests", "/staff/find", "/leave/balances"):
        answer = desk.page.goto(place)
        if answer.status == 200 and (box := desk.page.locator("main [type=search]")).count():
            box.first.fill("Marker")  # a part of the name, so that what is found is told from what was typed
            box.first.press("Enter")
            desk.page.wait_for_url(lambda address: "Marker" in address)
        assert not CANARY.search(desk.page.content()), place
    for address in ("/people?text=ZZMARK&state=all", "/api/v1/people?text=ZZMARK", "/org?by=manager", "/api/v1/org?by=manager"):
        assert not CANARY.search(given(desk, address)[1]), address


def test_by_the_interface_for_programs_nothing_is_told_and_nothing_changed(desk, company, day):
    _, mark, request = company
    for tail in ("", "/record", "/attendance", f"/attendance/{day}", "/leave", "/leave/annual", "/service"):
        there, nobody = (given(desk, f"/api/v1/people/{one}{tail}") for one in (mark, NOBODY))
        assert (there[0], bool(CANARY.search(there[1]))) == (nobody[0], False), tail
        assert there[0] in {403, 404, 405}, tail
    lists = ("people", "requests", "grants", "attendance/today", "attendance/exceptions", "absent", "approvals", "away", "presence")
    for name in (*lists, f"attendance/month?month={day:%Y-%m}", f"requests/{request}", f"me/requests/{request}", "grants/1"):
        assert not CANARY.search(given(desk, f"/api/v1/{name}")[1]), name

    own = {"sec-fetch-site": "same-origin"}
    for address in (f"/api/v1/me/requests/{request}/withdraw", f"/api/v1/people/{mark}/record/look", "/api/v1/approvals/1/decide"):
        answer = desk.context.request.post(address, data={"comment": "x", "verdict": "approve"}, headers=own)
        assert answer.status in {403, 404, 422}, address
        assert not CANARY.search(answer.text()), address


def test_the_canary_is_there_to_be_found(company):
    with Database(f"sqlite:///{company[0]}").reading() as uow:
        assert directory.names_of(uow, [company[1]]) == {company[1]: NAME}
        assert attendance.find_grant(uow, 1).person_id == company[1]
