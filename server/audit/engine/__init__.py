"""What is computed about the trail: its chain, and how it is read."""

from server.audit.engine.chain import ChainWalk, NoHeadError, holds, link, plain, read_head, sealed
from server.audit.engine.showing import FieldChange, Reader, changes, says, sentence

__all__ = [
    "ChainWalk",
    "FieldChange",
    "NoHeadError",
    "Reader",
    "changes",
    "holds",
    "link",
    "plain",
    "read_head",
    "says",
    "sealed",
    "sentence",
]
