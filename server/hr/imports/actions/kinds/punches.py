"""The sheet of past punches, from another system: they come in as punches of their terminal, and say that they were imported."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from protocol import codec
from protocol.errors import DecodeError
from protocol.instants import pack_wall
from protocol.messages import PunchRow, Source
from server.attendance import actions as attendance
from server.attendance.model import NewPunch
from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.actions.imports import Column, SheetRow, Work, read_day
from server.directory.model import ImportReport
from server.fleet import actions as fleet
from server.fleet.model import Terminal, TerminalOverview
from server.hr.imports.actions.kinds.kind import Kind
from server.hr.imports.engine.sheets import Lines, day_text, to_csv
from server.storage import UnitOfWork, to_microseconds

COLUMNS = (
    Column("terminal", ("terminal", "考勤机", "考勤机序列号", "设备序列号", "终端"), needed=True),
    Column("terminal_user", ("terminal user", "考勤号", "设备用户号", "考勤机编号"), needed=True),
    Column("day", ("day", "日期", "打卡日期"), needed=True),
    Column("time", ("time", "时间", "打卡时间"), needed=True),
)
Enrolled = Mapping[tuple[int, str], tuple[tuple[int, int], ...]]
_OF_A_DAY = re.compile(r"0?\.\d+", re.ASCII)
"""A spreadsheet keeps a time as the part of a day that is over: 0.375 is 09:00."""
IMPORTED = "imported"
"""The source of a punch that no edge brought; it lies in no edge's chain, so its epoch is 0."""


def take_punches(uow: UnitOfWork, lines: Lines, by: Actor, now: datetime) -> ImportReport:
    """Record punches; one that is there already (same terminal, user and second) stays as it is."""
    read = _read(uow, lines, now)
    if read.work.findings:
        return read.work.report()
    there = attendance.record_punches(uow, read.punches, now).duplicates
    if len(read.rows) > len(there):
        record(uow, by, "punch.import", "import", "punches", at=now, after={"punches": len(read.rows) - len(there)})
    return read.report(there)


def look_at_punches(uow: UnitOfWork, lines: Lines, _by: Actor, now: datetime) -> ImportReport:
    """What `take_punches` would come to: there are too many punches for copies of them."""
    read = _read(uow, lines, now)
    return read.work.report() if read.work.findings else read.report(attendance.already_there(uow, read.punches))


@dataclass(frozen=True, slots=True)
class _Read:
    """A sheet as punches, one for each row where there is no finding."""

    work: Work
    rows: Sequence[SheetRow]
    punches: Sequence[NewPunch]

    def report(self, there: Collection[int]) -> ImportReport:
        """there: places of the rows that are stored already."""
        for place, row in enumerate(self.rows):
            key, shown = f"{row.cells['terminal']} / {row.cells['terminal_user']}", {"day": row.cells["day"], "time": row.cells["time"]}
            if place in there:
                self.work.note(row, key, shown, {})
            else:
                self.work.note(row, key, None, shown)
        return self.work.report()


def _read(uow: UnitOfWork, lines: Lines, now: datetime) -> _Read:
    work = Work(to_csv(lines), COLUMNS)
    terminals = {word: one for one in fleet.list_terminals(uow) for word in (str(one.terminal.serial), one.terminal.name)}
    reading = _Reading(work, terminals, directory.enrolled_users(uow), now)
    rows = list(work.lines("terminal", "terminal_user", "day", "time"))
    return _Read(work, rows, [one for place, row in enumerate(rows) if (one := reading.punch(row, place))])


class _Reading:
    """Rows into punches, or into findings."""

    def __init__(self, work: Work, terminals: Mapping[str, TerminalOverview], enrolled: Enrolled, now: datetime) -> None:
        self._work, self._terminals, self._enrolled, self._now = work, terminals, enrolled, now

    def punch(self, row: SheetRow, place: int) -> NewPunch | None:
        found = self._terminals.get(row.cells["terminal"])
        if found is None:
            self._wrong(row, "terminal", "there is no terminal {cell}", "write its serial number")
            return None
        if found.terminal.edge_id is None:
            self._wrong(row, "terminal", "the terminal {cell} belongs to no edge yet", "give it an edge first, on its page")
            return None
        wall = self._wall(row, ZoneInfo(found.site.time_zone))
        user = row.cells["terminal_user"]
        if wall is None:
            return None
        if not any(first <= pack_wall(wall) // 1_000_000 <= last for first, last in self._enrolled.get((found.zone.id, user), ())):
            remedy = "enrol them first, in the sheet of enrolments or on the page"
            self._wrong(row, "terminal_user", "nobody is the terminal user {cell} on that day", remedy)
            return None
        return _punch(wall, found.terminal, found.terminal.edge_id, user, place, self._now)

    def _wall(self, row: SheetRow, zone: ZoneInfo) -> str | None:
        day, clock = read_day(day_text(row.cells["day"])), _clock(row.cells["time"])
        if day is None:
            self._wrong(row, "day", "{cell} is no date", "write it as 2026-11-23")
            return None
        if clock is None:
            self._wrong(row, "time", "{cell} is no time", "write it as 08:58 or 08:58:30")
            return None
        if datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=zone) > self._now:
            self._wrong(row, "day", "{cell} lies in the future", "look at the day again")
            return None
        return f"{day} {clock}"

    def _wrong(self, row: SheetRow, column: str, problem: str, remedy: str) -> None:
        self._work.find(row, column, problem, remedy, cell=row.cells[column])


def _clock(word: str) -> str | None:
    """hh:mm:ss of what a cell says; None for no time of a day."""
    text = word.rpartition(" ")[2]
    if _OF_A_DAY.fullmatch(text):
        text = str(timedelta(seconds=round(float(text) * 86_400)))
    try:
        hours, minutes, *seconds = (int(part) for part in text.replace("：", ":").split(":"))
        clock = f"{hours:02}:{minutes:02}:{seconds[0] if seconds else 0:02}"
        pack_wall(f"2026-01-01 {clock}")
    except (ValueError, DecodeError):
        return None
    return clock if hours < 24 and minutes < 60 and (not seconds or seconds[0] < 60) else None


def _punch(wall: str, terminal: Terminal, edge_id: int, user: str, place: int, now: datetime) -> NewPunch:
    """place: in the file; with the moment of the import it makes the punch's own sequence, so that a repeat is known as one."""
    serial, moment = str(terminal.serial), to_microseconds(now)
    salt = sha256(f"{serial}\0{user}\0{wall}".encode()).digest()[:16]
    body = codec.encode_row(PunchRow(serial, user, wall, now, Source.OTHER, salt))
    return NewPunch(int(pack_wall(wall)), terminal.id, user, moment, None, None, None, IMPORTED, edge_id, 0, moment + place, False, body)


KIND = Kind(
    "punches",
    "Past punches",
    ("Past punches", "历史打卡", "打卡记录", "Punches"),
    COLUMNS,
    take_punches,
    {
        "en": (("T1", "1001", "2026-11-02", "08:58:12"), ("T1", "1001", "2026-11-02", "18:03:40")),
        "zh": (("T1", "1001", "2026-11-02", "08:58:12"), ("T1", "1001", "2026-11-02", "18:03:40")),
    },
    days=frozenset({"day"}),
    look=look_at_punches,
)
