"""Every route with what it needs, asked by every role: nobody gets more than this table says."""

from enum import Enum

import pytest

from server.access.model import PERMISSIONS, Permission, Role
from server.web.app import routes_of
from server.web.visitor import PUBLIC, SIGNED_IN, needs_of
from tests.server.access.conftest import PASSWORD, Person, place

PEOPLE, CHANGE_PEOPLE, PUNCHES = Permission.SEE_PEOPLE, Permission.CHANGE_PEOPLE, Permission.SEE_PUNCHES
FLEET, CHANGE_FLEET = Permission.SEE_FLEET, Permission.CHANGE_FLEET
QUARANTINE, RESOLVE = Permission.SEE_QUARANTINE, Permission.RESOLVE_QUARANTINE
SEE_ROSTER, CHANGE_ROSTER = Permission.SEE_ROSTER, Permission.CHANGE_ROSTER
CHANGE_RULES = Permission.CHANGE_RULES
ACCOUNTS, AUDIT = Permission.MANAGE_ACCOUNTS, Permission.SEE_AUDIT
DAYS, CHANGE_GRANTS = (Permission.SEE_DAYS, PEOPLE), (Permission.CHANGE_GRANTS, PEOPLE)
OWN = Permission.SEE_OWN
SEE_STAFF, CHANGE_STAFF = (Permission.SEE_STAFF, PEOPLE), (Permission.CHANGE_STAFF, Permission.SEE_STAFF, PEOPLE)
LOOK = (Permission.SEE_IDENTITY, *SEE_STAFF)
ASKS = (Permission.ASK, Permission.SEE_OWN)
REQUESTS, CHANGE_REQUESTS = (Permission.SEE_REQUESTS, PEOPLE), (Permission.CHANGE_REQUESTS, PEOPLE)

DECIDE, HAND_OVER = Permission.DECIDE, (Permission.CHANGE_REQUESTS, PEOPLE)
FLOWS, CHANGE_FLOWS = (Permission.SEE_FLOWS, PEOPLE), (Permission.CHANGE_FLOWS, PEOPLE)
SEE_LEAVE = (Permission.SEE_LEAVE, PEOPLE)
CHANGE_LEAVE, CHANGE_TYPES = (Permission.CHANGE_LEAVE, *SEE_LEAVE), (Permission.CHANGE_LEAVE, Permission.SEE_LEAVE)

MANAGES = (Permission.MANAGE_PRIVACY, PEOPLE)

NEEDS = {
    "GET /privacy": MANAGES,
    "GET /privacy/consents.csv": MANAGES,
    "GET /privacy/consents.xlsx": MANAGES,
    "GET /privacy/texts/new": MANAGES,
    "POST /privacy/texts/new": MANAGES,
    "POST /privacy/consents/{consent_id:int}/done": MANAGES,
    "GET /privacy/people/{person_id:int}": MANAGES,
    "POST /privacy/people/{person_id:int}/agree": MANAGES,
    "POST /privacy/people/{person_id:int}/withdraw": MANAGES,
    "POST /privacy/people/{person_id:int}/export": MANAGES,
    "GET /privacy/exports/{export_id:int}": MANAGES,
    "POST /privacy/tasks/{task_id:int}/done": MANAGES,
    "GET /templates-to-erase": CHANGE_FLEET,
    "POST /templates-to-erase/{task_id:int}": CHANGE_FLEET,
    "GET /privacy/keep-times": MANAGES,
    "POST /privacy/keep-times": MANAGES,
    "GET /privacy/erasure": MANAGES,
    "POST /privacy/erasure": MANAGES,
    "GET /privacy/erasure/{kind}/{person_id:int}": MANAGES,
    "POST /privacy/erasure/orders/{order_id:int}": MANAGES,
    "POST /privacy/people/{person_id:int}/hold": MANAGES,
    "POST /privacy/holds/{hold_id:int}/lift": MANAGES,
    "GET /privacy/receipts/{receipt_id:int}": MANAGES,
    "GET /me/privacy": OWN,
    "POST /me/privacy/agree": OWN,
    "POST /me/privacy/withdraw": OWN,
    "POST /me/privacy/export": OWN,
    "GET /me/privacy/exports/{export_id:int}": OWN,
    "GET /approvals": DECIDE,
    "GET /approvals.csv": DECIDE,
    "GET /approvals.xlsx": DECIDE,
    "POST /approvals/decide": DECIDE,
    "GET /approvals/bulk/{bulk_id:int}": DECIDE,
    "GET /approvals/stuck": HAND_OVER,
    "GET /approvals/{course_id:int}": DECIDE,
    "POST /approvals/{course_id:int}/decide": DECIDE,
    "POST /approvals/{course_id:int}/comment": DECIDE,
    "POST /approvals/{course_id:int}/withdraw": DECIDE,
    "POST /approvals/{course_id:int}/remind": DECIDE,
    "POST /approvals/{course_id:int}/hand-over": HAND_OVER,
    "GET /flows": FLOWS,
    "GET /flows/one": FLOWS,
    "GET /flows/try": FLOWS,
    "POST /flows/retire": CHANGE_FLOWS,
    "GET /flows/edit": CHANGE_FLOWS,
    "POST /flows/edit": CHANGE_FLOWS,
    "POST /flows/check": CHANGE_FLOWS,
    "POST /api/v1/flows/try": CHANGE_FLOWS,
    "POST /flows/publish": CHANGE_FLOWS,
    "GET /api/v1/flows": FLOWS,
    "POST /api/v1/flows": CHANGE_FLOWS,
    "GET /api/v1/flows/versions": FLOWS,
    "GET /api/v1/flows/try": FLOWS,
    "POST /api/v1/flows/check": CHANGE_FLOWS,
    "GET /delegations": DECIDE,
    "POST /delegations": DECIDE,
    "POST /delegations/{delegation_id:int}/end": DECIDE,
    "GET /api/v1/delegations": DECIDE,
    "POST /api/v1/delegations": DECIDE,
    "POST /api/v1/delegations/{delegation_id}/end": DECIDE,
    "GET /api/v1/approvals": DECIDE,
    "POST /api/v1/approvals/decide": DECIDE,
    "GET /api/v1/approvals/bulk/{bulk_id}": DECIDE,
    "GET /api/v1/approvals/{course_id}": DECIDE,
    "POST /api/v1/approvals/{course_id}/decide": DECIDE,
    "POST /api/v1/approvals/{course_id}/comment": DECIDE,
    "POST /api/v1/approvals/{course_id}/withdraw": DECIDE,
    "POST /api/v1/approvals/{course_id}/remind": DECIDE,
    "POST /api/v1/approvals/{course_id}/hand-over": HAND_OVER,
    "GET /sign-in": PUBLIC,
    "POST /sign-in": PUBLIC,
    "GET /language/{name}": PUBLIC,
    "GET /manifest.webmanifest": PUBLIC,
    "GET /service-worker.js": PUBLIC,
    "GET /offline": PUBLIC,
    "GET /healthz": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /metrics": PUBLIC,
    "POST /sign-out": SIGNED_IN,
    "GET /sessions": SIGNED_IN,
    "POST /sessions/end": SIGNED_IN,
    "GET /sign-in/with/{provider}": PUBLIC,
    "GET /sign-in/with/{provider}/return": PUBLIC,
    "GET /sessions/link/{provider}": SIGNED_IN,
    "POST /sessions/links": SIGNED_IN,
    "POST /sessions/unlink": SIGNED_IN,
    "GET /sign-in-ways": ACCOUNTS,
    "POST /accounts/{login}/unlink": ACCOUNTS,
    "GET /second-factor": SIGNED_IN,
    "POST /second-factor": SIGNED_IN,
    "GET /sign-in-codes": (CHANGE_PEOPLE, PEOPLE),
    "POST /sign-in-codes": (CHANGE_PEOPLE, PEOPLE),
    "POST /people/{person_id:int}/sign-in/code": (CHANGE_PEOPLE, PEOPLE),
    "GET /password": SIGNED_IN,
    "POST /password": SIGNED_IN,
    "GET /recalculate": (Permission.SEE_DAYS, PEOPLE),
    "POST /recalculate": (Permission.SEE_DAYS, PEOPLE, Permission.CHANGE_GRANTS),
    "GET /rules/try": (Permission.SEE_DAYS, PEOPLE, Permission.CHANGE_RULES),
    "POST /rules/{set_id:int}/try": (Permission.SEE_DAYS, PEOPLE, Permission.CHANGE_RULES),
    "POST /rules/try": (Permission.SEE_DAYS, PEOPLE, Permission.CHANGE_RULES),
    "GET /trials/{trial_id:int}": (Permission.SEE_DAYS, PEOPLE),
    "GET /trials/{trial_id:int}/days.csv": (Permission.SEE_DAYS, PEOPLE),
    "GET /trials/{trial_id:int}/days.xlsx": (Permission.SEE_DAYS, PEOPLE),
    "GET /trials/{trial_id:int}/days/{person_id:int}/{day}": (Permission.SEE_DAYS, PEOPLE),
    "POST /trials/{trial_id:int}/apply": (Permission.SEE_DAYS, PEOPLE, Permission.CHANGE_GRANTS),
    "POST /trials/{trial_id:int}/drop": (Permission.SEE_DAYS, PEOPLE, Permission.CHANGE_GRANTS),
    "GET /jobs": Permission.SEE_DAYS,
    "GET /jobs/{job_id:int}": SIGNED_IN,
    "POST /jobs/{job_id:int}/cancel": SIGNED_IN,
    "GET /api/v1/jobs": SIGNED_IN,
    "GET /api/v1/jobs/{job_id}": SIGNED_IN,
    "GET /accounts": ACCOUNTS,
    "POST /accounts": ACCOUNTS,
    "GET /accounts.csv": ACCOUNTS,
    "GET /accounts.xlsx": ACCOUNTS,
    "GET /accounts/{login}": ACCOUNTS,
    "POST /accounts/{login}/roles": ACCOUNTS,
    "POST /accounts/{login}/limits": ACCOUNTS,
    "POST /accounts/{login}/{deed}": ACCOUNTS,
    "GET /audit": AUDIT,
    "POST /audit/check": AUDIT,
    "GET /audit.csv": AUDIT,
    "GET /audit.xlsx": AUDIT,
    "GET /enrolments": PEOPLE,
    "GET /enrolments.csv": PEOPLE,
    "GET /enrolments.xlsx": PEOPLE,
    "POST /enrolments": (CHANGE_PEOPLE, PEOPLE),
    "POST /enrolments/accept": (CHANGE_PEOPLE, PEOPLE, RESOLVE),
    "POST /enrolments/{enrolment_id:int}/end": (CHANGE_PEOPLE, PEOPLE),
    "POST /enrolments/{enrolment_id:int}/known-by": (CHANGE_PEOPLE, PEOPLE),
    "GET /api/v1/enrolments": PEOPLE,
    "GET /api/v1/enrolments/suggestions": (PEOPLE, QUARANTINE),
    "POST /api/v1/enrolments": (CHANGE_PEOPLE, PEOPLE),
    "POST /api/v1/enrolments/{enrolment_id}/end": (CHANGE_PEOPLE, PEOPLE),
    "POST /api/v1/enrolments/{enrolment_id}/known-by": (CHANGE_PEOPLE, PEOPLE),
    "POST /enrolments/{enrolment_id:int}/move": (CHANGE_PEOPLE, PEOPLE),
    "GET /imports": (CHANGE_PEOPLE, PEOPLE),
    "POST /imports": (CHANGE_PEOPLE, PEOPLE),
    "GET /imports/template.xlsx": (CHANGE_PEOPLE, PEOPLE),
    "GET /imports/{import_id:int}": (CHANGE_PEOPLE, PEOPLE),
    "POST /imports/{import_id:int}/choices": (CHANGE_PEOPLE, PEOPLE),
    "POST /imports/{import_id:int}/store": (CHANGE_PEOPLE, PEOPLE),
    "POST /imports/{import_id:int}/again": (CHANGE_PEOPLE, PEOPLE),
    "POST /imports/{import_id:int}/undo": (CHANGE_PEOPLE, PEOPLE),
    "GET /imports/{import_id:int}/findings.xlsx": (CHANGE_PEOPLE, PEOPLE),
    "GET /imports/{import_id:int}/changes.csv": (CHANGE_PEOPLE, PEOPLE),
    "GET /imports/{import_id:int}/changes.xlsx": (CHANGE_PEOPLE, PEOPLE),
    "GET /api/v1/imports": (CHANGE_PEOPLE, PEOPLE),
    "POST /api/v1/imports/{kind}": (CHANGE_PEOPLE, PEOPLE),
    "GET /api/v1/imports/{import_id}": (CHANGE_PEOPLE, PEOPLE),
    "POST /api/v1/imports/{import_id}/undo": (CHANGE_PEOPLE, PEOPLE),
    "GET /": SIGNED_IN,
    "GET /people/{person_id:int}/record": SEE_STAFF,
    "POST /people/{person_id:int}/facts": CHANGE_STAFF,
    "POST /people/{person_id:int}/bank": (Permission.CHANGE_PAY, Permission.SEE_PAY, *SEE_STAFF),
    "POST /people/{person_id:int}/look": LOOK,
    "GET /staff/waiting": SEE_STAFF,
    "GET /staff/waiting.csv": SEE_STAFF,
    "GET /staff/waiting.xlsx": SEE_STAFF,
    "GET /me/record": OWN,
    "POST /me/record/show": OWN,
    "POST /me/record/change": (OWN, Permission.ASK),
    "POST /me/record/withdraw": (OWN, Permission.ASK),
    "GET /me/documents/{document_id:int}": OWN,
    "GET /api/v1/people/{person_id}/record": SEE_STAFF,
    "POST /api/v1/people/{person_id}/record/look": LOOK,
    "POST /api/v1/people/{person_id}/facts": CHANGE_STAFF,
    "GET /api/v1/people/{person_id}/service": SEE_STAFF,
    "POST /api/v1/people/{person_id}/contracts": CHANGE_STAFF,
    "POST /api/v1/people/{person_id}/documents": CHANGE_STAFF,
    "GET /api/v1/documents/{document_id}": SEE_STAFF,
    "GET /api/v1/staff/waiting": SEE_STAFF,
    "GET /staff/find": LOOK,
    "POST /staff/find": LOOK,
    "POST /people/{person_id:int}/documents": CHANGE_STAFF,
    "GET /documents/{document_id:int}": SEE_STAFF,
    "POST /documents/{document_id:int}/remove": CHANGE_STAFF,
    "POST /people/{person_id:int}/contracts": CHANGE_STAFF,
    "POST /people/{person_id:int}/contracts/{contract_id:int}/withdraw": CHANGE_STAFF,
    "POST /people/{person_id:int}/service": CHANGE_STAFF,
    "POST /people/{person_id:int}/service/{prior_id:int}": CHANGE_STAFF,
    "POST /people/{person_id:int}/own-fields": CHANGE_STAFF,
    "POST /people/{person_id:int}/contacts": CHANGE_STAFF,
    "GET /staff/fields": SEE_STAFF,
    "POST /staff/fields": CHANGE_STAFF,
    "POST /staff/fields/{field_id:int}": CHANGE_STAFF,
    "GET /staff/settings": SEE_STAFF,
    "POST /staff/settings": CHANGE_STAFF,
    "GET /me/leave": OWN,
    "GET /people/{person_id:int}/leave": SEE_LEAVE,
    "POST /people/{person_id:int}/leave/{deed}": CHANGE_LEAVE,
    "GET /leave/balances": SEE_LEAVE,
    "GET /leave/balances.csv": SEE_LEAVE,
    "GET /leave/balances.xlsx": SEE_LEAVE,
    "POST /leave/balances/adjust": CHANGE_LEAVE,
    "POST /leave/balances/undo": CHANGE_LEAVE,
    "GET /leave/types": Permission.SEE_LEAVE,
    "POST /leave/types/begin": CHANGE_TYPES,
    "GET /leave/types/new": CHANGE_TYPES,
    "POST /leave/types/new": CHANGE_TYPES,
    "GET /leave/types/{code}": Permission.SEE_LEAVE,
    "GET /leave/types/{code}/change": CHANGE_TYPES,
    "POST /leave/types/{code}/change": CHANGE_TYPES,
    "POST /leave/types/{code}/withdraw": CHANGE_TYPES,
    "POST /leave/types/{code}/archive": CHANGE_TYPES,
    "POST /leave/types/{code}/restore": CHANGE_TYPES,
    "GET /away": (SEE_ROSTER, PEOPLE),
    "GET /away.csv": (SEE_ROSTER, PEOPLE),
    "GET /away.xlsx": (SEE_ROSTER, PEOPLE),
    "GET /api/v1/leave/types": Permission.SEE_LEAVE,
    "GET /api/v1/people/{person_id}/leave": SEE_LEAVE,
    "GET /api/v1/people/{person_id}/leave/{code}": SEE_LEAVE,
    "GET /api/v1/me/leave": OWN,
    "POST /api/v1/leave/{code}/adjustments": CHANGE_LEAVE,
    "GET /api/v1/away": (SEE_ROSTER, PEOPLE),
    "GET /board": PUNCHES,
    "GET /board/events": PUNCHES,
    "GET /board/waiting": PUNCHES,
    "GET /punches": PUNCHES,
    "GET /punches.csv": PUNCHES,
    "GET /punches.xlsx": PUNCHES,
    "GET /punches/{punch_id:int}": PUNCHES,
    "GET /api/v1/punches": PUNCHES,
    "GET /api/v1/punches/{punch_id}": PUNCHES,
    "GET /api/v1/punches/{punch_id}/trace": PUNCHES,
    "GET /api/v1/punches/{punch_id}/evidence": PUNCHES,
    "GET /api/v1/presence": PUNCHES,
    "POST /people/{person_id:int}/evidence": (Permission.SEE_DAYS, PEOPLE),
    "GET /today": DAYS,
    "GET /today/figures": DAYS,
    "GET /today.csv": DAYS,
    "GET /today.xlsx": DAYS,
    "GET /attendance/month": DAYS,
    "GET /attendance/month/rows": DAYS,
    "GET /attendance/month.xlsx": DAYS,
    "GET /people/{person_id:int}/days/{day}": DAYS,
    "GET /attendance/exceptions": DAYS,
    "GET /attendance/exceptions.csv": DAYS,
    "GET /attendance/exceptions.xlsx": DAYS,
    "POST /attendance/exceptions/settle": CHANGE_GRANTS,
    "POST /attendance/exceptions/reopen": CHANGE_GRANTS,
    "POST /attendance/exceptions/correct": CHANGE_GRANTS,
    "POST /attendance/exceptions/excuse": CHANGE_GRANTS,
    "POST /attendance/exceptions/withdraw": CHANGE_GRANTS,
    "GET /grants": DAYS,
    "GET /grants.csv": DAYS,
    "GET /grants.xlsx": DAYS,
    "GET /grants/new": CHANGE_GRANTS,
    "POST /grants/new": CHANGE_GRANTS,
    "POST /grants/{grant_id:int}/withdraw": CHANGE_GRANTS,
    "GET /notices": OWN,
    "GET /notices/{notice_id:int}": OWN,
    "POST /notices/{notice_id:int}/unread": OWN,
    "POST /notices/read": OWN,
    "POST /notices/mail": OWN,
    "GET /api/v1/notices": OWN,
    "GET /me": OWN,
    "GET /me/month": OWN,
    "GET /me/days/{day}": OWN,
    "GET /me/requests": ASKS,
    "GET /me/requests/new": ASKS,
    "GET /me/requests/new/{kind}": ASKS,
    "POST /me/requests/new/{kind}": ASKS,
    "POST /me/requests/check/{kind}": ASKS,
    "GET /me/requests/{request_id:int}": ASKS,
    "GET /me/requests/{request_id:int}/change": ASKS,
    "POST /me/requests/{request_id:int}/change": ASKS,
    "POST /me/requests/{request_id:int}/send": ASKS,
    "POST /me/requests/{request_id:int}/withdraw": ASKS,
    "POST /me/requests/{request_id:int}/cancel": ASKS,
    "POST /me/requests/{request_id:int}/answer": ASKS,
    "POST /me/requests/{request_id:int}/documents": ASKS,
    "GET /me/requests/{request_id:int}/documents/{document_id:int}": ASKS,
    "GET /requests": REQUESTS,
    "GET /requests.csv": REQUESTS,
    "GET /requests.xlsx": REQUESTS,
    "GET /requests/certificates": REQUESTS,
    "GET /requests/certificates.csv": REQUESTS,
    "GET /requests/certificates.xlsx": REQUESTS,
    "GET /requests/new": CHANGE_REQUESTS,
    "GET /requests/new/{kind}": CHANGE_REQUESTS,
    "POST /requests/new/{kind}": CHANGE_REQUESTS,
    "POST /requests/check/{kind}": CHANGE_REQUESTS,
    "GET /requests/{request_id:int}": SIGNED_IN,
    "POST /requests/{request_id:int}/withdraw": CHANGE_REQUESTS,
    "POST /requests/{request_id:int}/cancel": CHANGE_REQUESTS,
    "POST /requests/{request_id:int}/documents": CHANGE_REQUESTS,
    "GET /requests/{request_id:int}/documents/{document_id:int}": SIGNED_IN,
    "GET /request-rules": Permission.SEE_REQUESTS,
    "POST /request-rules/{kind}": CHANGE_RULES,
    "GET /api/v1/me/requests": ASKS,
    "POST /api/v1/me/requests": ASKS,
    "POST /api/v1/me/requests/check": ASKS,
    "POST /api/v1/me/requests/{request_id}/send": ASKS,
    "GET /api/v1/me/requests/{request_id}/documents": ASKS,
    "POST /api/v1/me/requests/{request_id}/documents": ASKS,
    "GET /api/v1/me/requests/{request_id}/documents/{document_id}": ASKS,
    "GET /api/v1/requests/{request_id}/documents": SIGNED_IN,
    "POST /api/v1/requests/{request_id}/documents": CHANGE_REQUESTS,
    "GET /api/v1/requests/{request_id}/documents/{document_id}": SIGNED_IN,
    "GET /api/v1/me/requests/{request_id}": ASKS,
    "POST /api/v1/me/requests/{request_id}/change": ASKS,
    "POST /api/v1/me/requests/{request_id}/withdraw": ASKS,
    "POST /api/v1/me/requests/{request_id}/cancel": ASKS,
    "GET /api/v1/requests": REQUESTS,
    "GET /api/v1/requests/{request_id}": SIGNED_IN,
    "POST /api/v1/requests": CHANGE_REQUESTS,
    "GET /api/v1/request-rules/{kind}": Permission.SEE_REQUESTS,
    "POST /api/v1/request-rules/{kind}": CHANGE_RULES,
    "GET /api/v1/people/{person_id}/attendance": DAYS,
    "GET /api/v1/people/{person_id}/attendance/{day}": DAYS,
    "GET /api/v1/me/attendance": OWN,
    "GET /api/v1/me/attendance/{day}": OWN,
    "GET /api/v1/attendance/month": DAYS,
    "GET /api/v1/attendance/today": DAYS,
    "GET /api/v1/attendance/exceptions": DAYS,
    "POST /api/v1/attendance/exceptions/settle": CHANGE_GRANTS,
    "POST /api/v1/attendance/exceptions/reopen": CHANGE_GRANTS,
    "GET /api/v1/grants": DAYS,
    "POST /api/v1/grants": CHANGE_GRANTS,
    "POST /api/v1/grants/preview": CHANGE_GRANTS,
    "POST /api/v1/grants/{grant_id}/withdraw": CHANGE_GRANTS,
    "GET /absent": PEOPLE,
    "GET /absent.csv": PEOPLE,
    "GET /absent.xlsx": PEOPLE,
    "GET /people": PEOPLE,
    "GET /people/new": (CHANGE_PEOPLE, PEOPLE),
    "POST /people/new": (CHANGE_PEOPLE, PEOPLE),
    "POST /api/v1/people": (CHANGE_PEOPLE, PEOPLE),
    "GET /org": PEOPLE,
    "GET /api/v1/org": PEOPLE,
    "GET /departments": PEOPLE,
    "GET /departments.csv": PEOPLE,
    "GET /departments.xlsx": PEOPLE,
    "POST /departments": (CHANGE_PEOPLE, PEOPLE),
    "GET /departments/{department_id:int}": PEOPLE,
    "POST /departments/{department_id:int}/{deed}": (CHANGE_PEOPLE, PEOPLE),
    "GET /api/v1/departments": PEOPLE,
    "POST /api/v1/departments": (CHANGE_PEOPLE, PEOPLE),
    "POST /api/v1/departments/{department_id}/{deed}": (CHANGE_PEOPLE, PEOPLE),
    "GET /legal-entities": PEOPLE,
    "POST /legal-entities": (CHANGE_PEOPLE, PEOPLE),
    "POST /legal-entities/{legal_entity_id:int}": (CHANGE_PEOPLE, PEOPLE),
    "GET /api/v1/legal-entities": PEOPLE,
    "GET /people.csv": PEOPLE,
    "GET /people.xlsx": PEOPLE,
    "GET /people/{person_id:int}": PEOPLE,
    "GET /api/v1/absent": PEOPLE,
    "GET /api/v1/people": PEOPLE,
    "GET /api/v1/people/{person_id}/days": PEOPLE,
    "GET /rules": Permission.SEE_DAYS,
    "GET /rules/{set_id:int}": Permission.SEE_DAYS,
    "GET /rules/versions/{version_id:int}": Permission.SEE_DAYS,
    "GET /rules/versions/{version_id:int}.xlsx": Permission.SEE_DAYS,
    "POST /rules/versions/{version_id:int}/withdraw": CHANGE_RULES,
    "GET /rules/new": CHANGE_RULES,
    "POST /rules/new": CHANGE_RULES,
    "POST /rules/preview": CHANGE_RULES,
    "GET /rules/{set_id:int}/new-version": CHANGE_RULES,
    "POST /rules/{set_id:int}/new-version": CHANGE_RULES,
    "GET /api/v1/rule-sets": Permission.SEE_DAYS,
    "GET /api/v1/rule-versions/{version_id}": Permission.SEE_DAYS,
    "POST /api/v1/rule-sets": CHANGE_RULES,
    "POST /api/v1/rule-sets/{set_id}/versions": CHANGE_RULES,
    "POST /api/v1/rule-sets/{set_id}/assignments": CHANGE_RULES,
    "POST /api/v1/rule-assignments/{assignment_id}/withdraw": CHANGE_RULES,
    "POST /api/v1/rule-versions/{version_id}/withdraw": CHANGE_RULES,
    "POST /rules/{set_id:int}/assign": (CHANGE_RULES, PEOPLE),
    "POST /rules/{set_id:int}/assignments/{assignment_id:int}/withdraw": (CHANGE_RULES, PEOPLE),
    "GET /grants/bulk": (Permission.CHANGE_GRANTS, PEOPLE),
    "POST /grants/bulk": (Permission.CHANGE_GRANTS, PEOPLE),
    "POST /grants/bulk/undo": (Permission.CHANGE_GRANTS, PEOPLE),
    "GET /roster": (SEE_ROSTER, PEOPLE),
    "GET /roster/plain": (SEE_ROSTER, PEOPLE),
    "GET /roster.xlsx": (SEE_ROSTER, PEOPLE),
    "GET /roster/publish": (CHANGE_ROSTER, PEOPLE),
    "POST /roster/publish": (CHANGE_ROSTER, PEOPLE),
    "GET /roster/settings": SEE_ROSTER,
    "POST /roster/settings": CHANGE_ROSTER,
    "GET /api/v1/roster/settings": SEE_ROSTER,
    "POST /api/v1/roster/settings": CHANGE_ROSTER,
    "POST /roster/drop": (CHANGE_ROSTER, PEOPLE),
    "POST /roster/publications/{publication_id:int}/withdraw": (CHANGE_ROSTER, PEOPLE),
    "GET /api/v1/roster": (SEE_ROSTER, PEOPLE),
    "GET /api/v1/roster/warnings": (SEE_ROSTER, PEOPLE),
    "POST /api/v1/roster/edits": CHANGE_ROSTER,
    "POST /api/v1/roster/undo": CHANGE_ROSTER,
    "POST /api/v1/roster/redo": CHANGE_ROSTER,
    "GET /people/{person_id:int}/employment": PEOPLE,
    "POST /people/{person_id:int}/events": (CHANGE_PEOPLE, PEOPLE),
    "POST /people/{person_id:int}/events/{event_id:int}/cancel": (CHANGE_PEOPLE, PEOPLE),
    "POST /people/{person_id:int}/employments/{employment_id:int}/hire-date": (CHANGE_PEOPLE, PEOPLE),
    "POST /people/{person_id:int}/sign-in": (ACCOUNTS, PEOPLE),
    "POST /people/{person_id:int}/sign-in/link": (ACCOUNTS, PEOPLE),
    "POST /people/{person_id:int}/sign-in/unlink": (ACCOUNTS, PEOPLE),
    "GET /positions": PEOPLE,
    "POST /positions": (CHANGE_PEOPLE, PEOPLE),
    "POST /positions/{position_id:int}": (CHANGE_PEOPLE, PEOPLE),
    "GET /pay-groups": PEOPLE,
    "POST /pay-groups": (CHANGE_PEOPLE, PEOPLE),
    "POST /pay-groups/{pay_group_id:int}": (CHANGE_PEOPLE, PEOPLE),
    "GET /api/v1/people/{person_id}/employments": PEOPLE,
    "GET /api/v1/people/{person_id}/terms": PEOPLE,
    "POST /api/v1/people/{person_id}/events": (CHANGE_PEOPLE, PEOPLE),
    "POST /api/v1/people/{person_id}/events/{event_id}/cancel": (CHANGE_PEOPLE, PEOPLE),
    "GET /api/v1/positions": PEOPLE,
    "GET /api/v1/pay-groups": PEOPLE,
    "GET /shifts": SEE_ROSTER,
    "GET /shifts.csv": SEE_ROSTER,
    "GET /shifts.xlsx": SEE_ROSTER,
    "GET /shifts/{shift_id:int}": SEE_ROSTER,
    "GET /patterns": SEE_ROSTER,
    "GET /patterns.csv": SEE_ROSTER,
    "GET /patterns.xlsx": SEE_ROSTER,
    "GET /patterns/{pattern_id:int}": SEE_ROSTER,
    "GET /calendar": SEE_ROSTER,
    "GET /calendar.csv": SEE_ROSTER,
    "GET /calendar.xlsx": SEE_ROSTER,
    "GET /assignments": (SEE_ROSTER, PEOPLE),
    "GET /assignments.csv": (SEE_ROSTER, PEOPLE),
    "GET /assignments.xlsx": (SEE_ROSTER, PEOPLE),
    "GET /exemptions": (SEE_ROSTER, PEOPLE),
    "GET /exemptions.csv": (SEE_ROSTER, PEOPLE),
    "GET /exemptions.xlsx": (SEE_ROSTER, PEOPLE),
    "GET /shifts/new": CHANGE_ROSTER,
    "POST /shifts/new": CHANGE_ROSTER,
    "POST /shifts/preview": CHANGE_ROSTER,
    "GET /shifts/{shift_id:int}/change": CHANGE_ROSTER,
    "POST /shifts/{shift_id:int}/change": CHANGE_ROSTER,
    "POST /shifts/{shift_id:int}/{deed}": CHANGE_ROSTER,
    "GET /patterns/new": CHANGE_ROSTER,
    "POST /patterns/new": CHANGE_ROSTER,
    "POST /patterns/preview": CHANGE_ROSTER,
    "GET /patterns/{pattern_id:int}/change": CHANGE_ROSTER,
    "POST /patterns/{pattern_id:int}/change": CHANGE_ROSTER,
    "POST /patterns/{pattern_id:int}/{deed}": CHANGE_ROSTER,
    "POST /assignments": (CHANGE_ROSTER, PEOPLE),
    "POST /assignments/{assignment_id:int}/end": (CHANGE_ROSTER, PEOPLE),
    "POST /exemptions": (CHANGE_ROSTER, PEOPLE),
    "POST /exemptions/{exemption_id:int}/end": (CHANGE_ROSTER, PEOPLE),
    "POST /calendar/day": CHANGE_ROSTER,
    "POST /calendar/begin": CHANGE_ROSTER,
    "POST /calendar/announced": CHANGE_ROSTER,
    "POST /calendar/import": CHANGE_ROSTER,
    "POST /calendar/undo": CHANGE_ROSTER,
    "POST /calendar/new": CHANGE_ROSTER,
    "POST /calendar/site": CHANGE_ROSTER,
    "GET /api/v1/shifts": SEE_ROSTER,
    "GET /api/v1/shifts/{shift_id}": SEE_ROSTER,
    "POST /api/v1/shifts": CHANGE_ROSTER,
    "POST /api/v1/shifts/{shift_id}/versions": CHANGE_ROSTER,
    "GET /api/v1/patterns": SEE_ROSTER,
    "POST /api/v1/patterns": CHANGE_ROSTER,
    "POST /api/v1/patterns/{pattern_id}/versions": CHANGE_ROSTER,
    "GET /api/v1/assignments": (SEE_ROSTER, PEOPLE),
    "POST /api/v1/assignments": (CHANGE_ROSTER, PEOPLE),
    "POST /api/v1/assignments/{assignment_id}/end": (CHANGE_ROSTER, PEOPLE),
    "GET /api/v1/exemptions": (SEE_ROSTER, PEOPLE),
    "POST /api/v1/exemptions": (CHANGE_ROSTER, PEOPLE),
    "GET /api/v1/planned-days": (SEE_ROSTER, PEOPLE),
    "GET /api/v1/calendars": SEE_ROSTER,
    "GET /api/v1/calendars/{calendar_id}/years/{year}": SEE_ROSTER,
    "POST /api/v1/calendars/{calendar_id}/days/{day}": CHANGE_ROSTER,
    "POST /api/v1/calendars/{calendar_id}/days/{day}/clear": CHANGE_ROSTER,
    "POST /api/v1/calendars/{calendar_id}/import": CHANGE_ROSTER,
    "GET /periods": (Permission.SEE_DAYS, PEOPLE),
    "GET /periods/{group_id:int}/{month}": (Permission.SEE_DAYS, PEOPLE),
    "GET /periods/{group_id:int}/{month}/people/{person_id:int}": (Permission.SEE_DAYS, PEOPLE),
    "GET /periods/{group_id:int}/{month}/people.csv": (Permission.SEE_DAYS, PEOPLE),
    "GET /periods/{group_id:int}/{month}/people.xlsx": (Permission.SEE_DAYS, PEOPLE),
    "POST /periods/{group_id:int}/{month}/ask": (Permission.CLOSE_PERIODS, Permission.SEE_DAYS, PEOPLE),
    "GET /periods/{group_id:int}/{month}/close": (Permission.CLOSE_PERIODS, Permission.SEE_DAYS, PEOPLE),
    "POST /periods/{group_id:int}/{month}/close": (Permission.CLOSE_PERIODS, Permission.SEE_DAYS, PEOPLE),
    "POST /periods/{group_id:int}/{month}/reopen": (Permission.CLOSE_PERIODS, Permission.SEE_DAYS, PEOPLE),
    "GET /periods/{group_id:int}/{month}/differences": (Permission.SEE_DAYS, PEOPLE),
    "POST /periods/{group_id:int}/{month}/differences": (Permission.CLOSE_PERIODS, Permission.SEE_DAYS, PEOPLE),
    "GET /api/v1/periods": DAYS,
    "GET /api/v1/periods/{group_id}/{month}": DAYS,
    "GET /api/v1/periods/{group_id}/{month}/people/{person_id}": DAYS,
    "GET /api/v1/periods/{group_id}/{month}/differences": DAYS,
    "GET /api/v1/periods/{group_id}/{month}/arrears": DAYS,
    "GET /api/v1/periods/{group_id}/{month}/due": DAYS,
    "POST /api/v1/periods/{group_id}/{month}/ask": (Permission.CLOSE_PERIODS, *DAYS),
    "POST /api/v1/periods/{group_id}/{month}/close": (Permission.CLOSE_PERIODS, *DAYS),
    "POST /api/v1/periods/{group_id}/{month}/reopen": (Permission.CLOSE_PERIODS, *DAYS),
    "POST /api/v1/periods/{group_id}/{month}/differences/accept": (Permission.CLOSE_PERIODS, *DAYS),
    "POST /api/v1/periods/{group_id}/{month}/differences/refuse": (Permission.CLOSE_PERIODS, *DAYS),
    "GET /me/periods": Permission.SEE_OWN,
    "GET /me/periods/{group_id:int}/{month}": Permission.SEE_OWN,
    "POST /me/periods/{group_id:int}/{month}": Permission.SEE_OWN,
    "GET /fleet": FLEET,
    "GET /fleet/now": FLEET,
    "GET /fleet.csv": FLEET,
    "GET /fleet.xlsx": FLEET,
    "GET /terminals": FLEET,
    "GET /silent-terminals": FLEET,
    "POST /silent-terminals/{terminal_id:int}/accept": (Permission.CHANGE_GRANTS, FLEET),
    "POST /silent-terminals/accepted/{silence_id:int}/withdraw": (Permission.CHANGE_GRANTS, FLEET),
    "GET /terminals.csv": FLEET,
    "GET /terminals.xlsx": FLEET,
    "GET /terminals/{terminal_id:int}": FLEET,
    "GET /edges": FLEET,
    "GET /edges.csv": FLEET,
    "GET /edges.xlsx": FLEET,
    "GET /edges/{name}": FLEET,
    "GET /alarms": FLEET,
    "GET /alarms.csv": FLEET,
    "GET /alarms.xlsx": FLEET,
    "GET /api/v1/terminals": FLEET,
    "GET /api/v1/edges": FLEET,
    "GET /api/v1/alarms": FLEET,
    "GET /terminals/new": CHANGE_FLEET,
    "POST /terminals/new": CHANGE_FLEET,
    "GET /terminals/{terminal_id:int}/change": CHANGE_FLEET,
    "POST /terminals/{terminal_id:int}/change": CHANGE_FLEET,
    "GET /terminals/{terminal_id:int}/role": CHANGE_FLEET,
    "POST /terminals/{terminal_id:int}/role": CHANGE_FLEET,
    "GET /terminals/{terminal_id:int}/service": CHANGE_FLEET,
    "POST /terminals/{terminal_id:int}/service": CHANGE_FLEET,
    "GET /quarantine": QUARANTINE,
    "GET /quarantine.csv": QUARANTINE,
    "GET /quarantine.xlsx": QUARANTINE,
    "GET /quarantine/{row_id:int}": QUARANTINE,
    "GET /quarantine/refused": QUARANTINE,
    "GET /quarantine/refused.csv": QUARANTINE,
    "GET /quarantine/refused.xlsx": QUARANTINE,
    "GET /quarantine/refused/{message_id:int}": QUARANTINE,
    "GET /quarantine/refused/{message_id:int}/body": QUARANTINE,
    "GET /api/v1/quarantine": QUARANTINE,
    "GET /api/v1/quarantine/refused": QUARANTINE,
    "GET /api/v1/quarantine/{row_id}": QUARANTINE,
    "POST /quarantine/replay": RESOLVE,
    "POST /quarantine/dismiss": RESOLVE,
    "POST /quarantine/reopen": RESOLVE,
    "POST /quarantine/{row_id:int}/replay": RESOLVE,
    "POST /quarantine/{row_id:int}/accept": RESOLVE,
    "POST /quarantine/{row_id:int}/dismiss": RESOLVE,
    "POST /quarantine/{row_id:int}/reopen": RESOLVE,
    "POST /quarantine/{row_id:int}/map": (RESOLVE, CHANGE_PEOPLE),
    "POST /api/v1/quarantine/replay": RESOLVE,
    "POST /api/v1/quarantine/dismiss": RESOLVE,
    "POST /api/v1/quarantine/reopen": RESOLVE,
}


class How(Enum):
    """How a route is about people, and what keeps those out of the reader's scope away."""

    ADDRESS = "its address names a person: the gate answers as if nobody were there"
    ROWS = "it answers with people or what is theirs: rows, and things asked for by number, go by the scope"
    OWN = "it is about the reader"
    NOBODY = "it shows no person"


HOW = {
    "/manifest.webmanifest": How.NOBODY, "/offline": How.NOBODY, "/service-worker.js": How.NOBODY,
    "/sign-in": How.NOBODY, "/sign-in-ways": How.NOBODY, "/sign-out": How.OWN, "/password": How.OWN, "/sessions": How.OWN,
    "/second-factor": How.OWN, "/sign-in-codes": How.ROWS, "/language": How.NOBODY, "/healthz": How.NOBODY,
    "/readyz": How.NOBODY, "/metrics": How.NOBODY, "/jobs": How.NOBODY, "/api/v1/jobs": How.NOBODY, "/accounts": How.NOBODY,
    "/audit": How.ROWS, "/imports": How.ROWS, "/enrolments": How.ROWS, "/api/v1/imports": How.ROWS, "/api/v1/enrolments": How.ROWS,
    "/board": How.ROWS,
    "/punches": How.ROWS,
    "/api/v1/punches": How.ROWS, "/api/v1/presence": How.NOBODY, "/today": How.ROWS, "/attendance": How.ROWS, "/grants": How.ROWS,
    "/me": How.OWN, "/api/v1/me": How.OWN, "/api/v1/attendance": How.ROWS, "/api/v1/grants": How.ROWS, "/absent": How.ROWS,
    "/people": How.ROWS, "/api/v1/absent": How.ROWS, "/api/v1/people": How.ROWS, "/rules": How.ROWS, "/api/v1/rule-": How.ROWS,
    "/recalculate": How.ROWS, "/trials": How.ROWS, "/roster": How.ROWS, "/api/v1/roster": How.ROWS, "/positions": How.NOBODY,
    "/pay-groups": How.NOBODY, "/api/v1/positions": How.NOBODY, "/api/v1/pay-groups": How.NOBODY, "/shifts": How.NOBODY,
    "/api/v1/shifts": How.NOBODY, "/patterns": How.NOBODY, "/api/v1/patterns": How.NOBODY, "/calendar": How.NOBODY,
    "/api/v1/calendars": How.NOBODY, "/assignments": How.ROWS, "/api/v1/assignments": How.ROWS, "/exemptions": How.ROWS,
    "/api/v1/exemptions": How.ROWS, "/api/v1/planned-days": How.ROWS, "/periods": How.ROWS, "/api/v1/periods": How.ROWS,
    "/templates-to-erase": How.NOBODY,
    "/terminals": How.NOBODY, "/api/v1/terminals": How.NOBODY, "/silent-terminals": How.NOBODY, "/edges": How.NOBODY,
    "/api/v1/edges": How.NOBODY, "/alarms": How.NOBODY, "/api/v1/alarms": How.NOBODY, "/quarantine": How.ROWS,
    "/api/v1/quarantine": How.ROWS, "/approvals": How.ROWS, "/api/v1/approvals": How.ROWS, "/notices": How.OWN, "/api/v1/notices": How.OWN,
    "/staff": How.ROWS, "/api/v1/staff": How.ROWS, "/documents": How.ROWS, "/api/v1/documents": How.ROWS,
    "/delegations": How.ROWS, "/api/v1/delegations": How.ROWS,
    "/leave": How.ROWS, "/api/v1/leave": How.ROWS, "/away": How.ROWS, "/api/v1/away": How.ROWS,
    "/privacy": How.ROWS, "/flows": How.ROWS, "/api/v1/flows": How.ROWS,
    "/requests": How.ROWS, "/api/v1/requests": How.ROWS, "/request-rules": How.NOBODY, "/api/v1/request-rules": How.NOBODY,
    "/org": How.ROWS, "/api/v1/org": How.ROWS,
    "/departments": How.ROWS, "/api/v1/departments": How.ROWS, "/legal-entities": How.NOBODY, "/api/v1/legal-entities": How.NOBODY,
}  # fmt: skip
"""By the beginning of an address, the longest that fits counts; every route whose address has a `person_id` is How.ADDRESS. The walk of
`test_rows.py` looks for somebody out of scope in all of them, whatever stands here: a new page is told of by one line."""


def how_of(route: str) -> How | None:
    path = route.split(" ")[1]
    if "{person_id" in path:
        return How.ADDRESS
    if path == "/":
        return How.OWN
    found = [one for one in HOW if path.startswith(one)]
    return HOW[max(found, key=len)] if found else None


SAMPLES = {
    "{consent_id:int}": "1",
    "{export_id:int}": "1",
    "{receipt_id:int}": "1", "{order_id:int}": "1", "{hold_id:int}": "1", "{task_id:int}": "1",
    "{delegation_id}": "7", "{delegation_id:int}": "7", "{course_id}": "7", "{course_id:int}": "7", "{bulk_id}": "7", "{bulk_id:int}": "7",
    "{code}": "annual", "{import_id:int}": "7", "{import_id}": "7", "{enrolment_id:int}": "7",
    "{provider}": "oidc",
    "{name}": "x", "{login}": "nobody", "{deed}": "enable", "{kind}": "people", "{punch_id}": "7", "{punch_id:int}": "7",
    "{group_id:int}": "7", "{group_id}": "7", "{month}": "2026-11",
    "{event_id:int}": "7", "{event_id}": "7", "{employment_id:int}": "7", "{position_id:int}": "7", "{pay_group_id:int}": "7",
    "{person_id}": "7", "{person_id:int}": "7", "{terminal_id:int}": "7",
    "{department_id}": "7", "{department_id:int}": "7", "{legal_entity_id:int}": "7",
    "{silence_id:int}": "7", "{row_id}": "7", "{row_id:int}": "7", "{message_id:int}": "7",
    "{job_id}": "7", "{job_id:int}": "7", "{publication_id:int}": "7", "{set_id:int}": "7", "{version_id:int}": "7",
    "{set_id}": "7", "{version_id}": "7",

    "{trial_id:int}": "7", "{notice_id:int}": "7", "{request_id}": "7", "{request_id:int}": "7",
    "{document_id:int}": "7", "{document_id}": "7", "{contract_id:int}": "7", "{prior_id:int}": "7", "{field_id:int}": "7",
    "{day}": "2026-11-23", "{grant_id}": "7", "{grant_id:int}": "7",
    "{shift_id}": "7", "{shift_id:int}": "7", "{pattern_id}": "7", "{pattern_id:int}": "7", "{assignment_id}": "7",
    "{assignment_id:int}": "7", "{exemption_id:int}": "7", "{calendar_id}": "1", "{year}": "2026",
}  # fmt: skip
LEFT_OUT = {"GET /board/events", "POST /sign-in", "POST /sign-out", "GET /metrics"}
"""One never ends, two would change who is asking, and the last goes by more than permissions: it has a test of its own."""


@pytest.fixture
def app(app_of):
    return app_of()


def needed(route: str) -> set[str]:
    need = NEEDS[route]
    return set(need) if isinstance(need, tuple) else {need}


def ask(person: Person, route: str):
    method, path = route.split(" ")
    for name, value in SAMPLES.items():
        path = path.replace(name, value)
    return person.get(path) if method == "GET" else person.post(path)


def test_the_table_knows_every_route_and_what_it_declares(app):
    found = {
        f"{method} {route.path}": needs_of(route)
        for one in app.routes
        if hasattr(one, "original_router")
        for route in routes_of(one.original_router)
        for method in route.methods
    }

    assert found == {route: frozenset(map(str, needed(route))) for route in NEEDS}


def test_every_route_that_is_not_public_sends_a_stranger_away(app):
    stranger = Person(app)
    for route, need in NEEDS.items():
        answer = ask(stranger, route)
        if need == PUBLIC:
            assert answer.status_code != 303 or place(answer) != "/sign-in", route
        elif "/api/" in route:
            assert (answer.status_code, answer.json()["code"]) == (401, "sign-in-needed"), route
        else:
            assert (answer.status_code, place(answer)) == (303, "/sign-in"), route


@pytest.mark.parametrize("role", Role)
def test_every_role_gets_what_its_permissions_say_and_nothing_else(app, role):
    person = Person(app)
    person.sign_in(role.value)
    for route in NEEDS:
        if route in LEFT_OUT:
            continue
        answer = ask(person, route)
        if needed(route) <= {PUBLIC, SIGNED_IN, *PERMISSIONS[role]}:
            assert answer.status_code not in {401, 403, 500}, (route, answer.status_code)
        else:
            assert answer.status_code == 403, (route, answer.status_code)


def test_a_given_password_is_good_for_choosing_another_and_nothing_else(app):
    person = Person(app)
    person.sign_in("newcomer")
    for route, need in NEEDS.items():
        if need in {PUBLIC, SIGNED_IN}:
            continue
        answer = ask(person, route)
        if "/api/" in route:
            assert (answer.status_code, answer.json()["code"]) == (403, "password-change-needed"), route
        else:
            assert (answer.status_code, place(answer)) == (303, "/password"), route

    answer = person.post("/password", old=PASSWORD, new="another four plain words", again="another four plain words")
    assert place(answer) == "/"
    assert place(person.get("/")) == "/today"


def test_metrics_are_for_this_machine_and_for_who_may_see_the_fleet(app):
    here, elsewhere, hr = Person(app, address="127.0.0.1"), Person(app), Person(app)
    hr.sign_in("hr")

    assert here.get("/metrics").status_code == 200
    assert here.get("/metrics", **{"x-forwarded-for": "192.0.2.9"}).status_code == 403
    assert elsewhere.get("/metrics").status_code == 403
    assert hr.get("/metrics").status_code == 200
