"""The chain of the trail, computed.

    hash(n) = SHA-256(hash(n-1) + canonical JSON of row n)

What may name somebody stands in that JSON as two digests, SHA-256(salt + canonical JSON): one of the actor, one of subject, before, after
and reason. So either can be erased with its salt when its time is over, and the chain still holds; a salt of 16 random bytes keeps the
digest from being tried out. Rows of earlier versions have no digests: their content stands in the chain itself, and is not erased.

Canonical: keys sorted, no spaces, Chinese as it is, instants in UTC with microseconds. Floats are refused: databases write them
in ways of their own.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import Enum
from hashlib import sha256
from typing import Any

from server.audit.model import ERASED, GENESIS, NO_ROWS, AuditRow, Break, BrokenLink, ChainCheck, Head

_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def plain(value: Any) -> Any:
    """The value as JSON holds it, the same on every database; raises TypeError for a float or another type of value."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in (sorted(value) if isinstance(value, set | frozenset) else value)]
    raise TypeError(f"the trail holds no {type(value).__name__}")


def sealed(row: AuditRow, actor_salt: bytes, content_salt: bytes) -> AuditRow:
    """The row with its salts, the digests that they make, and its hash."""
    by, content = _digest(actor_salt, row.actor), _digest(content_salt, _content(row))
    found = replace(row, actor_salt=actor_salt, content_salt=content_salt, actor_digest=by, content_digest=content)
    return replace(found, hash=link(found))


def link(row: AuditRow) -> bytes:
    """What the row's hash must be, from its place, its digests and `previous_hash`; 32 bytes."""
    place = {
        "id": row.id,
        "at": plain(row.at),
        "action": row.action,
        "subject_kind": row.subject_kind,
        "request_id": row.request_id,
    }
    if row.actor_digest is None or row.content_digest is None:
        told = place | {"actor": row.actor} | _content(row)
    else:
        told = place | {"actor_digest": row.actor_digest.hex(), "content_digest": row.content_digest.hex()}
    return sha256(row.previous_hash + _canonical(told).encode()).digest()


def holds(row: AuditRow) -> bool:
    """Whether the row says what it said when it was written; of what was erased only that nothing stands in its place."""
    if link(row) != row.hash:
        return False
    if row.actor_digest is None:
        return True
    actor = row.actor == "" if row.actor_salt == ERASED else _digest(row.actor_salt or b"", row.actor) == row.actor_digest
    nothing = (row.subject, row.before, row.after, row.reason) == ("", None, None, "")
    content = nothing if row.content_salt == ERASED else _digest(row.content_salt or b"", _content(row)) == row.content_digest
    return actor and content


def _content(row: AuditRow) -> dict[str, Any]:
    return {"subject": row.subject, "before": row.before, "after": row.after, "reason": row.reason}


def _digest(salt: bytes, value: Any) -> bytes:
    return sha256(salt + _canonical(value).encode()).digest()


class NoHeadError(ValueError):
    """A text that is no end of a chain."""


def read_head(text: str) -> Head:
    """The end of a chain as `str` writes it; raises NoHeadError."""
    number, colon, digits = text.strip().partition(":")
    try:
        head = Head(int(number), bytes.fromhex(digits))
    except ValueError as error:
        raise NoHeadError(text) from error
    if not colon or head.last_id < 0 or len(head.hash) != len(GENESIS):
        raise NoHeadError(text)
    return head


@dataclass(slots=True)
class ChainWalk:
    """Goes along the trail from its beginning; where it breaks, `broken` says so and it goes no further.

    noted: an end that the chain once had, and must still go through.
    """

    noted: Head | None = None
    rows: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    head: Head = NO_ROWS
    broken: BrokenLink | None = None

    def follow(self, rows: Iterable[AuditRow]) -> None:
        for row in rows:
            self.broken = self.broken or self._fault(row)
            if self.broken:
                return
            self.rows, self.head = self.rows + 1, Head(row.id, row.hash)
            self.first_at, self.last_at = self.first_at or row.at, row.at

    def end(self, head: Head) -> ChainCheck:
        """What was found, once all rows were followed and the stored end of the chain is known."""
        return ChainCheck(self.rows, self.first_at, self.last_at, self.head, self.broken or self._fault_at_end(head))

    def _fault(self, row: AuditRow) -> BrokenLink | None:
        if row.id <= self.head.last_id:
            return BrokenLink(row.id, Break.ADDED, "a row stands before the first")
        if row.id != self.head.last_id + 1:
            return BrokenLink(self.head.last_id + 1, Break.MISSING, "a row is missing")
        if row.previous_hash != self.head.hash:
            return BrokenLink(row.id, Break.OUT_OF_ORDER, "it does not continue the row before")
        if not holds(row):
            return BrokenLink(row.id, Break.CHANGED, "its content was changed")
        if self.noted is not None and row.id == self.noted.last_id and row.hash != self.noted.hash:
            return BrokenLink(row.id, Break.CHANGED, "the chain up to here was written anew since its end was noted")
        return None

    def _fault_at_end(self, head: Head) -> BrokenLink | None:
        last_id = self.head.last_id
        if last_id < head.last_id:
            return BrokenLink(last_id + 1, Break.MISSING, "rows are missing at the end")
        if last_id > head.last_id:
            return BrokenLink(head.last_id + 1, Break.ADDED, "a row stands behind the end of the chain")
        if self.head != head:
            return BrokenLink(last_id, Break.CHANGED, "the stored end of the chain is another")
        if self.noted is not None and self.noted.last_id > last_id:
            return BrokenLink(last_id + 1, Break.MISSING, "rows are missing that were there when the end was noted")
        return None
