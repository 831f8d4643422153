"""The page of imports and its JSON, in the real application on both databases."""

import csv
import io
import re
from html import unescape
from pathlib import Path

import pytest

import server.directory
from server.access.model import Permission, Role
from server.directory import pages, store
from server.directory.actions import import_people
from server.directory.actions.imports.words import HOURS_SYSTEMS, KINDS as EMPLOYMENTS
from server.directory.pages.kinds import KINDS
from server.directory.pages.received import MOST_BYTES, pack, unpack
from server.web import language
from tests.support.company import NOW, TESTER, found_company
from tests.support.pages import browse

PEOPLE = "工号,姓名,部门,站点,考勤号\nN1,赵静,RND,hq,901\nA1,王小伟,RND,hq,1\nA2,李娜,PROD,hq,\n"
CHANGES = (Permission.CHANGE_PEOPLE, Permission.SEE_PEOPLE)


@pytest.fixture
def company(database):
    return found_company(database)


@pytest.fixture
def visit(database):
    return lambda who=Role.HR: browse(database, (pages.router,), who)


@pytest.fixture
def hr(company, visit):
    return visit()


def look(browser, text, kind="people"):
    data = text if isinstance(text, bytes) else text.encode()
    return browser.post("/imports", {"kind": kind}, files={"file": ("people.csv", data, "text/csv")})


def held(answer):
    return re.search(r'name="held" value="([^"]*)"', answer.text).group(1)


def store_it(browser, answer, kind="people"):
    return browser.post("/imports", {"kind": kind, "held": held(answer), "store": "1"})


def words_of(answer):
    """What the page says, without its frame."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text.split("<main", 1)[1].split(">", 1)[1])))


def lines_of(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


class TestWhoMay:
    @pytest.mark.parametrize("address", ["/imports", "/imports/sample/people.csv"])
    def test_only_who_may_change_and_see_people_reads_the_page(self, visit, address):
        assert visit(CHANGES).get(address).status_code == 200
        assert visit([one for one in Permission if one is not Permission.CHANGE_PEOPLE]).get(address).status_code == 403
        assert visit([one for one in Permission if one is not Permission.SEE_PEOPLE]).get(address).status_code == 403
        assert visit(None).get(address).headers["location"].startswith("/sign-in")

    @pytest.mark.parametrize("address", ["/imports", "/imports/findings.csv", "/api/v1/imports/people"])
    def test_it_never_looks_at_a_file_of_somebody_else(self, database, company, visit, address):
        assert visit(Role.IT).post(address, {"kind": "people"}, files={"file": ("x.csv", PEOPLE.encode())}).status_code == 403
        assert visit(None).post(address, {"kind": "people"}).status_code in {303, 401}
        with database.reading() as uow:
            assert store.person_by_number(uow, "N1") is None


class TestLooking:
    def test_before_anything_was_imported_the_page_says_what_to_do(self, visit):
        assert "No file has been imported yet. Take a sample file" in words_of(visit().get("/imports"))

    def test_a_look_shows_what_would_happen_and_stores_nothing(self, hr, database):
        answer = look(hr, PEOPLE)

        said = words_of(answer)
        assert answer.status_code == 200
        assert "1 added 1 changed 1 as before 0 to correct" in said
        assert "name: 王伟 name: 王小伟" in said
        assert "Store 2 rows" in said
        with database.reading() as uow:
            assert store.person_by_number(uow, "N1") is None

    def test_findings_stand_beside_their_row_and_nothing_can_be_stored(self, hr):
        answer = look(hr, "工号,姓名,部门\nN1,赵静,没有\n")

        said = words_of(answer)
        assert answer.status_code == 422
        assert "2 部门 there is no department 没有 import it first, or write its code" in said
        assert 'name="store"' not in answer.text

    def test_findings_can_be_taken_along_as_csv(self, hr):
        answer = hr.post("/imports/findings.csv", {"kind": "people", "held": held(look(hr, "工号,姓名,部门\nN1,赵静,没有\n"))})

        assert lines_of(answer) == [
            ["Row number", "Column", "What is wrong", "What to do"],
            ["2", "部门", "there is no department 没有", "import it first, or write its code"],
        ]

    def test_a_file_that_changes_nothing_offers_nothing_to_store(self, hr):
        answer = look(hr, "工号,姓名\nA1,王伟\n")

        assert "there is nothing to do" in words_of(answer)
        assert 'name="store"' not in answer.text

    def test_what_a_file_says_is_shown_and_never_run(self, hr):
        answer = look(hr, "工号,姓名,部门\nN1,<script>alert(1)</script>,{name}\n")

        assert "<script>alert" not in answer.text
        assert "there is no department {name}" in words_of(answer)

    @pytest.mark.parametrize("data", [b"", b"  "])
    def test_no_file_or_an_empty_one_is_said_beside_the_form(self, hr, data):
        answer = look(hr, data)

        assert answer.status_code == 422
        assert "Choose a file" in answer.text

    def test_a_kind_that_there_is_not_is_refused(self, hr):
        assert look(hr, PEOPLE, kind="terminals").status_code == 422
        assert hr.get("/imports?kind=x").status_code == 422
        assert hr.get("/imports/sample/x.csv").status_code == 422

    @pytest.mark.parametrize("size", [MOST_BYTES + 1, 2 * MOST_BYTES])
    def test_a_file_that_is_too_large_is_said_beside_the_form(self, hr, size):
        answer = look(hr, b"x" * size)

        assert answer.status_code == 422
        assert "larger than 10 MB" in words_of(answer)
        assert "Look at it" in answer.text


class TestStoring:
    def test_what_was_looked_at_is_stored_and_the_page_can_be_loaded_again(self, hr, database):
        answer = store_it(hr, look(hr, PEOPLE))

        assert answer.status_code == 303
        with database.reading() as uow:
            assert store.person_by_number(uow, "N1").name == "赵静"
            assert store.person_by_number(uow, "A1").name == "王小伟"
        assert "Stored: People, 1 added, 1 changed, 1 as before." in words_of(hr.get(answer.headers["location"]))

    def test_an_address_cannot_claim_an_import_that_never_was(self, hr):
        assert "Stored:" not in hr.get("/imports?kind=people&entry=7").text

    def test_a_file_of_several_megabytes_comes_through_the_confirmation(self, hr):
        answer = store_it(hr, look(hr, PEOPLE + "," * 3_000_000 + "\n"))

        assert answer.status_code == 303

    def test_what_changed_between_look_and_confirmation_is_found(self, hr, database):
        looked = look(hr, PEOPLE)
        with database.writing() as uow:
            import_people(uow, "工号,姓名,站点,考勤号\nZ1,先来,hq,901\n".encode(), TESTER, NOW)

        answer = store_it(hr, looked)

        assert answer.status_code == 422
        assert "the terminal user 901 is employee Z1 then" in words_of(answer)

    @pytest.mark.parametrize("carried", ["", "!!!", "AAAA", pack(b"")])
    def test_a_confirmation_without_a_file_asks_for_one(self, hr, carried):
        answer = hr.post("/imports", {"kind": "people", "held": carried, "store": "1"})

        assert answer.status_code == 422
        assert "Choose a file with something in it." in words_of(answer)

    def test_the_latest_imports_are_listed_with_who_brought_them(self, hr):
        store_it(hr, look(hr, "code,name\nplant,苏州工厂\n", kind="sites"), kind="sites")
        store_it(hr, look(hr, PEOPLE))

        said = words_of(hr.get("/imports"))

        assert "People tester 1 1 1" in said
        assert said.index("People tester") < said.index("Sites tester")

    def test_what_is_packed_comes_out_again_and_no_more_than_the_limit(self):
        assert unpack(pack(PEOPLE.encode())) == PEOPLE.encode()
        assert len(unpack(pack(bytes(3 * MOST_BYTES)))) == MOST_BYTES + 1


class TestSamples:
    @pytest.mark.parametrize("name", ["en", "zh"])
    def test_the_sample_files_can_be_imported_one_after_the_other(self, visit, name):
        browser = visit()
        for kind in KINDS:
            sample = browser.get(f"/imports/sample/{kind}.csv", name)
            assert store_it(browser, look(browser, sample.content, kind), kind).status_code == 303

    def test_a_sample_has_the_readers_language(self, visit):
        assert lines_of(visit().get("/imports/sample/sites.csv", "zh"))[0] == ["站点编码", "站点名称", "时区"]
        assert lines_of(visit().get("/imports/sample/sites.csv", "en"))[0] == ["site code", "site name", "time zone"]


class TestInChinese:
    def test_the_page_and_its_findings_are_chinese(self, hr):
        hr.language = "zh"

        said = words_of(look(hr, "工号,姓名,部门,在职\nN1,赵静,没有,也许\n"))

        assert "没有部门 没有" in said
        assert "也许 既不是“是”也不是“否”" in said
        left = re.sub(r"CSV|MB", "", said)
        assert not re.findall(r"[A-Za-z]{3,}", left), left

    def test_every_text_of_the_area_has_its_chinese(self):
        folder = Path(server.directory.__path__[0])
        texts = language.chinese()
        page = (folder / "templates" / "directory" / "imports.html").read_text(encoding="utf-8")
        wanted = set(re.findall(r"""_\((?:"([^"]+)"|'([^']+)')""", page))
        found = {one or other for one, other in wanted}
        for file in [*(folder / "actions" / "imports").glob("*.py"), *(folder / "engine").glob("*.py")]:
            source = file.read_text(encoding="utf-8")
            found |= set(re.findall(r'(?<!")"((?:[a-z{][^"]*) [^"]*)"(?!")', source))
        headings = {word for kind in KINDS.values() for column in kind.columns for word in column.headings}
        written = {word for each in (*EMPLOYMENTS.values(), *HOURS_SYSTEMS.values()) for word in each}
        known = {text for text in found if not re.search(r"^sep=|^a NUL", text)}
        assert known - headings - written - texts.keys() == set()


class TestJson:
    def send(self, browser, text, query="", kind="people", lang="en"):
        headers = {"sec-fetch-site": "same-origin", "accept-language": lang}
        return browser.client.post(f"/api/v1/imports/{kind}{query}", content=text.encode(), headers=headers)

    def test_a_program_looks_and_then_stores(self, hr, database):
        looked = self.send(hr, PEOPLE, "?dry_run=true").json()
        stored = self.send(hr, PEOPLE).json()

        assert looked == {"new": 1, "changed": 1, "unchanged": 1, "stored": False, "findings": []}
        assert stored == {"new": 1, "changed": 1, "unchanged": 1, "stored": True, "findings": []}
        with database.reading() as uow:
            assert store.person_by_number(uow, "N1") is not None

    def test_findings_are_told_and_nothing_is_stored(self, hr):
        answer = self.send(hr, "工号,姓名\nN1,\n")

        assert answer.json()["stored"] is False
        assert answer.json()["findings"] == [
            {"row": 2, "column": "姓名", "problem": "this cell is empty", "remedy": "fill it in, or delete the row"}
        ]

    def test_bad_kinds_and_too_large_bodies_are_refused(self, hr):
        assert self.send(hr, PEOPLE, kind="x").json()["code"] == "invalid-input"
        assert self.send(hr, "x" * (MOST_BYTES + 1)).status_code == 422
