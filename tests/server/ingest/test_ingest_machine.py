"""Admission under any order of what a network and people can do to it, against a model that keeps a plain list.

Two edges speak; messages are repeated, swapped, lost and taken together in any mixture; epochs change; rows are deleted at the edge; the
server is restored from an old backup. On SQLite for speed: both dialects are in test_admit.
"""

import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from protocol import chain
from protocol.identifiers import EdgeId
from server.attendance.tables import punch
from server.fleet import actions as fleet
from server.ingest import admit, leases
from server.ingest.admit import Admission, Arrival
from server.ingest.judge import NothingNew
from server.ingest.provisioned import Provisioned
from server.ingest.sift import Limits
from server.ingest.tables import batch, epoch, hole, quarantine
from server.storage import Database
from tests.support.company import NOW, TESTER, found_company
from tests.support.paper_edge import PaperEdge

NAMES = (EdgeId("edge-hq"), EdgeId("edge-plant"))
EDGES = st.integers(0, 1)
QUIET = 2
"""Messages between two events that change everything: one right after the other would leave nothing in between to break."""


@dataclass
class EpochModel:
    """What an edge appended in one epoch, deleted or not."""

    rows: list[bytes] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)


class IngestMachine(RuleBasedStateMachine):
    """Messages wait in `line` until they are taken, any number of times and in any order."""

    template: Path
    seen: ClassVar[Counter[str]] = Counter()
    """How often what happened, in all runs together: a kind that never did was not tried."""

    @initialize()
    def found(self):
        self.folder = Path(tempfile.mkdtemp(prefix="machine-"))
        self.file, self.backup = self.folder / "server.db", self.folder / "backup.db"
        shutil.copy(self.template, self.file)
        self.line: list[Arrival] = []
        self.epochs: dict[str, EpochModel] = {}
        self.ever: set[tuple[str, str, str]] = set()
        """Identities of all good punches that were ever taken or sent: (terminal, user, wall)."""
        self.numbers = iter(range(1, 10**6))
        self.low = [1, 1]
        self.quiet = 0
        self.edges = [PaperEdge(name, seed) for seed, name in enumerate(NAMES, 1)]
        for number in (0, 1):
            self._begin_epoch(number)
        self._open()
        self._back_up()
        for number in (0, 1):
            self._greet(number)

    def teardown(self):
        if hasattr(self, "database"):
            try:
                self._drain()
            finally:
                self.database.close()
                shutil.rmtree(self.folder)

    # What edges do

    def append(self, number, count, good):
        edge = self.edges[number]
        for _ in range(count):
            second = next(self.numbers)
            wall = f"2026-11-23 0{second // 3600}:{second // 60 % 60:02}:{second % 60:02}"
            edge.punch(wall, "1" if good else "77", f"T{number + 1}")
            if good:
                self.ever.add((f"T{number + 1}", "1", wall))

    @rule(number=EDGES, back=st.integers(1, 6))
    def append_what_was_appended_before(self, number, back):
        edge = self.edges[number]
        if edge.high:
            edge.append(edge.rows[-min(back, edge.high)][:-1] + b',"again":%d}' % next(self.numbers))

    @rule(
        number=EDGES,
        rows=st.integers(0, 4),
        good=st.booleans(),
        away=st.integers(-3, 3),
        count=st.integers(1, 5),
        kind=st.sampled_from(["batch", "batch", "live", "hello"]),
        at_once=st.booleans(),
    )
    def send(self, number, rows, good, away, count, kind, at_once):
        """Rows that begin about where the server stands: before it, just behind it, or beyond a gap; in turn, or ahead of it."""
        self.append(number, rows, good)
        edge = self.edges[number]
        if edge.high:
            first = min(max(self.low[number], self._mark(edge) + 1 + away), edge.high)
            last = min(first + count - 1, edge.high)
            if kind == "hello":
                self.line.append(edge.hello(f"{next(self.numbers):032x}", low=min(self.low[number], edge.high)))
            else:
                self.line.append(edge.live(first, last) if kind == "live" else edge.batch(first, last))
            if at_once:
                self._take(self.line[-1:])
            self.quiet += 1

    @rule(number=EDGES, rows=st.integers(1, 3))
    def hand_over(self, number, rows):
        """As an honest edge on a good line does it, so that there is something to repeat, to be behind of, and to fall back from."""
        self.append(number, rows, good=True)
        edge = self.edges[number]
        self._greet(number)
        self.quiet += 1
        if self._mark(edge) < edge.high:
            self.line.append(edge.batch(self._mark(edge) + 1))
            self._take([self.line[-1]])

    @rule(number=EDGES, share=st.floats(0.3, 1))
    def delete_old_rows(self, number, share):
        """Only what the server has, and never the last of it."""
        mark = self._mark(self.edges[number])
        self.low[number] = max(self.low[number], int(mark * share), 1)

    # What the network does

    @precondition(lambda self: self.line)
    @rule(data=st.data())
    def take(self, data):
        """Some of the line in one transaction, in any order and perhaps twice."""
        chosen = data.draw(st.lists(st.integers(0, len(self.line) - 1), min_size=1, max_size=6))
        self._take([self.line[at] for at in chosen])
        self.quiet += 1

    @precondition(lambda self: self.line)
    @rule(data=st.data())
    def lose(self, data):
        del self.line[data.draw(st.integers(0, len(self.line) - 1))]

    # What people do

    @precondition(lambda self: self.quiet >= QUIET)
    @rule(number=EDGES, what=st.sampled_from(["epoch changed", "backed up", "restored", "restored"]))
    def turn_over(self, number, what):
        match what:
            case "epoch changed":
                self._change_epoch(number)
            case "backed up":
                self._back_up()
            case "restored":
                self._restore()
        self.seen[what] += 1
        self.quiet = 0

    # What must hold

    @invariant()
    def marks_are_contiguous_and_chains_verify(self):
        if not hasattr(self, "database"):
            return
        with self.database.reading() as uow:
            epochs = uow.fetch_all(select(epoch))
            stretches = {one.id: [] for one in epochs}
            for one in uow.fetch_all(select(batch)):
                stretches[one.epoch_id].append((one.last, one.first, one.previous_head, one.head, one.digests))
            for one in uow.fetch_all(select(hole)):
                stretches[one.epoch_id].append((one.last, one.first, None, None, None))
        for one in epochs:
            model, mark = self.epochs[one.epoch], 0
            for last, first, previous_head, head, digests in sorted(stretches[one.id]):
                assert first <= mark + 1 <= last, "a stretch is missing or comes twice"
                if head is not None:
                    parts = [digests[at : at + 32] for at in range(0, len(digests), 32)]
                    assert previous_head == model.heads[first - 1]
                    assert chain.extend(previous_head, parts)[-1] == head == model.heads[last]
                mark = last
            assert (one.mark, one.head) == (mark, model.heads[mark])

    @invariant()
    def punches_are_what_edges_appended_and_each_is_there_once(self):
        if hasattr(self, "database"):
            found = self._stored()
            assert len(found) == len(set(found))
            assert set(found) <= self.ever

    @invariant()
    def quarantine_keeps_each_thing_once(self):
        if hasattr(self, "database"):
            with self.database.reading() as uow:
                found = [(row.terminal_serial, row.terminal_user, row.wall_text) for row in uow.fetch_all(select(quarantine))]
            assert len(found) == len(set(found))
            assert {user for _, user, _ in found} <= {"77"}

    # Helpers

    def _change_epoch(self, number):
        """A new outbox takes over: what is still here is appended again."""
        bodies = self.edges[number].rows[self.low[number] - 1 :]
        self._begin_epoch(number)
        for body in bodies:
            self.edges[number].append(body)
        self._greet(number)

    def _restore(self):
        """An old backup; edges whose rows are gone meanwhile leave a hole."""
        self.database.close()
        for suffix in ("-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
        shutil.copy(self.backup, self.file)
        self._open()
        for number in (0, 1):
            self._greet(number)

    def _greet(self, number):
        edge = self.edges[number]
        self._take([edge.hello(f"{next(self.numbers):032x}", low=min(self.low[number], edge.high))])

    def _begin_epoch(self, number):
        name = f"{next(self.numbers):032x}"
        edge = self.edges[number]
        edge.begin_epoch(name)
        self.low[number] = 1
        self.epochs[name] = EpochModel(edge.rows, edge.heads)

    def _open(self):
        self.database = Database(f"sqlite:///{self.file}")
        self.admission = Admission(self.database, "worker", Provisioned(self.database), Limits(), lambda *_: None)
        self.held = leases.heartbeat(self.database, "worker", NOW)

    def _back_up(self):
        with closing(sqlite3.connect(self.file)) as source, closing(sqlite3.connect(self.backup)) as target:
            source.backup(target)

    def _take(self, arrivals):
        self.seen["taken together"] += len(arrivals) > 1
        for receipt in self.admission.take(arrivals, self.held, NOW):
            assert receipt.refusal is None
            model = self.epochs[receipt.epoch]
            assert receipt.mark <= len(model.rows)
            assert receipt.head == model.heads[receipt.mark]
            with self.database.reading() as uow:
                committed = uow.scalar(select(epoch.c.mark).where(epoch.c.epoch == receipt.epoch))
            assert committed == receipt.mark, "told before it was committed"

    def _mark(self, edge):
        with self.database.reading() as uow:
            return uow.scalar(select(epoch.c.mark).where(epoch.c.epoch == edge.epoch)) or 0

    def _stored(self):
        with self.database.reading() as uow:
            return [(f"T{row.terminal_id}", row.terminal_user, _text(row.wall)) for row in uow.fetch_all(select(punch))]

    def _drain(self):
        """Both edges hand over all they have, in order: then the server has every row that they still keep."""
        for number, edge in enumerate(self.edges):
            self._take([edge.hello("f" * 32, low=min(self.low[number], edge.high))])
            mark = self._mark(edge)
            if mark < edge.high:
                self._take([edge.batch(mark + 1)])
            assert self._mark(edge) == edge.high
            kept = set(edge.rows[self.low[number] - 1 :])
            good = {_identity(body) for body in kept if b'"user":"1"' in body}
            assert good <= set(self._stored())
        self.marks_are_contiguous_and_chains_verify()


def _identity(body):
    row = msgspec.json.decode(body, type=dict)
    return row["terminal"], row["user"], row["wall"]


def _text(wall):
    digits = f"{wall:014}"
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]} {digits[8:10]}:{digits[10:12]}:{digits[12:]}"


@pytest.fixture(scope="module")
def company_file(sqlite_template, tmp_path_factory):
    """A SQLite file with a company and both edges."""
    file = tmp_path_factory.mktemp("company") / "company.db"
    shutil.copy(sqlite_template, file)
    database = Database(f"sqlite:///{file}")
    found_company(database)
    with database.writing() as uow:
        fleet.replace_edge_key(uow, NAMES[0], PaperEdge(NAMES[0], 1).signer.verifier, TESTER, NOW)
        fleet.add_edge(uow, NAMES[1], "hq", PaperEdge(NAMES[1], 2).signer.verifier, TESTER, NOW)
    database.close()  # the last connection writes the log into the file
    return file


KINDS = {"Taken", "gap", "repeat", "hole", "live ahead", "epoch changed", "backed up", "restored", "taken together"}
OFTEN = 5


@pytest.fixture
def watched(monkeypatch):
    """Counts what admission decides, without deciding anything."""

    def count(name, kind_of_result):
        original = getattr(admit, name)

        def counting(*arguments):
            result = original(*arguments)
            IngestMachine.seen[kind_of_result(result)] += 1
            return result

        monkeypatch.setattr(admit, name, counting)

    monkeypatch.setattr(IngestMachine, "seen", Counter())
    count(
        "judge_batch",
        lambda verdict: ("gap" if verdict.is_gap else "repeat") if isinstance(verdict, NothingNew) else type(verdict).__name__,
    )
    count("judge_hello", lambda welcome: "hole" if welcome.hole else "hello")
    take_live = Admission._take_live

    def take_live_counting(self, intake, live):
        stored = intake.epochs.get((live.edge, live.epoch))
        IngestMachine.seen["live ahead"] += stored is not None and live.first + len(live.rows) - 1 > stored.state.mark
        take_live(self, intake, live)

    monkeypatch.setattr(Admission, "_take_live", take_live_counting)
    return IngestMachine.seen


def test_given_any_order_of_messages_epochs_and_restores_when_admitted_then_marks_chains_and_punches_agree_with_the_model(
    company_file, watched
):
    IngestMachine.template = company_file

    run_state_machine_as_test(
        IngestMachine,
        settings=settings(
            max_examples=80, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
        ),
    )

    assert {kind for kind in KINDS if watched[kind] < OFTEN} == set(), f"hardly tried: {watched}"
