"""Values of documents: files that belong to a person."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class DocumentKind(StrEnum):
    """What a document is. SERVICE_PROOF: of service before us, by which annual leave goes. REQUEST: handed in with a request."""

    ID_COPY = "id-copy"
    CONTRACT = "contract"
    EDUCATION = "education"
    QUALIFICATION = "qualification"
    HEALTH = "health"
    WORK_PERMIT = "work-permit"
    SERVICE_PROOF = "service-proof"
    REQUEST = "request"
    OTHER = "other"


class DocumentAccess(StrEnum):
    """Who may open a document: the person, too; whoever sees staff records; whoever sees pay; only who may see identities in full."""

    SELF = "self"
    HR = "hr"
    PAY = "pay"
    RESTRICTED = "restricted"


class FileType(StrEnum):
    """What a document may be, by its content and not by its name."""

    PDF = "pdf"
    JPEG = "jpg"
    PNG = "png"
    DOCX = "docx"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        return _MEDIA[self]


_OFFICE = "application/vnd.openxmlformats-officedocument"
_MEDIA = {
    FileType.PDF: "application/pdf",
    FileType.JPEG: "image/jpeg",
    FileType.PNG: "image/png",
    FileType.DOCX: f"{_OFFICE}.wordprocessingml.document",
    FileType.XLSX: f"{_OFFICE}.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A file without its content. name: for a file, ending included. parts: how many sealed pieces it lies in. expires_on: last day."""

    id: int
    person_id: int
    kind: DocumentKind
    name: str
    file_type: FileType
    size: int
    parts: int
    access: DocumentAccess
    expires_on: date | None
    author: str
    added_at: datetime
