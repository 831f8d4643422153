"""Which of the two dialects a terminal speaks. One refuses the other's commands with -1004, so the handshake decides and is remembered."""

from collections.abc import Mapping
from enum import StrEnum


class Dialect(StrEnum):
    """ATTENDANCE: attendance push, 2.x. SECURITY: security push, 3.x, of units for access control."""

    ATTENDANCE = "attendance"
    SECURITY = "security"


def dialect_of(query: Mapping[str, str]) -> Dialect | None:
    """What a handshake says; None where it says nothing. The kind of device counts before the version: one model ships as either."""
    kind = query.get("devicetype", "").lower()
    if kind:
        return Dialect.SECURITY if kind == "acc" else Dialect.ATTENDANCE
    version = query.get("pushver", "")
    if version:
        return Dialect.SECURITY if version.startswith("3") else Dialect.ATTENDANCE
    return None


def at_least_two(version: str) -> bool:
    """Whether a push version is 2.0 or later; stamps have other names since then."""
    first = version.partition(".")[0]
    return first.isascii() and first.isdigit() and len(first) < 4 and int(first) >= 2
