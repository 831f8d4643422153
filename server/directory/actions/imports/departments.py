"""A file of departments."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, update

from server.audit.model import Actor
from server.directory import store
from server.directory.actions.imports.circles import in_circles
from server.directory.actions.imports.words import several_names
from server.directory.actions.imports.work import Work
from server.directory.actions.terms import today_of
from server.directory.engine import Column, SheetRow
from server.directory.model import Department, ImportReport
from server.directory.tables import department
from server.storage import Subject, UnitOfWork, leave_change

COLUMNS = (
    Column("code", ("department code", "部门编码", "编码", "部门编号"), needed=True),
    Column("name", ("department name", "部门名称", "名称", "部门"), needed=True, most=100),
    Column("parent", ("parent code", "上级部门编码", "上级部门", "上级编码")),
)


def import_departments(uow: UnitOfWork, data: bytes, by: Actor, now: datetime, *, dry_run: bool = False) -> ImportReport:
    """Add departments or give them another name or parent; a parent may stand anywhere in the file, by its code or its name."""
    work = Work(data, COLUMNS)
    known = {one.code: one for one in store.departments(uow)}
    codes = {one.id: one.code for one in known.values()}
    rows = {row.cells["code"]: row for row in work.rows("code", "name")}
    above = {one.code: codes.get(one.parent_id or 0, "") for one in known.values()} | _parents(work, rows, known)
    for code in in_circles(above):
        if code in rows:
            work.find(rows[code], "parent", "the departments stand above each other in a circle", "leave the parent out")
    for code, row in rows.items():
        wanted = {"name": row.cells["name"], "parent": above.get(code, "")}
        if there := known.get(code):
            present = {"name": there.name, "parent": codes.get(there.parent_id or 0, "")}
            other = [name for name in wanted if wanted[name] != present[name]]
            work.note(row, code, {name: present[name] for name in other}, {name: wanted[name] for name in other})
        else:
            work.note(row, code, None, wanted)
    if not work.may_store(dry_run=dry_run):
        return work.report()
    touched = [one.key for one in work.changes]
    _store(uow, [(code, rows[code].cells["name"], above.get(code, "")) for code in touched], known)
    today = today_of(uow, now)
    for one in work.changes:
        if one.before is not None and "parent" in one.after:  # what is rostered for the departments above holds for it, too
            leave_change(uow, Subject.DEPARTMENT, known[one.key].id, today, None, "department")
    return work.report(work.record(uow, "department.import", "departments", by, now))


def _parents(work: Work, rows: Mapping[str, SheetRow], known: Mapping[str, Department]) -> dict[str, str]:
    """The code of the parent that each row names, "" for none; a row without the column says nothing of it."""
    names = {one.code: one.name for one in known.values()} | {code: row.cells["name"] for code, row in rows.items()}
    words: dict[str, str | None] = several_names((name, code) for code, name in names.items()) | {code: code for code in names}
    found = {}
    for code, row in rows.items():
        word = row.get("parent")
        if word and word not in words:
            remedy = "write the code of one that is there or in this file"
            work.find(row, "parent", "there is no department {cell}", remedy, cell=word)
        elif word and words[word] is None:
            work.find(row, "parent", "several departments have the name {cell}", "write its code", cell=word)
        elif word is not None:
            found[code] = words[word] or "" if word else ""
    return found


def _store(uow: UnitOfWork, wanted: list[tuple[str, str, str]], known: Mapping[str, Department]) -> None:
    """Names first, parents when all are there."""
    new = [{"code": code, "name": name, "parent_id": None} for code, name, _ in wanted if code not in known]
    if new:
        uow.execute(department.insert(), new)
    ids: dict[str, int | None] = {one.code: one.id for one in store.departments(uow)}
    if wanted:
        statement = update(department).where(department.c.id == bindparam("key"))
        values = [{"key": ids[code], "new_name": name, "new_parent": ids.get(parent)} for code, name, parent in wanted]
        uow.execute(statement.values(name=bindparam("new_name"), parent_id=bindparam("new_parent")), values)
