"""What a terminal says it holds, and could (answer to command 50): u32 each, at these offsets. Pure.

    16 users · 24 fingers · 32 punches · 56, 60, 64 their capacities (fingers, users, punches) · 80 faces · 88 their capacity

At least 36 bytes come from every terminal that answers; 92 from most, 112 from some with zeros where the counts should be.
"""

from dataclasses import dataclass

LEAST_BYTES = 36


@dataclass(frozen=True, slots=True)
class Sizes:
    """Counts are hints that may be wrong; a capacity of None is not told."""

    users: int
    fingers: int
    punches: int
    faces: int | None
    users_capacity: int | None
    fingers_capacity: int | None
    punches_capacity: int | None
    faces_capacity: int | None

    @property
    def no_room_for_users(self) -> bool:
        return self.users_capacity is not None and self.users >= self.users_capacity

    @property
    def no_room_for_fingers(self) -> bool:
        return self.fingers_capacity is not None and self.fingers >= self.fingers_capacity


def decode_sizes(data: bytes) -> Sizes | None:
    """Read the answer; None where it is none."""
    if len(data) < LEAST_BYTES:
        return None

    def at(offset: int) -> int | None:
        return int.from_bytes(data[offset : offset + 4], "little") if len(data) >= offset + 4 else None

    return Sizes(
        users=at(16) or 0,
        fingers=at(24) or 0,
        punches=at(32) or 0,
        faces=at(80),
        users_capacity=at(60) or None,
        fingers_capacity=at(56) or None,
        punches_capacity=at(64) or None,
        faces_capacity=at(88) or None,
    )
