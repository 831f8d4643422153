"""What a simulated terminal does at a command: what it uploads, and what it returns. Pure but for its memory.

A unit of one dialect answers -1004 to the other's forms, and -1002 to what it does not know.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from edge.devices.iclock.protocol.lines import pairs_of
from edge.devices.iclock.simulator.memory import PushMemory
from protocol.errors import DecodeError
from protocol.instants import pack_wall

OK, BAD_PARAMETER, NO_SUCH_USER, UNKNOWN, OTHER_DIALECT = 0, -1, -10, -1002, -1004


@dataclass(frozen=True, slots=True)
class Obeyed:
    """code: what is returned, with `more` behind it. upload: what is sent before that: ("punches", rows) or ("users", numbers)."""

    code: int
    name: str = "DATA"
    more: str = ""
    upload: tuple[str, list[object]] | None = None
    greets: bool = False


def obey(memory: PushMemory, text: str, *, security: bool) -> Obeyed:
    """Carry out one command."""
    for own, pattern, work in _COMMANDS:
        found = re.fullmatch(pattern, text, re.IGNORECASE | re.DOTALL)
        if found and own in (security, None):
            return work(memory, found)
        if found:
            return Obeyed(OTHER_DIALECT, text.split(" ", maxsplit=1)[0])
    return Obeyed(UNKNOWN, text.split(" ", maxsplit=1)[0])


def _range(memory: PushMemory, found: re.Match[str]) -> list[object] | None:
    fields = pairs_of(found[1])
    try:
        return list(memory.between(pack_wall(fields.get("starttime", "")), pack_wall(fields.get("endtime", ""))))
    except DecodeError:
        return None


def _verify_sum(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    rows = _range(memory, found)
    return Obeyed(BAD_PARAMETER, "VERIFY SUM") if rows is None else Obeyed(OK, "VERIFY SUM", f"&AttlogSum={len(rows)}")


def _query_punches(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    rows = _range(memory, found)
    return Obeyed(BAD_PARAMETER) if rows is None else Obeyed(OK, upload=("punches", rows))


def _query_all(memory: PushMemory, _: re.Match[str]) -> Obeyed:
    return Obeyed(OK, upload=("punches", list(memory.log)))


def _query_users(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    pin = pairs_of(found[1] or "").get("pin")
    numbers: list[object] = [one for one in memory.users if pin in (None, one)]
    return Obeyed(OK, upload=("users", numbers))


def _update_user(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    fields = pairs_of(found[1])
    pin = fields.pop("pin", "")
    if not pin:
        return Obeyed(BAD_PARAMETER)
    blank = {"name": "", "pri": "0", "passwd": "", "card": "", "grp": "1"}
    memory.users[pin] = blank | memory.users.get(pin, {}) | {name: value for name, value in fields.items() if name in blank}
    return Obeyed(OK)


def _delete_user(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    return Obeyed(OK if memory.users.pop(pairs_of(found[1]).get("pin", ""), None) else NO_SUCH_USER)


def _clear_log(memory: PushMemory, _: re.Match[str]) -> Obeyed:
    memory.clear()
    return Obeyed(OK, "CLEAR_LOG")


def _greet(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    if found[0].upper() == "CHECK":
        memory.sent = 0
    return Obeyed(OK, found[0].split(" ", maxsplit=1)[0], greets=True)


def _nothing(_: PushMemory, found: re.Match[str]) -> Obeyed:
    return Obeyed(OK, found[0].split(" ", maxsplit=1)[0])


_COMMANDS: tuple[tuple[bool | None, str, Callable[[PushMemory, re.Match[str]], Obeyed]], ...] = (
    (False, r"VERIFY SUM ATTLOG (.*)", _verify_sum),
    (False, r"DATA QUERY ATTLOG (.*)", _query_punches),
    (False, r"DATA QUERY USERINFO ?(.*)", _query_users),
    (False, r"DATA UPDATE USERINFO (.*)", _update_user),
    (False, r"DATA DELETE USERINFO (.*)", _delete_user),
    (False, r"CLEAR LOG", _clear_log),
    (False, r"CHECK|REBOOT|RELOAD OPTIONS", _greet),
    (False, r"INFO|LOG|SET OPTION (?!DateTime).*|AC_UNLOCK", _nothing),
    (True, r"DATA QUERY tablename=transaction,.*", _query_all),
    (True, r"DATA QUERY tablename=user,.*()", _query_users),
    (True, r"DATA UPDATE user (.*)", _update_user),
    (True, r"DATA DELETE user (.*)", _delete_user),
    (True, r"CONTROL DEVICE 03.*", _greet),
    (True, r"SET OPTIONS? .*", _nothing),
)
"""Whether it is of the security dialect (None: of both), its form, and what it does."""
