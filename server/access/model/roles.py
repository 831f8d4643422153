"""Who may do what: roles and their permissions.

HR sees people and decides on their attendance, HR pay also sees pay; a supervisor sees the people below; IT sees terminals and numbers
but no people; an auditor reads trails; an employee sees what is their own; an administrator grants roles and sees all but pay.
"""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What an account is for."""

    ADMINISTRATOR = "administrator"
    HR = "hr"
    HR_PAY = "hr-pay"
    SUPERVISOR = "supervisor"
    IT = "it"
    AUDITOR = "auditor"
    EMPLOYEE = "employee"


class Permission(StrEnum):
    """One thing that may be seen or done. People's names and numbers need SEE_PEOPLE, wherever they appear.

    SEE_STAFF: the rest of a staff record, with numbers masked; SEE_IDENTITY: those in full, each look on the trail. SEE_PAY: bank
    accounts and money. ASK: ask for something in one's own name; SEE_REQUESTS, CHANGE_REQUESTS: those of others. DECIDE: be an approver.
    GIVE_ORDERS: ask terminals for what does no harm; GIVE_GRAVE_ORDERS: restart them, clear their logs, unlock their doors.
    MANAGE_PRIVACY: consents, what is held about somebody, erasure. SEE_TRAIL: what was done to an object, at the foot of its page, for
    those who work with it; SEE_AUDIT: the whole trail.
    """

    SEE_PEOPLE = "see-people"
    CHANGE_PEOPLE = "change-people"
    SEE_PUNCHES = "see-punches"
    SEE_FLEET = "see-fleet"
    CHANGE_FLEET = "change-fleet"
    GIVE_ORDERS = "give-orders"
    GIVE_GRAVE_ORDERS = "give-grave-orders"
    SEE_QUARANTINE = "see-quarantine"
    RESOLVE_QUARANTINE = "resolve-quarantine"
    MANAGE_ACCOUNTS = "manage-accounts"
    SEE_AUDIT = "see-audit"
    SEE_TRAIL = "see-trail"
    SEE_DAYS = "see-days"
    CHANGE_GRANTS = "change-grants"
    SEE_ROSTER = "see-roster"
    CHANGE_ROSTER = "change-roster"
    CHANGE_RULES = "change-rules"
    CLOSE_PERIODS = "close-periods"
    SEE_OWN = "see-own"
    SEE_STAFF = "see-staff"
    CHANGE_STAFF = "change-staff"
    SEE_IDENTITY = "see-identity"
    SEE_PAY = "see-pay"
    CHANGE_PAY = "change-pay"
    ASK = "ask"
    SEE_REQUESTS = "see-requests"
    CHANGE_REQUESTS = "change-requests"
    DECIDE = "decide"
    SEE_LEAVE = "see-leave"
    CHANGE_LEAVE = "change-leave"
    SEE_FLOWS = "see-flows"
    CHANGE_FLOWS = "change-flows"
    MANAGE_PRIVACY = "manage-privacy"


PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission) - {Permission.SEE_PAY, Permission.CHANGE_PAY},
    Role.HR: frozenset(
        {
            Permission.SEE_PEOPLE,
            Permission.CHANGE_PEOPLE,
            Permission.SEE_PUNCHES,
            Permission.SEE_FLEET,
            Permission.GIVE_ORDERS,
            Permission.SEE_QUARANTINE,
            Permission.RESOLVE_QUARANTINE,
            Permission.SEE_DAYS,
            Permission.CHANGE_GRANTS,
            Permission.SEE_ROSTER,
            Permission.CHANGE_ROSTER,
            Permission.CHANGE_RULES,
            Permission.CLOSE_PERIODS,
            Permission.SEE_STAFF,
            Permission.CHANGE_STAFF,
            Permission.SEE_IDENTITY,
            Permission.SEE_REQUESTS,
            Permission.CHANGE_REQUESTS,
            Permission.DECIDE,
            Permission.SEE_LEAVE,
            Permission.CHANGE_LEAVE,
            Permission.SEE_FLOWS,
            Permission.CHANGE_FLOWS,
            Permission.MANAGE_PRIVACY,
            Permission.SEE_TRAIL,
        }
    ),
    Role.HR_PAY: frozenset(
        {
            Permission.SEE_PEOPLE,
            Permission.SEE_STAFF,
            Permission.SEE_IDENTITY,
            Permission.SEE_PAY,
            Permission.CHANGE_PAY,
            Permission.SEE_DAYS,
            Permission.SEE_ROSTER,
            Permission.CLOSE_PERIODS,
            Permission.SEE_REQUESTS,
            Permission.SEE_LEAVE,
            Permission.DECIDE,
            Permission.SEE_TRAIL,
        }
    ),
    Role.SUPERVISOR: frozenset(
        {
            Permission.SEE_PEOPLE,
            Permission.SEE_DAYS,
            Permission.SEE_ROSTER,
            Permission.SEE_REQUESTS,
            Permission.SEE_LEAVE,
            Permission.DECIDE,
            Permission.SEE_OWN,
            Permission.ASK,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            Permission.SEE_AUDIT,
            Permission.SEE_TRAIL,
            Permission.SEE_PEOPLE,
            Permission.SEE_DAYS,
            Permission.SEE_ROSTER,
            Permission.SEE_REQUESTS,
            Permission.SEE_FLOWS,
            Permission.SEE_LEAVE,
        }
    ),
    Role.EMPLOYEE: frozenset({Permission.SEE_OWN, Permission.ASK, Permission.DECIDE}),
    Role.IT: frozenset(
        {
            Permission.SEE_PUNCHES,
            Permission.SEE_FLEET,
            Permission.CHANGE_FLEET,
            Permission.GIVE_ORDERS,
            Permission.GIVE_GRAVE_ORDERS,
            Permission.SEE_QUARANTINE,
            Permission.RESOLVE_QUARANTINE,
            Permission.SEE_TRAIL,
        }
    ),
}


LIMITED_ROLES = (Role.HR, Role.HR_PAY, Role.AUDITOR)
"""Roles that can be limited to the people of some legal entities."""


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """What these roles may together."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))
