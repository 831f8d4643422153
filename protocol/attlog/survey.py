"""What a whole file comes to, told before anything is taken, and whether it may be taken at all."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from protocol.attlog.problem import ODD, Problem, Refusal
from protocol.attlog.punches import ExportLine
from protocol.instants import WallTime, pack_moment, show_wall

FUTURE, PAST = timedelta(hours=24), timedelta(days=400)
"""The server's own limits when nobody changed them: what lies beyond waits in quarantine there."""
FINDINGS = 500
"""Lines that are told one by one; the rest is counted."""
SHOWN = 80
DEVICES = 20
_NAMED = re.compile(r"(?P<terminal>[A-Za-z0-9_-]+?)_?attlog\.(?:dat|txt|csv)", re.IGNORECASE)
_DEVICE_NUMBER_DIGITS = 3


class LineFinding(msgspec.Struct, frozen=True):
    """A line with something wrong or odd. shown: its beginning, as far as it can be printed."""

    line: int
    problem: Problem
    shown: str


class Survey(msgspec.Struct):
    """What a file holds. punches: lines that are one, odd ones too. doubtful: lines that are none. left_out: of other device numbers.

    new: punches that nobody had before, where that was asked; repeated lines count once.
    """

    lines: int = 0
    punches: int = 0
    doubtful: int = 0
    left_out: int = 0
    new: int | None = None
    first: str = ""
    last: str = ""
    problems: dict[str, int] = {}
    devices: dict[str, int] = {}
    serials: list[str] = []
    findings: list[LineFinding] = []

    @property
    def unlisted(self) -> int:
        """Findings beyond those that are listed."""
        return sum(self.problems.values()) - len(self.findings)


class Surveyor:
    """Looks at lines as they pass; `survey` is what it has seen so far. now: naive, as the terminal's clock should show it."""

    def __init__(self, now: datetime) -> None:
        self._latest, self._earliest = pack_moment(now + FUTURE), pack_moment(now - PAST)
        self._problems: Counter[str] = Counter()
        self._devices: Counter[str] = Counter()
        self._first: WallTime | None = None
        self._last: WallTime | None = None
        self.survey = Survey()

    def over(self, lines: Iterable[ExportLine]) -> Iterator[ExportLine]:
        """The same lines, each looked at."""
        for line in lines:
            self._see(line)
            yield line

    def finish(self) -> Survey:
        """The survey with its sums."""
        one = self.survey
        one.problems, one.devices = dict(self._problems), dict(self._devices.most_common(DEVICES))
        one.first, one.last = ("" if wall is None else show_wall(wall) for wall in (self._first, self._last))
        return one

    def _see(self, line: ExportLine) -> None:
        self.survey.lines += 1
        problem = line.problem
        if line.wall is not None:
            self.survey.punches += 1
            if line.device:
                self._devices[line.device] += 1
            problem = problem or self._odd(line.wall)
            if problem is None:
                self._first = line.wall if self._first is None else min(self._first, line.wall)
                self._last = line.wall if self._last is None else max(self._last, line.wall)
        elif line.serial and line.serial not in self.survey.serials and len(self.survey.serials) < DEVICES:
            self.survey.serials.append(line.serial)
        elif line.is_doubtful:
            self.survey.doubtful += 1
        elif problem is Problem.OTHER_DEVICE:
            self.survey.left_out += 1
        if problem is not None:
            self._note(line, problem)

    def _odd(self, wall: WallTime) -> Problem | None:
        if wall > self._latest:
            return Problem.FUTURE
        return Problem.PAST if wall < self._earliest else None

    def _note(self, line: ExportLine, problem: Problem) -> None:
        self._problems[problem] += 1
        if len(self.survey.findings) < FINDINGS:
            self.survey.findings.append(LineFinding(line.number, problem, show(line.raw)))


def show(raw: bytes) -> str:
    """The beginning of a line as people may look at it: text where it is text, else hexadecimal."""
    piece = raw.strip(b" \r")[: 2 * SHOWN]
    for encoding in ("utf-16-le", "utf-16-be") if b"\0" in piece else ("utf-8", "gb18030"):
        try:
            text = piece[: len(piece) // 2 * 2 if "16" in encoding else None].decode(encoding).replace("\t", " · ")
        except UnicodeDecodeError:
            continue
        if text.isprintable():
            return text[:SHOWN]
    return piece[: SHOWN // 2].hex(" ")


def serial_named_in(name: str) -> str | None:
    """Serial number that a file's name carries; None for a device number (up to three digits) or another form of name."""
    found = _NAMED.fullmatch(name)
    text = found["terminal"].rstrip("_-") if found else ""
    return None if not text or (text.isdigit() and len(text) <= _DEVICE_NUMBER_DIGITS) else text


def refusal_of(survey: Survey, name: str, terminal: str, *, any_device: bool) -> tuple[Refusal, str] | None:
    """Why nothing of this file may be taken as one of this terminal, and what shows it; None where it may.

    any_device: somebody said which device numbers are this terminal's, or that all are.
    """
    named = [serial for serial in (serial_named_in(name), *survey.serials) if serial and serial.casefold() != terminal.casefold()]
    if named:
        return Refusal.OTHER_TERMINAL, named[0]
    if not survey.lines:
        return Refusal.EMPTY, ""
    if not survey.punches:
        is_users = name.casefold().endswith("user.dat")
        return (Refusal.USER_LIST if is_users else Refusal.NO_LOG), f"{survey.lines:,}"
    if len(survey.devices) > 1 and not any_device:
        return Refusal.SEVERAL_DEVICES, ", ".join(f"{device} ×{count:,}" for device, count in survey.devices.items())
    if survey.doubtful > survey.punches:
        return Refusal.MOSTLY_DOUBTFUL, f"{survey.doubtful:,} / {survey.lines:,}"
    return None


def odd_count(survey: Survey) -> int:
    """Punches that wait in quarantine at the server, because their time cannot be."""
    return sum(survey.problems.get(one, 0) for one in ODD)
