"""Files of sites, departments and people: the whole file or nothing of it. Repeating an import changes nothing.

Who is not in a file stays as they are: an import never removes anybody.
"""

from server.directory.actions.imports.departments import COLUMNS as DEPARTMENT_COLUMNS, import_departments
from server.directory.actions.imports.people import COLUMNS as PERSON_COLUMNS, import_people
from server.directory.actions.imports.sites import COLUMNS as SITE_COLUMNS, import_sites

__all__ = ["DEPARTMENT_COLUMNS", "PERSON_COLUMNS", "SITE_COLUMNS", "import_departments", "import_people", "import_sites"]
