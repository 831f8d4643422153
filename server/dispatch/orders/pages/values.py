"""The values that came with an edge's answer, in the reader's words."""

from collections.abc import Callable

import msgspec

from protocol.edge_words import told
from protocol.messages import Scanned


def told_value(said: str, words: Callable[..., str]) -> str:
    """One of the values; what a scan met at an address is JSON on the wire."""
    if not said.startswith("{"):
        return told(said, words)
    try:
        met = msgspec.json.decode(said, type=Scanned)
    except msgspec.MsgspecError:
        return said
    facts = [f"{words(name)} {value}" for name, value in met.facts.items()]
    return " · ".join(part for part in (met.serial, *facts, told(met.trouble, words)) if part)
