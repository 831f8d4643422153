"""Keep times and receipts, computed."""

import json
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime
from hashlib import sha256

from server.hr.privacy.model import Keep


def over_before(today: date, months: int) -> date:
    """Whoever left before this day, is gone for more than so many months."""
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def digest_of(
    person_id: int, kind: Keep, left_on: date, keep_months: int, counts: Mapping[str, int], erased_by: str, erased_at: datetime
) -> bytes:
    """SHA-256 over what a receipt says, as canonical JSON (keys sorted, no spaces, instants in UTC); 32 bytes."""
    told = {
        "person": person_id,
        "kind": kind.value,
        "left_on": left_on.isoformat(),
        "keep_months": keep_months,
        "counts": dict(counts),
        "erased_by": erased_by,
        "erased_at": erased_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }
    return sha256(json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).digest()
