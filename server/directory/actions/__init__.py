"""What can be done with people and enrolments."""

from server.directory.actions.enrolments import end_enrolment, enrol, enrolled_users
from server.directory.actions.people import add_department, add_person, find_person, list_departments

__all__ = [
    "add_department",
    "add_person",
    "end_enrolment",
    "enrol",
    "enrolled_users",
    "find_person",
    "list_departments",
]
