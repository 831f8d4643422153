"""What rosters hold about somebody."""

from sqlalchemy import and_

from server.roster.tables import pattern_assignment, punch_exemption, roster_entry
from server.storage import Holding

HOLDINGS = (
    Holding(roster_entry, "Roster", lambda one: roster_entry.c.person_id == one.person_id, keep="attendance"),
    Holding(
        pattern_assignment,
        "Patterns of one's own",
        lambda one: and_(pattern_assignment.c.scope == "person", pattern_assignment.c.scope_id == one.person_id),
        keep="attendance",
    ),
    Holding(punch_exemption, "Need not punch", lambda one: punch_exemption.c.person_id == one.person_id, keep="attendance"),
)
