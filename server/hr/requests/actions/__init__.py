"""What can be done with requests."""

from server.hr.requests.actions.asking import Judged, StoppedError, ask, change, find_request, judge_request, save_draft, submit
from server.hr.requests.actions.attaching import NewFile, attachment_parts, attachments_of, hand_in_later, open_attachment
from server.hr.requests.actions.certificates import Owed, owed_certificates, remind_of_certificates
from server.hr.requests.actions.coursing import SUBJECT, course_of, flow_kind, new_of
from server.hr.requests.actions.describing import describe_requests, leave_names, names_for
from server.hr.requests.actions.ending import RequestHandler, withdraw_request
from server.hr.requests.actions.gathering import zone_of
from server.hr.requests.actions.leave_facts import offered_types
from server.hr.requests.actions.partners import answer_swap, possible_partners
from server.hr.requests.actions.proposing import Proposal, propose_correction
from server.hr.requests.actions.reading import RequestView, list_requests, requests_of, require_own, see_request, swaps_to_answer
from server.hr.requests.actions.rules import change_rules, rules_on, rules_versions

__all__ = [
    "SUBJECT",
    "Judged",
    "NewFile",
    "Owed",
    "Proposal",
    "RequestHandler",
    "RequestView",
    "StoppedError",
    "answer_swap",
    "ask",
    "attachment_parts",
    "attachments_of",
    "change",
    "change_rules",
    "course_of",
    "describe_requests",
    "find_request",
    "flow_kind",
    "hand_in_later",
    "judge_request",
    "leave_names",
    "list_requests",
    "names_for",
    "new_of",
    "offered_types",
    "open_attachment",
    "owed_certificates",
    "possible_partners",
    "propose_correction",
    "remind_of_certificates",
    "requests_of",
    "require_own",
    "rules_on",
    "rules_versions",
    "save_draft",
    "see_request",
    "submit",
    "swaps_to_answer",
    "withdraw_request",
    "zone_of",
]  # fmt: skip
