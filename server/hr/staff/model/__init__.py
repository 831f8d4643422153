"""Values of staff records beyond the employment."""

from server.hr.staff.model.contracts import Advice, Contract, ContractAdvice, ContractKind, ContractTerms, Stage
from server.hr.staff.model.documents import Document, DocumentAccess, DocumentKind, FileType
from server.hr.staff.model.identity import FOUND_BY, NUMBERED_ALIKE, PAY_FACTS, BirthAndSex, Fact, Facts, IdKind, RetirementCategory, Sex
from server.hr.staff.model.own_changes import MAY_ASK, ChangeState, OwnChange, OwnWish, WantedContact
from server.hr.staff.model.own_fields import Contact, FieldKind, OwnField
from server.hr.staff.model.service import PriorService, Service
from server.hr.staff.model.settings import SETTING_LIMITS, StaffSettings
from server.hr.staff.model.waiting import Missing, WaitingFilter, WaitingKind, WaitingRow

__all__ = [
    "FOUND_BY",
    "MAY_ASK",
    "NUMBERED_ALIKE",
    "PAY_FACTS",
    "SETTING_LIMITS",
    "Advice",
    "BirthAndSex",
    "ChangeState",
    "Contact",
    "Contract",
    "ContractAdvice",
    "ContractKind",
    "ContractTerms",
    "Document",
    "DocumentAccess",
    "DocumentKind",
    "Fact",
    "Facts",
    "FieldKind",
    "FileType",
    "IdKind",
    "Missing",
    "OwnChange",
    "OwnField",
    "OwnWish",
    "PriorService",
    "RetirementCategory",
    "Service",
    "Sex",
    "StaffSettings",
    "Stage",
    "WaitingFilter",
    "WaitingKind",
    "WaitingRow",
    "WantedContact",
]
