"""Values of attendance.

punches   raw punches, and how they are listed
rules     how a company reads punches: one frozen value for each version of a rule set
grants    approved facts that assessing obeys
days      what the engine takes and gives for one employee and work date
stored    days as they are kept and listed
granted   grants as they are recorded and listed
rule_sets rule sets, their versions and whom they are for
periods   what the engine gives for one employee and attendance period
closing   confirming and closing periods, and what comes later
"""

from server.attendance.model.closing import (
    Answer,
    Arrear,
    Confirmation,
    Difference,
    DueArrear,
    FrozenPeriod,
    Issue,
    IssueKind,
    Membership,
    Period,
    PeriodCheck,
    PeriodState,
    StoredArrear,
)
from server.attendance.model.granted import GrantFilter, GrantLine, GrantOrigin, NewGrant, StoredGrant
from server.attendance.model.punches import (
    BoardCursor,
    DayPunches,
    MissingPerson,
    NewPunch,
    Presence,
    Punch,
    PunchFilter,
    PunchKey,
    PunchLine,
    PunchOrder,
    Recorded,
    Tally,
)
from server.attendance.model.rule_sets import RuleAssignment, RuleSet, RuleSetVersion, RulesSpan, RuleSubject
from server.attendance.model.stored import (
    EXCEPTION_BITS,
    DayFlag,
    DayInputs,
    DaySigns,
    ExceptionFilter,
    ExceptionKey,
    ExceptionLine,
    ExceptionState,
    StoredDay,
    StoredException,
)

__all__ = [
    "EXCEPTION_BITS",
    "Answer",
    "Arrear",
    "BoardCursor",
    "Confirmation",
    "DayFlag",
    "DayInputs",
    "DayPunches",
    "DaySigns",
    "Difference",
    "DueArrear",
    "ExceptionFilter",
    "ExceptionKey",
    "ExceptionLine",
    "ExceptionState",
    "FrozenPeriod",
    "GrantFilter",
    "GrantLine",
    "GrantOrigin",
    "Issue",
    "IssueKind",
    "Membership",
    "MissingPerson",
    "NewGrant",
    "NewPunch",
    "Period",
    "PeriodCheck",
    "PeriodState",
    "Presence",
    "Punch",
    "PunchFilter",
    "PunchKey",
    "PunchLine",
    "PunchOrder",
    "Recorded",
    "RuleAssignment",
    "RuleSet",
    "RuleSetVersion",
    "RuleSubject",
    "RulesSpan",
    "StoredArrear",
    "StoredDay",
    "StoredException",
    "StoredGrant",
    "Tally",
]
