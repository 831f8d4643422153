"""The chain of the trail, computed.

    hash(n) = SHA-256(hash(n-1) + canonical JSON of row n without its hashes)

Canonical: keys sorted, no spaces, Chinese as it is, instants in UTC with microseconds. Floats are refused: databases write them
in ways of their own.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from hashlib import sha256
from typing import Any

from server.audit.model import GENESIS, AuditRow, BrokenLink


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


def link(row: AuditRow) -> bytes:
    """What the row's hash must be, from its content and `previous_hash`; 32 bytes."""
    content = {
        "id": row.id,
        "at": plain(row.at),
        "actor": row.actor,
        "action": row.action,
        "subject_kind": row.subject_kind,
        "subject": row.subject,
        "before": row.before,
        "after": row.after,
        "reason": row.reason,
        "request_id": row.request_id,
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(row.previous_hash + canonical.encode()).digest()


@dataclass(slots=True)
class ChainWalk:
    """Goes along the trail from its beginning; where it breaks, `broken` says so and it goes no further."""

    last_id: int = 0
    head: bytes = GENESIS
    broken: BrokenLink | None = None

    def follow(self, rows: Iterable[AuditRow]) -> None:
        for row in rows:
            self.broken = self.broken or self._fault(row)
            if self.broken:
                return
            self.last_id, self.head = row.id, row.hash

    def end(self, last_id: int, head: bytes) -> BrokenLink | None:
        """The first fault, once all rows were followed and the stored end of the chain is known."""
        if self.broken is None and (self.last_id, self.head) != (last_id, head):
            return BrokenLink(self.last_id + 1, "rows are missing at the end")
        return self.broken

    def _fault(self, row: AuditRow) -> BrokenLink | None:
        if row.id != self.last_id + 1:
            return BrokenLink(self.last_id + 1, "a row is missing")
        if row.previous_hash != self.head:
            return BrokenLink(row.id, "it does not continue the row before")
        if link(row) != row.hash:
            return BrokenLink(row.id, "its content was changed")
        return None
