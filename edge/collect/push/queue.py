"""Commands for terminals: durable, sent until the terminal says what became of them or their time is over.

    waiting ► sent ──► done | failed                 a result with its number
       ▲        │ └──► checking ──► done | failed    users and settings: the terminal is asked whether it shows them
       └─ again ┘      expired                       nothing was heard in time

An answer that is lost loses no command: it is sent again after a minute, then after longer and longer. A terminal may so see one twice;
all commands of ours may be repeated.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from edge.collect.push.effect import SHOWN, deletes, person_of, question, settings_of, shown_by, told_by
from edge.devices.iclock.protocol.commands import Command, CommandError
from edge.devices.iclock.protocol.dialect import Dialect
from edge.devices.iclock.protocol.records import UserTold
from edge.devices.iclock.protocol.results import CommandResult
from edge.small_file import SmallFile
from protocol.identifiers import TerminalSerial

AGAIN_SECONDS, LONGEST_AGAIN = 60, 900
OPEN_COMMANDS = 5000
"""Of one terminal: more would never come to an end."""
KEPT_DAYS = 30
CHECK_SECONDS = 3600
DAY = 86_400


class State(StrEnum):
    """Where a command stands."""

    WAITING = "waiting"
    SENT = "sent"
    CHECKING = "checking"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has come to its end, and what it was for. made_at: Unix seconds; the terminal looked at its log after that."""

    number: int
    text: str
    purpose: str
    done: bool
    made_at: int
    result: CommandResult


@dataclass(frozen=True, slots=True)
class Line:
    """A command as people see it."""

    number: int
    serial: str
    text: str
    state: str
    made_at: int
    times: int
    detail: str


class Queue:
    """Commands of all terminals, in the file. Instants are Unix seconds."""

    def __init__(self, file: SmallFile) -> None:
        self._file = file

    def add(self, serial: TerminalSerial, text: str, now: int, seconds: int = DAY, purpose: str = "") -> int:
        """Put a command behind the others of its terminal; gives its number. Raises CommandError when too many wait."""
        with self._file.promise() as connection:
            return _add(connection, serial, text, now, seconds, purpose)

    def add_once(self, serial: TerminalSerial, text: str, now: int, seconds: int, purpose: str) -> None:
        """As `add`, unless one for the same purpose is still open."""
        with self._file.change() as connection:
            if not connection.execute(
                "SELECT 1 FROM command WHERE serial = ? AND state IN ('waiting', 'sent') AND purpose = ?", (serial, purpose)
            ).fetchone():
                _add(connection, serial, text, now, seconds, purpose)

    def give_up(self, serial: TerminalSerial, number: int, now: int) -> None:
        """Send it no more; nothing happens to one that has ended."""
        with self._file.change() as connection:
            connection.execute(
                "UPDATE command SET state = 'expired', ended_at = ? WHERE number = ? AND serial = ? AND state IN ('waiting', 'sent')",
                (now, number, serial),
            )

    def due(self, serial: TerminalSerial, now: int) -> list[Command]:
        """Those to send now, oldest first."""
        with self._file.look() as connection:
            rows = connection.execute(
                "SELECT number, text, state, sent_at, times FROM command"
                " WHERE serial = ? AND state IN ('waiting', 'sent') AND expires_at > ? ORDER BY number LIMIT 400",
                (serial, now),
            ).fetchall()
        return [
            Command(number, text) for number, text, state, sent_at, times in rows if state == State.WAITING or _again(sent_at, times, now)
        ]

    def note_sent(self, commands: Sequence[Command], now: int) -> None:
        """They go out with the answer to come."""
        if not commands:
            return
        with self._file.change() as connection:
            connection.executemany(
                "UPDATE command SET state = 'sent', sent_at = ?, times = times + 1 WHERE number = ?",
                [(now, one.number) for one in commands],
            )

    def finish(self, serial: TerminalSerial, dialect: Dialect, results: Iterable[CommandResult], now: int) -> list[Ended]:
        """Match results with commands of this terminal; gives those that ended by it. One that comes twice is matched once."""
        ended = []
        with self._file.change() as connection:
            for result in results:
                found = _open(connection, serial, result.command)
                if found is not None:
                    ended.append(_end(connection, serial, dialect, found, result, now))
        return ended

    def see_users(self, serial: TerminalSerial, users: Iterable[UserTold], now: int) -> None:
        """Rows of users that came: whatever was being checked with them has its answer."""
        by_pin = {user.pin: user for user in users}
        with self._file.change() as connection:
            rows = connection.execute("SELECT number, text FROM command WHERE serial = ? AND state = 'checking'", (serial,)).fetchall()
            for number, text in rows:
                user = by_pin.get(person_of(text) or "")
                if user is not None:
                    other = shown_by(text, user)
                    _settle(connection, number, State.FAILED if other else State.DONE, other or SHOWN, now)

    def see_options(self, serial: TerminalSerial, options: Mapping[str, str], now: int) -> None:
        """Settings that were told: whatever was being checked with them has its answer."""
        with self._file.change() as connection:
            rows = connection.execute("SELECT number, text FROM command WHERE serial = ? AND state = 'checking'", (serial,)).fetchall()
            for number, text in rows:
                told = told_by(text, options)
                if told is not None:
                    _settle(connection, number, State.DONE if told[0] else State.FAILED, told[1], now)

    def checks(self, serial: TerminalSerial) -> bool:
        """Whether users or settings are waited for."""
        with self._file.look() as connection:
            return bool(connection.execute("SELECT 1 FROM command WHERE serial = ? AND state = 'checking' LIMIT 1", (serial,)).fetchone())

    def is_open(self, serial: TerminalSerial, kind: str) -> bool:
        """Whether a command for this kind of purpose has not ended yet."""
        with self._file.look() as connection:
            ask = "SELECT 1 FROM command WHERE serial = ? AND state IN ('waiting', 'sent') AND purpose LIKE ? LIMIT 1"
            return bool(connection.execute(ask, (serial, f"{kind}:%")).fetchone())

    def tidy(self, now: int) -> None:
        """Let those expire whose time is over, and forget what ended long ago."""
        with self._file.change() as connection:
            connection.execute(
                "UPDATE command SET state = 'expired', ended_at = ? WHERE state IN ('waiting', 'sent') AND expires_at <= ?", (now, now)
            )
            connection.execute(
                "UPDATE command SET state = 'failed', ended_at = ?, detail = 'its effect could not be asked for'"
                " WHERE state = 'checking' AND sent_at <= ?",
                (now, now - 2 * CHECK_SECONDS),
            )
            connection.execute("DELETE FROM command WHERE ended_at < ?", (now - KEPT_DAYS * DAY,))

    def lines(self, serial: TerminalSerial | None = None, most: int = 100) -> list[Line]:
        """The newest ones, of one terminal or of all."""
        with self._file.look() as connection:
            rows = connection.execute(
                "SELECT number, serial, text, state, made_at, times, detail FROM command"
                " WHERE serial = coalesce(?, serial) ORDER BY number DESC LIMIT ?",
                (serial, most),
            ).fetchall()
        return [Line(*row) for row in rows]

    def open_count(self) -> int:
        """How many have not come to their end."""
        with self._file.look() as connection:
            return int(connection.execute("SELECT count(*) FROM command WHERE state IN ('waiting', 'sent', 'checking')").fetchone()[0])


def _again(sent_at: int, times: int, now: int) -> bool:
    return now - sent_at >= min(AGAIN_SECONDS * 2 ** min(times - 1, 10), LONGEST_AGAIN) or now < sent_at


def _add(connection: sqlite3.Connection, serial: TerminalSerial, text: str, now: int, seconds: int, purpose: str) -> int:
    waiting = connection.execute("SELECT count(*) FROM command WHERE serial = ? AND state IN ('waiting', 'sent')", (serial,)).fetchone()[0]
    if waiting >= OPEN_COMMANDS:
        raise CommandError(f"{OPEN_COMMANDS} commands wait for this terminal already")
    number = connection.execute(
        "INSERT INTO command (serial, text, state, made_at, expires_at, times, detail, purpose) VALUES (?, ?, 'waiting', ?, ?, 0, '', ?)",
        (serial, text, now, now + seconds, purpose),
    ).lastrowid
    assert number is not None
    return number


def _open(connection: sqlite3.Connection, serial: TerminalSerial, number: str) -> tuple[int, str, str, int] | None:
    """The command that a result is about; one that expired meanwhile did run after all."""
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return None
    found = connection.execute(
        "SELECT number, text, purpose, made_at FROM command WHERE number = ? AND serial = ? AND state IN ('waiting', 'sent', 'expired')",
        (int(number), serial),
    ).fetchone()
    return tuple(found) if found else None


def _end(
    connection: sqlite3.Connection,
    serial: TerminalSerial,
    dialect: Dialect,
    found: tuple[int, str, str, int],
    result: CommandResult,
    now: int,
) -> Ended:
    number, text, purpose, made_at = found
    detail = "" if result.done else result.meaning
    connection.execute("UPDATE command SET code = ? WHERE number = ?", (result.code, number))
    asks = question(text, dialect) if result.done and not purpose else None
    if asks:
        connection.execute("UPDATE command SET state = 'checking' WHERE number = ?", (number,))
        _add(connection, serial, asks, now, CHECK_SECONDS, f"check:{number}")
    else:
        _settle(connection, number, State.DONE if result.done else State.FAILED, detail, now)
    kind, _, checked = purpose.partition(":")
    if kind == "check":
        _settle_unseen(connection, int(checked), now)
    return Ended(number, text, purpose, result.done, made_at, result)


def _settle_unseen(connection: sqlite3.Connection, number: int, now: int) -> None:
    """The terminal has told all it has, and the user was not among it. Settings come when the terminal likes, behind its answer also."""
    row = connection.execute("SELECT text FROM command WHERE number = ? AND state = 'checking'", (number,)).fetchone()
    if row is None or settings_of(row[0]):
        return
    gone = deletes(row[0])
    _settle(connection, number, State.DONE if gone else State.FAILED, "the terminal does not have the user", now)


def _settle(connection: sqlite3.Connection, number: int, state: State, detail: str, now: int) -> None:
    connection.execute("UPDATE command SET state = ?, detail = ?, ended_at = ? WHERE number = ?", (str(state), detail, now, number))
