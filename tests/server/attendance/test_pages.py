"""The pages of punches and people and their JSON, in the real application on both databases."""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from server.access.model import Permission, Role
from server.attendance.pages import absent, punches as punches_pages
from server.attendance.pages.way import in_units, on_the_way
from server.directory.actions import add_person, enrol
from server.directory.tables import person
from server.fleet.actions import add_site, add_terminal
from server.web.page_parts import Card
from tests.support.company import NOW, TESTER, found_company

ADDRESSES = {
    "/board": Permission.SEE_PUNCHES,
    "/punches": Permission.SEE_PUNCHES,
    "/punches.csv": Permission.SEE_PUNCHES,
    "/absent": Permission.SEE_PEOPLE,
    "/absent.csv": Permission.SEE_PEOPLE,
    "/people/1": Permission.SEE_PEOPLE,
    "/api/v1/punches": Permission.SEE_PUNCHES,
    "/api/v1/punches/1": Permission.SEE_PUNCHES,
    "/api/v1/presence": Permission.SEE_PUNCHES,
    "/api/v1/absent": Permission.SEE_PEOPLE,
    "/api/v1/people/1/days?since=2026-11-01&until=2026-11-30": Permission.SEE_PEOPLE,
}
NAMES = ("王伟", "李娜", "张敏", "A1", "A2", "A3")


def lines_of(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def walls_of(answer):
    return [
        wall.replace(" ", "T")
        for wall in re.findall(r'<time class="cb-time">(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)</time></a></th>', answer.text)
    ]


def following(answer):
    """The address of the next page."""
    found = re.search(r'href="([^"]+)" rel="next">Next page', answer.text)
    return found and found.group(1).replace("&amp;", "&")


class TestEveryAddress:
    @pytest.fixture
    def dialect(self):
        return "sqlite"

    @pytest.mark.parametrize("address", [*ADDRESSES, "/board/events"])
    def test_opens_with_its_permission_and_only_with_it(self, record, visit, address):
        record((20261123085800, "1"))
        needed = ADDRESSES.get(address, Permission.SEE_PUNCHES)

        assert visit(set(Permission) - {needed}).get(address).status_code == 403
        assert visit(None).get(address).status_code == (401 if address.startswith("/api/") else 303)
        if address != "/board/events":  # goes on for ever: see test_board
            assert visit([needed]).get(address).status_code == 200

    @pytest.mark.parametrize("address", [one for one, needed in ADDRESSES.items() if needed is Permission.SEE_PUNCHES])
    def test_names_nobody_to_readers_who_may_not_see_people(self, record, visit, address):
        record((20261123085800, "1"), (20261123085900, "2"))

        for asked in ("", "?person=1", "?department=1"):
            text = visit(Role.IT).get(address + asked).text
            assert [name for name in NAMES if re.search(rf"\b{name}\b", text)] == []
            assert "/people" not in text

    @pytest.mark.parametrize("asked", ["王伟", "wang", "A1"])
    def test_lets_nobody_be_guessed_by_readers_who_may_not_see_people(self, record, visit, asked):
        record((20261123085800, "1"))

        assert walls_of(visit(Role.IT).get(f"/punches?text={asked}")) == []
        assert visit(Role.IT).get(f"/api/v1/punches?text={asked}").json()["punches"] == []
        assert len(visit(Role.IT).get("/api/v1/punches?text=1").json()["punches"]) == 1

    @pytest.mark.parametrize("address", [one for one in ADDRESSES if "." not in one and not one.startswith("/api/")])
    @pytest.mark.parametrize("filled", [True, False])
    def test_is_whole_in_chinese(self, record, visit, address, filled):
        if filled:
            record((20261123085800, "1"), (20261123085900, "999"), drift_ms=180_000)
            record((20261120085800, "1"), source="zk-pull", at=NOW)

        text = visit().get(address, "zh").text

        shown = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", text, flags=re.DOTALL)
        allowed = {"Clockbridge", "English", "CSV", "T1", "T2", "A1", "A2", "A3", "USB", "tester", "RND", "hq"}
        assert set(re.findall(r"[A-Za-z][A-Za-z0-9]+", shown)) - allowed == set()

    @pytest.mark.parametrize(
        "address",
        [
            "/board?site=x", "/punches?site=x", "/punches?since=yesterday", "/punches?until=2026-02-30", "/punches?after=1",
            "/punches?after=-1",
            "/punches?terminal=1.5", "/punches?person=99999999999999999999", "/punches.csv?department=x", "/absent?day=2026-13-01",
            "/absent?after=x-y", "/absent?after=1-%00",
            "/people/1?month=2026", "/people/1?month=9999-12", "/people/1?month=0001-01", "/api/v1/punches?limit=0",
            "/api/v1/punches?limit=x",
            "/api/v1/presence?day=x", "/api/v1/absent?limit=-1", "/board/events?site=x",
            "/api/v1/people/1/days?since=2026-11-02&until=2026-11-01", "/api/v1/people/1/days?since=2025-11-01&until=2026-11-02",
            "/api/v1/people/1/days?since=&until=2026-11-01", "/api/v1/people/1/days",
        ],
    )  # fmt: skip
    def test_says_what_cannot_be_used_in_the_readers_language(self, company, visit, address):
        said = visit().get(address, "zh")

        assert said.status_code == 422
        message = said.json()["message"] if "/api/" in address else re.search("<h1>(.*)</h1>", said.text).group(1)
        fields = {"site", "since", "until", "after", "terminal", "person", "department", "day", "who", "month", "limit"}
        assert set(re.findall("[a-z]+", message)) <= fields

    @pytest.mark.parametrize(
        "address",
        [
            "/people/4711", "/people/0", "/people/99999999999999999999", "/punches?person=4711", "/board?site=4711", "/api/v1/punches/4711",
            "/api/v1/punches/99999999999999999999", "/api/v1/punches/-1", "/api/v1/people/4711/days?since=2026-11-01&until=2026-11-02",
        ],
    )  # fmt: skip
    def test_says_what_is_not_there(self, company, visit, address):
        said = visit().get(address, "zh")

        assert said.status_code == 404
        assert "没有" in said.text


class TestPunches:
    def test_are_shown_newest_first_with_person_terminal_and_evidence(self, record, visit):
        record((20261123085800, "1"), (20261123090100, "2"), (20261122180000, "3"))

        page = visit().get("/punches")

        assert walls_of(page) == ["2026-11-23T09:01:00", "2026-11-23T08:58:00", "2026-11-22T18:00:00"]
        assert "王伟 <small>A1</small>" in page.text
        assert re.search(r'<tr data-href="/punches/\d+">', page.text)
        assert "3 punches" in page.text

    def test_of_nobody_say_so(self, record, visit):
        record((20261123085800, "999"))

        assert "nobody <small>999</small>" in visit().get("/punches").text

    def test_of_a_clock_that_is_wrong_say_by_how_much(self, record, visit):
        record((20261123085800, "1"), drift_ms=-61_000)
        record((20261123085900, "1"), drift_ms=60_000)

        assert re.findall(r"clock [+-]\d+ min off", visit().get("/punches").text) == ["clock -1 min off"]

    @pytest.mark.parametrize(
        ("asked", "minutes"),
        [
            ("text=王伟", [1]), ("text=lina", [2]), ("text=li%20na", [2]), ("text=A3", [3]), ("text=999", [4]), ("text=%00", [4, 3, 2, 1]),
            ("department={PROD}", [2]), ("department={RND}", [3, 1]), ("site={site}", [4, 3, 2, 1]), ("terminal={T2}", [3]),
            ("person={A1}", [1]), ("since=2026-11-24", []), ("until=2026-11-22", []), ("since=2026-11-23&until=2026-11-23", [4, 3, 2, 1]),
            ("department={RND}&terminal={T2}", [3]), ("text=nobody%20at%20all", []), ("since=2026-11-24&until=2026-11-01", []),
        ],
    )  # fmt: skip
    def test_are_filtered(self, record, company, visit, asked, minutes):
        record((20261123090100, "1"), (20261123090200, "2"), (20261123090400, "999"))
        record((20261123090300, "3"), terminal="T2")
        asked = asked.format(site=company.site, **company.departments, **company.terminals, **company.people)

        page, told, file = (visit().get(f"{place}?{asked}") for place in ("/punches", "/api/v1/punches", "/punches.csv"))

        expected = [f"2026-11-23T09:{minute:02}:00" for minute in minutes]
        assert walls_of(page) == expected
        assert [one["terminal_time"].replace(" ", "T") for one in told.json()["punches"]] == expected
        assert [line[0].replace(" ", "T") for line in lines_of(file)[1:]] == expected
        assert ("Take a filter away" in page.text) == (not minutes)

    def test_filter_is_shown_as_chips_that_can_be_dropped_and_kept_by_the_form(self, record, company, visit):
        record((20261123085800, "1"))

        page = visit().get(f"/punches?person={company.people['A1']}&site={company.site}&after=").text

        assert f'<a class="cb-filter" href="/punches?site={company.site}">Person: 王伟 A1' in page
        assert f'<input type="hidden" name="person" value="{company.people["A1"]}">' in page
        assert f'href="/punches.csv?person={company.people["A1"]}&amp;site={company.site}"' in page

    def test_are_paged_by_key_without_loss_or_repetition_while_new_ones_come(self, record, visit, monkeypatch):
        monkeypatch.setattr(punches_pages, "PAGE", 3)
        record(*((20261123080000 + n // 2, str(n % 2 + 1)) for n in range(8)))
        seen, address = [], "/punches?text="

        while address:
            page = visit().get(address)
            seen += re.findall(r'data-href="/punches/(\d+)"', page.text)
            record((20261123100000 + len(seen), "3"))
            address = following(page)

        assert len(seen) == len(set(seen)) == 8
        assert "First page" in page.text

    @pytest.mark.parametrize("asked", ["", "site={site}", "text=A", "text=1", "person={A1}", "since=2026-11-23"])
    def test_the_other_way_round_are_the_same_page_by_page(self, record, company, visit, monkeypatch, asked):
        monkeypatch.setattr(punches_pages, "PAGE", 3)
        record(*((20261123080000 + n // 2, str(n % 2 + 1)) for n in range(8)))
        asked = asked.format(site=company.site, **company.people)
        newest = [line[:7] for line in lines_of(visit().get(f"/punches.csv?{asked}"))[1:]]
        seen, address = [], f"/punches?order=oldest&{asked}"

        while address:
            page = visit().get(address)
            seen += walls_of(page)
            address = following(page)

        assert seen == [line[0].replace(" ", "T") for line in reversed(newest)]
        assert [line[:7] for line in lines_of(visit().get(f"/punches.csv?order=oldest&{asked}"))[1:]] == newest[::-1]
        told = visit().get(f"/api/v1/punches?order=oldest&limit=500&{asked}").json()["punches"]
        assert [one["terminal_time"].replace(" ", "T") for one in told] == seen
        assert 'aria-sort="ascending"' in page.text

    def test_an_unknown_order_is_refused_in_words(self, visit):
        answer = visit().get("/punches?order=person")

        assert answer.status_code == 422
        assert "choose one that the list offers" in answer.text

    def test_say_when_there_are_too_many_to_count(self, record, visit):
        record(*((20260101000000 + n, "1") for n in range(10_001)))

        page = visit().get("/punches").text

        assert "10,000+ punches" in page
        assert "a file holds the first 100,000" in page

    def test_as_a_file_are_all_that_fit_over_several_pages_up_to_the_limit(self, record, visit, monkeypatch):
        monkeypatch.setattr(punches_pages, "EXPORT_PAGE", 3)
        record(*((20261123080000 + n, "1") for n in range(10)))

        whole = lines_of(visit().get("/punches.csv"))
        monkeypatch.setattr(punches_pages, "EXPORT_MOST", 7)
        cut = lines_of(visit().get("/punches.csv"))

        assert len(whole) == 11
        assert cut == whole[:8]
        assert whole[1][:5] == ["2026-11-23 08:00:09", "王伟", "A1", "研发部", "门 T1"]

    def test_as_a_file_have_headings_in_the_readers_language_and_no_people_for_it(self, record, visit):
        record((20261123085800, "1"))

        chinese, plain = visit().get("/punches.csv", "zh"), visit(Role.IT).get("/punches.csv")

        assert lines_of(chinese)[0][:3] == ["考勤机时间", "姓名", "工号"]
        assert lines_of(plain)[0][:3] == ["Time at the terminal", "Terminal", "Serial number"]
        assert {len(line) for line in lines_of(plain)} == {11}

    def test_say_what_to_do_when_there_are_none(self, company, visit):
        assert "There are no punches yet." in visit().get("/punches").text

    def test_in_json_end_with_null(self, record, visit):
        record((20261123085800, "1"), (20261123085900, "2"), (20261123090000, "3"))

        first = visit().get("/api/v1/punches?limit=2").json()
        last = visit().get(f"/api/v1/punches?limit=1&after={first['next']}").json()

        assert [one["employee_number"] for one in first["punches"] + last["punches"]] == ["A3", "A2", "A1"]
        assert last["next"] is None
        assert visit().get(f"/api/v1/punches/{last['punches'][0]['id']}").json() == last["punches"][0]


class TestAbsent:
    def test_lists_who_has_not_punched_on_the_day(self, record, visit):
        record((20261123085800, "1"), (20261122085800, "2"))

        today, before = visit().get("/absent").text, visit().get("/absent?day=2026-11-22").text

        assert ["王伟" in today, "李娜" in today, "张敏" in today] == [False, True, True]
        assert ["王伟" in before, "李娜" in before, "张敏" in before] == [True, False, True]
        assert [one["name"] for one in visit().get("/api/v1/absent?day=2026-11-22").json()["people"]] == ["王伟", "张敏"]

    def test_leaves_out_who_has_left(self, database, company, visit):
        with database.writing() as uow:
            uow.execute(update(person).where(person.c.employee_number == "A2").values(active=False))

        assert "李娜" not in visit().get("/absent").text

    def test_says_when_everybody_is_there_and_when_there_is_nobody(self, database, visit):
        assert "There are no people yet" in visit().get("/absent").text
        found_company(database)
        with database.writing() as uow:
            empty = add_site(uow, "new", "新站点", "Asia/Shanghai", TESTER, NOW)
        assert "Nobody belongs to this site" in visit().get(f"/absent?site={empty.id}").text

    def test_says_when_everybody_has_punched(self, record, visit):
        record((20261123085800, "1"), (20261123085801, "2"), (20261123085802, "3"))

        assert "Everybody has punched on this day." in visit().get("/absent").text

    def test_is_paged_and_exported_whole(self, company, visit, monkeypatch):
        monkeypatch.setattr(absent, "PAGE", 2)
        monkeypatch.setattr(absent, "EXPORT_PAGE", 2)

        first = visit().get("/absent?day=2026-11-23")
        second = visit().get(following(first))

        assert [len(re.findall("<tr data-href", page.text)) for page in (first, second)] == [2, 1]
        assert following(second) is None
        assert [line[1] for line in lines_of(visit().get("/absent.csv?day=2026-11-23"))] == ["Person", "李娜", "王伟", "张敏"]

    def test_warns_that_punches_may_wait_at_a_silent_site(self, company, visit):
        page = visit().get("/absent").text

        assert "may still wait where nothing is heard from" in page
        assert "never heard of" in page

    def test_in_json_is_counted_by_site(self, record, company, visit):
        record((20261123085800, "1"))

        told = visit().get("/api/v1/presence?day=2026-11-23").json()

        assert told == {"day": "2026-11-23", "sites": [{"site_id": company.site, "people": 3, "punched": 1}]}


class TestPerson:
    def test_show_one_persons_punches_day_by_day_for_a_month(self, record, company, visit):
        record((20261102085800, "1"), (20261102180100, "1"), (20261123085800, "1"), (20261031085800, "1"), (20261123085900, "2"))

        page = visit().get(f"/people/{company.people['A1']}").text

        assert re.findall(r'href="/people/\d+/days/(\d{4}-\d\d-\d\d)"', page) == ["2026-11-23", "2026-11-02"]
        assert len(re.findall(r'href="/punches/\d+"', page)) == 3
        assert "month=2026-10" in page
        assert "month=2026-12" not in page
        assert "user 1 in 上海总部" in page

    def test_show_how_somebody_stands_and_what_other_areas_know(self, company, visit):
        browser = visit()

        browser.client.app.state.person_cards = (lambda *_: Card("Trail", "trail.html"), lambda *_: None)
        page = browser.get(f"/people/{company.people['A1']}").text

        assert f'<a class="btn btn-sm" href="/people/{company.people["A1"]}/record">Staff record</a>' in page
        assert f'href="/people/{company.people["A1"]}" aria-current="page">Overview</a>' in page
        assert "<h2>Trail</h2>" in page
        assert '<span class="cb-state cb-ok">employed</span>' in page
        assert f'href="/people/{company.people["A1"]}/employment">Timeline</a>' in page

    def test_show_other_months_and_empty_ones(self, record, company, visit):
        record((20261031085800, "1"))
        address = f"/people/{company.people['A1']}?month="

        assert "2026-10-31" in visit().get(f"{address}2026-10").text
        assert "month=2026-11" in visit().get(f"{address}2026-10").text
        assert "No punch in this month." in visit().get(f"{address}2026-09").text

    def test_end_in_what_was_done_with_the_person_for_those_who_may_see_the_trail(self, company, visit):
        address = f"/people/{company.people['A1']}"

        seen, unseen = visit().get(address).text, visit(Role.SUPERVISOR).get(address).text

        assert re.findall(r"<td>((?:person|enrolment): \w+)</td>", seen) == ["enrolment: add", "person: add"]
        assert "cb-foot" in visit(Role.HR).get(address).text
        assert "cb-foot" not in unseen

    def test_show_only_punches_of_days_on_which_the_person_was_enrolled_as_that_user(self, database, company, record, visit):
        with database.writing() as uow:
            late = add_person(uow, "A9", "赵六", TESTER, NOW)
            enrol(uow, late.id, company.zone, "9", date(2026, 11, 20), TESTER, NOW)
        record((20261119085800, "9"), (20261120085800, "9"))

        told = visit().get(f"/api/v1/people/{late.id}/days?since=2026-11-01&until=2026-11-30").json()

        assert [one["day"] for one in told["days"]] == ["2026-11-20"]

    def test_who_are_enrolled_nowhere_are_told_from_those_who_did_not_come(self, database, company, visit):
        with database.writing() as uow:
            new = add_person(uow, "A9", "赵六", TESTER, NOW)

        assert "Enrolled nowhere" in visit().get(f"/people/{new.id}").text


class TestOnTheWay:
    @pytest.fixture
    def dialect(self):
        return "sqlite"

    @pytest.mark.parametrize(
        ("changes", "wall", "expected"),
        [
            ({}, 20261123085800, ("2.0", "{n} s", True)),
            ({"source": "zk-pull", "drift_ms": None}, 20261123085932, ("30.0", "{n} s", False)),
            ({"source": "zk-pull", "drift_ms": 120_000}, 20261123085932, ("2", "{n} min", False)),
            ({"source": "pyzk", "drift_ms": 0}, 20261123040000, ("5", "{n} h", False)),
            ({"source": "attlog-file", "drift_ms": None}, 20261101090000, ("22", "{n} d", False)),
            ({"source": "zk-pull", "drift_ms": 0}, 20271123090000, ("0.0", "{n} s", False)),
            ({"source": "zk-pull", "drift_ms": 0}, 20260230090000, None),
            ({"source": "zk-pull", "drift_ms": 0}, 10101000000, None),
        ],
    )
    def test_is_told_in_fitting_units_and_says_whether_it_is_exact(self, record, database, visit, changes, wall, expected):
        from server.attendance.actions import board_start

        record((wall, "1"), **changes)
        with database.reading() as uow:
            found = on_the_way(board_start(uow, 1)[0][0])

        assert (found and (*in_units(found[0]), found[1])) == expected
        assert visit().get("/board").status_code == 200


def test_a_second_company_site_is_its_own_filter(database, company, record, visit):
    with database.writing() as uow:
        plant = add_site(uow, "plant", "苏州工厂", "Asia/Shanghai", TESTER, NOW)
        company.terminals["T3"] = add_terminal(uow, "T3", "厂门", "plant", TESTER, NOW).id
    record((20261123085800, "1"))
    record((20261123085900, "1"), terminal="T3", at=NOW + timedelta(seconds=3))

    assert walls_of(visit().get(f"/punches?site={plant.id}")) == ["2026-11-23T08:59:00"]
    assert walls_of(visit().get(f"/board?site={plant.id}")) == ["2026-11-23T08:59:00"]
