"""Who and what a message speaks of.

An edge is named by a person (it becomes part of topics, certificates and file names, so its letters are few); a terminal is named
by its serial number, a person by the terminal's own number as text, because leading zeros count.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import NewType

from protocol.errors import IdentifierError
from protocol.instants import WallTime

EdgeId = NewType("EdgeId", str)
Epoch = NewType("Epoch", str)
"""One life of an outbox file: 32 lower-case hex digits, drawn when the file is made."""
TerminalSerial = NewType("TerminalSerial", str)
TerminalUser = NewType("TerminalUser", str)
Shard = NewType("Shard", str)

SHARD_COUNT = 16
ALL_SHARDS: tuple[Shard, ...] = tuple(Shard(f"s{number:02d}") for number in range(SHARD_COUNT))

_EDGE_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_EPOCH = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PunchIdentity:
    """What makes two reports one punch: the same person on the same terminal in the same second.

    Verification and state codes differ between protocols and firmware, so they are evidence and no part of this.
    """

    terminal: TerminalSerial
    wall: WallTime
    user: TerminalUser


def check_edge_id(text: str) -> EdgeId:
    """Accept 1 to 63 of a-z, 0-9 and inner hyphens; raises IdentifierError."""
    if not _EDGE_ID.fullmatch(text):
        raise IdentifierError(f"{text[:80]!r} is no edge name: use 1 to 63 of a-z, 0-9 and inner hyphens")
    return EdgeId(text)


def check_epoch(text: str) -> Epoch:
    """Accept 32 lower-case hex digits; raises IdentifierError."""
    if not _EPOCH.fullmatch(text):
        raise IdentifierError("an epoch is 32 lower-case hex digits")
    return Epoch(text)


def shard_of(edge: EdgeId) -> Shard:
    """Tell which of the 16 fixed shards carries this edge; the same for ever, whatever release computes it."""
    return ALL_SHARDS[sha256(edge.encode()).digest()[0] % SHARD_COUNT]
