"""The sheet of terminal users: the list that terminals hold, so that a person can tell whose a number is that is nobody's yet."""

from datetime import datetime

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.actions.imports import Column, Work
from server.directory.model import ImportReport, TerminalUser
from server.hr.imports.actions.kinds.enrolments import KNOWN_BY, kinds_in, zone_words
from server.hr.imports.actions.kinds.kind import Kind
from server.hr.imports.engine.sheets import Lines, to_csv
from server.storage import UnitOfWork

COLUMNS = (
    Column("zone", ("group of terminals", "终端分组", "站点", "站点编码"), needed=True, most=100),
    Column("terminal_user", ("terminal user", "考勤号", "考勤机编号", "设备用户号"), needed=True),
    Column("name", ("name at the terminal", "设备上的姓名", "姓名"), needed=True, most=100),
    *KNOWN_BY,
)


def take_terminal_users(uow: UnitOfWork, lines: Lines, by: Actor, now: datetime) -> ImportReport:
    """Keep the lines of those who are nobody here; who is somebody already needs none."""
    work = Work(to_csv(lines), COLUMNS)
    zones = zone_words(uow)
    taken, there = directory.enrolled_users(uow).keys(), directory.terminal_users(uow)
    users: dict[tuple[int, str], TerminalUser] = {}
    for row in work.lines("zone", "terminal_user", "name"):
        zone_id, user = zones.get(row.cells["zone"].casefold()), row.cells["terminal_user"]
        if zone_id is None:
            listed = ", ".join(zones)
            work.find(row, "zone", "{cell} is none of those that there are", "write one of: {words}", cell=row.cells["zone"], words=listed)
            continue
        if (zone_id, user) in users:
            work.find(row, "terminal_user", "this terminal user is there twice", "delete one of the rows")
            continue
        one = TerminalUser(zone_id, user, row.cells["name"], row.get("card") or "", kinds_in(work, row))
        held, key = there.get((zone_id, user)), f"{row.cells['zone']} / {user}"
        users[zone_id, user] = one
        if (zone_id, user) in taken or held == one:
            work.note(row, key, {}, {})
        else:
            work.note(row, key, None if held is None else {"name": held.name}, {"name": one.name, "card": one.card})
    if not work.findings:
        new = [one for key, one in users.items() if key not in taken and there.get(key) != one]
        directory.write_terminal_users(uow, new, now)
        if new:
            record(uow, by, "enrolment.terminal-users", "import", "terminal users", at=now, after={"users": len(new)})
    return work.report()


KIND = Kind(
    "terminal-users",
    "Terminal users",
    ("Terminal users", "设备用户", "考勤机用户"),
    COLUMNS,
    take_terminal_users,
    {
        "en": (("hq", "1001", "WANG WEI", "0012345678", "finger, face"), ("hq", "1002", "LI NA", "", "face")),
        "zh": (("hq", "1001", "王伟", "0012345678", "指纹、人脸"), ("hq", "1002", "李娜", "", "人脸")),
    },
    tables=("terminal_user",),
)
