"""Merging what the server wants into what is known. Any order of messages, and any repeats, end in the same. Pure."""

from collections.abc import Iterable, Mapping
from enum import Enum

from protocol.wanted import WantedUser


class News(Enum):
    """What a user in a message is. AGAIN: the server does not know that we have it, and wants to hear how it stands."""

    NEW = "new"
    AGAIN = "again"
    OLD = "old"


def news(known: int | None, user: WantedUser) -> News:
    """known: the revision in the book; None for nobody."""
    if known is None or user.revision > known:
        return News.NEW
    return News.AGAIN if user.revision == known else News.OLD


def latest(users: Iterable[WantedUser]) -> Mapping[str, WantedUser]:
    """Of each user the highest revision, where a message names one twice."""
    found: dict[str, WantedUser] = {}
    for user in users:
        if user.user not in found or user.revision > found[user.user].revision:
            found[user.user] = user
    return found
