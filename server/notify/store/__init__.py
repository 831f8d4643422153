"""Reading and writing notices, and what is on its way out."""

from server.notify.store.notices import (
    add,
    by_id,
    count_unread,
    drop_old_letters,
    forget,
    letters,
    letters_due,
    mark_read,
    mark_unread,
    note_digest,
    page,
    set_wish,
    settle_letters,
    wanting_digest,
    wishes,
)

__all__ = [
    "add",
    "by_id",
    "count_unread",
    "drop_old_letters",
    "forget",
    "letters",
    "letters_due",
    "mark_read",
    "mark_unread",
    "note_digest",
    "page",
    "set_wish",
    "settle_letters",
    "wanting_digest",
    "wishes",
]
