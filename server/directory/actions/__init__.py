"""What can be done with people and enrolments."""

from server.directory.actions.enrolments import end_enrolment, enrol, enrolled_users
from server.directory.actions.imports import import_departments, import_people, import_sites
from server.directory.actions.people import add_department, add_person, find_person, list_departments, list_people, see_person

__all__ = [
    "add_department",
    "add_person",
    "end_enrolment",
    "enrol",
    "enrolled_users",
    "find_person",
    "import_departments",
    "import_people",
    "import_sites",
    "list_departments",
    "list_people",
    "see_person",
]
