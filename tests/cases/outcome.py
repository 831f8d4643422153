"""What came of one case."""

from dataclasses import dataclass


class UnreadableError(Exception):
    """A file that holds no cases; says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`differs` says in words how the engine's result differs from the expected one; empty when it does not."""

    case: str
    differs: str = ""
