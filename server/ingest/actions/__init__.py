"""What people can do with what ingest kept back, and what they can know of the fleet, its alarms and a punch's way."""

from server.ingest.actions.enrolling import Suggestion, accept, suggestions
from server.ingest.actions.evidence import hand_out_month, record_raw_export
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
from server.ingest.actions.raw import RawPunch, raw_punches, readable
from server.ingest.actions.resolving import dismiss, enrol_and_replay, map_user, may_pass, reopen, replay, replay_enrolled, zone_of
from server.ingest.actions.tracing import punch_evidence, trace_punch

__all__ = [
    "RawPunch",
    "Suggestion",
    "accept",
    "count_rows",
    "dismiss",
    "enrol_and_replay",
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
    "raw_punches",
    "read_edge",
    "read_fleet",
    "readable",
    "record_raw_export",
    "reopen",
    "replay",
    "replay_enrolled",
    "rows_of_identity",
    "suggestions",
    "trace_punch",
    "zone_of",
]
