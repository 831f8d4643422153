"""Rows of the simulated terminal's memory as the wire has them, by the codec that the driver decodes with. Pure."""

import struct
from collections.abc import Callable

from edge.devices.zkteco.records import decode_user, encode_record, encode_user
from edge.devices.zkteco.simulator.model import Punch, User


def record_encoder(size: str) -> Callable[[Punch], bytes]:
    """Writer for one layout; it raises ValueError for a punch that the layout cannot carry."""

    def encode(punch: Punch) -> bytes:
        try:
            return encode_record(size, punch.uid, punch.number, punch.wall, punch.verify, punch.state)
        except (struct.error, ValueError) as problem:
            raise ValueError(f"a record of {size} bytes cannot carry user {punch.number!r} and that time") from problem

    return encode


def user_row(user: User, size: int, encoding: str) -> bytes:
    """One row of the user table; raises ValueError for a number that the row cannot carry."""
    name = _cut(user.name, 8 if size == 28 else 23, encoding)
    try:
        return encode_user(size, user.uid, user.number, name, user.privilege, user.password, user.card, user.group)
    except (struct.error, ValueError) as problem:
        raise ValueError(f"a user of {size} bytes cannot have the number {user.number!r}") from problem


def _cut(name: str, limit: int, encoding: str) -> bytes:
    """As much of a name as fits, whole characters only."""
    while len(encoded := name.encode(encoding, "replace")) > limit:
        name = name[:-1]
    return encoded


def read_user(row: bytes, encoding: str) -> User | None:
    """User that a client writes, in 28 or 72 bytes; None when it is no user."""
    if len(row) not in {28, 72}:
        return None
    user = decode_user(len(row), row)
    if user is None:
        return None
    password = user.password.decode("ascii", "ignore")
    return User(user.uid, user.number, user.name.decode(encoding, "replace"), user.privilege, password, user.card, user.group)
