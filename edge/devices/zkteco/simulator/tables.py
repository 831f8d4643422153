"""The bodies a simulated terminal sends: sizes, users, log, templates. Pure."""

import struct
from datetime import datetime

from edge.devices.zkteco.simulator.faults import Faults
from edge.devices.zkteco.simulator.model import Terminal
from edge.devices.zkteco.simulator.rows import user_row
from edge.devices.zkteco.templates import encode_template
from protocol.instants import WallTime, pack_moment, wall_moment

FIRMWARE = "Ver 6.60 Jun 16 2015"
JUNK = b"\xff255" + bytes(5)
"""Seen before some 40-byte records of real firmware; what it means is not known."""
PUNCH_CAPACITY = 1_000_000


def default_options(serial: str, name: str, algorithm: str = "10") -> dict[str, str]:
    """Options of a new terminal; which exist differs between models, these are asked for by known clients."""
    return {
        "~SerialNumber": serial,
        "~DeviceName": name,
        "~Platform": "ZMM220_TFT",
        "~OS": "1",
        "~OEMVendor": "Clockbridge",
        "~ProductTime": "2015-06-16 10:00:00",
        "~ZKFPVersion": algorithm,
        "~ExtendFmt": "0",
        "~UserExtFmt": "0",
        "~PIN2Width": "9",
        "~SSR": "1",
        "ZKFaceVersion": "7",
        "FaceFunOn": "1",
        "FingerFunOn": "1",
        "WorkCode": "0",
        "CompatOldFirmware": "0",
        "MAC": "00:17:61:00:00:01",
        "IPAddress": "127.0.0.1",
        "NetMask": "255.0.0.0",
        "GATEIPAddress": "127.0.0.1",
        "DeviceID": "1",
        "AlarmReRec": "0",
        "Language": "83",
    }


def sizes(terminal: Terminal, faults: Faults) -> bytes:
    """Answer to command 50, 92 or 112 bytes; what stands where: `edge.devices.zkteco.sizes`."""
    answer = bytearray(112 if "size-reply-112" in faults else 92)
    if "access-mode" in faults:
        return bytes(answer)
    users, fingers, punches = len(terminal.users), len(terminal.prints), _declared(len(terminal.log), faults)
    fields = {
        16: users,
        24: fingers,
        32: punches,
        48: sum(user.privilege & 0x0E == 0x0E for user in terminal.users.values()),
        52: sum(bool(user.password) for user in terminal.users.values()),
        56: terminal.fingers_capacity,
        60: terminal.users_capacity,
        64: PUNCH_CAPACITY,
        68: max(0, terminal.fingers_capacity - fingers),
        72: max(0, terminal.users_capacity - users),
        76: max(0, PUNCH_CAPACITY - punches),
        80: terminal.faces,
        88: terminal.faces_capacity,
    }
    for offset, number in fields.items():
        struct.pack_into("<I", answer, offset, number)
    return bytes(answer)


def _declared(count: int, faults: Faults) -> int:
    if "zero-count" in faults:
        return 0
    return max(0, count + faults.number("wrong-count") - faults.number("stale-count"))


def log_table(terminal: Terminal, faults: Faults) -> bytes:
    """u32 bytes of records, then the records."""
    body = terminal.log.body()
    if "prefix-junk" in faults and len(terminal.log):
        size = len(body) // len(terminal.log)
        triple = 3 * size
        body = b"".join(JUNK + body[start : start + triple] for start in range(0, len(body), triple))
    return struct.pack("<I", len(body)) + body


def wall_of(moment: datetime) -> WallTime:
    """Pack what a clock shows."""
    return pack_moment(moment)


def moment_of(wall: WallTime) -> datetime:
    """Moment a client sets the clock to; raises ValueError for one that does not exist."""
    moment = wall_moment(wall)
    if moment is None:
        raise ValueError("no calendar has that time")
    return moment


def name_encoding(faults: Faults) -> str:
    """How names are written."""
    return "gb18030" if "gbk-names" in faults else "utf-8"


def user_table(terminal: Terminal, size: int, faults: Faults) -> bytes:
    """u32 bytes of records, then the records."""
    rows = b"".join(user_row(user, size, name_encoding(faults)) for user in terminal.users.values())
    return struct.pack("<I", len(rows)) + rows


def template_table(terminal: Terminal) -> bytes:
    """u32 bytes of entries, then the entries."""
    entries = b"".join(encode_template(one) for one in terminal.prints.values())
    return struct.pack("<I", len(entries)) + entries
