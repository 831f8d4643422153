"""The sensitive data of a person: which permission shows it in full, and what everybody else sees of it.

The one place that says so: pages, exports and the API all ask here. A name that does not stand here is a mistake in the program and
raises KeyError, so that nothing new is shown by forgetting.
"""

from collections.abc import Callable, Mapping, Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from server.access.model.roles import Permission

SIGN = "*"
LEAST_HIDDEN = 3


class Looking(Protocol):
    """Whoever looks: a visitor."""

    @property
    def permissions(self) -> AbstractSet[str]: ...


@dataclass(frozen=True, slots=True)
class FieldRule:
    """permission: shows the data in full, and every look is on the trail. masked: what is left of a text without it."""

    permission: Permission
    masked: Callable[[str], str]


def _ends(first: int, last: int) -> Callable[[str], str]:
    """Leaves this many characters at both ends; a text that is hardly longer is all signs."""

    def masked(text: str) -> str:
        hidden = len(text) - first - last
        if hidden < LEAST_HIDDEN:
            return SIGN * len(text)
        return text[:first] + SIGN * hidden + text[len(text) - last :]

    return masked


def _nothing(text: str) -> str:
    return SIGN * min(len(text), 8)


def _year(text: str) -> str:
    return f"{text[:4]}-**-**" if len(text) == len("1990-06-01") else _nothing(text)


def _mail(text: str) -> str:
    name, at, domain = text.partition("@")
    return f"{name[:1]}{SIGN * 3}{at}{domain}" if at and len(name) > 1 else _nothing(text)


FIELD_RULES: Mapping[str, FieldRule] = {
    "id_number": FieldRule(Permission.SEE_IDENTITY, _ends(3, 4)),
    "birth_date": FieldRule(Permission.SEE_IDENTITY, _year),
    "mobile": FieldRule(Permission.SEE_IDENTITY, _ends(3, 4)),
    "mail": FieldRule(Permission.SEE_IDENTITY, _mail),
    "address": FieldRule(Permission.SEE_IDENTITY, _nothing),
    "emergency_contact": FieldRule(Permission.SEE_IDENTITY, _nothing),
    "emergency_mobile": FieldRule(Permission.SEE_IDENTITY, _ends(3, 4)),
    "bank_account": FieldRule(Permission.SEE_PAY, _ends(0, 4)),
}


def may_see(visitor: Looking, field: str, *, own: bool = False) -> bool:
    """Whether a visitor may see this data in full; own: it is about themselves."""
    return own or FIELD_RULES[field].permission in visitor.permissions


def mask(field: str, text: str) -> str:
    """What somebody sees of the data who may not see it in full: `110***********002X`, `138****5678`."""
    return FIELD_RULES[field].masked(text)
