"""What can be done with areas and the users of terminals."""

from server.dispatch.areas.actions.areas import (
    add_area,
    change_area,
    find_area,
    last_change,
    list_areas,
    members,
    preview,
    remove_area,
    undo_change,
)
from server.dispatch.areas.actions.deriving import Consents, derive, derive_marked
from server.dispatch.areas.actions.following import follow_changes, follow_dates, raise_revisions, send_anew
from server.dispatch.areas.actions.rights import right_of, set_right

__all__ = [
    "Consents",
    "add_area",
    "change_area",
    "derive",
    "derive_marked",
    "find_area",
    "follow_changes",
    "follow_dates",
    "last_change",
    "list_areas",
    "members",
    "preview",
    "raise_revisions",
    "remove_area",
    "right_of",
    "send_anew",
    "set_right",
    "undo_change",
]
