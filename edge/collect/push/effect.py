"""Whether a command had its effect: a terminal answers 0 also to what it did not understand, so a user that was written is asked for again.

Pure. What is compared are the fields of the command that every firmware writes back in the same words.
"""

import re

from edge.devices.iclock.protocol.lines import pairs_of
from edge.devices.iclock.protocol.records import UserTold

_WRITTEN = re.compile(r"DATA (UPDATE|DELETE) USERINFO (.*)", re.IGNORECASE)
_COMPARED = ("name", "pri", "grp")
"""Passwords are not told back by every firmware, cards in two notations."""


def question(text: str) -> str | None:
    """The command that asks for what this one should have changed; None where nothing can be asked."""
    pin = person_of(text)
    return f"DATA QUERY USERINFO PIN={pin}" if pin else None


def person_of(text: str) -> str | None:
    """The user that a command writes or deletes."""
    found = _WRITTEN.fullmatch(text)
    return pairs_of(found[2]).get("pin") if found else None


def deletes(text: str) -> bool:
    return text.upper().startswith("DATA DELETE")


def shown_by(text: str, user: UserTold) -> str | None:
    """None when this row shows what the command wanted, else what it shows instead, without naming anybody."""
    if deletes(text):
        return "the user is still there"
    wanted = pairs_of(text.partition("USERINFO ")[2])
    different = [name for name in _COMPARED if name in wanted and name in user.fields and user.fields[name] != wanted[name]]
    return f"the terminal shows another {', '.join(different)}" if different else None
