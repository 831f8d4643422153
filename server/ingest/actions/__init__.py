"""What people can do with what ingest kept back, and what they can know of the fleet, its alarms and a punch's way."""

from server.ingest.actions.evidence import hand_out_month
from server.ingest.actions.knowing import read_edge, read_fleet
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
from server.ingest.actions.resolving import dismiss, map_user, may_pass, reopen, replay, zone_of
from server.ingest.actions.tracing import punch_evidence, trace_punch

__all__ = [
    "count_rows",
    "dismiss",
    "find_refused",
    "find_row",
    "hand_out_month",
    "kept_counts",
    "known_reasons",
    "list_groups",
    "list_refused",
    "list_rows",
    "map_user",
    "may_pass",
    "open_counts",
    "punch_evidence",
    "read_edge",
    "read_fleet",
    "reopen",
    "replay",
    "rows_of_identity",
    "trace_punch",
    "zone_of",
]
