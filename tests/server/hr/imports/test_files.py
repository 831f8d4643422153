"""Files as people have them: workbooks with more in them than a table, text in other encodings, and what is no table at all."""

import io
import tracemalloc
import zipfile

import pytest
from xlsxwriter import Workbook

from server.errors import InvalidInputError
from server.hr.imports.engine.workbook import read_tables
from tests.support.import_room import said
from tests.support.workbooks import workbook

TABLE = [("工号", "姓名", "部门"), ("N1", "赵静", "RND"), ("N2", "钱进", "PROD")]


@pytest.fixture
def dialect():
    return "sqlite"


def written(fill) -> bytes:
    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("员工")
        for place, row in enumerate(TABLE):
            sheet.write_row(place, 0, row)
        fill(book, sheet)
    return buffer.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidInputError) as refused:
        read_tables(data, "x.xlsx")
    return str(refused.value)


class TestWhatIsRead:
    def lines(self, fill):
        (table,) = read_tables(written(fill), "x.xlsx")
        return [line for line in table.lines if any(line)]

    def test_thousands_of_empty_rows_with_a_colour_are_no_rows(self):
        def fill(book, sheet):
            colour = book.add_format({"bg_color": "#FFEEEE"})
            for row in range(3, 9_000):
                sheet.set_row(row, None, colour)
                sheet.write_blank(row, 0, None, colour)

        assert self.lines(fill) == TABLE

    def test_hidden_rows_are_rows_and_formulas_what_they_came_to(self):
        def fill(_book, sheet):
            sheet.set_row(1, None, None, {"hidden": True})
            sheet.write_formula(3, 0, '="N"&3', None, "N3")
            sheet.write_formula(3, 1, "='[other.xlsx]Sheet1'!A1", None, "孙丽")

        assert self.lines(fill) == [*TABLE, ("N3", "孙丽", "")]

    def test_text_is_read_in_the_encodings_of_office_programs(self):
        text = "工号,姓名\nN1,赵静\n"

        for data in (text.encode("gb18030"), text.encode("utf-8-sig"), text.encode("utf-16"), text.replace(",", "\t").encode()):
            (table,) = read_tables(data, "花名册.csv")
            assert table.lines == (("工号", "姓名"), ("N1", "赵静"))


class TestWhatIsRefused:
    def test_says_what_to_do(self):
        assert "save it as .xlsx without one" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old or with a password")
        assert "neither a workbook" in refusal(b"%PDF-1.7\n\x00\x01\xff\xfe\x80")
        assert "the workbook is damaged" in refusal(workbook({"员工": TABLE})[:-200])
        assert "with something in it" in refusal(b"")

    def test_bombs_are_seen_before_they_are_unpacked(self):
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", bytes(201 * 1024 * 1024))
        many = io.BytesIO()
        with zipfile.ZipFile(many, "w") as archive:
            for one in range(2_001):
                archive.writestr(f"xl/{one}.xml", b"")
        tracemalloc.start()

        told = [refusal(bomb.getvalue()), refusal(many.getvalue())]

        assert tracemalloc.get_traced_memory()[1] < 20 * 1024 * 1024
        tracemalloc.stop()
        assert all("far too large" in one for one in told)

    def test_a_cell_far_away_does_not_make_a_table_as_large(self):
        assert "more than 20000 rows" in refusal(written(lambda _book, sheet: sheet.write_string(1_048_575, 0, "x")))
        assert "more than 400 columns" in refusal(written(lambda _book, sheet: sheet.write_string(1, 16_383, "x")))


def test_merged_cells_are_named_because_only_the_first_of_them_says_anything(room):
    def fill(_book, sheet):
        sheet.merge_range(1, 2, 2, 2, "RND")

    assert said(room.look(written(fill))) == ["员工: row 2, 部门: this cell is merged with others; unmerge the cells and fill in each one"]
