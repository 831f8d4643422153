"""Reading and writing requests."""

from server.hr.requests.store.certificates import leave_without_documents, note_reminders, reminders_of
from server.hr.requests.store.lists import count_requests, list_requests
from server.hr.requests.store.requests import (
    add_effect,
    add_event,
    add_request,
    attach,
    attachments_of,
    content_from,
    effects_of,
    events_of,
    move,
    next_number,
    request_by_id,
    request_by_key,
    requests_by_id,
    set_content,
    set_partner_agreed,
    undo_effects,
    waiting_between,
    waiting_change_of,
    waiting_for_partner,
)
from server.hr.requests.store.rules import add_rules, rules_on, rules_versions
from server.hr.requests.store.used import corrections_in_month, overtime_by_day

__all__ = [
    "add_effect",
    "add_event",
    "add_request",
    "add_rules",
    "attach",
    "attachments_of",
    "content_from",
    "corrections_in_month",
    "count_requests",
    "effects_of",
    "events_of",
    "leave_without_documents",
    "list_requests",
    "move",
    "next_number",
    "note_reminders",
    "overtime_by_day",
    "reminders_of",
    "request_by_id",
    "request_by_key",
    "requests_by_id",
    "rules_on",
    "rules_versions",
    "set_content",
    "set_partner_agreed",
    "undo_effects",
    "waiting_between",
    "waiting_change_of",
    "waiting_for_partner",
]  # fmt: skip
