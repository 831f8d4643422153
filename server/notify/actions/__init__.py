"""Telling people, what they do with what they were told, and telling the world outside."""

from server.notify.actions.notices import (
    HOLDINGS,
    keep_unread,
    notices_of,
    notify,
    open_notice,
    own_address,
    read_all,
    tell,
    told,
    unread,
    wish,
    wish_of,
)
from server.notify.actions.outgoing import masked_address, post_hook, post_mail, sendings, tidy
from server.notify.actions.webhooks import add_webhook, change_webhook, drop_webhook, find_webhook, list_webhooks, new_secret

__all__ = [
    "HOLDINGS",
    "add_webhook",
    "change_webhook",
    "drop_webhook",
    "find_webhook",
    "keep_unread",
    "list_webhooks",
    "masked_address",
    "new_secret",
    "notices_of",
    "notify",
    "open_notice",
    "own_address",
    "post_hook",
    "post_mail",
    "read_all",
    "sendings",
    "tell",
    "tidy",
    "told",
    "unread",
    "wish",
    "wish_of",
]
