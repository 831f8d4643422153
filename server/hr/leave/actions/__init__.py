"""What can be done with leave: kinds, how long one is, balances, and the ledger."""

from server.hr.leave.actions.adjusting import (
    add_ground,
    adjust,
    begin_on,
    begins_on,
    end_ground,
    set_opening,
    undo_adjustment,
    undo_adjustments,
    waive,
)
from server.hr.leave.actions.away import who_is_away
from server.hr.leave.actions.balances import balance_on, balances_of, balances_on
from server.hr.leave.actions.findings import count_ending, lapsing_soon, lost_days, overtaken, people_with_ends
from server.hr.leave.actions.ledger import grounds_of, ledgers_of, movement, movements_of, waivers_of
from server.hr.leave.actions.lengths import minutes_of
from server.hr.leave.actions.settling import ask_settling, missing_movements, settle
from server.hr.leave.actions.suiting import granted_from, hindrances
from server.hr.leave.actions.taking import book, give_back, release, reserve
from server.hr.leave.actions.types import (
    add_type,
    archive_type,
    change_type,
    find_type,
    leave_types,
    restore_type,
    type_versions,
    withdraw_type_version,
)

__all__ = [
    "add_ground",
    "add_type",
    "adjust",
    "archive_type",
    "ask_settling",
    "balance_on",
    "balances_of",
    "balances_on",
    "begin_on",
    "begins_on",
    "book",
    "change_type",
    "count_ending",
    "end_ground",
    "find_type",
    "give_back",
    "granted_from",
    "grounds_of",
    "hindrances",
    "lapsing_soon",
    "leave_types",
    "ledgers_of",
    "lost_days",
    "minutes_of",
    "missing_movements",
    "movement",
    "movements_of",
    "overtaken",
    "people_with_ends",
    "release",
    "reserve",
    "restore_type",
    "set_opening",
    "settle",
    "type_versions",
    "undo_adjustment",
    "undo_adjustments",
    "waive",
    "waivers_of",
    "who_is_away",
    "withdraw_type_version",
]
