"""Values of leave.

kinds   kinds of leave: one frozen value for each version
ledger  movements, balances, and what moves them beside leave itself
lengths how long a leave is, day by day
"""

from server.hr.leave.model.kinds import (
    Accrual,
    Basis,
    Counting,
    Crossing,
    DayLength,
    Entitlement,
    LeaveTerms,
    LeaveType,
    LostBySick,
    LotEnd,
    NotFor,
    Occasion,
    Pay,
    Rounding,
    ServiceStep,
    TypeVersion,
    Unit,
)
from server.hr.leave.model.ledger import (
    Away,
    Balance,
    Due,
    Finding,
    FindingKind,
    Ground,
    Lapse,
    Movement,
    MovementKind,
    NewMovement,
    Waiver,
)
from server.hr.leave.model.lengths import LeaveDay, LeaveLength

__all__ = [
    "Accrual",
    "Away",
    "Balance",
    "Basis",
    "Counting",
    "Crossing",
    "DayLength",
    "Due",
    "Entitlement",
    "Finding",
    "FindingKind",
    "Ground",
    "Lapse",
    "LeaveDay",
    "LeaveLength",
    "LeaveTerms",
    "LeaveType",
    "LostBySick",
    "LotEnd",
    "Movement",
    "MovementKind",
    "NewMovement",
    "NotFor",
    "Occasion",
    "Pay",
    "Rounding",
    "ServiceStep",
    "TypeVersion",
    "Unit",
    "Waiver",
]
