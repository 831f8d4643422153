"""Tables of attendance: punches as evidence, approved facts, rules by dates, derived days, and what is waiting to be assessed."""

from server.attendance.tables.days import attendance_day, day_difference, day_erasure, day_exception, locked_span
from server.attendance.tables.grants import attendance_grant
from server.attendance.tables.periods import attendance_period, period_answer, period_arrear, period_closing, period_result
from server.attendance.tables.punches import punch, terminal_tally
from server.attendance.tables.rule_sets import rule_assignment, rule_set, rule_set_version
from server.attendance.tables.trials import trial, trial_day, trial_person
from server.attendance.tables.waiting import day_mark, day_opening, punch_cursor, silence, terminal_report

__all__ = [
    "attendance_day",
    "attendance_grant",
    "attendance_period",
    "day_difference",
    "day_erasure",
    "day_exception",
    "day_mark",
    "day_opening",
    "locked_span",
    "period_answer",
    "period_arrear",
    "period_closing",
    "period_result",
    "punch",
    "punch_cursor",
    "rule_assignment",
    "rule_set",
    "rule_set_version",
    "silence",
    "terminal_report",
    "terminal_tally",
    "trial",
    "trial_day",
    "trial_person",
]
