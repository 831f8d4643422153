"""Rows that are punches, in the three forms they come in. What is no punch beyond doubt stays bytes, with the reason.

    ATTLOG        PIN | YYYY-MM-DD hh:mm:ss | state | verify | work code | ...         5 to 11 fields, TAB between them
    rtlog         time=... | pin=... | event=... | inoutstatus=... | verifytype=... | index=...
    transaction   (an answer to a query) time_second=<packed> | pin=... | eventtype=... | inoutstate=... | verified=...

Leading zeros and letters of a PIN are kept: it is text. In the security dialect a row with PIN 0 is of a door, not of a person, and only
events that say "let in" are punches.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from edge.devices.driver import DoubtfulBytes, TerminalPunch
from edge.devices.iclock.protocol.lines import PIECE, lines_of, number_of, pairs_of, text_of
from edge.devices.iclock.protocol.zone import unpacked_parts
from protocol.errors import DecodeError
from protocol.instants import WallTime, pack_parts, pack_wall, show_wall

USER_LIMIT = 24
"""Bytes of the longest user number any layout of the pull protocol has, so that both ways give the same identity."""
NOT_STATED = 255
GRANTED = frozenset({0, 3, 23, 26})
"""Events of the security dialect that let somebody in."""
FAR_AHEAD = "the time is more than 24 hours ahead"


@dataclass(slots=True)
class Found:
    """What a body holds. lines: those that were not blank. doors: events of a door, as (event, moment)."""

    punches: list[TerminalPunch] = field(default_factory=list)
    doubtful: list[DoubtfulBytes] = field(default_factory=list)
    doors: list[tuple[int, str]] = field(default_factory=list)
    lines: int = 0


class _NoPunchError(Exception):
    """Why a line is no punch."""


class _DoorEvent(Exception):  # noqa: N818 - no error: a row about a door, which is no punch either
    def __init__(self, event: int, moment: str) -> None:
        super().__init__()
        self.event, self.moment = event, moment


def read_attlog(body: bytes, latest: WallTime | None) -> Found:
    """Rows of table ATTLOG. latest: a punch behind it gets a doubt; None where this machine's clock is no measure."""
    return _read(lines_of(body), _attlog, latest)


def read_rtlog(body: bytes, latest: WallTime | None) -> Found:
    """Rows of table rtlog."""
    return _read(lines_of(body), _rtlog, latest)


def read_transactions(body: bytes, latest: WallTime | None) -> Found:
    """Rows of table transaction, each with the table's name in front or without."""
    return _read(lines_of(body), _transaction, latest)


def read_state_time(body: bytes) -> WallTime | None:
    """What the clock showed when a state was told (table rtstate), by its last row; None where that is no time."""
    times = [pairs_of(text_of(line) or "").get("time", "") for _, line in lines_of(body)]
    try:
        return pack_wall(times[-1]) if times else None
    except DecodeError:
        return None


def _read(lines: Iterable[tuple[int, bytes]], row: Callable[[bytes], TerminalPunch], latest: WallTime | None) -> Found:
    found = Found()
    for offset, line in lines:
        found.lines += 1
        try:
            punch = row(line)
        except _DoorEvent as door:
            found.doors.append((door.event, door.moment))
        except _NoPunchError as problem:
            starts = range(0, len(line), PIECE)
            found.doubtful.extend(DoubtfulBytes(offset + start, line[start : start + PIECE], str(problem)) for start in starts)
        else:
            found.punches.append(_doubted(punch, FAR_AHEAD) if latest is not None and punch.wall > latest else punch)
    return found


def _doubted(punch: TerminalPunch, doubt: str) -> TerminalPunch:
    return TerminalPunch(user=punch.user, wall=punch.wall, verify=punch.verify, state=punch.state, raw=punch.raw, doubt=doubt)


def _attlog(line: bytes) -> TerminalPunch:
    fields = [part.strip(" ") for part in _text(line).split("\t")]
    if len(fields) < 2:
        raise _NoPunchError("it has no TAB between user and time")
    return TerminalPunch(user=_user(fields[0]), wall=_wall(fields[1]), verify=_code(fields, 3), state=_code(fields, 2), raw=line)


def _rtlog(line: bytes) -> TerminalPunch:
    fields = pairs_of(_text(line))
    return _of_security(line, fields, fields.get("time", ""), ("event", "inoutstatus", "verifytype"))


def _transaction(line: bytes) -> TerminalPunch:
    text = _text(line).strip()
    fields = pairs_of(text.removeprefix("transaction").lstrip(" \t"))
    moment = fields.get("time", "") or _unpacked(fields.get("time_second"))
    return _of_security(line, fields, moment, ("eventtype", "inoutstate", "verified"))


def _of_security(line: bytes, fields: dict[str, str], moment: str, names: tuple[str, str, str]) -> TerminalPunch:
    event, state, verify = (number_of(fields.get(name), 255) for name in names)
    pin = fields.get("pin")
    if pin is None or event is None:
        raise _NoPunchError("it names no user or no event")
    if pin in ("", "0"):
        raise _DoorEvent(event, moment)
    doubt = None if event in GRANTED else f"event {event} is not known to let anybody in"
    return TerminalPunch(
        user=_user(pin), wall=_wall(moment), verify=verify, state=NOT_STATED if state == 2 else state, raw=line, doubt=doubt
    )


def _text(line: bytes) -> str:
    if b"\0" in line:
        raise _NoPunchError("it holds binary data")
    if len(line) > PIECE:
        raise _NoPunchError("it is longer than any punch")
    text = text_of(line)
    if text is None:
        raise _NoPunchError("it is neither UTF-8 nor GB18030")
    return text


def _user(text: str) -> str:
    if not text or not text.isprintable() or len(text.encode()) > USER_LIMIT:
        raise _NoPunchError("its user number is empty or too long")
    return text


def _wall(text: str) -> WallTime:
    try:
        return pack_wall(text)
    except DecodeError:
        raise _NoPunchError("its time is not written YYYY-MM-DD hh:mm:ss") from None


def _unpacked(text: str | None) -> str:
    """The text of a moment that is packed into a number as in the pull protocol."""
    packed = number_of(text, 2**32 - 1)
    if packed is None:
        return ""
    return show_wall(pack_parts(*unpacked_parts(packed)))


def _code(fields: list[str], position: int) -> int | None:
    """Evidence only: what is no number from 0 to 255 stays unknown, and in `raw`."""
    return number_of(fields[position], 255) if len(fields) > position else None
