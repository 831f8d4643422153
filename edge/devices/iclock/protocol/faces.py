"""Faces on terminals that push: which they take, the commands about them in both dialects, and the rows that answer. Pure.

    BIODATA Pin=.. | No=.. | Index=.. | Valid=1 | Duress=0 | Type=9 | MajorVer=40 | MinorVer=1 | Format=0 | Tmp=..
        type 9 by visible light, 2 near infrared; one row or a dozen a face (security dialect: `biodata`, small letters)
    FACE    PIN=.. | FID=.. | SIZE=.. | VALID=1 | TMP=..          older attendance units: 12 to 15 pieces a face

What the pieces hold is nobody's business here: they are carried as they came, with all their numbers. A photo is no template and is never
carried; it goes when its user goes. Forms are from published servers of others, `DATA QUERY FACE` from those alone; untested on hardware.
"""

from base64 import b64decode
from binascii import Error as NoBase64Error
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from edge.devices.iclock.protocol.dialect import Dialect
from edge.devices.iclock.protocol.lines import number_of, pairs_of

VISIBLE, NEAR, PIECES = 9, 2, 0
PALMS = (8, 10)
"""Types of BIODATA that are palms: near infrared, and by visible light. They are never carried, and never outlast their user."""
_WORDS = {VISIBLE: "visible", NEAR: "near", PIECES: "face"}
MOST_PIECES = 50
MOST_BYTES = 65_536
"""Of one face, as it is carried; a real one has a tenth to a third of it."""
_TELLING = ("facefunon", "faceversion", "visilightfun", "multibioversion")
BIODATA, _FACE = "BIODATA", "FACE"
_PHOTOS = ("BIOPHOTO", "USERPIC")


@dataclass(frozen=True, slots=True)
class FaceAlgorithm:
    """type: of BIODATA, or PIECES for table FACE. version: as the terminal tells it, with or without its minor number."""

    type: int
    version: str

    @property
    def name(self) -> str:
        """Faces go only to terminals of the same: "zk-visible-40.1"."""
        return f"zk-{_WORDS[self.type]}-{self.version}"

    @property
    def table(self) -> str:
        return _FACE if self.type == PIECES else BIODATA


class Piece(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A row of a face without whose it is; tmp as base64, as it came."""

    no: int
    index: int
    major: str
    minor: str
    format: str
    duress: str
    tmp: str


def face_algorithm(options: Mapping[str, str]) -> FaceAlgorithm | None:
    """What a terminal takes, by the options that it told (names in small letters); None where it takes no faces, or does not tell."""
    versions = options.get("multibioversion", "").split(":")
    for kind in (VISIBLE, NEAR):
        version = versions[kind].strip() if len(versions) > kind else ""
        if version.strip("0.") and version.replace(".", "", 1).isdecimal():
            return FaceAlgorithm(kind, version)
    version = options.get("faceversion", "").strip()
    if options.get("facefunon") == "0" or not version.isdecimal() or not version.strip("0"):
        return None
    return FaceAlgorithm(VISIBLE if options.get("visilightfun") == "1" else PIECES, version)


def may_hold_faces(options: Mapping[str, str]) -> bool:
    """Whether a face may be on it: also where it says nothing about it."""
    return face_algorithm(options) is not None or not any(options.get(name) for name in _TELLING)


def palm_types(options: Mapping[str, str]) -> tuple[int, ...]:
    """Which palms a terminal takes, by the options that it told; none where it takes none, or does not tell."""
    versions = options.get("multibioversion", "").split(":")
    told = tuple(kind for kind in PALMS if len(versions) > kind and versions[kind].strip().strip("0."))
    of_old = options.get("pvfunon") == "1" or options.get("pvversion", "").strip().strip("0.")
    return told or (PALMS[:1] if of_old else ())


def palm_counts(options: Mapping[str, str]) -> dict[str, int]:
    """How many palms a terminal says that it holds and has room for, as far as it does."""
    found = {"palms": _sum(options.get("multibiocount", "")), "palms_capacity": _sum(options.get("maxmultibiodatacount", ""))}
    return {name: count for name, count in found.items() if count is not None} if palm_types(options) else {}


def query_palms(dialect: Dialect, types: Iterable[int], pin: str) -> list[str]:
    """Ask for the palms of a user."""
    if dialect is Dialect.SECURITY:
        return [f"DATA QUERY tablename=biodata,fielddesc=*,filter=Pin={pin}"]
    return [f"DATA QUERY BIODATA Type={one}\tPIN={pin}" for one in types]


def is_palm(table: str, rest: str, pin: str) -> bool:
    """Whether a row that a terminal told is a palm of this user."""
    fields = pairs_of(rest)
    return table == BIODATA and fields.get("pin") == pin and number_of(fields.get("type")) in PALMS and fields.get("valid") != "0"


def _sum(places: str) -> int | None:
    """Of the places of palms in a list such as 0:10:0:…; None where it is no such list."""
    numbers = [number_of(one) for one in places.split(":")]
    found = [number for kind in PALMS if len(numbers) > kind and (number := numbers[kind]) is not None]
    return sum(found) if found else None


def update_face(dialect: Dialect, algorithm: FaceAlgorithm, pin: str, data: bytes) -> list[str]:
    """Bring a face to a user who is there; empty for what is no face of this kind."""
    pieces = _unpacked(data)
    if algorithm.type == PIECES:
        return [f"DATA UPDATE FACE PIN={pin}\tFID={one.index}\tSize={len(one.tmp)}\tValid=1\tTMP={one.tmp}" for one in pieces]
    table = _table(BIODATA, dialect)
    return [
        f"DATA UPDATE {table} Pin={pin}\tNo={one.no}\tIndex={one.index}\tValid=1\tDuress={one.duress}\tType={algorithm.type}"
        f"\tMajorVer={one.major}\tMinorVer={one.minor}\tFormat={one.format}\tTmp={one.tmp}"
        for one in pieces
    ]


def query_faces(dialect: Dialect, algorithm: FaceAlgorithm, pin: str) -> str:
    """Ask for the face of a user."""
    if dialect is Dialect.SECURITY:
        return f"DATA QUERY tablename=biodata,fielddesc=*,filter=Pin={pin}"
    return f"DATA QUERY FACE PIN={pin}" if algorithm.type == PIECES else f"DATA QUERY BIODATA Type={algorithm.type}\tPIN={pin}"


def delete_faces(dialect: Dialect, pin: str, *, photos: bool) -> dict[str, str]:
    """By table what takes the face of a user away, and whatever else of the body is kept there; the pictures, too, where they must go."""
    tables = [BIODATA, *([_FACE] if dialect is Dialect.ATTENDANCE else []), *(_PHOTOS if photos else _PHOTOS[:1])]
    return {table: f"DATA DELETE {_table(table, dialect)} {'Pin' if table == BIODATA else 'PIN'}={pin}" for table in tables}


def read_face(rows: Iterable[tuple[str, str]], pin: str, algorithm: FaceAlgorithm) -> bytes | None:
    """The face of this user among rows (table, the rest) that a terminal told, as it is carried; None where there is none of this kind."""
    found = {(one.no, one.index): one for one in (_piece(table, pairs_of(rest), pin, algorithm) for table, rest in rows) if one is not None}
    data = msgspec.json.encode(sorted(found.values())[:MOST_PIECES]) if found else b""
    return data if 0 < len(data) <= MOST_BYTES else None


def _piece(table: str, fields: Mapping[str, str], pin: str, algorithm: FaceAlgorithm) -> Piece | None:
    if table != algorithm.table or fields.get("pin") != pin or fields.get("valid") == "0" or not _is_base64(fields.get("tmp", "")):
        return None
    index = number_of(fields.get("fid") or fields.get("index") or "0")
    number, major, minor = number_of(fields.get("no") or "0"), fields.get("majorver", ""), fields.get("minorver", "")
    if index is None or number is None or (table == BIODATA and not _agrees(fields.get("type"), major, minor, algorithm)):
        return None
    return Piece(number, index, major[:8], minor[:8], fields.get("format", "0")[:8], fields.get("duress", "0")[:8], fields["tmp"])


def _agrees(kind: str | None, major: str, minor: str, algorithm: FaceAlgorithm) -> bool:
    """Whether a row is of the algorithm that its terminal told: it may be of a finger, or left from an earlier firmware."""
    version = f"{major}.{minor}" if "." in algorithm.version else major
    return number_of(kind) == algorithm.type and version == algorithm.version


def _unpacked(data: bytes) -> list[Piece]:
    try:
        return msgspec.json.decode(data, type=list[Piece])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return []


def _is_base64(text: str) -> bool:
    try:
        return bool(b64decode(text, validate=True))
    except (NoBase64Error, ValueError):
        return False


def _table(name: str, dialect: Dialect) -> str:
    return name.lower() if dialect is Dialect.SECURITY else name
