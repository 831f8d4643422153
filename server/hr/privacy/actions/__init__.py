"""Consents, everything about somebody, keep times and erasing."""

from server.hr.privacy.actions.consents import (
    agree,
    carry_out,
    consents_of,
    latest_texts,
    publish_text,
    texts,
    to_carry_out,
    withdraw,
)
from server.hr.privacy.actions.erasing import (
    check_receipt,
    confirm_erasure,
    due,
    erase_person,
    find_receipt,
    keep_times,
    list_due,
    receipts,
    set_keep_times,
)
from server.hr.privacy.actions.exports import ask_export, drop_exports, exports_of, find_export, open_export
from server.hr.privacy.actions.subjects import subject_of

__all__ = [
    "agree",
    "ask_export",
    "carry_out",
    "check_receipt",
    "confirm_erasure",
    "consents_of",
    "drop_exports",
    "due",
    "erase_person",
    "exports_of",
    "find_export",
    "find_receipt",
    "keep_times",
    "latest_texts",
    "list_due",
    "open_export",
    "publish_text",
    "receipts",
    "set_keep_times",
    "subject_of",
    "texts",
    "to_carry_out",
    "withdraw",
]
