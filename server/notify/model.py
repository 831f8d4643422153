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
    ALARM = "alarm"


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


class HookForm(StrEnum):
    """Who reads what a webhook is sent: a program of somebody's own, or the robot of a group chat."""

    SIGNED = "signed"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address outside that is told things. Its secret is sealed apart and never read back."""

    id: int
    name: str
    url: str
    form: HookForm
    is_on: bool


@dataclass(frozen=True, slots=True)
class Message:
    """What is told outside: a heading, sentences with their addresses, and the same for programs."""

    heading: str
    lines: tuple[tuple[str, str], ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sending:
    """A message on its way outside, or done with. receiver: a mail address, or a webhook's name. due_at None: sent, or given up.

    about: what it belongs to, for whoever sent it. fault: why the last try failed, a text of ours with `code`.
    """

    id: int
    way: str
    receiver: str
    about: str
    made_at: datetime
    due_at: datetime | None
    attempts: int
    sent_at: datetime | None
    fault: str
    code: str


WORDS = frozenset({"what", "kind", "state"})
"""Facts that have a translation."""
LONGEST_TEXT = 500
