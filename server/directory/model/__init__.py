"""Values of people, of their employments, and of what was found in an import."""

from server.directory.model.employments import (
    Employment,
    EmploymentEvent,
    EmploymentKind,
    EmploymentTerms,
    EventKind,
    HoursSystem,
    LeavingGround,
    Position,
    Protection,
    TermsSpan,
)
from server.directory.model.imports import ImportChange, ImportFinding, ImportReport
from server.directory.model.org import OrgLevel, OrgNode, Reporting
from server.directory.model.pay_groups import PayGroup, StartDay
from server.directory.model.people import (
    Department,
    Enrolment,
    HeadSpan,
    Person,
    PersonOverview,
    TemplateKind,
    TerminalUser,
    sort_key,
    sound_of,
)
from server.directory.model.staff import StaffLine, StaffOrder, StaffPage, StaffQuestion, StaffState

__all__ = [
    "Department",
    "Employment",
    "EmploymentEvent",
    "EmploymentKind",
    "EmploymentTerms",
    "Enrolment",
    "EventKind",
    "HeadSpan",
    "HoursSystem",
    "ImportChange",
    "ImportFinding",
    "ImportReport",
    "LeavingGround",
    "OrgLevel",
    "OrgNode",
    "PayGroup",
    "Person",
    "PersonOverview",
    "Position",
    "Protection",
    "Reporting",
    "StaffLine",
    "StaffOrder",
    "StaffPage",
    "StaffQuestion",
    "StaffState",
    "StartDay",
    "TemplateKind",
    "TerminalUser",
    "TermsSpan",
    "sort_key",
    "sound_of",
]
