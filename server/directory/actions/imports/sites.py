"""A file of sites."""

from datetime import datetime

from server.audit.model import Actor
from server.directory.actions.imports.work import Work
from server.directory.engine import Column
from server.directory.model import ImportReport
from server.fleet import actions as fleet
from server.settings import known_zone
from server.storage import UnitOfWork

COLUMNS = (
    Column("code", ("site code", "站点编码", "编码"), needed=True),
    Column("name", ("site name", "站点名称", "名称", "站点"), needed=True, most=100),
    Column("time_zone", ("time zone", "时区")),
)
DEFAULT_ZONE = "Asia/Shanghai"


def import_sites(uow: UnitOfWork, data: bytes, by: Actor, now: datetime, *, dry_run: bool = False) -> ImportReport:
    """Add the sites of a file; a site that is there must be there with the same name and zone.

    It is not changed by a file: its time zone decides on which day a punch counts.
    """
    work = Work(data, COLUMNS)
    known = {one.code: one for one in fleet.list_sites(uow)}
    taken = {zone.code for zone in fleet.list_zones(uow)}
    wanted: list[tuple[str, str, str]] = []
    for row in work.rows("code", "name"):
        code, name, zone = row.cells["code"], row.cells["name"], row.get("time_zone")
        there = known.get(code)
        if there is None:
            wanted.append((code, name, zone or DEFAULT_ZONE))
            work.note(row, code, None, {"name": name, "time_zone": zone or DEFAULT_ZONE})
            if any(sign.isspace() for sign in code):
                work.find(row, "code", "a code has no spaces", "write it without")
            elif code in taken:
                work.find(row, "code", "a zone of terminals has this code", "choose another code")
            if zone and not _is_zone(zone):
                work.find(row, "time_zone", "{cell} is no time zone", "a right one is Asia/Shanghai", cell=zone)
        elif name != there.name:
            work.find(row, "name", "this site is there with the name {there}", "write that name, or leave the row out", there=there.name)
        elif zone and zone != there.time_zone:
            remedy = "write that zone, or leave the row out"
            work.find(row, "time_zone", "this site is there with the time zone {there}", remedy, there=there.time_zone)
        else:
            work.note(row, code, {}, {})
    if not work.may_store(dry_run=dry_run):
        return work.report()
    for code, name, zone in wanted:
        fleet.add_site(uow, code, name, zone, by, now)
    return work.report(work.record(uow, "site.import", "sites", by, now))


def _is_zone(name: str) -> bool:
    try:
        known_zone(name)
    except ValueError:
        return False
    return True
