"""What can be done with areas and the users of terminals."""

from server.dispatch.areas.actions.areas import (
    add_area,
    change_area,
    find_area,
    last_change,
    list_areas,
    preview,
    remove_area,
    undo_change,
)
from server.dispatch.areas.actions.asking import holders_of, nobody_consented, why_not_ask
from server.dispatch.areas.actions.deriving import Consents, derive, derive_marked
from server.dispatch.areas.actions.following import follow_changes, follow_dates, raise_revisions, try_again
from server.dispatch.areas.actions.hearing import without_templates
from server.dispatch.areas.actions.listing import (
    area_lines,
    area_people,
    count_failed,
    count_people,
    faces_by_legal_entity,
    note_faces,
    on_terminals,
    pending_users,
    people_waiting,
    terminal_lines,
    terminal_users,
    too_many_faces,
)
from server.dispatch.areas.actions.rights import right_of, set_right

__all__ = [
    "Consents",
    "add_area",
    "area_lines",
    "area_people",
    "change_area",
    "count_failed",
    "count_people",
    "derive",
    "derive_marked",
    "faces_by_legal_entity",
    "find_area",
    "follow_changes",
    "follow_dates",
    "holders_of",
    "last_change",
    "list_areas",
    "nobody_consented",
    "note_faces",
    "on_terminals",
    "pending_users",
    "people_waiting",
    "preview",
    "raise_revisions",
    "remove_area",
    "right_of",
    "set_right",
    "terminal_lines",
    "terminal_users",
    "too_many_faces",
    "try_again",
    "undo_change",
    "why_not_ask",
    "without_templates",
]
