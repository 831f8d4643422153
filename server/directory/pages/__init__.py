"""`/imports`: sites, departments and people from a file, looked at before anything is stored."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import APIRouter, Form, Request, UploadFile
from starlette.responses import Response

from server.access.model import Permission
from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.model import ImportReport
from server.errors import InvalidInputError
from server.storage import UnitOfWork
from server.web.asking import database_of, now, shell_of
from server.web.export import csv_answer
from server.web.visitor import needs

router = APIRouter()
CHANGES = needs(Permission.CHANGE_PEOPLE)
MOST_BYTES = 10 * 1024 * 1024
SAMPLES: dict[str, tuple[tuple[str, ...], ...]] = {
    "sites": (("站点编码", "站点名称", "时区"), ("hq", "上海总部", "Asia/Shanghai"), ("plant", "苏州工厂", "Asia/Shanghai")),
    "departments": (("部门编码", "部门名称", "上级部门编码"), ("HR", "人力资源部", ""), ("HR1", "招聘组", "HR")),
    "people": (
        ("工号", "姓名", "部门", "站点", "考勤号", "生效日期", "在职"),
        ("A001", "王伟", "HR", "hq", "1001", "2026-01-01", "是"),
        ("A002", "李娜", "HR1", "hq", "1002", "2026-01-01", "是"),
    ),
}


class Import(Protocol):
    """What the three imports have in common."""

    def __call__(self, uow: UnitOfWork, data: bytes, by: Actor, now: datetime, *, dry_run: bool = False) -> ImportReport: ...


IMPORTS: dict[str, Import] = {
    "sites": directory.import_sites,
    "departments": directory.import_departments,
    "people": directory.import_people,
}


@router.get("/imports", include_in_schema=False, dependencies=[CHANGES])
def imports_page(request: Request) -> Response:
    return shell_of(request).page(request, "directory/imports.html", report=None, kind="people", held="", wrong="")


@router.get("/imports/sample/{kind}.csv", include_in_schema=False, dependencies=[CHANGES])
def sample(kind: str) -> Response:
    """A file to fill in."""
    heading, *rows = SAMPLES[_checked(kind)]
    return csv_answer(kind, heading, rows)


@router.post("/imports", include_in_schema=False, dependencies=[CHANGES])
def import_now(
    request: Request, kind: Annotated[str, Form()] = "", file: UploadFile | None = None, held: Annotated[str, Form()] = ""
) -> Response:
    """First what would happen; the page that answers carries the file along, so that it can be confirmed as it was looked at."""
    shell = shell_of(request)
    confirmed = bool(held)
    try:
        data = base64.b64decode(held, validate=True) if confirmed else _received(file)
    except binascii.Error:
        data, confirmed = b"", False
    if not data:
        return shell.page(
            request, "directory/imports.html", 422, report=None, kind=kind, held="", wrong="Choose a file with something in it."
        )
    report = _import(request, kind, data, dry_run=not confirmed)
    carried = "" if report.stored or report.findings else base64.b64encode(data).decode()
    return shell.page(request, "directory/imports.html", 422 if report.findings else 200, report=report, kind=kind, held=carried, wrong="")


@router.post("/api/v1/imports/{kind}", tags=["directory"], dependencies=[CHANGES])
async def import_by_program(request: Request, kind: str, dry_run: bool = False) -> dict[str, object]:
    """The file as the request's body; nothing is stored when there are findings."""
    from starlette.concurrency import run_in_threadpool

    data = await request.body()
    if len(data) > MOST_BYTES:
        raise InvalidInputError(field="file", reason="the file is larger than 10 MB: split it")
    report = await run_in_threadpool(_import, request, kind, data, dry_run=dry_run)
    findings = [{"row": one.row, "column": one.column, "problem": one.problem, "remedy": one.remedy} for one in report.findings]
    counts = {"new": report.new, "changed": report.changed, "unchanged": report.unchanged}
    return {**counts, "stored": report.stored, "findings": findings}


def _import(request: Request, kind: str, data: bytes, *, dry_run: bool) -> ImportReport:
    work = IMPORTS[_checked(kind)]
    with database_of(request).writing() as uow:
        return work(uow, data, Actor(request.state.visitor.login), now(), dry_run=dry_run)


def _checked(kind: str) -> str:
    if kind not in IMPORTS:
        raise InvalidInputError(field="kind", reason="use sites, departments or people")
    return kind


def _received(file: UploadFile | None) -> bytes:
    data = file.file.read(MOST_BYTES + 1) if file else b""
    if len(data) > MOST_BYTES:
        raise InvalidInputError(field="file", reason="the file is larger than 10 MB: split it")
    return data
