"""Reading what people write into spreadsheets; terms out of dated events. Pure."""

from server.directory.engine.cells import is_yes, read_day
from server.directory.engine.events import check_cancel, check_day, check_event, check_hire, check_hire_date, employment_on
from server.directory.engine.heads import heads_with
from server.directory.engine.sheet import MOST_ROWS, Column, Sheet, SheetRow, clean, heading_key, read_sheet, table_lines
from server.directory.engine.terms import differing_days, manager_loop, spans_of, terms_on
from server.directory.engine.tree import DepartmentLine, tree_of, would_circle

__all__ = [
    "MOST_ROWS",
    "Column",
    "DepartmentLine",
    "Sheet",
    "SheetRow",
    "check_cancel",
    "check_day",
    "check_event",
    "check_hire",
    "check_hire_date",
    "clean",
    "differing_days",
    "employment_on",
    "heading_key",
    "heads_with",
    "is_yes",
    "manager_loop",
    "read_day",
    "read_sheet",
    "spans_of",
    "table_lines",
    "terms_on",
    "tree_of",
    "would_circle",
]
