"""Who is known at a station: a SQLite file beside the outbox, readable by the agent's user only.

It holds numbers, names, cards, the places of templates in the module (never a template) and consents. The agent and the command line
open it at once. A place whose template must go stays in it until the module has erased it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edge.devices.serial.cards.numbers import CardNumber
from edge.errors import EdgeError

WORDING = "2026-1"
"""Which text a person agreed to; a changed text gets another name. The texts stand in `edge.station.words`."""
BUSY_SECONDS = 5.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS person (user TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS card (number INTEGER PRIMARY KEY, user TEXT NOT NULL REFERENCES person ON DELETE CASCADE) STRICT;
CREATE TABLE IF NOT EXISTS finger (page INTEGER PRIMARY KEY, user TEXT, enrolled_at TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS consent (
    user TEXT NOT NULL, given_at TEXT NOT NULL, wording TEXT NOT NULL, how TEXT NOT NULL, withdrawn_at TEXT, erased_at TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS wish (
    id INTEGER PRIMARY KEY, user TEXT NOT NULL, paper TEXT NOT NULL, asked_at TEXT NOT NULL, step TEXT NOT NULL, over INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS module (only INTEGER PRIMARY KEY CHECK (only = 1), mark BLOB) STRICT;
CREATE TABLE IF NOT EXISTS last_punch (only INTEGER PRIMARY KEY CHECK (only = 1), at TEXT NOT NULL) STRICT;
"""


class StationError(EdgeError):
    """What somebody asked of the book cannot be; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Person:
    """user: the number that punches carry, as text."""

    user: str
    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """A person with what is kept of them here."""

    person: Person
    cards: tuple[CardNumber, ...]
    fingers: int
    agreed_at: str | None


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants a finger taken. paper: where a consent on paper is kept; empty asks the person at the door's page."""

    id: int
    person: Person
    paper: str


class StationBook:
    """The file. Every call is one transaction on a connection of its own, durable when it returns; it belongs into a thread."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def make(self) -> None:
        """Make the file where there is none."""
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file.touch(mode=0o600)
        with self._open() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)

    # Who is it -----------------------------------------------------------------------------------------------------------------------

    def has_card(self, number: CardNumber) -> Person | None:
        return self._one("SELECT person.user, name FROM person JOIN card USING (user) WHERE number = ?", number)

    def has_finger(self, page: int) -> Person | None:
        return self._one("SELECT person.user, name FROM person JOIN finger USING (user) WHERE page = ?", page)

    def name_of(self, user: str) -> str:
        """ "" for nobody's number."""
        person = self._one("SELECT user, name FROM person WHERE user = ?", user)
        return person.name if person else ""

    def everybody(self) -> list[Known]:
        with self._open() as connection:
            people = connection.execute(
                "SELECT user, name, (SELECT count(*) FROM finger WHERE finger.user = person.user),"
                " (SELECT max(given_at) FROM consent WHERE consent.user = person.user AND withdrawn_at IS NULL)"
                " FROM person ORDER BY user"
            ).fetchall()
            cards = connection.execute("SELECT user, number FROM card ORDER BY number").fetchall()
        return [
            Known(Person(user, name), tuple(CardNumber(number) for owner, number in cards if owner == user), fingers, agreed_at)
            for user, name, fingers, agreed_at in people
        ]

    # Keeping people ------------------------------------------------------------------------------------------------------------------

    def put(self, person: Person) -> None:
        """Add a person, or correct the name."""
        self._do("INSERT INTO person VALUES (?, ?) ON CONFLICT (user) DO UPDATE SET name = excluded.name", person.user, person.name)

    def give_card(self, user: str, number: CardNumber) -> None:
        """Raises StationError when nobody has this number, or somebody else has the card."""
        with self._open() as connection:
            _known(connection, user)
            owner = connection.execute("SELECT user FROM card WHERE number = ?", (number,)).fetchone()
            if owner and owner[0] != user:
                raise StationError("Somebody else has this card here: remove that person's card first.", "此卡已属于他人：请先取消其卡片。")
            connection.execute("INSERT OR IGNORE INTO card VALUES (?, ?)", (number, user))

    def take_card(self, number: CardNumber) -> bool:
        return self._do("DELETE FROM card WHERE number = ?", number) > 0

    def remove(self, user: str) -> None:
        """Forget a person; their templates are erased by the agent, and the record of the consent stays without the name."""
        with self._open() as connection:
            _known(connection, user)
            _withdraw(connection, user)
            connection.execute("DELETE FROM person WHERE user = ?", (user,))

    def withdraw(self, user: str) -> None:
        """The person no longer agrees: fingers go, cards stay."""
        with self._open() as connection:
            _known(connection, user)
            _withdraw(connection, user)

    # Fingers -------------------------------------------------------------------------------------------------------------------------

    def agree(self, user: str, how: str) -> None:
        """The person agreed to the text WORDING. how: at the door, or where the paper is."""
        self._do("INSERT INTO consent (user, given_at, wording, how) VALUES (?, ?, ?, ?)", user, _now(), WORDING, how)

    def has_agreed(self, user: str) -> bool:
        with self._open() as connection:
            found = connection.execute(
                "SELECT 1 FROM consent WHERE user = ? AND wording = ? AND withdrawn_at IS NULL", (user, WORDING)
            ).fetchone()
        return found is not None

    def free_page(self, capacity: int, occupied: list[int]) -> int | None:
        """The first place that neither the module nor this book has taken."""
        with self._open() as connection:
            taken = set(occupied) | {page for (page,) in connection.execute("SELECT page FROM finger")}
        return next((page for page in range(capacity) if page not in taken), None)

    def reserve(self, page: int) -> None:
        """Before the module stores: should we die in between, the place is one whose template must go."""
        self._do("INSERT OR REPLACE INTO finger VALUES (?, NULL, ?)", page, _now())

    def give_finger(self, page: int, user: str) -> None:
        """Raises StationError when the person was removed, or withdrew, meanwhile: the place is then erased."""
        with self._open() as connection:
            _known(connection, user)
            agreed = connection.execute("SELECT 1 FROM consent WHERE user = ? AND withdrawn_at IS NULL", (user,)).fetchone()
            if agreed is None:
                raise StationError("The consent was withdrawn meanwhile.", "同意已被撤回。")
            connection.execute("UPDATE finger SET user = ?, enrolled_at = ? WHERE page = ?", (user, _now(), page))

    def to_erase(self) -> list[int]:
        with self._open() as connection:
            return [page for (page,) in connection.execute("SELECT page FROM finger WHERE user IS NULL ORDER BY page")]

    def erased(self, page: int) -> None:
        """The module has no template there any more."""
        with self._open() as connection:
            connection.execute("DELETE FROM finger WHERE page = ? AND user IS NULL", (page,))
            if connection.execute("SELECT 1 FROM finger WHERE user IS NULL").fetchone() is None:
                connection.execute("UPDATE consent SET erased_at = ? WHERE withdrawn_at IS NOT NULL AND erased_at IS NULL", (_now(),))

    # Which module ---------------------------------------------------------------------------------------------------------------------

    def module_mark(self) -> bytes | None:
        """What was written into the module that these fingers lie in; None where none was yet."""
        with self._open() as connection:
            row = connection.execute("SELECT mark FROM module").fetchone()
        return row[0] if row else None

    def keep_module_mark(self, mark: bytes) -> None:
        """Of no effect where the module is to be emptied first: somebody may have said so this moment."""
        self._do("INSERT OR IGNORE INTO module VALUES (1, ?)", mark)

    def take_new_module(self) -> int:
        """Another module is in its place for good: no finger is known any more, and the agent empties it; gives how many fingers."""
        with self._open() as connection:
            connection.execute("INSERT OR REPLACE INTO module VALUES (1, NULL)")
            return connection.execute("DELETE FROM finger").rowcount

    def wants_module_emptied(self) -> bool:
        with self._open() as connection:
            return connection.execute("SELECT 1 FROM module WHERE mark IS NULL").fetchone() is not None

    def module_emptied(self) -> None:
        self._do("DELETE FROM module WHERE mark IS NULL")

    # Wishes of the command line ------------------------------------------------------------------------------------------------------

    def wish(self, user: str, paper: str) -> int:
        """Ask the agent to take a finger; a new wish ends the one before."""
        with self._open() as connection:
            _known(connection, user)
            connection.execute("UPDATE wish SET over = 1, step = 'given-up' WHERE over = 0")
            row = connection.execute(
                "INSERT INTO wish (user, paper, asked_at, step, over) VALUES (?, ?, ?, 'asked', 0)", (user, paper, _now())
            )
            assert row.lastrowid is not None
            return row.lastrowid

    def open_wish(self) -> Wish | None:
        with self._open() as connection:
            row = connection.execute("SELECT id, user, name, paper FROM wish JOIN person USING (user) WHERE over = 0").fetchone()
        return Wish(row[0], Person(row[1], row[2]), row[3]) if row else None

    def told(self, wish: int, step: str, *, over: bool) -> None:
        self._do("UPDATE wish SET step = ?, over = ? WHERE id = ? AND over = 0", step, over, wish)

    def end_wishes(self) -> None:
        """None outlives an agent: nobody stands at the door any more."""
        self._do("UPDATE wish SET over = 1, step = 'given-up' WHERE over = 0")

    def step_of(self, wish: int) -> tuple[str, bool]:
        """What the agent said last of a wish, and whether that was the end."""
        with self._open() as connection:
            row = connection.execute("SELECT step, over FROM wish WHERE id = ?", (wish,)).fetchone()
        return (row[0], bool(row[1])) if row else ("given-up", True)

    # Time ----------------------------------------------------------------------------------------------------------------------------

    def note_punch(self, at: datetime) -> bool:
        """Keep the moment of a punch; False when it lies more than a minute before the latest one, so that the clock went back."""
        with self._open() as connection:
            row = connection.execute("SELECT at FROM last_punch").fetchone()
            latest = datetime.fromisoformat(row[0]) if row else None
            if latest is not None and (latest - at).total_seconds() > 60:
                return False
            connection.execute("INSERT OR REPLACE INTO last_punch VALUES (1, ?)", (at.isoformat(),))
        return True

    # The file ------------------------------------------------------------------------------------------------------------------------

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._file, timeout=BUSY_SECONDS)) as connection, connection:
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA secure_delete=ON")
            yield connection

    def _one(self, query: str, key: int | str) -> Person | None:
        with self._open() as connection:
            row = connection.execute(query, (key,)).fetchone()
        return Person(*row) if row else None

    def _do(self, statement: str, *values: object) -> int:
        with self._open() as connection:
            return connection.execute(statement, values).rowcount


def _known(connection: sqlite3.Connection, user: str) -> None:
    if connection.execute("SELECT 1 FROM person WHERE user = ?", (user,)).fetchone() is None:
        raise StationError(
            f"Nobody has the number {user} here: add the person with `clockbridge station add`.",
            f"此处没有编号 {user}：请先用 `clockbridge station add` 添加。",
        )


def _withdraw(connection: sqlite3.Connection, user: str) -> None:
    connection.execute("UPDATE consent SET withdrawn_at = ? WHERE user = ? AND withdrawn_at IS NULL", (_now(), user))
    connection.execute("UPDATE finger SET user = NULL WHERE user = ?", (user,))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
