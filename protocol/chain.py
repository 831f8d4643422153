"""The chain over what an edge appended: any later change is found and named.

    digest(row)  = SHA-256(row bytes)                     the row carries 16 random bytes of salt, so that a digest alone
                                                          tells nothing about a row whose content was erased
    head(0)      = SHA-256("clockbridge chain v1" LF edge LF epoch LF)
    head(n)      = SHA-256(head(n-1) + digest(row n))

A batch is sealed: the edge signs first, last and both heads. The seal can be checked for ever from the digests alone.
"""

from collections.abc import Iterable
from hashlib import sha256

from protocol.identifiers import EdgeId, Epoch

HASH_BYTES = 32


def genesis(edge: EdgeId, epoch: Epoch) -> bytes:
    """Head of an epoch's chain before its first row; 32 bytes."""
    return sha256(f"clockbridge chain v1\n{edge}\n{epoch}\n".encode()).digest()


def digest(row: bytes) -> bytes:
    """Digest of one row's bytes, exactly as they were appended; 32 bytes."""
    return sha256(row).digest()


def digests(rows: Iterable[bytes]) -> list[bytes]:
    """Digests of many rows, in order; without a call for each, which would be a sixth of the work."""
    return [sha256(row).digest() for row in rows]


def extend(head: bytes, digests: Iterable[bytes]) -> list[bytes]:
    """Heads after each digest, in order; an empty list for no digests."""
    heads = []
    for row_digest in digests:
        head = sha256(head + row_digest).digest()
        heads.append(head)
    return heads


def seal_text(edge: EdgeId, epoch: Epoch, first: int, last: int, previous_head: bytes, head: bytes) -> bytes:
    """What an edge's key signs for the rows `first` to `last` (both included)."""
    return (f"clockbridge seal v1\n{edge}\n{epoch}\n{first}\n{last}\n{previous_head.hex()}\n{head.hex()}\n").encode()
