"""A line into a punch, or why it is none.

    by order     user | time [| device | state | verification | work code | more …]; the time may stand in two fields, date and clock
    by heading   a first line that names the columns, whatever their order; names of people are left out of the evidence
    separators   TAB, semicolon, comma, blanks: the first of these that the line holds

Numbers of users are text: leading zeros and letters count. Codes are evidence only; one that is no number from 0 to 255 is not known.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from protocol.attlog.lines import LONGEST, Encoding, RawLine, form_of, raw_lines
from protocol.attlog.problem import Problem
from protocol.attlog.times import is_clock, is_date, may_be_cut, read_moment
from protocol.instants import WallTime, wall_moment

USER_LIMIT = 24
"""Bytes of the longest user number any layout of the pull protocol has."""

FEWEST_DIGITS = 4
"""Of what is meant as a time: a word with fewer is none, and its line is no punch that was written badly."""

_BLANK = b" \t\r\x1a"
_QUICK = re.compile(rb" *([!#-~]{1,24}) *\t *(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d) *(?:\t([^\0]*))?")
"""Nearly every line of nearly every file: taking it at once makes a million lines four times as quick (measured)."""
_SERIAL = re.compile(r"#? *(?:SN|S/N|Serial ?(?:Number|No\.?)?|设备序列号|序列号) *[:=：\t] *([A-Za-z0-9_-]{4,64})\b.*", re.IGNORECASE)
_HEADINGS = {
    "user": ("pin", "enno", "userid", "user", "acno", "terminaluser", "考勤号", "考勤号码", "登记号", "登记号码", "设备用户号", "用户号"),
    "time": ("datetime", "timestamp", "日期时间", "考勤时间", "打卡时间", "刷卡时间"),
    "date": ("date", "日期"),
    "clock": ("time", "时间"),
    "device": ("tmno", "mchn", "device", "deviceid", "machine", "设备号", "机器号"),
    "state": ("inout", "iomd", "state", "status", "状态", "考勤状态"),
    "verify": ("verify", "verifycode", "verification", "验证方式"),
}
_WORDS = {word: column for column, words in _HEADINGS.items() for word in words}
_CODE = re.compile(r"\d{1,3}", re.ASCII)
Heading = Mapping[str, int]


class ExportLine(msgspec.Struct, frozen=True, gc=False):
    """One line. user and wall are set where it is a punch; problem says why it is none, or what is odd about it.

    raw: its bytes, which go with it as evidence. device: the device number it names, "" for none. serial: of a line in front that names
    the terminal; such a line and a heading are neither punches nor doubtful.
    """

    number: int
    offset: int
    raw: bytes
    problem: Problem | None = None
    user: str = ""
    wall: WallTime | None = None
    verify: int | None = None
    state: int | None = None
    device: str = ""
    serial: str = ""
    heading: bool = False

    @property
    def is_punch(self) -> bool:
        return self.wall is not None

    @property
    def is_doubtful(self) -> bool:
        """Whether its bytes are for the quarantine."""
        return self.wall is None and not self.heading and self.problem is not Problem.OTHER_DEVICE


def read_export(chunks: Iterable[bytes], devices: frozenset[str] = frozenset()) -> Iterator[ExportLine]:
    """Every line that is not blank, in its order, with memory for one chunk. devices: take lines of these device numbers only."""
    stream = iter(chunks)
    beginning = b""
    for chunk in stream:
        beginning += chunk
        if len(beginning) >= LONGEST:
            break
    form = form_of(beginning)
    reader = _Reader(form.encoding)
    for line in raw_lines(_joined(beginning, stream), form):
        read = reader.read(line)
        if read is None:
            continue
        if devices and read.wall is not None and read.device and read.device not in devices:
            read = ExportLine(read.number, read.offset, read.raw, Problem.OTHER_DEVICE, device=read.device)
        yield read


def _joined(beginning: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield beginning
    yield from rest


class _Reader:
    """Reads lines; knows what stood above them."""

    def __init__(self, encoding: Encoding) -> None:
        self._wide = encoding in (Encoding.UTF_16_LE, Encoding.UTF_16_BE)
        self._encoding = encoding
        self._heading: Heading | None = None
        self._begun = False

    def read(self, line: RawLine) -> ExportLine | None:
        """None for a blank line."""
        if not self._wide and not line.long:
            found = _QUICK.fullmatch(line.raw.removesuffix(b"\r")) if self._heading is None else None
            if found:
                self._begun = True
                return _quick(line, found)
        raw, content = self._content(line)
        if not content.strip(_BLANK):
            return None
        if line.long:
            return ExportLine(line.number, line.offset, raw, Problem.TOO_LONG)
        if b"\0" in content:
            return ExportLine(line.number, line.offset, raw, Problem.BINARY)
        text = _text(content)
        if text is None:
            return ExportLine(line.number, line.offset, raw, Problem.ENCODING)
        if not self._begun:
            above = self._above(line, raw, text)
            if above is not None:
                return above
        read = self._punch(line, raw, text)
        self._begun = self._begun or read.wall is not None
        return read

    def _content(self, line: RawLine) -> tuple[bytes, bytes]:
        """The line's own bytes without its line end, and the same as UTF-8 where the file is UTF-16."""
        if not self._wide:
            raw = line.raw.removesuffix(b"\r")
            return raw, raw
        raw = line.raw.removesuffix("\r".encode(self._encoding))
        try:
            return raw, raw.decode(self._encoding).encode()
        except UnicodeError:
            return raw, b"\xff"  # what no encoding of ours has

    def _above(self, line: RawLine, raw: bytes, text: str) -> ExportLine | None:
        """A line above the first punch that names the terminal or the columns."""
        serial = _SERIAL.fullmatch(text.strip())
        if serial:
            return ExportLine(line.number, line.offset, raw, serial=serial[1], heading=True)
        heading = _heading_of(_fields(text))
        if heading is None:
            return None
        self._heading = heading
        return ExportLine(line.number, line.offset, raw, heading=True)

    def _punch(self, line: RawLine, raw: bytes, text: str) -> ExportLine:
        fields = _fields(text)
        if self._heading is None:
            user, moment, codes = _by_order(fields)
        else:
            user, moment, codes = _by_heading(fields, self._heading)
            raw = "\t".join((user, moment, *codes)).encode()[:LONGEST]  # without the columns that are not asked for: names of people
        problem = _problem_of_user(user) if sum(map(str.isdigit, moment)) >= FEWEST_DIGITS else Problem.FOREIGN
        if problem is None:
            wall = read_moment(moment)
            if not isinstance(wall, Problem):
                if not line.ended and may_be_cut(moment):
                    problem = Problem.CUT
                else:
                    return _made(line, raw, user, wall, codes)
            else:
                problem = wall
        return ExportLine(line.number, line.offset, raw, problem if line.ended else Problem.CUT)


def _quick(line: RawLine, found: "re.Match[bytes]") -> ExportLine:
    user, year, month, day, hour, minute, second, rest = found.groups()
    wall = WallTime(int(year + month + day + hour + minute + second))
    codes = [field.strip(" ") for field in rest.decode("latin-1").split("\t")] if rest else ()
    return _made(line, line.raw.removesuffix(b"\r"), user.decode("ascii"), wall, codes)


def _made(line: RawLine, raw: bytes, user: str, wall: WallTime, codes: Sequence[str]) -> ExportLine:
    """codes: device, state, verification as they stand in an export; fewer where the line ends before."""
    problem = None if wall_moment(wall) is not None else Problem.IMPOSSIBLE
    device = codes[0] if len(codes) > 2 and _CODE.fullmatch(codes[0]) else ""
    return ExportLine(line.number, line.offset, raw, problem, user, wall, _code(codes, 2), _code(codes, 1), device)


def _text(content: bytes) -> str | None:
    """None where it is neither UTF-8 nor GB18030 and that matters: user and time must be readable, what stands behind them need not be."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    text = content.decode("latin-1")
    return text if "\t" in text and all(field.isascii() for field in text.split("\t")[:2]) else None


def _fields(text: str) -> list[str]:
    for separator in ("\t", ";", ","):
        if separator in text:
            fields = [field.strip(" \r\x1a") for field in text.split(separator)]
            break
    else:
        fields = text.strip(" \r\x1a").split()
    quoted = all(len(field) > 1 and field[0] == field[-1] == '"' for field in fields if field)
    return [field[1:-1].strip(" ") if field else field for field in fields] if quoted else fields


def _by_order(fields: Sequence[str]) -> tuple[str, str, Sequence[str]]:
    """User, time as written, codes; the time is empty where the line has no such form."""
    if len(fields) > 2 and is_date(fields[1]) and is_clock(fields[2]):
        return fields[0], f"{fields[1]} {fields[2]}", fields[3:]
    return (fields[0], fields[1], fields[2:]) if len(fields) > 1 else ("", "", ())


def _by_heading(fields: Sequence[str], heading: Heading) -> tuple[str, str, Sequence[str]]:
    def at(column: str) -> str:
        place = heading.get(column)
        return fields[place] if place is not None and place < len(fields) else ""

    moment = at("time") or f"{at('date')} {at('clock')}".strip()
    return at("user"), moment, (at("device"), at("state"), at("verify"))


def _heading_of(fields: Sequence[str]) -> Heading | None:
    """Where the columns stand; None where these are not the names of columns, or not of all that is needed."""
    found: dict[str, int] = {}
    for place, field in enumerate(fields):
        column = _WORDS.get(re.sub(r"[\s._/-]", "", field).casefold())
        if column:
            found.setdefault(column, place)
    if "clock" in found and "date" not in found:
        found.setdefault("time", found.pop("clock"))
    return found if "user" in found and ("time" in found or {"date", "clock"} <= found.keys()) else None


def _problem_of_user(user: str) -> Problem | None:
    if not user or not user.isprintable():
        return Problem.NO_USER
    return Problem.LONG_USER if len(user.encode()) > USER_LIMIT else None


def _code(codes: Sequence[str], position: int) -> int | None:
    text = codes[position] if len(codes) > position else ""
    return int(text) if _CODE.fullmatch(text) and int(text) <= 255 else None
