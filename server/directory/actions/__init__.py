"""What can be done with people, employments and enrolments."""

from server.directory.actions.employments import NewEvent, add_event, cancel_event, employments_of, set_hire_date
from server.directory.actions.enrolments import end_enrolment, enrol, enrolled_users
from server.directory.actions.imports import import_departments, import_people, import_sites
from server.directory.actions.lists import (
    add_pay_group,
    add_position,
    change_start_day,
    list_positions,
    pay_groups,
    rename_pay_group,
    rename_position,
)
from server.directory.actions.people import add_department, add_person, find_person, list_departments, list_people, names_of, see_person
from server.directory.actions.terms import (
    bring_up_to,
    people_by_pay_group,
    people_by_position,
    people_of_department,
    people_of_pay_group,
    people_of_position,
    people_of_site,
    terms_of,
    today_of,
)

__all__ = [
    "NewEvent",
    "add_department",
    "add_event",
    "add_pay_group",
    "add_person",
    "add_position",
    "bring_up_to",
    "cancel_event",
    "change_start_day",
    "employments_of",
    "end_enrolment",
    "enrol",
    "enrolled_users",
    "find_person",
    "import_departments",
    "import_people",
    "import_sites",
    "list_departments",
    "list_people",
    "list_positions",
    "names_of",
    "pay_groups",
    "people_by_pay_group",
    "people_by_position",
    "people_of_department",
    "people_of_pay_group",
    "people_of_position",
    "people_of_site",
    "rename_pay_group",
    "rename_position",
    "see_person",
    "set_hire_date",
    "terms_of",
    "today_of",
]
