"""Seals: a digest of every record of a file, and the server's signature over all of them. Pure."""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from server.ingest.evidence.model import SIGNED

HEAD = "file"
HEAD_FIELDS = ("format", "person", "since", "until", "made_at", "made_by")
LISTS = ("punches", "batches", "grants", "rules", "days", "differences")


def seals_of(content: Mapping[str, Any]) -> dict[str, list[str]]:
    """Digests by part of the file, in the order of the records. content: the file as JSON gives it, without types: all of it counts."""
    found = {HEAD: [_digest({name: content.get(name) for name in HEAD_FIELDS})]}
    for part in LISTS:
        found[part] = [_digest(record) for record in content.get(part, [])]
    found["keys"] = [_digest(sorted(content.get("keys", {}).items()))]
    found["period"] = [_digest(content["period"])] if content.get("period") is not None else []
    return found


def broken_seals(content: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """(part, place) of every record that is not as it was sealed; place -1 where records were added to a part or taken out."""
    sealed, found = content.get("seals", {}), seals_of(content)
    for part, digests in found.items():
        then = sealed.get(part, [])
        if len(then) != len(digests):
            yield part, -1
        yield from ((part, place) for place, (one, other) in enumerate(zip(then, digests, strict=False)) if one != other)


def signed_text(seals: Mapping[str, Any]) -> bytes:
    """What the server's key signs."""
    return SIGNED + _canonical(seals)


def _digest(record: Any) -> str:
    return sha256(_canonical(record)).hexdigest()


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
