"""What a simulated terminal that pushes holds. Pure: instants and chance are arguments."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from edge.devices.faults import Switches
from protocol.instants import WallTime, pack_moment

_SURNAMES = "王李张刘陈杨黄赵周吴"
_GIVEN_NAMES = ("伟", "芳", "娜", "敏", "静", "磊", "洋", "秀英", "建国", "晓明")
_THIRTIETH = 230_000_000


@dataclass(frozen=True, slots=True)
class PushedPunch:
    """One row of its log. withheld: it is only sent when it is asked for."""

    number: str
    wall: WallTime
    verify: int = 1
    state: int = 0
    withheld: bool = False


@dataclass
class PushMemory:
    """Users by number with their fields, and the log. sent: rows that the server has acknowledged, or that are withheld."""

    faults: Switches
    users: dict[str, dict[str, str]] = field(default_factory=dict)
    fingers: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of each user, as base64 by the finger's number."""
    faces: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    """Of each user, by piece."""
    photos: dict[str, set[str]] = field(default_factory=dict)
    """Tables in which there is a picture of a user."""
    face_type: tuple[str | None, str | None, str | None] = (None, None, None)
    """Type and version of BIODATA that it takes."""
    options: dict[str, str] = field(default_factory=dict)
    """Its settings, by their names as it writes them."""
    log: list[PushedPunch] = field(default_factory=list)
    capacity: int = 10_000
    """Users it has room for."""
    sent: int = 0
    cleared: int = 0
    made: int = 0

    def furnish(self, chance: Random, users: int, punches: int, now: datetime) -> None:
        """Draw users from 1001 on, and punches, one a minute before the naive moment `now`."""
        for number in range(1001, 1001 + users):
            name = chance.choice(_SURNAMES) + chance.choice(_GIVEN_NAMES)
            self.users[str(number)] = {"name": name, "pri": "0", "passwd": "", "card": "", "grp": "1"}
        numbers = list(self.users)
        for back in range(punches, 0, -1):
            self.punch(numbers[back % len(numbers)], pack_moment(now - timedelta(minutes=back)), chance.choice((1, 15)), back % 2)

    def punch(self, number: str, wall: WallTime, verify: int = 1, state: int = 0) -> PushedPunch:
        """Add a row, or two where a fault says so."""
        self.made += 1
        if self._every("impossible-dates"):
            wall = WallTime(wall // 10_000_000_000 * 10_000_000_000 + _THIRTIETH + wall % 1_000_000)
        row = PushedPunch(number, wall, verify, state, self._every("withhold"))
        self.log += [row, row] if self._every("twice") else [row]
        return row

    def _every(self, name: str) -> bool:
        return name in self.faults and self.made % self.faults.number(name) == 0

    def clear(self) -> int:
        """Empty the log; gives how many distinct punches are gone."""
        gone = len(self.identities())
        self.cleared += gone
        self.log, self.sent = [], 0
        return gone

    def unsent(self, most: int) -> list[PushedPunch]:
        """The next rows to send of its own accord."""
        return [row for row in self.log[self.sent : self.sent + most] if not row.withheld]

    def between(self, first: WallTime, last: WallTime) -> list[PushedPunch]:
        return [row for row in self.log if first <= row.wall <= last]

    def identities(self) -> list[tuple[str, WallTime]]:
        """Every different (number, wall time), in the order it first came."""
        return list(dict.fromkeys((row.number, row.wall) for row in self.log))
