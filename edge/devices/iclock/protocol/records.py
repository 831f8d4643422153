"""What a terminal tells beside punches: operations, users, options, what it holds. Templates are passed on unread, pictures only counted.

OPLOG <operation> | <administrator> | <time> | four parameters
USER PIN=.. | Name=.. | Pri=.. | Passwd=.. | Card=.. | Grp=.. | TZ=..        (2.x)         user uid=.. | cardno=.. | pin=.. | ..   (3.x)
FP | FACE | BIODATA ..                                                      rows as they are
USERPIC | BIOPHOTO ..                                                       counted
"""

from collections import Counter
from dataclasses import dataclass, field

from edge.devices.iclock.protocol.lines import lines_of, number_of, pairs_of, text_of
from protocol.errors import DecodeError
from protocol.instants import WallTime, pack_wall

OPTIONS = 300
"""Options of one body that are kept; real units tell about a hundred."""
VALUE = 200
ADMINISTRATOR = 14
_CLOCK_SET = 21

TAMPER = {
    13: "data cleared",
    _CLOCK_SET: "clock set at the terminal",
    22: "reset to factory settings",
    23: "punches deleted",
    24: "administrators cleared",
}
"""Operations at the terminal that destroy or falsify what is recorded."""
_ENROLS = {6, 65, 66}
"""Somebody's finger or face is another one; which of the last two is which, sources do not agree on."""
_ALARM = 3
_ALARMS = {54: "door forced open", 55: "housing opened", 58: "repeated failed attempts"}
DOOR_ALARMS = range(50, 58)
_FINGERS = ("FP", "FINGERTMP", "TEMPLATEV10")
_FACES = ("FACE", "BIODATA")
_TEMPLATES = (*_FINGERS, *_FACES, "USERPIC", "BIOPHOTO")


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the operation log; `at` as the terminal wrote it."""

    code: int
    administrator: str
    at: str
    parameters: tuple[str, ...] = ()

    @property
    def tamper(self) -> str | None:
        """What was done to the records, in words; None for anything else."""
        return TAMPER.get(self.code)

    @property
    def sets_clock(self) -> bool:
        """Somebody set the clock."""
        return self.code == _CLOCK_SET

    @property
    def wall(self) -> WallTime | None:
        """When it was done, by the terminal's clock; None where that makes no sense."""
        try:
            return pack_wall(self.at)
        except DecodeError:
            return None

    @property
    def enrolled(self) -> str | None:
        """Whose finger or face is another one; None for anything else."""
        return self.parameters[0] if self.code in _ENROLS and self.parameters and self.parameters[0] else None

    @property
    def alarm(self) -> str | None:
        """What the terminal raised an alarm about; None where it did not."""
        code = number_of(self.parameters[0]) if self.code == _ALARM and self.parameters else None
        return _ALARMS.get(code) if code is not None else None


@dataclass(frozen=True, slots=True)
class UserTold:
    """A user as the terminal has it: `fields` by their names in small letters."""

    pin: str
    fields: dict[str, str]

    @property
    def administrator(self) -> bool:
        return number_of(self.fields.get("pri") or self.fields.get("privilege")) == ADMINISTRATOR


@dataclass(slots=True)
class Told:
    """What a body of records holds. other: kinds of rows nobody knows, counted."""

    operations: list[Operation] = field(default_factory=list)
    users: list[UserTold] = field(default_factory=list)
    templates: Counter[str] = field(default_factory=Counter)
    fingers: list[str] = field(default_factory=list, repr=False)
    """Rows of fingers without their kind, unread: most are nobody's business here."""
    faces: list[tuple[str, str]] = field(default_factory=list, repr=False)
    """The same of faces, with their table; BIODATA may be of other parts of the body."""
    other: Counter[str] = field(default_factory=Counter)
    lines: int = 0


def read_operlog(body: bytes) -> Told:
    """Rows of table OPERLOG, or of a table whose rows begin with their kind."""
    told = Told()
    for _, line in lines_of(body):
        told.lines += 1
        text = text_of(line) or line.decode("latin-1")
        kind, _, rest = text.partition(" ") if " " in text else text.partition("\t")
        kind = kind.upper()[:32]
        if kind == "OPLOG":
            _operation(told, rest)
        elif kind in ("USER", "USERINFO"):
            _user(told, rest)
        elif kind in _TEMPLATES:
            told.templates[kind] += 1
            if kind in _FINGERS:
                told.fingers.append(rest)
            elif kind in _FACES:
                told.faces.append((kind, rest))
        else:
            told.other[kind if kind.isalnum() else "?"] += 1
    return told


def _operation(told: Told, rest: str) -> None:
    code, administrator, at, *parameters = [part.strip() for part in rest.split("\t")] + [""] * 3
    number = number_of(code, 65_535)
    if number is None:
        told.other["OPLOG"] += 1
    else:
        told.operations.append(Operation(number, administrator[:24], at[:19], tuple(one[:24] for one in parameters[:4])))


def _user(told: Told, rest: str) -> None:
    fields = {name: value[:VALUE] for name, value in pairs_of(rest).items()}
    pin = fields.get("pin", "")
    if pin and len(pin.encode()) <= 24:
        told.users.append(UserTold(pin, fields))
    else:
        told.other["USER"] += 1


def read_options(body: bytes) -> dict[str, str]:
    """What a terminal can do: `name=value`, separated by commas or line ends, names with or without `~`."""
    text = text_of(body) or body.decode("latin-1")
    pairs = pairs_of(text.replace("\r", "").replace("\n", ","), ",")
    return {name[:64]: value[:VALUE] for name, value in list(pairs.items())[:OPTIONS]}


@dataclass(frozen=True, slots=True)
class Held:
    """What INFO says: firmware, and how many users, fingers, punches and faces the terminal holds."""

    firmware: str
    users: int | None
    fingers: int | None
    punches: int | None
    faces: int | None = None


def read_info(text: str) -> Held:
    """INFO=firmware,users,fingers,punches,address,finger version,face version,pieces a face,faces,…; what is missing is not known."""
    parts = [part.strip() for part in text.split(",")] + [""] * 9
    return Held(parts[0][:VALUE], number_of(parts[1]), number_of(parts[2]), number_of(parts[3]), number_of(parts[8]))
