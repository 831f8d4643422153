"""`clockbridge server import`: real files, what is said, in which language, and with which exit code."""

import pytest

from tests.support.workbooks import workbook

HEADING = "employee_number,name,department,hire_date\n"
GOOD = HEADING + "N1,王伟,,2026-01-05\nN2,李娜,,2026年2月1日\n"
CHINESE = {"LANG": "zh_CN.UTF-8", "LC_ALL": ""}


@pytest.fixture
def take(installed, tmp_path):
    def take(content, *words, name="people.csv", kind="people", env=None):
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return installed.run("server", "import", kind, file, *words, env=env)

    return take


def test_given_a_good_file_when_tried_then_stored_then_stored_again_then_each_time_it_says_what_it_did(take):
    tried = take(GOOD, "--dry-run")
    first, again = take(GOOD), take(GOOD)

    assert (tried.code, tried.out.strip()) == (0, "new 2, changed 0, unchanged 0")
    assert (first.code, first.out.strip()) == (0, "new 2, changed 0, unchanged 0")
    assert (again.code, again.out.strip()) == (0, "new 0, changed 0, unchanged 2")


@pytest.mark.parametrize(
    ("env", "place", "end"),
    [(None, "row 3, ", "Nothing was imported"), (CHINESE, "第 3 行", "未导入任何数据")],
)
def test_given_a_wrong_cell_when_imported_then_it_is_named_in_the_readers_language_and_nothing_is_stored(take, env, place, end):
    answer = take(HEADING + "N1,王伟,,2026-01-05\nN2,李娜,,2026-02-31\n", env=env)

    assert answer.code == 2
    assert place in answer.err
    assert end in answer.err
    assert ("row" in answer.err) is (env is None)
    assert take(GOOD).out.strip() == "new 2, changed 0, unchanged 0"


def test_given_a_workbook_when_imported_then_each_sheet_is_what_its_name_says(take):
    data = workbook({"departments": [["code", "name"], ["RND", "研发部"]], "staff": [["employee_number", "name"], ["N1", "王伟"]]})

    answer = take(data, name="all.xlsx", kind="workbook")

    assert (answer.code, answer.out.strip()) == (0, "new 2, changed 0, unchanged 0")


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04 no workbook"])
def test_given_what_is_no_table_when_imported_then_it_is_refused_in_one_sentence(take, content):
    answer = take(content, name="people.xlsx")

    assert answer.code == 2
    assert answer.sentence


def test_given_a_file_that_is_not_there_when_imported_then_it_says_so(installed, tmp_path):
    answer = installed.run("server", "import", "people", tmp_path / "nowhere.csv")

    assert answer.code == 2
    assert "nowhere.csv" in answer.sentence
