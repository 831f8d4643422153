"""A terminal's past: users and punches drawn from a seed, or read from a file. Chance is an argument."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random

from edge.devices.zkteco.simulator.model import User
from edge.devices.zkteco.simulator.options import SimulatorError
from protocol.errors import DecodeError
from protocol.instants import WallTime, pack_moment, pack_wall

FIRST_NUMBER = 1001
LONGEST_PAST = 1_500
"""Working days; about six years."""
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高"
_GIVEN_NAMES = ("伟", "芳", "娜", "敏", "静", "磊", "洋", "艳", "勇", "杰", "秀英", "建国", "晓明", "雨桐", "子涵")
_VERIFY_CODES = (1, 1, 1, 15, 15, 2)  # finger, face, card


@dataclass(frozen=True, slots=True)
class PastPunch:
    """A punch to be put into the log; `name` when the file says whose it is."""

    number: str
    wall: WallTime
    verify: int
    state: int
    name: str = ""


def draw_users(chance: Random, count: int) -> list[User]:
    """Draw `count` users with Chinese names; numbers from 1001 on, uids from 1 on."""
    return [
        User(uid=index + 1, number=str(FIRST_NUMBER + index), name=chance.choice(_SURNAMES) + chance.choice(_GIVEN_NAMES))
        for index in range(count)
    ]


def draw_punches(chance: Random, numbers: list[str], count: int, before: datetime) -> list[PastPunch]:
    """Draw `count` punches, oldest first: mornings and evenings of the working days before the naive moment `before`.

    Everybody punches once each morning and evening; more often when the past would otherwise be longer than a terminal's life.
    No two punches of one person fall into one second.
    """
    drawn: list[tuple[datetime, str, int]] = []
    day = before.date()
    times_a_day = max(1, -(-count // (2 * len(numbers) * LONGEST_PAST))) if numbers else 1
    while len(drawn) < count:
        day -= timedelta(days=1)
        if day.isoweekday() > 5:
            continue
        for hour, span, state in ((time(8), 5_400, 0), (time(17, 25), 7_200, 1)):
            start = datetime.combine(day, hour)
            for number in numbers:
                drawn += [(start + timedelta(seconds=second), number, state) for second in chance.sample(range(span), times_a_day)]
    drawn.sort()
    return [PastPunch(number, pack_moment(at), chance.choice(_VERIFY_CODES), state) for at, number, state in drawn[len(drawn) - count :]]


def read_past(path: Path) -> list[PastPunch]:
    """Read JSON lines as `clockbridge terminal read` prints them, or a USB export; raises SimulatorError with the line."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as problem:
        raise SimulatorError(f"{path} cannot be read: {problem.strerror}") from problem
    except UnicodeDecodeError:
        raise SimulatorError(f"{path} is not UTF-8 text") from None
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    read = _read_json_line if lines and lines[0][1].lstrip().startswith("{") else _read_export_line
    return list(_each_line(path, lines, read))


def _each_line(path: Path, lines: Iterable[tuple[int, str]], read: Callable[[str], PastPunch]) -> Iterator[PastPunch]:
    for number, line in lines:
        try:
            yield read(line)
        except (KeyError, IndexError, TypeError, ValueError, DecodeError) as problem:
            raise SimulatorError(f"{path}, line {number} is no punch: {problem}") from problem


def _read_json_line(line: str) -> PastPunch:
    row = json.loads(line)
    verify, state = row.get("verify"), row.get("state")
    return _checked(
        PastPunch(
            str(row["terminal_user"]),
            pack_wall(row["terminal_time"]),
            1 if verify is None else int(verify),
            0 if state is None else int(state),
            str(row.get("name", "")),
        )
    )


def _read_export_line(line: str) -> PastPunch:
    fields = line.split("\t")
    state, verify = (int(fields[3]), int(fields[4])) if len(fields) > 4 else (0, 1)
    return _checked(PastPunch(fields[0].strip(), pack_wall(fields[1].strip()), verify, state))


def _checked(punch: PastPunch) -> PastPunch:
    if not punch.number:
        raise ValueError("it has no user number")
    if not (0 <= punch.verify < 256 and 0 <= punch.state < 256):
        raise ValueError("verification and state are 0 to 255")
    return punch
