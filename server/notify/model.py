"""Notices: what somebody should know, with the place where they can do something about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class NoticeKind(StrEnum):
    """What a notice is about; people choose by it what also comes by mail."""

    APPROVAL = "approval"
    REQUEST = "request"
    ATTENDANCE = "attendance"
    LEAVE = "leave"
    STAFF = "staff"
    ACCOUNT = "account"


class MailWish(StrEnum):
    """What of it somebody wants by mail: each notice, one letter a day with what waits, or nothing."""

    EACH = "each"
    DIGEST = "digest"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class NewNotice:
    """text: English and at once the key of the translation, with `{names}` of the facts; those of `WORDS` are texts of ours themselves.

    address: of the page to go to, within the pages. Facts are what the reader may know; never a sealed value.
    """

    person_id: int
    kind: NoticeKind
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    address: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it is kept; read_at None: not read yet."""

    id: int
    person_id: int
    kind: NoticeKind
    text: str
    facts: Mapping[str, Any]
    address: str
    at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice on its way by mail. attempts: how often it was tried."""

    notice: Notice
    attempts: int


WORDS = frozenset({"what", "kind", "state"})
"""Facts that have a translation."""
LONGEST_TEXT = 500
