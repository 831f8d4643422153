"""What came of one case."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """`differs` says in words how the engine's result differs from the expected one; empty when it does not."""

    case: str
    differs: str = ""
