"""The demo's terminals: three with a sample company's past, two that hold what real ones were captured sending, one USB export."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from clockbridge.demo.company import Person
from clockbridge.demo.history import PastPunch
from edge.devices.attlog.export import write_export
from edge.devices.driver import TerminalPunch
from protocol.instants import pack_moment, pack_wall, show_wall


@dataclass(frozen=True, slots=True)
class DemoTerminal:
    """record_size, user_size: bytes of a punch and of a user on the wire. drift: seconds its clock is ahead. share: (part, of how many)
    of the site's people who use it."""

    serial: str
    name: str
    site: str
    transport: str
    record_size: str
    user_size: int
    key: int = 0
    drift: int = 0
    share: tuple[int, int] = (0, 1)


TERMINALS = (
    DemoTerminal("CBDEMO01", "总部大门", "hq", "tcp", "40", 72),
    DemoTerminal("CBDEMO02", "一号车间", "plant", "udp", "16", 28, share=(0, 2)),
    DemoTerminal("CBDEMO03", "二号车间", "plant", "tcp", "8b", 72, key=240411, drift=-180, share=(1, 2)),
)

ZEM500 = DemoTerminal("CAPTURED-ZEM500", "实机报文 ZEM500", "plant", "tcp", "8b", 72)
F19 = DemoTerminal("CAPTURED-F19", "实机报文 F19", "plant", "tcp", "40", 72)
CAPTURED_PUNCHES = {
    ZEM500.serial: TerminalPunch("7", pack_wall("2016-01-01 19:02:00"), 8, 2, bytes.fromhex("07002800a8eba71e")),
    F19.serial: TerminalPunch(
        "999111333", pack_wall("2018-06-25 17:41:05"), 1, 0, b"999111333".ljust(24, b"\0") + bytes.fromhex("0100120619112905")
    ),
}
"""Published captures of real units: a row of a ZEM500's log, a live event of an F19. They are years old, so the server shows them in
quarantine, with these bytes."""

USB_SERIAL, USB_NAME, USB_SITE = "CBDEMOUSB", "分店（U 盘导出）", "hq"
USB_EXAMPLE = "        1\t2026-10-03 08:59:01\t1\t0\t1\t0\r\n"


def users_of(terminal: DemoTerminal, people: Iterable[Person]) -> list[Person]:
    """The people of its site who punch there."""
    part, of = terminal.share
    return [person for person in people if person.site == terminal.site and int(person.user) % of == part]


def write_past(file: Path, terminal: DemoTerminal, people: Sequence[Person], punches: Iterable[PastPunch]) -> int:
    """Write what the simulator begins with: everybody, and their punches as this terminal's clock showed them; gives how many."""
    users = {person.user for person in people}
    drift, count = timedelta(seconds=terminal.drift), 0
    with file.open("w", encoding="utf-8") as lines:
        for person in people:
            lines.write(json.dumps({"terminal_user": person.user, "name": person.name}, ensure_ascii=False) + "\n")
        for punch in punches:
            if punch.user in users:
                row = {"terminal_user": punch.user, "terminal_time": f"{punch.at + drift:%Y-%m-%d %H:%M:%S}"}
                lines.write(json.dumps(row | {"verify": punch.verify, "state": punch.state}) + "\n")
                count += 1
    return count


def write_captured(file: Path, terminal: DemoTerminal) -> None:
    """Write what a captured terminal begins with. The ZEM500's row names a place in its table of users, so that is filled up to there;
    the F19 was captured sending an event, so its log begins empty."""
    punch = CAPTURED_PUNCHES[terminal.serial]
    if terminal is F19:
        file.write_text(json.dumps({"terminal_user": punch.user}) + "\n", encoding="utf-8")
        return
    users = [json.dumps({"terminal_user": str(number)}) for number in range(1, int(punch.user) + 1)]
    row = {"terminal_user": punch.user, "terminal_time": show_wall(punch.wall), "verify": punch.verify, "state": punch.state}
    file.write_text("\n".join([*users, json.dumps(row)]) + "\n", encoding="utf-8")


def write_usb(file: Path, people: Sequence[Person], punches: Iterable[PastPunch]) -> int:
    """Write an export as a terminal writes it to a USB stick, the reference's example line in front; gives the distinct punches in it."""
    users = {person.user for person in people}
    rows = [TerminalPunch(punch.user, pack_moment(punch.at), punch.verify, punch.state, b"") for punch in punches if punch.user in users]
    partial = file.with_suffix(".part")
    partial.write_bytes(USB_EXAMPLE.encode() + write_export(rows))
    partial.rename(file)
    return len({(row.user, row.wall) for row in rows}) + 1
