"""What a simulated terminal does at a command: what it uploads, and what it returns. Pure but for its memory.

A unit of one dialect answers -1004 to the other's forms, and -1002 to what it does not know.
"""

import re
from base64 import b64encode
from collections.abc import Callable
from random import Random

from edge.devices.iclock.protocol.lines import pairs_of
from edge.devices.iclock.simulator.faces import delete_face, query_face, update_face
from edge.devices.iclock.simulator.memory import PushMemory
from edge.devices.iclock.simulator.obeyed import BAD_PARAMETER, ENROLLED, FULL, NO_SUCH_USER, OK, OTHER_DIALECT, UNKNOWN, Obeyed
from protocol.errors import DecodeError
from protocol.instants import pack_wall

_SAME = {"privilege": "pri", "password": "passwd", "cardno": "card", "group": "grp"}
"""Names of the security dialect for fields of a user."""
_FINGER_BYTES = 120


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
    mute = pin is None and "lists-nobody" in memory.faults
    numbers: list[object] = [one for one in memory.users if not mute and pin in (None, one)]
    return Obeyed(OK, upload=("users", numbers))


def _update_user(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    fields = {_SAME.get(name, name): value for name, value in pairs_of(found[1]).items()}
    pin = fields.pop("pin", "")
    if not pin:
        return Obeyed(BAD_PARAMETER)
    if pin not in memory.users and len(memory.users) >= memory.capacity:
        return Obeyed(FULL)
    blank = {"name": "", "pri": "0", "passwd": "", "card": "", "grp": "1"}
    memory.users[pin] = blank | memory.users.get(pin, {}) | {name: value for name, value in fields.items() if name in blank}
    return Obeyed(OK)


def _delete_user(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    pin = pairs_of(found[1]).get("pin", "")
    memory.fingers.pop(pin, None)
    if not {"face-stays", "face-sticks"} & set(memory.faults.names()):
        memory.faces.pop(pin, None)
        memory.photos.pop(pin, None)
    return Obeyed(OK if memory.users.pop(pin, None) else NO_SUCH_USER)


def _update_finger(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    fields = pairs_of(found[1])
    pin, finger, data = fields.get("pin", ""), fields.get("fid") or fields.get("fingerid"), fields.get("tmp") or fields.get("template")
    if pin not in memory.users:
        return Obeyed(NO_SUCH_USER)
    if not finger or not data:
        return Obeyed(BAD_PARAMETER)
    memory.fingers.setdefault(pin, {})[finger] = data
    return Obeyed(OK)


def _delete_fingers(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    """One finger where one is named, else all of the user's."""
    fields = pairs_of(found[1])
    pin, finger = fields.get("pin", ""), fields.get("fid") or fields.get("fingerid")
    if finger is None:
        memory.fingers.pop(pin, None)
    else:
        memory.fingers.get(pin, {}).pop(finger, None)
    return Obeyed(OK)


def _enrol_finger(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    """Somebody puts the finger on at once: it is another one each time, and is sent as one that was enrolled at the terminal."""
    fields = pairs_of(found[1])
    pin, finger = fields.get("pin", ""), fields.get("fid", "")
    if pin not in memory.users:
        return Obeyed(NO_SUCH_USER, "ENROLL_FP")
    if not finger:
        return Obeyed(BAD_PARAMETER, "ENROLL_FP")
    held = memory.fingers.setdefault(pin, {})
    if finger in held and fields.get("overwrite") != "1":
        return Obeyed(ENROLLED, "ENROLL_FP")
    chance = Random(f"{pin} {finger} {held.get(finger)}")  # noqa: S311 - a failing case must replay
    held[finger] = b64encode(chance.randbytes(_FINGER_BYTES)).decode()
    return Obeyed(OK, "ENROLL_FP", upload=("fingers", [(pin, finger, held[finger])]))


def _info(memory: PushMemory, _: re.Match[str]) -> Obeyed:
    """Its settings and counts, one a line behind the result."""
    counts = {
        "UserCount": len(memory.users),
        "FPCount": sum(map(len, memory.fingers.values())),
        "FaceCount": len(memory.faces),
        "TransactionCount": len(memory.log),
    }
    return Obeyed(OK, "INFO", "".join(f"\n{name}={value}" for name, value in (memory.options | counts).items()))


def _query_fingers(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    pin = found[1].split("\t")[0]
    return Obeyed(OK, upload=("fingers", [(pin, finger, data) for finger, data in memory.fingers.get(pin, {}).items()]))


def _clear_log(memory: PushMemory, _: re.Match[str]) -> Obeyed:
    memory.clear()
    return Obeyed(OK, "CLEAR_LOG")


def _greet(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    if found[0].upper() == "CHECK":
        memory.sent = 0
    return Obeyed(OK, found[0].split(" ", maxsplit=1)[0], greets=True)


def _set_options(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    """`Name=value`, several with commas between them."""
    name = found[0][: found.start(1)].strip()
    pairs = dict(part.partition("=")[::2] for part in found[1].split(",") if "=" in part)
    moment = pairs.get("DateTime")
    if not pairs or (moment is not None and re.fullmatch(r"[0-9]{1,10}", moment) is None):
        return Obeyed(BAD_PARAMETER, name)
    pairs.pop("DateTime", None)
    if "deaf-options" not in memory.faults:
        memory.options |= {name.strip(): value for name, value in pairs.items()}
    return Obeyed(OK, name, clock=int(moment) if moment else None)


def _get_options(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    names = [name.strip() for name in found[1].split(",")]
    return Obeyed(OK, "GET OPTIONS", upload=("options", [f"{name}={memory.options[name]}" for name in names if name in memory.options]))


def _nothing(_: PushMemory, found: re.Match[str]) -> Obeyed:
    return Obeyed(OK, found[0].split(" ", maxsplit=1)[0])


_COMMANDS: tuple[tuple[bool | None, str, Callable[[PushMemory, re.Match[str]], Obeyed]], ...] = (
    (False, r"VERIFY SUM ATTLOG (.*)", _verify_sum),
    (False, r"DATA QUERY ATTLOG (.*)", _query_punches),
    (False, r"DATA QUERY USERINFO ?(.*)", _query_users),
    (False, r"DATA UPDATE USERINFO (.*)", _update_user),
    (False, r"DATA DELETE USERINFO (.*)", _delete_user),
    (False, r"DATA UPDATE FINGERTMP (.*)", _update_finger),
    (False, r"DATA DELETE FINGERTMP (.*)", _delete_fingers),
    (False, r"DATA QUERY FINGERTMP PIN=(.*)", _query_fingers),
    (False, r"DATA QUERY (?:BIODATA|FACE) (.*)", query_face),
    (False, r"DATA UPDATE (FACE) (.*)", update_face),
    (False, r"DATA DELETE (FACE) (.*)", delete_face),
    (None, r"DATA UPDATE (BIODATA) (.*)", update_face),
    (None, r"DATA DELETE (BIODATA|BIOPHOTO|USERPIC) (.*)", delete_face),
    (True, r"DATA QUERY tablename=biodata,.*filter=(Pin=.*)", query_face),
    (False, r"CLEAR LOG", _clear_log),
    (False, r"CHECK|REBOOT|RELOAD OPTIONS", _greet),
    (False, r"SET OPTION (.*)", _set_options),
    (False, r"ENROLL_FP (.*)", _enrol_finger),
    (False, r"INFO", _info),
    (False, r"LOG|AC_UNLOCK", _nothing),
    (True, r"DATA QUERY tablename=transaction,.*", _query_all),
    (True, r"DATA QUERY tablename=user,.*filter=(.*)", _query_users),
    (True, r"DATA UPDATE user (.*)", _update_user),
    (True, r"DATA DELETE user (.*)", _delete_user),
    (True, r"DATA (?:UPDATE|DELETE) userauthorize (.*)", _nothing),
    (True, r"DATA UPDATE templatev10 (.*)", _update_finger),
    (True, r"DATA DELETE templatev10 (.*)", _delete_fingers),
    (True, r"DATA QUERY tablename=templatev10,.*filter=Pin=(.*)", _query_fingers),
    (True, r"CONTROL DEVICE 01.*", _nothing),
    (True, r"CONTROL DEVICE 03.*", _greet),
    (True, r"SET OPTIONS? (.*)", _set_options),
    (True, r"GET OPTIONS (.*)", _get_options),
)
"""Whether it is of the security dialect (None: of both), its form, and what it does."""
