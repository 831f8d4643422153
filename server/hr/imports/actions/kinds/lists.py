"""Sheets of what people belong to: sites, departments, positions."""

from datetime import datetime
from typing import Protocol

from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.actions.imports import (
    DEPARTMENT_COLUMNS,
    SITE_COLUMNS,
    Column,
    Work,
    import_departments,
    import_sites,
)
from server.directory.model import ImportReport
from server.hr.imports.actions.kinds.kind import Kind, Take
from server.hr.imports.engine.sheets import Lines, to_csv
from server.storage import UnitOfWork

POSITION_COLUMNS = (
    Column("code", ("position code", "岗位编码", "编码", "岗位编号"), needed=True),
    Column("name", ("position name", "岗位名称", "名称", "岗位"), needed=True, most=100),
)


def take_positions(uow: UnitOfWork, lines: Lines, by: Actor, now: datetime) -> ImportReport:
    """Add positions or give them another name."""
    work = Work(to_csv(lines), POSITION_COLUMNS)
    known = {one.code: one for one in directory.list_positions(uow)}
    rows = list(work.rows("code", "name"))
    for row in rows:
        code, name = row.cells["code"], row.cells["name"]
        there = known.get(code)
        if there is None:
            work.note(row, code, None, {"name": name})
        else:
            work.note(row, code, {"name": there.name}, {} if there.name == name else {"name": name})
    if not work.may_store(dry_run=False):
        return work.report()
    for one in work.changes:
        if one.before is None:
            directory.add_position(uow, one.key, str(one.after["name"]), by, now)
        else:
            directory.rename_position(uow, known[one.key].id, str(one.after["name"]), by, now)
    return work.report()


class Load(Protocol):
    """An import of the directory."""

    def __call__(self, uow: UnitOfWork, data: bytes, by: Actor, now: datetime, *, dry_run: bool = False) -> ImportReport: ...


def _from_csv(load: Load) -> Take:
    """The directory's own reading, of lines."""

    def take(uow: UnitOfWork, lines: Lines, by: Actor, now: datetime) -> ImportReport:
        return load(uow, to_csv(lines), by, now)

    return take


SITES = Kind(
    "sites",
    "Sites",
    ("Sites", "站点"),
    SITE_COLUMNS,
    _from_csv(import_sites),
    {
        "en": (("hq", "Shanghai head office", "Asia/Shanghai"), ("plant", "Suzhou plant", "Asia/Shanghai")),
        "zh": (("hq", "上海总部", "Asia/Shanghai"), ("plant", "苏州工厂", "Asia/Shanghai")),
    },
    tables=("site", "zone"),
    beside=("provisioning",),
)
DEPARTMENTS = Kind(
    "departments",
    "Departments",
    ("Departments", "部门"),
    DEPARTMENT_COLUMNS,
    _from_csv(import_departments),
    {
        "en": (("HR", "Human resources", ""), ("HR1", "Hiring", "HR"), ("PROD", "Production", "")),
        "zh": (("HR", "人力资源部", ""), ("HR1", "招聘组", "HR"), ("PROD", "生产部", "")),
    },
    tables=("department",),
)
POSITIONS = Kind(
    "positions",
    "Positions",
    ("Positions", "岗位"),
    POSITION_COLUMNS,
    take_positions,
    {"en": (("OP", "Operator"), ("QC", "Quality controller")), "zh": (("OP", "操作工"), ("QC", "质检员"))},
    tables=("position",),
)
