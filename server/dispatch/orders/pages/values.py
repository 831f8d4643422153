"""The values that came with an edge's answer, in the reader's words."""

from collections.abc import Callable

import msgspec

from protocol.messages import Scanned
from server.web.edge_words import told


def told_value(said: str, words: Callable[..., str]) -> str:
    """One of the values; what a scan met at an address is JSON on the wire."""
    if not said.startswith("{"):
        return told(said, words)
    try:
        met = msgspec.json.decode(said, type=Scanned)
    except msgspec.MsgspecError:
        return said
    trouble, colon, rest = met.trouble.partition(":")
    facts = [f"{words(name)} {value}" for name, value in met.facts.items()]
    return " · ".join(part for part in (met.serial, *facts, told(trouble, words) + colon + rest) if part)
