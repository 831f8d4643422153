"""What a terminal is answered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body. Any status but 200 lets a terminal keep its data and come again."""

    status: int = 200
    body: bytes = b"OK"
    cookie: str = ""


OK = Answer()
LATER = Answer(503, b"later")
"""Try again: nothing of what came has been taken."""


def text(lines: str) -> Answer:
    """An answer of some words."""
    return Answer(body=lines.encode())
