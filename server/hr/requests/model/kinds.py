"""What can be asked for, the states of asking, and what moves a request from one to the next."""

from enum import StrEnum


class RequestKind(StrEnum):
    """What somebody asks for. CORRECTION: 补卡. SHIFT_CHANGE: another shift on one day. SWAP: two people exchange what they work."""

    LEAVE = "leave"
    OVERTIME = "overtime"
    CORRECTION = "correction"
    TRIP = "trip"
    FIELD_WORK = "field-work"
    SHIFT_CHANGE = "shift-change"
    SWAP = "swap"


PREFIXES = {
    RequestKind.LEAVE: "LV",
    RequestKind.OVERTIME: "OT",
    RequestKind.CORRECTION: "CR",
    RequestKind.TRIP: "TR",
    RequestKind.FIELD_WORK: "FW",
    RequestKind.SHIFT_CHANGE: "SC",
    RequestKind.SWAP: "SW",
}
"""What numbers of a kind begin with: LV-2026-000123 can be said on the telephone."""


class Purpose(StrEnum):
    """NEW: asks for something. CHANGE: asks for something in place of an approved request. CANCEL: asks to take an approved one back."""

    NEW = "new"
    CHANGE = "change"
    CANCEL = "cancel"


class RequestState(StrEnum):
    """Where a request stands. CANCELLED: it was approved, and a later request took it back or replaced it."""

    DRAFT = "draft"
    WAITING = "waiting"
    SENT_BACK = "sent-back"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


class RequestEvent(StrEnum):
    """What happens to a request. EDIT: its content is another; the approvers begin anew. CANCEL: a later request takes it back."""

    SUBMIT = "submit"
    EDIT = "edit"
    APPROVE = "approve"
    REFUSE = "refuse"
    SEND_BACK = "send-back"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"


class CorrectionCause(StrEnum):
    """Why a day is to be corrected. LATE_FOR_COMPANY, EARLY_FOR_COMPANY: the company is the cause (its bus, its errand), so the time is
    paid and no work is owed. TERMINAL_FAULT: nobody could punch, the plan counts as worked.
    """

    MISSING_IN = "missing-in"
    MISSING_OUT = "missing-out"
    LATE_FOR_COMPANY = "late-for-company"
    EARLY_FOR_COMPANY = "early-for-company"
    TERMINAL_FAULT = "terminal-fault"


class EffectKind(StrEnum):
    """What an approved request has made. GRANT: in attendance. PUBLICATION: of the roster. BOOKING: minutes in the ledger of leave."""

    GRANT = "grant"
    PUBLICATION = "publication"
    BOOKING = "booking"
