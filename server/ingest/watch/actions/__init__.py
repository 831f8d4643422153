"""What can be done with alarms: rules of who is told, taking one on, muting it, looking back."""

from server.ingest.watch.actions.handling import TakenOn, history_of, mute, take_on, taken_on, unmute
from server.ingest.watch.actions.rules import drop_webhook, find_rule, list_rules, put_rule, remove_rule, switch_rule, try_rule
from server.ingest.watch.actions.watching import Office, people_of, tidy, watch

__all__ = [
    "Office",
    "TakenOn",
    "drop_webhook",
    "find_rule",
    "history_of",
    "list_rules",
    "mute",
    "people_of",
    "put_rule",
    "remove_rule",
    "switch_rule",
    "take_on",
    "taken_on",
    "tidy",
    "try_rule",
    "unmute",
    "watch",
]
