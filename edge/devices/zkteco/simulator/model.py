"""What a simulated terminal keeps: users, log, options, clock. Pure: instants, chance and files are somebody else's.

Every change goes through a method of `Terminal` and is noted in `changes`, so that the state file can be written before anybody
is told of it.
"""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from edge.devices.zkteco.templates import Fingerprint
from protocol.instants import WallTime

FIRST_UID = 1
LAST_UID = 65_535


@dataclass(frozen=True, slots=True)
class User:
    """One row of the user table; `number` is what people type, `uid` the terminal's row number (1 to 65535)."""

    uid: int
    number: str
    name: str = ""
    privilege: int = 0
    password: str = ""
    card: int = 0
    group: int = 1


@dataclass(frozen=True, slots=True)
class Punch:
    """One row of the log. `uid` is the row number the person had when they punched."""

    number: str
    wall: WallTime
    verify: int
    state: int
    uid: int


Change = tuple[str, object]
"""What happened and to what: ("punch", Punch), ("user", User), ("delete", uid), ("clear", None), ("option", (name, value)),
("print", Fingerprint), ("unprint", (uid, finger)), ("style", (uid, style))."""


class Log:
    """Punches in the order they were made, in columns and as the bytes of the wire: a million rows take about 60 MB."""

    def __init__(self, encode: Callable[[Punch], bytes]) -> None:
        self._encode = encode
        self._numbers: list[str] = []
        self._number_index: dict[str, int] = {}
        self._forget_rows()

    def _forget_rows(self) -> None:
        self._who = array("I")
        self._walls = array("Q")
        self._uids = array("H")
        self._codes = array("H")
        self._body = bytearray()
        self._seen: set[int] = set()
        self._counted = 0

    def __len__(self) -> int:
        return len(self._walls)

    def __getitem__(self, position: int) -> Punch:
        verify, state = divmod(self._codes[position], 256)
        wall = WallTime(self._walls[position])
        return Punch(self._numbers[self._who[position]], wall, verify, state, self._uids[position])

    def __iter__(self) -> Iterator[Punch]:
        return (self[position] for position in range(len(self)))

    def append(self, punch: Punch) -> None:
        """Add the newest row; raises ValueError, and adds nothing, for one that the terminal's records cannot carry."""
        row = self._encode(punch)
        index = self._number_index.setdefault(punch.number, len(self._numbers))
        if index == len(self._numbers):
            self._numbers.append(punch.number)
        self._body += row
        self._who.append(index)
        self._walls.append(punch.wall)
        self._uids.append(punch.uid)
        self._codes.append(punch.verify * 256 + punch.state)

    def clear(self) -> None:
        """Forget every row."""
        self._forget_rows()

    def body(self) -> bytes:
        """All rows as the terminal sends them, without the length in front."""
        return bytes(self._body)

    def distinct(self) -> int:
        """How many different (number, wall time) there are; each row is looked at once, whenever this is asked."""
        for position in range(self._counted, len(self)):
            self._seen.add(self._walls[position] << 32 | self._who[position])
        self._counted = len(self)
        return len(self._seen)

    def identities(self) -> list[tuple[str, WallTime]]:
        """Every different (number, wall time), in the order it first came."""
        rows = zip(self._who, self._walls, strict=True)
        return [(self._numbers[who], WallTime(wall)) for who, wall in dict.fromkeys(rows)]


@dataclass
class Terminal:
    """The memory of one terminal. `drift` is its clock minus the true wall time.

    styles: how a user must prove who they are, by uid; absent as their group must. enabled_again: the true wall time from which a disabled
    terminal goes on by itself. opened: how long the door was opened each time, in tenths of a second.
    """

    log: Log
    options: dict[str, str]
    drift: timedelta = timedelta()
    users: dict[int, User] = field(default_factory=dict)
    prints: dict[tuple[int, int], Fingerprint] = field(default_factory=dict)
    styles: dict[int, int] = field(default_factory=dict)
    users_capacity: int = LAST_UID
    fingers_capacity: int = 10_000
    faces: int = 0
    faces_capacity: int = 3_000
    cleared: int = 0
    enabled: bool = True
    enabled_again: datetime | None = None
    opened: list[int] = field(default_factory=list)
    changes: list[Change] | None = None
    _uid_by_number: dict[str, int] = field(default_factory=dict)
    _next_uid: int = FIRST_UID
    _strangers: dict[str, int] = field(default_factory=dict)
    """Uids of those who punched and are no users (any more)."""
    _uids: list[int] = field(default_factory=list)
    _uids_stale: bool = True

    @property
    def serial(self) -> str:
        """Serial number, as its option says."""
        return self.options["~SerialNumber"]

    def clock(self, now: datetime) -> datetime:
        """What its clock shows at the true naive wall time `now`."""
        return now + self.drift

    def set_clock(self, now: datetime, shown: datetime) -> None:
        """Make the clock show `shown` at the true time `now`."""
        self.drift = shown - now

    def put_user(self, user: User) -> None:
        """Add a user or overwrite the row `user.uid`; a number that another row has moves to this one."""
        old = self.users.get(user.uid)
        if old is not None:
            self._uid_by_number.pop(old.number, None)
        other = self._uid_by_number.get(user.number)
        if other is not None and other != user.uid:
            self.drop_prints(other)
            del self.users[other]
        self.users[user.uid] = user
        self._uids_stale = True
        self._uid_by_number[user.number] = user.uid
        self._note("user", user)

    def delete_user(self, uid: int) -> bool:
        """Delete a row and its fingers; False when there is none. The user's punches stay in the log."""
        user = self.users.pop(uid, None)
        if user is None:
            return False
        self.drop_prints(uid)
        self.styles.pop(uid, None)
        self._uid_by_number.pop(user.number, None)
        self._uids_stale = True
        self._note("delete", uid)
        return True

    def demote_administrators(self) -> None:
        """Make every administrator an ordinary user."""
        for user in list(self.users.values()):
            if user.privilege:
                self.put_user(replace(user, privilege=0))

    def put_print(self, one: Fingerprint) -> None:
        """Keep a finger, in the place of the one that was there."""
        self.prints[one.uid, one.finger] = one
        self._note("print", one)

    def drop_prints(self, uid: int, finger: int | None = None) -> bool:
        """Forget a finger of a row, or all of them; False when there was none."""
        dropped = [key for key in self.prints if key[0] == uid and finger in (None, key[1])]
        for key in dropped:
            del self.prints[key]
            self._note("unprint", key)
        return bool(dropped)

    def set_style(self, uid: int, style: int) -> None:
        """Note how a user must prove who they are."""
        self.styles[uid] = style
        self._note("style", (uid, style))

    def may_punch(self, now: datetime) -> bool:
        """Whether people can punch at the true wall time `now`; a time it was disabled for may be over."""
        if self.enabled_again is not None and now >= self.enabled_again:
            self.enabled, self.enabled_again = True, None
        return self.enabled

    def uid_of(self, number: str) -> int | None:
        """Row number of a user number; None when the terminal does not know it."""
        return self._uid_by_number.get(number)

    def uids(self) -> list[int]:
        """Row numbers in use, in the order the users came."""
        if self._uids_stale:
            self._uids, self._uids_stale = list(self.users), False
        return self._uids

    def free_uid(self) -> int:
        """Lowest row number from the last given one on that nobody has or had as a stranger; raises ValueError when there is none."""
        strangers = set(self._strangers.values())
        for _ in range(LAST_UID):
            uid, self._next_uid = self._next_uid, self._next_uid % LAST_UID + 1
            if uid not in self.users and uid not in strangers:
                return uid
        raise ValueError("the terminal holds 65535 users, it takes no more")

    def punch(self, number: str, wall: WallTime, verify: int, state: int) -> Punch:
        """Write a punch into the log; one by a number it does not know gets a uid that no user list resolves.

        Raises ValueError, and writes nothing, for a number or time that the terminal's records cannot carry.
        """
        uid = self.uid_of(number) or self._strangers.get(number) or self.free_uid()
        made = Punch(number, wall, verify, state, uid)
        self.keep(made)
        return made

    def keep(self, punch: Punch) -> None:
        """Write a punch whose uid is settled."""
        self.log.append(punch)
        if self.uid_of(punch.number) is None:
            self._strangers[punch.number] = punch.uid
        self._note("punch", punch)

    def clear_log(self) -> int:
        """Empty the log; returns how many different punches are gone."""
        gone = self.log.distinct()
        self.cleared += gone
        self.log.clear()
        self._note("clear", None)
        return gone

    def set_option(self, name: str, value: str) -> None:
        """Write an option."""
        self.options[name] = value
        self._note("option", (name, value))

    def drain_changes(self) -> list[Change]:
        """Take what has changed since the last call; always empty when nobody keeps a state file."""
        if not self.changes:
            return []
        taken, self.changes = self.changes, []
        return taken

    def _note(self, kind: str, subject: object) -> None:
        if self.changes is not None:
            self.changes.append((kind, subject))
