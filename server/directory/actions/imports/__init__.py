"""Sheets of sites, departments and people: the whole sheet or nothing of it. Repeating an import changes nothing.

Who is not in a sheet stays as they are: an import never removes anybody. `Work` and `Column` are for other areas' sheets, too.
"""

from server.directory.actions.imports.departments import COLUMNS as DEPARTMENT_COLUMNS, import_departments
from server.directory.actions.imports.people import COLUMNS as PERSON_COLUMNS, import_people
from server.directory.actions.imports.sites import COLUMNS as SITE_COLUMNS, import_sites
from server.directory.actions.imports.words import site_words
from server.directory.actions.imports.work import Work
from server.directory.engine import Column, SheetRow, clean, heading_key, read_day, table_lines

__all__ = [
    "DEPARTMENT_COLUMNS",
    "PERSON_COLUMNS",
    "SITE_COLUMNS",
    "Column",
    "SheetRow",
    "Work",
    "clean",
    "heading_key",
    "import_departments",
    "import_people",
    "import_sites",
    "read_day",
    "site_words",
    "table_lines",
]
