"""What can be done with punches: recorded once, and read. Nothing changes them."""

from server.attendance.actions.reading import evidence_punches, find_line, find_punch, person_days
from server.attendance.actions.recording import record_punches
from server.attendance.store.board import board_start, punches_after
from server.attendance.store.lists import count_punches, list_punches
from server.attendance.store.presence import counted_anew, not_punched, presence, tallies

__all__ = [
    "board_start",
    "count_punches",
    "counted_anew",
    "evidence_punches",
    "find_line",
    "find_punch",
    "list_punches",
    "not_punched",
    "person_days",
    "presence",
    "punches_after",
    "record_punches",
    "tallies",
]
