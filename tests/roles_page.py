"""The reference page of roles, out of the tables that decide: who may do what, and whose rows it is good for."""

from server.access.model import FIELD_RULES, PERMISSIONS, Account, AccountState, Permission, Role, Scope, mask, scope_of

HEAD = """# Roles: who may do what, and for whom

Generated from the tables that the pages, the API, the exports and the search ask; a test holds it to them.
How roles are given: [give roles and sign-ins](../how-to/give-roles-and-sign-ins.md).

A cell says whose rows a permission is good for: **all** (or, where the role is limited, the people of some legal entities), **tree**
(whoever is below by manager or as head of a department, on the day that is looked at), **own**. An empty cell: not allowed.

"""
MEANINGS = {
    "see-people": "names, numbers, departments, terms", "change-people": "hire, transfer, import, sign-in codes",
    "see-punches": "punches and the live board", "see-fleet": "terminals, edges, alarms", "change-fleet": "terminals",
    "give-orders": "ask terminals for what does no harm", "give-grave-orders": "restart, clear a log, unlock a door",
    "see-quarantine": "rows that became no punches", "resolve-quarantine": "decide on those", "manage-accounts": "accounts and roles",
    "see-audit": "the trail", "see-days": "attendance days, exceptions, grants, periods",
    "see-trail": "The trail at the foot of the pages of objects that one may see: what was done to them.",
    "change-grants": "grants, settling, recalculating",
    "see-roster": "rosters, shifts, calendars", "change-roster": "those", "change-rules": "rules of attendance",
    "close-periods": "close, open again, decide on differences", "see-own": "one's own days and months",
    "see-staff": "staff records, masked",
    "change-staff": "those", "see-identity": "personal data in full, each look on the trail", "see-pay": "bank accounts and money",
    "change-pay": "those", "ask": "ask for leave, corrections and the like", "see-requests": "what others ask for",
    "change-requests": "ask for others", "decide": "approve", "see-leave": "balances and who is away", "change-leave": "those",
    "see-flows": "flows of approval", "change-flows": "those", "manage-privacy": "consents, export about a person, erasure",
}  # fmt: skip
SAMPLES = {
    "id_number": "11010519900307002X", "birth_date": "1990-03-07", "mobile": "13812345678", "mail": "wang@example.cn",
    "address": "1 Century Avenue", "emergency_contact": "Li Na", "emergency_mobile": "13912345678", "bank_account": "6222020200112233445",
}  # fmt: skip


def roles_page() -> str:
    roles = list(Role)
    lines = [f"| Permission | What | {' | '.join(role.value for role in roles)} |", "|---|---|" + "---|" * len(roles)]
    for permission in Permission:
        cells = " | ".join(_scope(scope_of(_account(role), permission)) for role in roles)
        lines.append(f"| `{permission.value}` | {MEANINGS[permission.value]} | {cells} |")
    lines += ["", "## Sensitive data", "", "Everybody sees their own. In full with the permission, else what is left:", ""]
    lines += ["| Data | In full with | Example for others |", "|---|---|---|"]
    lines += [f"| `{name}` | `{rule.permission.value}` | `{mask(name, SAMPLES[name])}` |" for name, rule in FIELD_RULES.items()]
    return HEAD + "\n".join(lines) + "\n"


def _account(role: Role) -> Account:
    assert role in PERMISSIONS
    return Account(1, "x", "X", AccountState.ACTIVE, False, frozenset({role}), 1)


def _scope(scope: Scope) -> str:
    if scope.everybody:
        return "all"
    return "tree" if scope.tree_of else "own" if scope.own else ""
