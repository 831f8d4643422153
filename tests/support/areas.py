"""Areas in tests: what waits is worked out at once, and an edge that does whatever it is asked."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from protocol.identifiers import ALL_SHARDS, EdgeId
from protocol.messages import Captured, Health, Hello, Reported, TerminalHealth, UserReport, UserState, Wanted
from protocol.sealing import Opener
from protocol.wanted import Template, Templates, UserTemplates, WantedUser, WantedUsers, digest, unwrap, wrap
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from server.dispatch.areas import actions as areas
from server.dispatch.areas.courier import AreasCourier
from server.dispatch.areas.model import Area, Rule, WantedRow
from server.dispatch.areas.store import marks, rows
from server.fleet import actions as fleet
from server.hr.privacy import actions as privacy
from server.storage import Database
from tests.support.company import NOW, TESTER, Company

EDGE = EdgeId("edge-hq")
SERVER_KEY = Opener(bytes(range(32)))


def settle(database: Database, now: datetime = NOW) -> None:
    """Follow and work out everything that waits."""
    areas.follow_dates(database, now)
    while areas.follow_changes(database, now):
        pass
    while areas.derive_marked(database, privacy.biometric_consents, now):
        pass


def area_of(company: Company, *rules: Rule, code: str = "gate", terminals: Collection[str] = ("T1", "T2"), **more: object) -> Area:
    return Area(0, code, f"区域 {code}", frozenset(company.terminals[one] for one in terminals), rules, **more)  # type: ignore[arg-type]


def wanted_of(database: Database, terminal_id: int) -> dict[str, WantedRow]:
    """By user, those who should be there."""
    with database.reading() as uow:
        return {row.user: row for row in rows.rows_of_terminal(uow, terminal_id) if row.want is not None}


def happen(database: Database, person_id: int, kind: EventKind, day: date, sets: Mapping[str, object] | None = None) -> None:
    with database.writing() as uow:
        directory.add_event(uow, person_id, NewEvent(kind, day, sets or {}), TESTER, NOW)


def waiting_people(database: Database) -> int:
    with database.reading() as uow:
        return marks.waiting(uow)


class DutifulEdge:
    """Holds what it is sent, in memory, and reports it; `deaf` loses every message, `full` terminals fail."""

    def __init__(self, database: Database, edge_id: int, erased=lambda *_: None) -> None:
        self.database, self.edge_id = database, edge_id
        self.opener = Opener(bytes(reversed(range(32))))
        self.courier = AreasCourier(SERVER_KEY, erased)
        self.book: dict[str, dict[str, WantedUser]] = {}
        self.templates: dict[tuple[str, str], list[str]] = {}
        self.messages = 0
        self.deaf, self.full = False, frozenset[str]()

    def connect(self, now: datetime = NOW) -> None:
        hello = Hello(
            edge=EDGE, epoch="0" * 32, low=0, high=0, low_head=bytes(32), high_head=bytes(32), acknowledged=0, version="1", clock=now,
            nonce="0" * 32, sealing_key=self.opener.public,
        )  # fmt: skip
        with self.database.writing() as uow:
            fleet.record_line(uow, self.edge_id, hello, now)
            self.courier.hear(uow, self.edge_id, hello, now)

    def round(self, now: datetime = NOW, *, report: bool = True) -> int:
        """Take what waits, and report it; returns how many users came."""
        with self.database.reading() as uow:
            came = [one for one in self.courier.waiting(uow, sorted(ALL_SHARDS), now) if isinstance(one, Wanted)]
        self.messages += len(came)
        if self.deaf:
            return 0
        return sum(self._take(one, now, report=report) for one in came)

    def all_rounds(self, now: datetime = NOW) -> int:
        total = 0
        while n := self.round(now):
            total += n
        return total

    def tell_health(self, now: datetime = NOW, **facts: str) -> None:
        self.hear(self.health("T1", "T2", now=now, **facts), now)

    def health(self, *terminals: str, now: datetime = NOW, **facts: str) -> Health:
        """What it says of these."""
        books = {key: self.book.get(key, {}) for key in terminals}
        said = [
            TerminalHealth(serial=key, name=key, address="", state="reading", wanted=len(users), facts=facts, wanted_digest=_digest(users))
            for key, users in books.items()
        ]
        return Health(edge=EDGE, at=now, version="1", queue_depth=0, terminals=said)

    def capture(self, terminal: str, user: str, *found: Template, now: datetime = NOW) -> None:
        content = Templates([UserTemplates(user, list(found))])
        sealed = wrap(content, SERVER_KEY.public, "captured", EDGE, terminal)
        self.hear(Captured(edge=EDGE, terminal=terminal, at=now, sealed=sealed), now)

    def hear(self, message, now: datetime = NOW) -> None:
        with self.database.writing() as uow:
            self.courier.hear(uow, self.edge_id, message, now)

    def _take(self, message: Wanted, now: datetime, *, report: bool) -> int:
        users = unwrap(WantedUsers, message.sealed, self.opener, "wanted", EDGE, message.terminal).users
        book = self.book.setdefault(message.terminal, {})
        for one in users:
            if one.user not in book or book[one.user].revision < one.revision:
                book[one.user] = one
        if report:
            self.hear(
                Reported(edge=EDGE, terminal=message.terminal, at=now, users=[self._said(message.terminal, one) for one in users]), now
            )
        return len(users)

    def _said(self, terminal: str, one: WantedUser) -> UserReport:
        key = (terminal, one.user)
        if not one.present or one.biometrics == "erase":
            self.templates.pop(key, None)
        there = self.templates.setdefault(key, []) if one.present else []
        there += [f"{each.kind}-{each.place}" for each in one.templates if f"{each.kind}-{each.place}" not in there]
        if terminal in self.full:
            return UserReport(one.user, UserState.FAILED, one.revision, [], "the terminal is full")
        return UserReport(one.user, UserState.THERE if one.present else UserState.GONE, one.revision, list(there))


def _digest(users: Mapping[str, WantedUser]) -> str:
    return digest((one.user, one.revision) for one in users.values())
