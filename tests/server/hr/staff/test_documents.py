"""Documents: what is taken by its content, sealed pieces, and what becomes of them."""

import io
import zipfile

import pytest
from sqlalchemy import select

from server.errors import InvalidInputError, NotFoundError
from server.hr.staff import actions as staff
from server.hr.staff.engine.content import file_type_of, safe_name
from server.hr.staff.model import DocumentAccess, DocumentKind, FileType
from server.hr.staff.store.documents import PART_BYTES
from server.hr.staff.tables import document_part
from tests.support.company import NOW, TESTER, found_company

PDF = b"%PDF-1.7\n"


def packed(*names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        for name in ("[Content_Types].xml", *names):
            file.writestr(name, "x")
    return held.getvalue()


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (PDF, FileType.PDF),
        (b"\xff\xd8\xff\xe0", FileType.JPEG),
        (b"\x89PNG\r\n\x1a\n", FileType.PNG),
        (packed("word/document.xml"), FileType.DOCX),
        (packed("xl/workbook.xml"), FileType.XLSX),
    ],
)
def test_given_a_file_that_is_taken_then_its_type_comes_from_its_content(data, found):
    assert file_type_of(data) is found


@pytest.mark.parametrize(
    "data",
    [
        b"<html><script>alert(1)</script></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"MZ\x90",
        b" %PDF-1.7",
        packed("classes.dex"),
        packed("xl/workbook.xml", "xl/vbaProject.bin"),
        packed("word/document.xml")[:-30],
        packed(*(f"word/{'n' * 200}{number}" for number in range(1_500)), "word/document.xml"),
        b"PK\x03\x04" + bytes(100),
    ],
)
def test_given_what_is_no_such_document_then_it_is_refused(data):
    with pytest.raises(InvalidInputError) as refused:
        file_type_of(data)

    assert refused.value.facts["field"] == "file"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("劳动合同.PDF", "劳动合同.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        (r"C:\temp\scan.html", "scan_html.pdf"),
        ("invoice\u202efdp.exe\x00.pdf", "invoicefdp_exe.pdf"),
        ("<script>alert(1)</script>.pdf", "script.pdf"),
        ("...", "document.pdf"),
        ("长" * 300, "长" * 120 + ".pdf"),
    ],
)
def test_given_any_name_then_it_is_harmless_and_ends_as_the_content_says(name, safe):
    assert safe_name(name, FileType.PDF) == safe


def test_given_a_large_file_when_stored_then_it_lies_in_sealed_pieces_and_comes_out_the_same(database):
    company, data = found_company(database), PDF + bytes(range(256)) * 10_000
    one = company.people["A1"]
    with database.writing() as uow:
        made = staff.add_document(uow, one, DocumentKind.CONTRACT, "合同.pdf", data, DocumentAccess.SELF, TESTER, NOW)

    with database.writing() as uow:
        opened = staff.open_document(uow, made.id, TESTER, NOW)
        sealed = [bytes(row.sealed) for row in uow.fetch_all(select(document_part))]
    assert opened == made
    assert (made.name, made.size, made.parts) == ("合同.pdf", len(data), 3)
    assert b"".join(staff.document_parts(database, made)) == data
    assert all(PDF not in piece and len(piece) < PART_BYTES + 100 for piece in sealed)


def test_given_a_document_when_removed_then_its_content_is_gone(database):
    company = found_company(database)
    with database.writing() as uow:
        made = staff.add_document(uow, company.people["A1"], DocumentKind.OTHER, "a.pdf", PDF, DocumentAccess.HR, TESTER, NOW)
        with pytest.raises(InvalidInputError):
            staff.remove_document(uow, made.id, " ", TESTER, NOW)
        staff.remove_document(uow, made.id, "handed in by mistake", TESTER, NOW)

    with database.reading() as uow:
        assert staff.documents_of(uow, company.people["A1"]) == []
        assert uow.fetch_all(select(document_part)) == []
        with pytest.raises(NotFoundError):
            staff.find_document(uow, made.id)


def test_given_nothing_or_too_much_when_handed_in_then_the_limit_is_named(database):
    company = found_company(database)
    with database.writing() as uow:
        for data, told in ((b"", "something in it"), (PDF + bytes(20 * 1024 * 1024), "larger than 20 MB")):
            with pytest.raises(InvalidInputError, match=told):
                staff.add_document(uow, company.people["A1"], DocumentKind.OTHER, "a.pdf", data, DocumentAccess.HR, TESTER, NOW)
