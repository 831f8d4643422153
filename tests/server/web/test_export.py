"""A file that people open has numbers as numbers, dates as dates, and nothing in it is run."""

import re
import zipfile
from datetime import UTC, date, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

from server.web.export import _lines, attachment, workbook

SHANGHAI = ZoneInfo("Asia/Shanghai")
HEADING = ["工号", "分钟", "日期", "时刻"]


def parts(rows: list, name: str = "考勤") -> dict[str, str]:
    with zipfile.ZipFile(BytesIO(workbook(name, HEADING, rows, SHANGHAI))) as file:
        return {one: file.read(one).decode() for one in file.namelist() if one.endswith(".xml")}


def cells(rows: list) -> dict[str, str]:
    """Of the sheet: cell to its type and value, texts resolved."""
    found = parts(rows)
    texts = re.findall(r"<si><t[^>]*>(.*?)</t></si>", found["xl/sharedStrings.xml"], re.DOTALL)
    sheet = found["xl/worksheets/sheet1.xml"]
    assert "<f>" not in sheet
    return {
        place: texts[int(value)] if kind == "s" else float(value)
        for place, kind, value in re.findall(r'<c r="(\w+)"(?: s="\d+")?(?: t="(\w)")?><v>(.*?)</v>', sheet)
    }


def test_numbers_are_numbers_and_numbers_of_people_stay_text():
    found = cells([["0042", 480, None, None]])

    assert (found["A2"], found["B2"]) == ("0042", 480.0)
    assert "C2" not in found


def test_dates_and_instants_are_dates_on_the_clock_of_the_company():
    found = cells([["1", 1, date(2026, 11, 23), datetime(2026, 11, 22, 16, 30, tzinfo=UTC)]])

    assert found["C2"] == (date(2026, 11, 23) - date(1899, 12, 30)).days
    assert round((found["D2"] - found["C2"]) * 24, 4) == 0.5


def test_what_begins_like_a_formula_is_text():
    found = cells([["=1+1", 1, "+cmd", "@x"]])

    assert [found[place] for place in ("A2", "C2", "D2")] == ["=1+1", "+cmd", "@x"]


def test_the_heading_stays_in_sight_and_can_be_filtered_by():
    sheet = parts([["1", 1, None, None]])["xl/worksheets/sheet1.xml"]

    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:D2"/>' in sheet


def test_a_name_that_no_sheet_may_have_is_made_one_that_it_may():
    assert 'name="2026-11 研发 生产"' in parts([], "2026-11: [研发 生产]")["xl/workbook.xml"]


def test_the_file_is_called_in_the_language_of_the_reader():
    assert attachment("月报.xlsx")["content-disposition"] == "attachment; filename=\".xlsx\"; filename*=UTF-8''%E6%9C%88%E6%8A%A5.xlsx"


def test_a_cell_of_csv_is_not_run():
    assert "'=1+1" in "".join(_lines(["a"], [["=1+1"]]))
