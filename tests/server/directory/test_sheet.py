"""Tables as spreadsheets write them."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from server.directory.engine import Column, clean, is_yes, read_day, read_sheet, sheet

COLUMNS = (
    Column("number", ("employee number", "工号"), needed=True),
    Column("name", ("full name", "姓名"), needed=True, most=20),
    Column("site", ("site", "站点")),
)


def cells(data):
    read = read_sheet(data, COLUMNS)
    assert read.findings == ()
    return [tuple(row.cells.values()) for row in read.rows]


def findings(text):
    return [(one.row, one.column, one.problem) for one in read_sheet(text.encode(), COLUMNS).findings]


class TestForms:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_every_way_a_spreadsheet_saves_gives_the_same_cells(self, encoding, delimiter, end):
        lines = (("工号", "姓名"), ("001", "王伟"), ("002", "李娜"))

        data = end.join(delimiter.join(line) for line in lines).encode(encoding)

        assert cells(data) == [("001", "王伟"), ("002", "李娜")]

    @pytest.mark.parametrize(
        "heading",
        ["number,name", "employee number,full name", "Employee_Number*, FULL NAME ", "工号,姓名", '="工号",＂姓名'.replace("＂", "")],
    )
    def test_headings_are_known_in_english_and_chinese_however_they_are_written(self, heading):
        assert cells(f"{heading}\n001,王伟\n".encode()) == [("001", "王伟")]

    def test_columns_stand_in_any_order(self):
        assert cells("姓名,站点,工号\n王伟,hq,001".encode()) == [("王伟", "hq", "001")]

    @pytest.mark.parametrize("written", ["001", '"=""001"""', '="001"', "'001", "\u200b001\u00a0", "\t001"])
    def test_leading_zeros_stay_and_what_excel_puts_around_them_goes(self, written):
        assert cells(f"工号,姓名\n{written},王伟".encode()) == [("001", "王伟")]

    def test_the_line_that_tells_excel_the_separator_is_no_row(self):
        read = read_sheet("sep=;\n工号;姓名\n001;王, 伟".encode(), COLUMNS)

        assert [(row.number, row.cells["name"]) for row in read.rows] == [(2, "王, 伟")]

    def test_blank_lines_are_no_rows_but_count_for_the_numbers(self):
        read = read_sheet("\n工号,姓名\n,,\n001,王伟\n\n002,李娜".encode(), COLUMNS)

        assert [row.number for row in read.rows] == [4, 6]

    def test_a_rare_letter_of_a_name_survives_gb18030(self):
        assert cells("工号,姓名\n1,𠮷野㼆".encode("gb18030")) == [("1", "𠮷野㼆")]


class TestFindings:
    def test_a_column_that_nobody_knows_is_named_with_those_that_are_known(self):
        (found,) = read_sheet("工号,姓名,血型\n1,王伟,A".encode(), COLUMNS).findings

        assert (found.row, found.column) == (1, "血型")
        assert "employee number / 工号" in str(found)

    def test_a_needed_column_that_is_missing_is_named_in_both_languages(self):
        assert findings("姓名\n王伟") == [(1, "employee number / 工号", "this column is missing")]

    def test_a_column_that_is_there_twice_is_found(self):
        assert findings("工号,姓名,full name\n1,王,王") == [(1, "full name", "this column is there twice")]

    def test_a_cell_under_no_heading_is_found_by_its_letter(self):
        assert findings("工号,姓名,\n1,王伟,,x\n2,李娜,y") == [
            (2, "D", "no heading stands above this cell"),
            (3, "C", "no heading stands above this cell"),
        ]

    def test_the_letters_go_on_behind_z(self):
        assert [sheet._letter(place) for place in (0, 25, 26, 27, 701, 702)] == ["A", "Z", "AA", "AB", "ZZ", "AAA"]

    @pytest.mark.parametrize("cell", ["1.2E+11", "3E+15", "1,5E+10"])
    def test_a_number_that_the_spreadsheet_shortened_is_found(self, cell):
        ((row, column, problem),) = findings(f'工号,姓名\n"{cell}",王伟')

        assert (row, column) == (2, "工号")
        assert "shortened" in problem

    @pytest.mark.parametrize("cell", ["#N/A", "#REF!", "#NAME?", "######"])
    def test_a_cell_that_the_spreadsheet_could_not_work_out_is_found(self, cell):
        assert "could not work" in findings(f"工号,姓名\n{cell},王伟")[0][2]

    def test_a_line_break_in_a_cell_is_found(self):
        assert findings('工号,姓名\n1,"王\n伟"')[0][:2] == (2, "姓名")

    def test_a_cell_that_is_too_long_is_found(self):
        assert str(read_sheet(f"工号,姓名\n1,{'王' * 21}".encode(), COLUMNS).findings[0]) == (
            "row 2, 姓名: it is longer than 20 characters; write a shorter one"
        )

    def test_a_letter_that_was_lost_in_saving_is_found(self):
        assert "was lost" in findings("工号,姓名\n1,王\ufffd")[0][2]

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "the file is empty"),
            (b"\n , \n", "the file is empty"),
            (b"PK\x03\x04rest", "this is a workbook"),
            (b"\xd0\xcf\x11\xe0rest", "this is a workbook"),
            (b"\xff\xff\xff", "the file is no text"),
            (b"a\0b", "the file is no text"),
            (b"\xff\xfea", "the file is no text"),
            (b"number,name\n1," + b"x" * 200_000, "cannot be read as CSV"),
            (b"number,name\n" + b"1,x\n" * (sheet.MOST_ROWS + 1), "more than 20000 rows"),
        ],
    )
    def test_a_file_that_is_no_table_gets_one_finding(self, data, said):
        (found,) = read_sheet(data, COLUMNS).findings

        assert said in str(found)


class TestCells:
    @pytest.mark.parametrize(
        "word",
        [
            "2026-01-05",
            "2026-1-5",
            "2026/1/5",
            "2026/1/5 0:00",
            "2026/01/05 00:00:00",
            "2026.1.5",
            "2026年1月5日",
            "20260105",
            "２０２６/1/5",
        ],
    )
    def test_a_day_is_read_the_way_people_and_spreadsheets_write_it(self, word):
        assert read_day(word) == date(2026, 1, 5)

    @pytest.mark.parametrize(
        "word", ["5/1/2026", "2026-13-01", "2026-02-30", "0206-01-05", "2026/1-5", "2026/1/5 8:30", "46027", "soon", ""]
    )
    def test_what_is_no_day_for_certain_is_none(self, word):
        assert read_day(word) is None

    @pytest.mark.parametrize(
        ("word", "said"), [("是", True), ("Yes", True), ("１", True), ("在职", True), ("否", False), ("离职", False), ("?", None)]
    )
    def test_yes_and_no_are_known_in_both_languages(self, word, said):
        assert is_yes(word) is said

    @given(st.text(max_size=30))
    def test_an_apostrophe_before_a_clean_cell_is_taken_off_again(self, cell):
        once = clean(cell)

        assert once.strip() == once
        assert clean(f"'{once}") == once


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reading_fail(data):
    read_sheet(data, COLUMNS)


@given(st.lists(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=8), max_size=5), max_size=6))
def test_every_cell_that_is_not_blank_ends_in_a_row_or_in_a_finding(lines):
    import csv
    import io

    buffer = io.StringIO()
    csv.writer(buffer).writerows([["工号", "姓名", "站点"], *lines])

    read = read_sheet(buffer.getvalue().encode(), COLUMNS)

    if any(one.row == 1 for one in read.findings):
        return  # the whole file is refused
    told = {one.row for one in read.findings}
    stored = {row.number: set(row.cells.values()) for row in read.rows}
    for number, line in enumerate(lines, 2):
        for cell in line:
            assert not clean(cell) or clean(cell) in stored[number] or number in told
