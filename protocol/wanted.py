"""What the server wants of an edge, for its eyes only: travels sealed (`protocol.sealing`) in `setup`, `wanted` and `captured` messages.

Purposes (`about`): ("setup", edge), ("wanted", edge, terminal), ("captured", edge, terminal).
"""

from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from protocol.errors import DecodeError
from protocol.messages import Count, Name, Word
from protocol.sealing import Opener, seal

Key = Annotated[str, Meta(max_length=64)]
MOST_USERS = 200
"""In one message: with ten fingers each they stay below a megabyte only when templates are few, so the sender also counts bytes."""


class Kind(Word):
    """What a template is of; OTHER for a kind that only a later release knows, which stays where it is."""

    FINGER = "finger"
    FACE = "face"
    PALM = "palm"
    OTHER = "other"


class Biometrics(StrEnum):
    """What may be done with a person's templates on a terminal.

    LEAVE: what was enrolled there stays, none is carried. CARRY: read, kept sealed at the server, and brought to others of the
    same algorithm; the person has consented to it. ERASE: none may be there.
    """

    LEAVE = "leave"
    CARRY = "carry"
    ERASE = "erase"


class Template(Struct, frozen=True, omit_defaults=True):
    """One template. place: finger 0 (left little) to 9 (right little), else 0. algorithm: as the terminal names it, such as "zk-10"."""

    kind: Kind
    place: Annotated[int, Meta(ge=0, le=99)]
    algorithm: Name
    data: Annotated[bytes, Meta(min_length=1, max_length=65536)]


class WantedUser(Struct, frozen=True, omit_defaults=True):
    """A user as a terminal should hold them; present False: they should not be there, templates and all.

    privilege: 0 an ordinary user, 14 an administrator of the terminal. verify: how they must prove who they are, empty as the terminal
    has it. group, card, password: empty for none. templates: those to bring, of algorithms that this terminal takes. faces: where templates
    are carried, faces are, too; else they stay where they were enrolled.
    """

    user: Key
    revision: Count
    present: bool = True
    name: Name = ""
    privilege: Annotated[int, Meta(ge=0, le=14)] = 0
    password: Key = ""
    card: Key = ""
    group: Key = ""
    verify: Key = ""
    biometrics: Biometrics = Biometrics.LEAVE
    templates: list[Template] = []
    faces: bool = False


class WantedUsers(Struct, frozen=True):
    """Some users of one terminal, in any order."""

    users: Annotated[list[WantedUser], Meta(max_length=MOST_USERS)]


class UserTemplates(Struct, frozen=True):
    """What was read of one user."""

    user: Key
    templates: list[Template]


class Templates(Struct, frozen=True):
    """What was read from one terminal."""

    users: list[UserTemplates]


class TerminalSetup(Struct, frozen=True, omit_defaults=True):
    """A terminal as its edge shall read it; the fields are those of the edge's settings file. driver: zkteco, pyzk or push."""

    serial: Name
    name: Name
    driver: Key = "zkteco"
    host: Name = ""
    port: Annotated[int, Meta(ge=1, le=65535)] = 4370
    transport: Key = "tcp"
    key: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0
    poll_seconds: float = 60
    layout: Key = ""
    source: Name = ""
    dialect: Key = ""


class ClockRule(Struct, frozen=True, omit_defaults=True):
    """When an edge sets a terminal's clock by itself: a drift above `tolerance_ms`, up to `most_ms`; beyond it a person must."""

    corrects: bool = False
    tolerance_ms: Count = 2_000
    most_ms: Count = 600_000


class EdgeSetup(Struct, frozen=True, omit_defaults=True):
    """What an edge is for. sealing_key: the server's (X25519, raw), for what goes up; empty where it takes no templates."""

    time_zone: Name
    terminals: list[TerminalSetup] = []
    clock: ClockRule = ClockRule()
    sealing_key: Annotated[bytes, Meta(max_length=32)] = b""


Content = TypeVar("Content", EdgeSetup, WantedUsers, Templates)
_encoder = msgspec.json.Encoder()


def wrap(content: EdgeSetup | WantedUsers | Templates, public: bytes, *about: str) -> bytes:
    """Seal for a reader; raises SealError."""
    return seal(_encoder.encode(content), public, *about)


def unwrap(kind: type[Content], sealed: bytes, opener: Opener, *about: str) -> Content:
    """Open what was sealed for this reader; raises SealError, or DecodeError for what is no such content."""
    try:
        return msgspec.json.decode(opener.open(sealed, *about), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError("what was sealed is no content of this kind") from error


def digest(users: Iterable[tuple[str, int]]) -> str:
    """What edge and server compare of a terminal: who is wanted at which revision, in any order. 16 hex digits."""
    total = 0
    for user, revision in users:
        total ^= int.from_bytes(sha256(f"{user}\n{revision}".encode()).digest()[:8])
    return f"{total:016x}"
