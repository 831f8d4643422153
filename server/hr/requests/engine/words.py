"""What our codes are called: English texts, each with a translation."""

from server.hr.requests.model import CorrectionCause, RequestKind, RequestState

KINDS = {
    RequestKind.LEAVE: "Leave",
    RequestKind.OVERTIME: "Overtime",
    RequestKind.CORRECTION: "Correction",
    RequestKind.TRIP: "Trip",
    RequestKind.FIELD_WORK: "Field work",
    RequestKind.SHIFT_CHANGE: "Other shift",
    RequestKind.SWAP: "Swap of shifts",
}
CAUSES = {
    CorrectionCause.MISSING_IN: "No punch when coming",
    CorrectionCause.MISSING_OUT: "No punch when leaving",
    CorrectionCause.LATE_FOR_COMPANY: "Late because of the company",
    CorrectionCause.EARLY_FOR_COMPANY: "Left early for the company",
    CorrectionCause.TERMINAL_FAULT: "The terminal was out of order",
}
STATES = {
    RequestState.DRAFT: ("off", "draft"),
    RequestState.WAITING: ("attention", "waiting for approval"),
    RequestState.SENT_BACK: ("attention", "sent back"),
    RequestState.APPROVED: ("ok", "approved"),
    RequestState.REFUSED: ("wrong", "refused"),
    RequestState.WITHDRAWN: ("off", "withdrawn"),
    RequestState.CANCELLED: ("off", "cancelled"),
}
"""(how it is shown, what it is called)."""
OTHERS = {"pay": "paid", "time-off": "time off", "excused": "Excused time", "unpunched": "Day without punches", "nursing": "Nursing time"}


_WORDS: dict[str, str] = {str(code): text for words in (KINDS, CAUSES, OTHERS) for code, text in words.items()}


def word_of(code: str) -> str:
    """The text of a kind of request or grant, of a cause, of a way to settle."""
    return _WORDS[code]
