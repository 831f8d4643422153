"""What can be done in the import room."""

from server.hr.imports.actions.duplicates import key_of, open_pairs
from server.hr.imports.actions.finding import file_of, find_import, list_imports, outcome_of
from server.hr.imports.actions.kinds import KINDS, Kind
from server.hr.imports.actions.undoing import Hindrance, hindrances, undo
from server.hr.imports.actions.working import (
    Enrolled,
    ask_to_store,
    choose,
    job_of,
    look_again,
    look_at_once,
    nothing_enrolled,
    receive,
    take_at_once,
    tidy,
)

__all__ = [
    "KINDS",
    "Enrolled",
    "Hindrance",
    "Kind",
    "ask_to_store",
    "choose",
    "file_of",
    "find_import",
    "hindrances",
    "job_of",
    "key_of",
    "list_imports",
    "look_again",
    "look_at_once",
    "nothing_enrolled",
    "open_pairs",
    "outcome_of",
    "receive",
    "take_at_once",
    "tidy",
    "undo",
]
