"""Whether a command had its effect: a terminal answers 0 also to what it did not understand, so what was written is asked for again.

    users      DATA UPDATE | DELETE USERINFO, user     the user is asked for
    settings   SET OPTION(S) Name=value                asked for (security), or told when they are loaded again (attendance)

Pure. What is compared are the fields of the command that every firmware writes back in the same words; the time is compared by nobody
here, because it is another one when the answer comes.
"""

import re
from collections.abc import Mapping

from edge.devices.iclock.protocol.commands import RELOAD_OPTIONS, get_options
from edge.devices.iclock.protocol.dialect import Dialect
from edge.devices.iclock.protocol.lines import pairs_of
from edge.devices.iclock.protocol.people import query_user
from edge.devices.iclock.protocol.records import UserTold

_WRITTEN = re.compile(r"DATA (UPDATE|DELETE) (USERINFO|user) (.*)", re.IGNORECASE)
_SET = re.compile(r"SET OPTIONS? (.*)", re.IGNORECASE)
_COMPARED = {"name": "name", "pri": "pri", "privilege": "pri", "grp": "grp"}
"""Passwords are not told back by every firmware, cards in two notations, groups by the attendance dialect only."""
_TIME = "datetime"
SHOWN = "the terminal shows it"


def question(text: str, dialect: Dialect) -> str | None:
    """The command that asks for what this one should have changed; None where nothing can be asked."""
    pin = person_of(text)
    if pin:
        return query_user(dialect, pin)
    names = [name for name, _ in _settings(text)]
    if not names:
        return None
    return get_options(names) if dialect is Dialect.SECURITY else RELOAD_OPTIONS


def settings_of(text: str) -> dict[str, str]:
    """The settings that a command writes, by names as options are told: small letters without `~`."""
    return {name.lstrip("~").lower(): value for name, value in _settings(text)}


def told_by(text: str, options: Mapping[str, str]) -> tuple[bool, str] | None:
    """Whether told options show what the command wanted, and what is to be said of it; None where it is about no setting."""
    wanted = settings_of(text)
    different = [name for name in wanted if name in options and options[name] != wanted[name]]
    if different:
        return False, f"the terminal shows another {', '.join(different)}"
    silent = [name for name in wanted if name not in options]
    return (True, f"done; the terminal does not tell {', '.join(silent)}" if silent else SHOWN) if wanted else None


def person_of(text: str) -> str | None:
    """The user that a command writes or deletes."""
    found = _WRITTEN.fullmatch(text)
    return pairs_of(found[3]).get("pin") if found else None


def deletes(text: str) -> bool:
    return text.upper().startswith("DATA DELETE")


def shown_by(text: str, user: UserTold) -> str | None:
    """None when this row shows what the command wanted, else what it shows instead, without naming anybody."""
    if deletes(text):
        return "the user is still there"
    found = _WRITTEN.fullmatch(text)
    wanted, shown = _fields(pairs_of(found[3]) if found else {}), _fields(user.fields)
    different = [name for name in wanted if name in shown and shown[name] != wanted[name]]
    return f"the terminal shows another {', '.join(different)}" if different else None


def _settings(text: str) -> list[tuple[str, str]]:
    """`Name=value`, several with commas between them; a value with a comma in it cannot be told from two."""
    found = _SET.fullmatch(text)
    pairs = [part.partition("=") for part in found[1].split(",")] if found else []
    return [(name.strip(), value.strip()) for name, equals, value in pairs if equals and name.strip().lower() != _TIME]


def _fields(pairs: Mapping[str, str]) -> dict[str, str]:
    return {_COMPARED[name]: value for name, value in pairs.items() if name in _COMPARED}
