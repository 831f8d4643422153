"""Values of attendance.

punches   raw punches, and how they are listed
rules     how a company reads punches: one frozen value for each version of a rule set
grants    approved facts that assessing obeys
days      what the engine takes and gives for one employee and work date
periods   what the engine gives for one employee and attendance period
"""

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

__all__ = [
    "BoardCursor",
    "DayPunches",
    "MissingPerson",
    "NewPunch",
    "Presence",
    "Punch",
    "PunchFilter",
    "PunchKey",
    "PunchLine",
    "PunchOrder",
    "Recorded",
    "Tally",
]
