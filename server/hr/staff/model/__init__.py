"""Values of staff records beyond the employment."""

from server.hr.staff.model.documents import Document, DocumentAccess, DocumentKind, FileType
from server.hr.staff.model.identity import (
    FOUND_BY,
    NUMBERED_ALIKE,
    PAY_FACTS,
    BirthAndSex,
    Fact,
    Facts,
    IdKind,
    RetirementCategory,
    Sex,
)
from server.hr.staff.model.service import PriorService, Service
from server.hr.staff.model.settings import StaffSettings

__all__ = [
    "FOUND_BY",
    "NUMBERED_ALIKE",
    "PAY_FACTS",
    "BirthAndSex",
    "Document",
    "DocumentAccess",
    "DocumentKind",
    "Fact",
    "Facts",
    "FileType",
    "IdKind",
    "PriorService",
    "RetirementCategory",
    "Service",
    "Sex",
    "StaffSettings",
]
