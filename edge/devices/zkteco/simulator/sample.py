"""A terminal's past: users and punches drawn from a seed, or read from a file. Chance is an argument."""

import json
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
    """A punch to be put into the log."""

    number: str
    wall: WallTime
    verify: int
    state: int


@dataclass(frozen=True, slots=True)
class Past:
    """Everybody a file speaks of, by number, with a name where it gives one; and the punches in its order."""

    names: dict[str, str]
    punches: list[PastPunch]


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


def read_past(path: Path) -> Past:
    """Read JSON lines as `clockbridge terminal read` prints them, or a USB export; raises SimulatorError with the line.

    A JSON line may carry a `name`; one without `terminal_time` is a user who has not punched.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as problem:
        raise SimulatorError(f"{path} cannot be read: {problem.strerror}") from problem
    except UnicodeDecodeError:
        raise SimulatorError(f"{path} is not UTF-8 text") from None
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    read = _read_json_line if lines and lines[0][1].lstrip().startswith("{") else _read_export_line
    names: dict[str, str] = {}
    punches: list[PastPunch] = []
    for number, line in lines:
        try:
            user, name, punch = read(line)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, DecodeError) as problem:
            raise SimulatorError(f"{path}, line {number} is no punch: {problem}") from problem
        names[user] = name or names.get(user, "")
        if punch is not None:
            punches.append(punch)
    return Past(names, punches)


def _read_json_line(line: str) -> tuple[str, str, PastPunch | None]:
    row = json.loads(line)
    user, name = _checked_user(str(row["terminal_user"])), str(row.get("name", ""))
    if row.get("terminal_time") is None:
        return user, name, None
    verify, state = (default if row.get(key) is None else int(row[key]) for key, default in (("verify", 1), ("state", 0)))
    return user, name, _checked(PastPunch(user, pack_wall(row["terminal_time"]), verify, state))


def _read_export_line(line: str) -> tuple[str, str, PastPunch | None]:
    fields = line.split("\t")
    user = _checked_user(fields[0].strip())
    state, verify = (int(fields[3]), int(fields[4])) if len(fields) > 4 else (0, 1)
    return user, "", _checked(PastPunch(user, pack_wall(fields[1].strip()), verify, state))


def _checked_user(number: str) -> str:
    if not number:
        raise ValueError("it has no user number")
    return number


def _checked(punch: PastPunch) -> PastPunch:
    if not (0 <= punch.verify < 256 and 0 <= punch.state < 256):
        raise ValueError("verification and state are 0 to 255")
    return punch
