"""The book of wanted users: durable, names and templates hidden. Every function blocks and belongs into a thread, but for `standing`.

A row stays due until what became of it is on the disk, so a crash in the middle of carrying out costs a repetition and nothing else.
What the vault cannot show any more is forgotten: the server sees another digest and sends it again.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import msgspec
import structlog

from edge.downlink.users.merge import News, latest, news
from edge.downlink.users.outcome import Outcome, next_look
from edge.downlink.users.reasons import FULL
from edge.errors import VaultError
from edge.small_file import SmallFile
from edge.vault import Vault
from protocol.identifiers import TerminalSerial
from protocol.messages import UserReport, UserState
from protocol.wanted import WantedUser, digest

NOBODY = (0, "")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Untold:
    """Something that the server does not know yet."""

    serial: TerminalSerial
    report: UserReport


def _as_wanted(_: WantedUser) -> str:
    """Whoever lists users by their numbers only cannot tell."""
    return ""


class WantedBook:
    """What is wanted of every terminal, and how far it is. Instants are Unix seconds. `load` it first."""

    def __init__(self, file: SmallFile, vault: Vault) -> None:
        self._file, self._vault = file, vault
        self._standings: dict[TerminalSerial, tuple[int, str]] = {}

    def load(self) -> None:
        """Count what there is."""
        with self._file.look() as connection:
            serials = [row[0] for row in connection.execute("SELECT DISTINCT serial FROM wanted")]
            self._standings = {TerminalSerial(serial): _standing(connection, serial) for serial in serials}

    def standing(self, serial: TerminalSerial) -> tuple[int, str]:
        """How many users of this terminal are known, and their digest; from memory."""
        return self._standings.get(serial, NOBODY)

    # What comes ----------------------------------------------------------------------------------------------------------------------

    def merge(self, serial: TerminalSerial, users: Iterable[WantedUser], now: int) -> None:
        """Take what the server wants; it is on the disk when this returns."""
        with self._file.promise() as connection:
            for user in latest(users).values():
                row = connection.execute("SELECT revision FROM wanted WHERE serial = ? AND user = ?", (serial, user.user)).fetchone()
                match news(row[0] if row else None, user):
                    case News.NEW:
                        self._put(connection, serial, user, now)
                    case News.AGAIN:
                        connection.execute("UPDATE wanted SET told_at = NULL WHERE serial = ? AND user = ?", (serial, user.user))
            standing = _standing(connection, serial)
        self._standings[serial] = standing

    def _put(self, connection: sqlite3.Connection, serial: TerminalSerial, user: WantedUser, now: int) -> None:
        connection.execute(
            "INSERT INTO wanted VALUES (?, ?, ?, ?, ?, 'waiting', '[]', '', 0, ?, NULL) ON CONFLICT (serial, user) DO UPDATE SET"
            " revision = excluded.revision, present = excluded.present, hidden = excluded.hidden, state = 'waiting', reason = '',"
            " tries = 0, next_at = excluded.next_at, told_at = NULL",
            (serial, user.user, user.revision, int(user.present), self._hide(serial, user), now),
        )
        connection.execute("DELETE FROM stranger WHERE serial = ? AND user = ?", (serial, user.user))

    def forget(self, serials: Collection[TerminalSerial]) -> None:
        """These terminals are not ours any more: nothing about their users stays here."""
        with self._file.promise() as connection:
            for table in ("wanted", "stranger", "held"):
                connection.executemany(f"DELETE FROM {table} WHERE serial = ?", [(serial,) for serial in serials])  # noqa: S608 - our own
        for serial in serials:
            self._standings.pop(serial, None)

    # What is to be done --------------------------------------------------------------------------------------------------------------

    def serials_due(self, now: int) -> set[TerminalSerial]:
        with self._file.look() as connection:
            return {TerminalSerial(row[0]) for row in connection.execute("SELECT DISTINCT serial FROM wanted WHERE next_at <= ?", (now,))}

    def due(self, serial: TerminalSerial, now: int, most: int) -> list[WantedUser]:
        """Users to look at now: first who has to leave, which makes room, then who has waited longest."""
        with self._file.look() as connection:
            rows = connection.execute(
                "SELECT user, hidden FROM wanted WHERE serial = ? AND next_at <= ? ORDER BY present, next_at, user LIMIT ?",
                (serial, now, most),
            ).fetchall()
        return self._shown(serial, rows)

    def find(self, serial: TerminalSerial, user: str) -> WantedUser | None:
        """As they should be there; None for a stranger."""
        with self._file.look() as connection:
            rows = connection.execute("SELECT user, hidden FROM wanted WHERE serial = ? AND user = ?", (serial, user)).fetchall()
        return next(iter(self._shown(serial, rows)), None)

    def look_again(self, serial: TerminalSerial, users: Collection[str], now: int) -> None:
        """Something may have happened to these at the terminal."""
        with self._file.change() as connection:
            connection.executemany("UPDATE wanted SET next_at = ? WHERE serial = ? AND user = ?", [(now, serial, user) for user in users])

    def postpone(self, serial: TerminalSerial, users: Collection[str], until: int) -> None:
        """These are on their way: they are looked at again then, if nothing became of them."""
        self.look_again(serial, users, until)

    # What became of it ---------------------------------------------------------------------------------------------------------------

    def settle(self, serial: TerminalSerial, outcomes: Iterable[Outcome], now: int) -> None:
        """Note what became of users; of one who is wanted otherwise by now nothing is noted."""
        room = False
        with self._file.promise() as connection:
            for one in outcomes:
                key = (serial, one.user, one.revision)
                row = connection.execute(
                    "SELECT state, templates, reason, tries FROM wanted WHERE serial = ? AND user = ? AND revision = ?", key
                ).fetchone()
                if row is None:
                    continue
                there = json.dumps(sorted(one.templates))
                tries = row[3] + 1 if one.state is UserState.FAILED else 0
                changed = row[:3] != (one.state.value, there, one.reason)
                connection.execute(
                    "UPDATE wanted SET state = ?, templates = ?, reason = ?, tries = ?, next_at = ?,"
                    " told_at = CASE WHEN ? THEN NULL ELSE told_at END"
                    " WHERE serial = ? AND user = ? AND revision = ?",
                    (one.state.value, there, one.reason, tries, next_look(one, row[3], now), changed, *key),
                )
                room = room or (one.state is UserState.GONE and changed)
            if room:
                connection.execute(
                    "UPDATE wanted SET next_at = ? WHERE serial = ? AND state = 'failed' AND reason = ?", (now, serial, FULL)
                )

    def see_users(
        self, serial: TerminalSerial, numbers: Collection[str], now: int, otherwise: Callable[[WantedUser], str] = _as_wanted
    ) -> None:
        """All users that a terminal holds: who is a stranger, who is missing, and who is there again.

        otherwise: why somebody who is there is not as wanted, empty where they are.
        """
        held = set(numbers)
        changed = self._changed(serial, held, otherwise)
        with self._file.promise() as connection:
            rows = connection.execute("SELECT user, state FROM wanted WHERE serial = ?", (serial,)).fetchall()
            wrong = [
                user
                for user, state in rows
                if (state == UserState.THERE and user not in held) or (state == UserState.GONE and user in held)
            ]
            connection.executemany(
                "UPDATE wanted SET state = 'waiting', next_at = ?, told_at = NULL WHERE serial = ? AND user = ?",
                [(now, serial, user) for user in wrong],
            )
            connection.executemany(
                "UPDATE wanted SET state = 'waiting', reason = ?, next_at = ?, told_at = NULL"
                " WHERE serial = ? AND user = ? AND revision = ? AND state = 'there'",
                [(why, now, serial, user, revision) for user, revision, why in changed],
            )
            strangers = held - {user for user, _ in rows}
            known = {row[0] for row in connection.execute("SELECT user FROM stranger WHERE serial = ? AND present", (serial,))}
            changes = [(serial, user, 1) for user in sorted(strangers - known)] + [(serial, user, 0) for user in sorted(known - strangers)]
            connection.executemany(
                "INSERT INTO stranger VALUES (?, ?, ?, NULL)"
                " ON CONFLICT (serial, user) DO UPDATE SET present = excluded.present, told_at = NULL",
                changes,
            )

    def _changed(self, serial: TerminalSerial, held: Collection[str], otherwise: Callable[[WantedUser], str]) -> list[tuple[str, int, str]]:
        """Of those who were found as wanted before: who is not any more, of which revision, and why."""
        with self._file.look() as connection:
            rows = connection.execute("SELECT user, hidden FROM wanted WHERE serial = ? AND state = 'there'", (serial,)).fetchall()
        there = self._shown(serial, [row for row in rows if row[0] in held])
        return [(one.user, one.revision, why) for one in there if (why := otherwise(one))]

    def somebody_there(self, serial: TerminalSerial) -> str | None:
        """A user who was found on the terminal as wanted, the first by number; None for nobody."""
        with self._file.look() as connection:
            ask = "SELECT user FROM wanted WHERE serial = ? AND state = 'there' ORDER BY user LIMIT 1"
            found = connection.execute(ask, (serial,)).fetchone()
        return found[0] if found else None

    # Templates -----------------------------------------------------------------------------------------------------------------------

    def held(self, serial: TerminalSerial, user: str) -> dict[str, bytes]:
        """Digests of templates that were brought there, or told to the server, last."""
        with self._file.look() as connection:
            return dict(connection.execute("SELECT template, digest FROM held WHERE serial = ? AND user = ?", (serial, user)).fetchall())

    def note_held(self, serial: TerminalSerial, user: str, templates: dict[str, bytes]) -> None:
        """These are there now (the template itself by its name), and no others."""
        with self._file.change() as connection:
            connection.execute("DELETE FROM held WHERE serial = ? AND user = ?", (serial, user))
            connection.executemany(
                "INSERT INTO held VALUES (?, ?, ?, ?)",
                [(serial, user, name, sha256(data).digest()) for name, data in templates.items()],
            )

    # What is told --------------------------------------------------------------------------------------------------------------------

    def untold(self, most: int) -> list[Untold]:
        """Some of what the server does not know."""
        with self._file.look() as connection:
            rows = connection.execute(
                "SELECT serial, user, state, revision, templates, reason FROM wanted WHERE told_at IS NULL ORDER BY serial, user LIMIT ?",
                (most,),
            ).fetchall()
            more = connection.execute(
                "SELECT serial, user, present FROM stranger WHERE told_at IS NULL ORDER BY serial, user LIMIT ?", (most - len(rows),)
            ).fetchall()
        found = [
            Untold(TerminalSerial(serial), UserReport(user, UserState(state), revision, json.loads(templates), reason))
            for serial, user, state, revision, templates, reason in rows
        ]
        return found + [
            Untold(TerminalSerial(serial), UserReport(user, UserState.STRANGER if present else UserState.GONE))
            for serial, user, present in more
        ]

    def note_told(self, told: Sequence[Untold], now: int) -> None:
        """The server was told this; what changed meanwhile it does not know."""
        with self._file.change() as connection:
            for one in told:
                report = one.report
                connection.execute(
                    "UPDATE wanted SET told_at = ?"
                    " WHERE serial = ? AND user = ? AND revision = ? AND state = ? AND templates = ? AND reason = ?",
                    (now, one.serial, report.user, report.revision, report.state.value, json.dumps(report.templates), report.reason),
                )
                present = int(report.state is UserState.STRANGER)
                connection.execute(
                    "UPDATE stranger SET told_at = ? WHERE serial = ? AND user = ? AND present = ?", (now, one.serial, report.user, present)
                )
            connection.execute("DELETE FROM stranger WHERE NOT present AND told_at < ?", (now - 86_400,))

    def tell_again(self, since: int, serial: TerminalSerial | None = None) -> None:
        """What was told since then may have been lost on its way."""
        with self._file.change() as connection:
            for table in ("wanted", "stranger"):
                connection.execute(
                    f"UPDATE {table} SET told_at = NULL WHERE told_at >= ? AND serial = coalesce(?, serial)",  # noqa: S608 - our own words
                    (since, serial),
                )

    # Hiding --------------------------------------------------------------------------------------------------------------------------

    def _hide(self, serial: TerminalSerial, user: WantedUser) -> bytes:
        return self._vault.hide(msgspec.json.encode(user), _about(serial, user.user))

    def _shown(self, serial: TerminalSerial, rows: Iterable[tuple[str, bytes]]) -> list[WantedUser]:
        found, lost = [], []
        for user, hidden in rows:
            try:
                found.append(msgspec.json.decode(self._vault.show(hidden, _about(serial, user)), type=WantedUser))
            except (VaultError, msgspec.MsgspecError):
                lost.append(user)
        if lost:
            log.warning("wanted_not_readable", terminal=serial, users=len(lost))
            with self._file.change() as connection:
                connection.executemany("DELETE FROM wanted WHERE serial = ? AND user = ?", [(serial, user) for user in lost])
                self._standings[serial] = _standing(connection, serial)
        return found


def _about(serial: TerminalSerial, user: str) -> str:
    return f"wanted/{serial}/{user}"


def _standing(connection: sqlite3.Connection, serial: str) -> tuple[int, str]:
    rows = connection.execute("SELECT user, revision FROM wanted WHERE serial = ?", (serial,)).fetchall()
    return (len(rows), digest(rows)) if rows else NOBODY
