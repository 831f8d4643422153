"""Values of watching alarms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Any


class ReceiverKind(StrEnum):
    """Whom a rule tells. ROLE, ACCOUNT: in the app, and by mail as each of them wants; MAIL: an address; WEBHOOK: its number."""

    ROLE = "role"
    ACCOUNT = "account"
    MAIL = "mail"
    WEBHOOK = "webhook"


class Passes(StrEnum):
    """What is told in quiet hours all the same."""

    URGENT = "urgent"
    WRONG = "wrong"
    NOTHING = "nothing"


class Step(StrEnum):
    """What somebody is told of an alarm: that it began, that it still lasts, that nobody took it on, that it is over."""

    BEGAN = "began"
    LASTS = "lasts"
    ESCALATED = "escalated"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Receiver:
    """value: a role's or account's name, a mail address, a webhook's id as text."""

    kind: ReceiverKind
    value: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """When people are left alone, on the clock of the alarm's site; until may be before since: over midnight. Both None: only weekends."""

    since: time | None
    until: time | None
    weekends: bool


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """Of which alarms whom is told, and when. kinds, sites: empty for all; an alarm of no site fits only all. only_wrong: severity.

    wait_minutes: so long an alarm must last before anybody is told. repeat_minutes, escalate_minutes: 0 for never.
    """

    name: str
    kinds: frozenset[str]
    sites: frozenset[int]
    only_wrong: bool
    receivers: tuple[Receiver, ...]
    wait_minutes: int
    repeat_minutes: int
    escalate_minutes: int
    escalation: tuple[Receiver, ...]
    quiet: Quiet | None
    passes: Passes
    tells_end: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is kept."""

    id: int
    terms: RuleTerms
    is_on: bool


@dataclass(frozen=True, slots=True)
class Episode:
    """An alarm from when it was first seen until it was over. text, advice, facts: as they were said last; site None: of no site."""

    id: int
    key: str
    kind: str
    severity: str
    urgent: bool
    subject: str
    href: str
    site_id: int | None
    text: str
    advice: str
    facts: Mapping[str, Any]
    begun_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    taken_at: datetime | None
    taken_by: str
    note: str


@dataclass(frozen=True, slots=True)
class Told:
    """That a rule told a step of an episode."""

    episode_id: int
    rule_id: int
    step: Step
    at: datetime


@dataclass(frozen=True, slots=True)
class Mute:
    """An alarm that nobody is told of, and that needs nobody, until then: known work, a broken line that the provider is at."""

    id: int
    key: str
    until: datetime
    reason: str
    by: str
    at: datetime
