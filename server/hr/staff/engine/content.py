"""What a file is, by its content, and a name under which it can do no harm.

Only files that carry no program are taken. A PDF, a workbook or a text is never shown by our pages but handed out to be saved.
"""

import io
import re
import unicodedata
import zipfile

from server.errors import InvalidInputError
from server.hr.staff.model import FileType

HEADS = {b"%PDF-": FileType.PDF, b"\xff\xd8\xff": FileType.JPEG, b"\x89PNG\r\n\x1a\n": FileType.PNG}
OFFICE = {"word/document.xml": FileType.DOCX, "xl/workbook.xml": FileType.XLSX}
MOST_DIRECTORY = 256 * 1024
"""Bytes that the table of contents of a text or workbook may have; a hostile one could fill the memory by it alone."""
LONGEST_NAME = 120
WRONG_TYPE = "take a PDF, a JPEG or PNG picture, a Word text (docx) or an Excel workbook (xlsx)"


def file_type_of(data: bytes) -> FileType:
    """Raises InvalidInputError for a type that is not taken, and for what carries macros."""
    for head, found in HEADS.items():
        if data.startswith(head):
            return found
    if data.startswith(b"PK\x03\x04"):
        return _office_type(data)
    raise InvalidInputError(field="file", reason=WRONG_TYPE)


def safe_name(name: str, file_type: FileType) -> str:
    """The last part of a name without what controls or re-orders text, with the ending of what the file is."""
    plain = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    plain = "".join(one for one in plain if unicodedata.category(one)[0] != "C")
    stem = re.sub(r'[<>:"|?*\s]+', " ", plain).strip(" .")
    stem = re.sub(r"\.(pdf|jpe?g|png|docx|xlsx)$", "", stem, flags=re.IGNORECASE).replace(".", "_")
    return f"{stem[:LONGEST_NAME].strip() or 'document'}.{file_type.value}"


def _office_type(data: bytes) -> FileType:
    names = _names_in(data)
    found = next((kind for name, kind in OFFICE.items() if name in names), None)
    if found is None or "[Content_Types].xml" not in names:
        raise InvalidInputError(field="file", reason=WRONG_TYPE)
    if any(name.casefold().endswith(("vbaproject.bin", ".exe", ".js", ".vbs")) for name in names):
        raise InvalidInputError(field="file", reason="it carries macros or programs: save it without them, or as a PDF")
    return found


def _names_in(data: bytes) -> set[str]:
    """The names in a zip's table of contents, whose size is looked at before it is read. Nothing is unpacked."""
    end = data.rfind(b"PK\x05\x06", -(22 + 65_535))
    if end < 0 or len(data) - end < 22 or b"PK\x06\x07" in data[max(0, end - 20) : end]:
        raise InvalidInputError(field="file", reason=WRONG_TYPE)
    if int.from_bytes(data[end + 12 : end + 16], "little") > MOST_DIRECTORY:
        raise InvalidInputError(field="file", reason=WRONG_TYPE)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return set(packed.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise InvalidInputError(field="file", reason=WRONG_TYPE) from error
