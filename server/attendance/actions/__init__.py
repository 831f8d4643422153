"""What can be done with punches (recorded once, and read), with grants and rule sets, and with the days that come of them."""

from server.attendance.actions.assessing import work_out
from server.attendance.actions.beginning import begin_with_rules
from server.attendance.actions.bulk import BulkPreview, Crowd, bulk_size, preview_bulk, record_bulk, withdraw_bulk
from server.attendance.actions.closing import ask_closing, closing_job, reopen_period
from server.attendance.actions.confirming import OwnPeriod, answer_period, own_period, own_periods
from server.attendance.actions.days import day_of, days_of, days_of_people, explained_days_of, forget_people, month_rows
from server.attendance.actions.differences import (
    accept_differences,
    decided_days_of,
    due_arrears,
    list_arrears,
    list_differences,
    refuse_differences,
)
from server.attendance.actions.earned import time_off_earned
from server.attendance.actions.erasing import erased_among
from server.attendance.actions.exceptions import reopen_exceptions, settle_exceptions
from server.attendance.actions.grants import find_grant, record_grant, record_grants, withdraw_grant, withdraw_grants
from server.attendance.actions.keeping import keep
from server.attendance.actions.lengths import CoveredDay, covered_days
from server.attendance.actions.on_leave import leave_days
from server.attendance.actions.periods import (
    ask_to_confirm,
    check_period,
    find_period,
    frozen_results,
    list_periods,
    members_of,
    people_without_group,
    period_counts,
    period_signs,
)
from server.attendance.actions.previewing import GrantPreview, preview_grant
from server.attendance.actions.reading import evidence_punches, find_line, find_punch, person_days
from server.attendance.actions.recording import already_there, known_among, record_punches
from server.attendance.actions.reports import note_health
from server.attendance.actions.rule_sets import (
    add_rule_set,
    add_rule_version,
    assign_rules,
    find_rule_set,
    find_rule_version,
    list_rule_assignments,
    list_rule_sets,
    people_with_rules,
    rules_of,
    withdraw_assignment,
)
from server.attendance.actions.silences import accept_silence, withdraw_silence
from server.attendance.actions.standing import closed_days, grants_between, leave_granted
from server.attendance.engine.bulk import BulkWish
from server.attendance.store.board import board_start, punches_after
from server.attendance.store.exceptions import count_exceptions, exceptions_by_id, list_exceptions
from server.attendance.store.grants import absences, grant_by_id, list_grants
from server.attendance.store.lists import count_punches, list_punches
from server.attendance.store.marks import mark_days, waiting_marks
from server.attendance.store.people import numbers_of, zones_of
from server.attendance.store.presence import counted_anew, not_punched, presence, tallies
from server.attendance.store.silences import silences, silent_terminals

__all__ = [
    "BulkPreview",
    "BulkWish",
    "CoveredDay",
    "Crowd",
    "GrantPreview",
    "OwnPeriod",
    "absences",
    "accept_differences",
    "accept_silence",
    "add_rule_set",
    "add_rule_version",
    "already_there",
    "answer_period",
    "ask_closing",
    "ask_to_confirm",
    "assign_rules",
    "begin_with_rules",
    "board_start",
    "bulk_size",
    "check_period",
    "closed_days",
    "closing_job",
    "count_exceptions",
    "count_punches",
    "counted_anew",
    "covered_days",
    "day_of",
    "days_of",
    "days_of_people",
    "decided_days_of",
    "due_arrears",
    "erased_among",
    "evidence_punches",
    "exceptions_by_id",
    "explained_days_of",
    "find_grant",
    "find_line",
    "find_period",
    "find_punch",
    "find_rule_set",
    "find_rule_version",
    "forget_people",
    "frozen_results",
    "grant_by_id",
    "grants_between",
    "keep",
    "known_among",
    "leave_days",
    "leave_granted",
    "list_arrears",
    "list_differences",
    "list_exceptions",
    "list_grants",
    "list_periods",
    "list_punches",
    "list_rule_assignments",
    "list_rule_sets",
    "mark_days",
    "members_of",
    "month_rows",
    "not_punched",
    "note_health",
    "numbers_of",
    "own_period",
    "own_periods",
    "people_with_rules",
    "people_without_group",
    "period_counts",
    "period_signs",
    "person_days",
    "presence",
    "preview_bulk",
    "preview_grant",
    "punches_after",
    "record_bulk",
    "record_grant",
    "record_grants",
    "record_punches",
    "refuse_differences",
    "reopen_exceptions",
    "reopen_period",
    "rules_of",
    "settle_exceptions",
    "silences",
    "silent_terminals",
    "tallies",
    "time_off_earned",
    "waiting_marks",
    "withdraw_assignment",
    "withdraw_bulk",
    "withdraw_grant",
    "withdraw_grants",
    "withdraw_silence",
    "work_out",
    "zones_of",
]
