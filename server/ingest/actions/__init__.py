"""What people can do with what ingest kept back, and what they can know of the fleet, its alarms and a punch's way."""

from server.ingest.actions.listing import (
    count_rows,
    find_refused,
    find_row,
    kept_counts,
    known_reasons,
    list_groups,
    list_refused,
    list_rows,
    open_counts,
    rows_of_identity,
)
from server.ingest.actions.resolving import dismiss, map_user, reopen, replay, zone_of

__all__ = [
    "count_rows",
    "dismiss",
    "find_refused",
    "find_row",
    "kept_counts",
    "known_reasons",
    "list_groups",
    "list_refused",
    "list_rows",
    "map_user",
    "open_counts",
    "reopen",
    "replay",
    "rows_of_identity",
    "zone_of",
]
