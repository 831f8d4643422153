"""Values of the trail."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

GENESIS = bytes(32)
"""What the first row's `previous_hash` is."""

ERASED = b""
"""The salt of what was erased."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: an account's login, or a program in words. request_id ties it to the log; empty where there is none."""

    name: str
    request_id: str = ""


COMMAND_LINE = Actor("command line")
"""A person at the server's own shell."""
SERVER = Actor("server")
"""The server by itself."""


ACTIONS = (
    "account.sign-in", "account.change-password", "account.create", "account.roles", "account.disable", "account.enable",
    "account.reset-password", "account.link", "account.unlink", "account.limit", "account.code",
    "account.end-session", "account.second-factor", "account.drop-second-factor", "account.outside-link", "account.outside-unlink",
    "personal-data.look",
    "person.add", "person.import", "department.add", "department.import", "enrolment.add", "enrolment.change", "enrolment.end",
    "enrolment.terminal-users",
    "employment.event", "employment.cancel", "employment.hire-date", "position.add", "position.rename",
    "department.rename", "department.move", "department.close", "department.reopen", "department.head",
    "legal-entity.add", "legal-entity.change", "pay-group.add", "pay-group.change",
    "site.add", "site.import", "zone.add", "terminal.add", "terminal.change", "terminal.role", "terminal.out-of-service",
    "terminal.settings", "site.clock-rule", "edge.add",
    "edge.replace-key", "edge.state", "edge.token", "edge.withdraw-token", "edge.enrol", "edge.renew", "edge.refuse", "edge.settle",
    "authority.trust", "authority.distrust",
    "edge.two-places", "quarantine.replay", "quarantine.dismiss", "quarantine.reopen", "assignment.add", "assignment.end",
    "exemption.add", "exemption.end", "calendar.add", "calendar.set-day", "calendar.clear-day", "calendar.set-year", "calendar.clear-year",
    "calendar.site", "roster.publish",
    "roster.settings", "roster.withdraw", "pattern.add", "pattern.change", "pattern.withdraw", "pattern.archive", "pattern.restore",
    "shift.add", "shift.change", "shift.withdraw", "shift.rename", "shift.archive", "shift.restore", "grant.record", "grant.withdraw",
    "rules.add", "rules.version", "rules.assign", "rules.unassign", "rules.withdraw",
    "evidence.export", "exception.settle", "exception.reopen", "period.ask", "period.answer", "period.close", "period.reopen",
    "period.accept", "period.refuse", "recalculation.apply", "recalculation.drop", "silence.accept", "silence.withdraw",
    "identity.change", "identity.find", "document.add", "document.look", "document.remove", "service.add",
    "service.prove", "service.remove", "contract.add", "contract.withdraw", "own-field.add", "own-field.change", "own-field.fill",
    "contact.add", "contact.remove", "staff.settings",
    "flow.publish", "flow.retire", "course.submit", "course.decide", "course.resubmit", "course.withdraw",
    "course.hand-over", "course.time-up", "delegation.add", "delegation.end",
    "consent.publish", "consent.agree", "consent.withdraw", "consent.carry-out", "consent.task", "consent.templates-gone",
    "personal-data.export", "personal-data.fetch",
    "keep-times.change", "erasure.ask", "erasure.decline", "erasure.confirm", "erasure.hold", "erasure.lift", "erasure.done",
    "leave-type.add", "leave-type.change", "leave-type.withdraw", "leave-type.archive", "leave-type.restore",
    "import.store", "import.undo", "punch.import", "punch.file",
    "terminal.turn-away", "terminal.offer-again", "order.give", "order.cancel", "order.result",
    "leave.adjust", "leave.open", "leave.ground", "leave.waive", "leave.begin",
    "request.submit", "request.change", "request.agree", "request.approve", "request.refuse", "request.send-back", "request.withdraw",
    "request.cancel", "request.document", "request.rules",
    "area.add", "area.change", "area.remove", "area.undo", "terminal-right.change", "template.erase", "terminal.send-anew",
    "alarm.take-on", "alarm.mute", "alarm.unmute", "alarm-rule.add", "alarm-rule.change", "alarm-rule.remove", "alarm-rule.test",
    "webhook.add", "webhook.change", "webhook.remove", "support.bundle",
)  # fmt: skip
"""Everything that the trail may say was done, in the order in which a reader chooses; each has a translation."""

CONCERNS, DEED = "concerns", "deed"
"""Said in place of a kind, where rows about objects are asked for: whatever concerns this person (by id), and one kind of deed."""

SUBJECT_KINDS = (
    "person", "people", "request", "course", "flow", "period", "exception", "grant", "trial", "rule set", "kind of leave", "ledger",
    "account", "department", "position", "legal entity", "pay group", "roster", "shift", "pattern", "assignment", "calendar",
    "site", "zone", "area", "terminal", "edge", "quarantine", "import", "order", "staff", "own field",
    "consent-text", "privacy", "receipt", "alarm", "alarm rule", "webhook", "server",
)  # fmt: skip
"""Every kind of object that the trail speaks of, in the order in which a reader chooses; each has a translation."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One thing that was done. before, after: plain values (no floats), None where there was or is nothing. hash: 32 bytes.

    Salts and digests: of what may name somebody (engine.sealed); a salt is b"" once that was erased; None in rows of earlier versions.
    """

    id: int
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject: str
    before: Any
    after: Any
    reason: str
    request_id: str
    previous_hash: bytes
    hash: bytes
    actor_salt: bytes | None = None
    actor_digest: bytes | None = None
    content_salt: bytes | None = None
    content_digest: bytes | None = None


class Break(StrEnum):
    """What is wrong where the trail does not hold."""

    CHANGED = "changed"
    MISSING = "missing"
    OUT_OF_ORDER = "out-of-order"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first place at which the trail does not hold; `row` is the id of the row where it shows."""

    row: int
    kind: Break
    reason: str


@dataclass(frozen=True, slots=True)
class Head:
    """An end of the chain: the id of the last row, 0 for none, and its hash. Noted down elsewhere, it shows later what was cut off."""

    last_id: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.last_id}:{self.hash.hex()}"


NO_ROWS = Head(0, GENESIS)


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What following the chain came to. rows: how many were followed, up to the first that does not fit; head: of the last that fits."""

    rows: int
    first_at: datetime | None
    last_at: datetime | None
    head: Head
    broken: BrokenLink | None


@dataclass(frozen=True, slots=True)
class StoredCheck:
    """What following the chain came to at some time."""

    checked_at: datetime
    asked_by: str
    found: ChainCheck


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """What of the trail is wanted; "" and None leave a question open.

    people: rows that concern one of them. since: the first moment, until: the first one that is too late. text: a part of who, object,
    reason, or of what a value was or is.
    """

    actor: str = ""
    action: str = ""
    kind: str = ""
    subject: str = ""
    request_id: str = ""
    people: tuple[int, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Rows, the latest first. following: the id of the row behind which the rest begins, None at the end.

    looked_until: where a text was looked for, and the rest not looked through: how far back it went.
    """

    rows: list[AuditRow]
    following: int | None = None
    looked_until: datetime | None = None
