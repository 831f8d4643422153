"""What of a personal fact may be shown to somebody who may not see it in full: enough to know it again, never enough to use it."""

from server.hr.staff.model import Fact

HIDDEN = "***"


def masked(fact: Fact, text: str) -> str:
    """`110***********002X`, `138****5678`, `w***@example.com`; kinds and categories stay as they are."""
    match fact:
        case Fact.ID_NUMBER:
            return _middle(text, 3, 4) if len(text) > 12 else _middle(text, 1, 2)
        case Fact.MOBILE:
            return _middle(text, 3, 4)
        case Fact.BANK_ACCOUNT:
            return _middle(text, 0, 4)
        case Fact.MAIL:
            before, at, behind = text.partition("@")
            return f"{before[:1]}{HIDDEN}{at}{behind}"
        case Fact.ADDRESS:
            return f"{text[:3]}{HIDDEN}" if len(text) > 6 else HIDDEN
        case Fact.BIRTH_DATE:
            return f"{text[:4]}-**-**"
        case Fact.BANK_HOLDER:
            return f"{text[:1]}{'*' * (len(text) - 1)}"
        case _:
            return text


def _middle(text: str, before: int, behind: int) -> str:
    """Stars for all but the beginning and the end; all are stars where that would leave too few."""
    hidden = len(text) - before - behind
    return f"{text[:before]}{'*' * hidden}{text[-behind:]}" if hidden >= 3 else "*" * len(text)
