"""The file of evidence, format 2: format 1 (raw punches with their chain) and, beside it, what made days and a period of them.

Every record has a seal, a digest of its content; the server's key signs the list of seals. So whoever has the file finds what was changed
in it and can name it, and the engine can be run again on what is inside.
"""

from dataclasses import dataclass
from datetime import date

import msgspec

from server.attendance.model.closing import Arrear
from server.attendance.model.days import AttendanceDay
from server.attendance.model.grants import Grant
from server.attendance.model.periods import AttendancePeriod
from server.attendance.model.rules import Rules
from server.attendance.model.stored import DayInputs

PUNCHES_ONLY, MONTH = 1, 2
SIGNED = b"clockbridge evidence 2\n"
"""Stands before what the server's key signs, so that the signature is good for nothing else."""


class EvidenceBatch(msgspec.Struct, frozen=True):
    """A batch as it was sealed: its numbers, heads, signature, and the digest of each of its rows."""

    edge: str
    epoch: str
    first: int
    last: int
    previous_head: bytes
    head: bytes
    signature: bytes
    key: str
    digests: list[bytes]


class EvidencePunch(msgspec.Struct, frozen=True, omit_defaults=True):
    """A punch: its row exactly as the edge wrote it, and where its chain holds it; `batch` is None while it has none yet.

    id: by which days name it. zone: of its terminal's site. Both of format 2.
    """

    row: str
    edge: str
    epoch: str
    sequence: int
    admitted_at: str
    batch: int | None
    id: int = 0
    zone: str = ""


class EvidenceGrant(msgspec.Struct, frozen=True):
    """An approved fact with who recorded it, when and why. Withdrawn ones are left out: days do not obey them."""

    grant: Grant
    origin: str
    reference: str
    author: str
    reason: str
    recorded_at: str


class EvidenceRules(msgspec.Struct, frozen=True):
    """A version of a rule set."""

    version_id: int
    rule_set: str
    valid_from: date
    author: str
    reason: str
    recorded_at: str
    rules: Rules


class EvidenceException(msgspec.Struct, frozen=True):
    """What a person made of an exception."""

    kind: str
    state: str
    settled_by: str | None
    settled_at: str | None
    reason: str


class EvidenceDay(msgspec.Struct, frozen=True):
    """A day with its steps, and everything it is the value of. told: its explanation in sentences, by language."""

    day: AttendanceDay
    inputs: DayInputs
    assessed_at: str
    exceptions: list[EvidenceException]
    told: dict[str, list[str]]


class EvidenceDifference(msgspec.Struct, frozen=True):
    """What a day of a closed period would be by a late fact, and who accepted or refused that. The last one accepted is what counts."""

    period: str
    state: str
    day: AttendanceDay
    inputs: DayInputs
    decided_by: str
    decided_at: str
    reason: str
    told: dict[str, list[str]]


class EvidenceArrears(msgspec.Struct, frozen=True):
    """What a closed period owes more or less by one decision. due: the month of the period that pays it; "" where that is not known."""

    period: str
    due: str
    items: tuple[Arrear, ...]
    decided_by: str
    decided_at: str
    reason: str


class EvidenceStanding(msgspec.Struct, frozen=True):
    """How far the closing of a period is that has days in the file, and what the employee said of it. answer: "" where nothing was."""

    period: str
    first_day: date
    last_day: date
    state: str
    closed_by: str
    closed_at: str | None
    answer: str
    comment: str
    answered_at: str | None


class EvidencePeriod(msgspec.Struct, frozen=True, omit_defaults=True):
    """Totals from the file's first to its last day, as the days were closed or stand. counted: with the accepted differences, if any."""

    period: AttendancePeriod
    standing: list[EvidenceStanding]
    told: dict[str, list[str]]
    counted: AttendancePeriod | None = None
    arrears: list[EvidenceArrears] = []


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """The whole file. keys: public Ed25519 keys (32 bytes) by their id. What follows them is of format 2.

    days: also those before `since` that totals of the period depend on; differences: of the same dates, by date, in the order in which they
    were decided. Files from before differences were told have none. seals: digests in the order of the records, by part.
    """

    format: int
    person: str
    since: str
    until: str
    punches: list[EvidencePunch]
    batches: list[EvidenceBatch]
    keys: dict[str, bytes]
    made_at: str = ""
    made_by: str = ""
    grants: list[EvidenceGrant] = []
    rules: list[EvidenceRules] = []
    days: list[EvidenceDay] = []
    differences: list[EvidenceDifference] = []
    period: EvidencePeriod | None = None
    server_key: bytes = b""
    seals: dict[str, list[str]] = {}
    signature: bytes = b""


@dataclass(frozen=True, slots=True)
class Finding:
    """What checking one record found: which, in words, and why it is not proven. row: of a punch, as the edge wrote it."""

    row: str
    proven: bool
    reason: str = ""
