"""The sheet of enrolments: who is which terminal user in which group of terminals, from when to when."""

from datetime import date, datetime

from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.actions.imports import Column
from server.directory.model import ImportReport
from server.fleet import actions as fleet
from server.hr.imports.actions.kinds.kind import Kind
from server.hr.imports.actions.kinds.rows import Rows
from server.hr.imports.engine.sheets import Lines
from server.storage import UnitOfWork

COLUMNS = (
    Column("employee_number", ("employee number", "工号", "员工编号"), needed=True),
    Column("zone", ("group of terminals", "终端分组", "站点", "站点编码"), needed=True, most=100),
    Column("terminal_user", ("terminal user", "考勤号", "考勤机编号", "设备用户号"), needed=True),
    Column("valid_from", ("valid from", "生效日期", "开始日期"), needed=True),
    Column("valid_until", ("valid until", "失效日期", "结束日期")),
)


def take_enrolments(uow: UnitOfWork, lines: Lines, by: Actor, now: datetime) -> ImportReport:
    """Enrol people; what holds already stays as it is."""
    rows = Rows(uow, lines, COLUMNS)
    zones = {word: one.id for one in fleet.list_zones(uow) for word in (one.code.casefold(), one.name.casefold())}
    sites = {one.id: one for one in fleet.list_sites(uow)}
    zones |= {sites[one.site_id].name.casefold(): one.id for one in fleet.list_zones(uow) if one.site_id in sites}
    for row, who in rows.people("zone", "terminal_user", "valid_from"):
        zone, first, last = rows.one_of(row, "zone", zones), rows.day(row, "valid_from"), rows.day(row, "valid_until")
        if zone is None or first is None or (row.get("valid_until") and last is None):
            continue
        user = row.cells["terminal_user"]
        shown = {"zone": row.cells["zone"], "terminal_user": user, "valid_from": first, "valid_until": last}
        held = directory.enrolments_at(uow, zone, user)
        if any((one.person_id, one.valid_from, one.valid_until) == (who.id, first, last) for one in held):
            rows.work.note(row, who.employee_number, shown, {})
            continue

        def enrol(one: int = who.id, place: int = zone, number: str = user, since: date = first, until: date | None = last) -> None:
            directory.enrol(uow, one, place, number, since, by, now, valid_until=until, reason="import")

        if rows.attempt(row, "terminal_user", enrol):
            rows.work.note(row, who.employee_number, None, shown)
    return rows.work.report()


KIND = Kind(
    "enrolments",
    "Enrolments",
    ("Enrolments", "登记", "考勤登记", "考勤号对照"),
    COLUMNS,
    take_enrolments,
    {
        "en": (("0001", "hq", "1001", "2026-01-01", ""), ("0002", "hq", "1002", "2026-01-01", "")),
        "zh": (("0001", "hq", "1001", "2026-01-01", ""), ("0002", "hq", "1002", "2026-01-01", "")),
    },
    days=frozenset({"valid_from", "valid_until"}),
    tables=("enrolment", "employment_event"),
    beside=("person", "employment", "employment_span", "provisioning"),
)
