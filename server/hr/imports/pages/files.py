"""What the import room hands out: templates, a file with its wrong cells marked, what an import would do."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from server.errors import InvalidInputError, NotFoundError
from server.hr.imports import actions as imports
from server.hr.imports.engine.books import TemplateSheet, marked, template
from server.hr.imports.engine.workbook import read_tables
from server.hr.imports.model import Outcome
from server.hr.imports.pages.common import CHANGES, actor_of, field_name
from server.web.asking import database_of, shell_of, words
from server.web.export import XLSX, attachment, table_answer
from server.web.language import language_of

router = APIRouter(include_in_schema=False)
ROSTER_NOTE = "beside them a column for each day, such as 2026-12-01; in the cells a shift by its sign or name, or rest"


@router.get("/imports/template.xlsx", dependencies=CHANGES)
def template_file(request: Request, kind: Annotated[list[str] | None, Query()] = None) -> Response:
    """A workbook to fill in, in the reader's language, with the sheets that are asked for; all without a question."""
    wanted = kind or []
    if unknown := [one for one in wanted if one not in imports.KINDS]:
        raise InvalidInputError(field="kind", reason="{code} is not there: choose one that the list offers", code=unknown[0])
    tell, language = words(request), language_of(request, shell_of(request).language)
    sheets = [_sheet(one, language, tell) for one in imports.KINDS.values() if not wanted or one.name in wanted]
    name = tell(imports.KINDS[wanted[0]].title) if len(wanted) == 1 else tell("Import template")
    return Response(template(sheets, tell), media_type=XLSX, headers=attachment(f"{name}.xlsx"))


@router.get("/imports/{import_id:int}/findings.xlsx", dependencies=CHANGES)
def findings_file(request: Request, import_id: int) -> Response:
    """The file as it was handed in, its wrong cells marked, and all findings in a sheet: mend it and hand it in again."""
    actor_of(request)
    with database_of(request).reading() as uow:
        one = imports.find_import(uow, import_id)
        data, outcome = imports.file_of(uow, import_id), imports.outcome_of(uow, import_id)
    if data is None or outcome is None:
        raise NotFoundError(what="file", name=one.name)
    book = marked(read_tables(data, one.name), {sheet.sheet: sheet for sheet in outcome.sheets}, words(request))
    stem = one.name.rsplit(".", 1)[0]
    return Response(book, media_type=XLSX, headers=attachment(f"{stem} - {words(request)('Findings')}.xlsx"))


@router.get("/imports/{import_id:int}/changes.csv", dependencies=CHANGES)
@router.get("/imports/{import_id:int}/changes.xlsx", dependencies=CHANGES)
def changes_file(request: Request, import_id: int) -> Response:
    """All that an import does, or would do, before and after."""
    actor_of(request)
    tell = words(request)
    with database_of(request).reading() as uow:
        one = imports.find_import(uow, import_id)
        outcome = imports.outcome_of(uow, import_id) or Outcome()
    heading = [tell(name) for name in ("Sheet", "Row number", "Number or code", "Column", "Before", "After")]
    return table_answer(request, one.name.rsplit(".", 1)[0], heading, _cells(outcome, tell))


def _sheet(kind: imports.Kind, language: str, tell: Callable[..., str]) -> TemplateSheet:
    sample = kind.sample[language][0] if kind.sample[language] else ()
    note = tell(ROSTER_NOTE) if kind.name == "rosters" else ""
    return TemplateSheet(kind.sheets[1 if language == "zh" else 0], kind.columns, kind.heading(language), kind.days, sample, note)


def _cells(outcome: Outcome, tell: Callable[..., str]) -> Iterator[tuple[Any, ...]]:
    for sheet in outcome.sheets:
        for one in sheet.changes:
            before = one.before or {}
            for name, value in one.after.items():
                yield sheet.sheet, one.row, one.key, field_name(name, tell), _plain(before.get(name), tell), _plain(value, tell)


def _plain(value: object, tell: Callable[..., str]) -> object:
    return tell("yes" if value else "no") if isinstance(value, bool) else value
