"""An outbox that crashes between any two steps: nothing acknowledged is missing, nothing is there twice, the chain holds.

A step is an SQL statement, a rename, a deletion or an fsync. At a drawn step the files are copied as they are; the operation goes on to
its end and is then forgotten, as if the process had been killed at that step, and the copy is opened instead.
"""

import os
import shutil
import stat
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.outbox import Outbox, schema
from edge.outbox.file import Limits
from edge.watermark import START, Tally, Watermark
from tests.edge.conftest import EDGE, SERIAL, rows

DAY = 86_400
EVERYTHING = 10_000_000


@dataclass(frozen=True)
class Model:
    """What must be there. rows: every body since the epoch began; known: places that would be skipped; ever: places counted."""

    rows: tuple[bytes, ...] = ()
    mark: int = 0
    known: frozenset[int] = frozenset()
    ever: frozenset[int] = frozenset()
    watermark: Watermark = START
    orders: frozenset[str] = frozenset()


class Steps:
    """Counts steps; at the drawn one it copies the folder."""

    def __init__(self) -> None:
        self.countdown = 0
        self.source = self.copy = Path()

    def __call__(self, *_) -> None:
        self.countdown -= 1
        if self.countdown == 0:
            shutil.copytree(self.source, self.copy, ignore=shutil.ignore_patterns("*.lock", "*-shm", "ballast"))


class CrashingOutbox(RuleBasedStateMachine):
    @initialize()
    def open(self):
        self.base = Path(tempfile.mkdtemp())
        self.folder, self.number, self.now = self.base / "0", 0, 1_000_000_000
        self.model, self.places = Model(), 0
        self.steps = Steps()
        self.originals = (schema.connect, Path.rename, Path.unlink, os.fsync)
        self.install_steps()
        self.enter()

    def install_steps(self):
        connect, rename, unlink, fsync = self.originals

        def traced(path):
            connection = connect(path)
            connection.set_trace_callback(self.steps)
            return connection

        def stepping(original):
            def call(*arguments, **options):
                self.steps()
                return original(*arguments, **options)

            return call

        schema.connect = traced
        Path.rename, Path.unlink, os.fsync = stepping(rename), stepping(unlink), stepping(fsync)

    def enter(self):
        limits = Limits(max_megabytes=64, keep_days=1)
        self.outbox = Outbox(self.folder / "outbox.db", EDGE, limits, clock=lambda: self.now).__enter__()

    def teardown(self):
        if hasattr(self, "outbox"):
            self.outbox.__exit__(None, None, None)
            schema.connect, Path.rename, Path.unlink, os.fsync = self.originals
            shutil.rmtree(self.base)

    def act(self, work, after: Model, crash_at: int):
        """Do it; when a crash is drawn, go on from the copy, where it was done wholly or not at all."""
        before = self.model
        self.number += 1
        copy = self.base / str(self.number)
        self.steps.source, self.steps.copy, self.steps.countdown = self.folder, copy, crash_at
        work()
        self.steps.countdown = 0
        self.model = after
        if copy.exists():
            self.outbox.__exit__(None, None, None)
            self.folder = copy
            self.enter()
            self.model = before if self.differs(after) else after

    def differs(self, model: Model) -> bool:
        """Whether the outbox is not as the model says; what is known is looked at by asking."""
        outbox = self.outbox
        found = outbox.read(outbox.low or 1, EVERYTHING, EVERYTHING).bodies
        wanted = list(model.rows[max(outbox.low, 1) - 1 :])
        ever = sorted(model.ever)
        unknown = {ever[position] for position in outbox.unknown(SERIAL, [(row.wall, row.user) for row in rows(*ever)])}
        return (
            found != wanted
            or (outbox.high, outbox.mark) != (len(model.rows), model.mark)
            or (outbox.counts(SERIAL), outbox.watermark(SERIAL)) != ((len(model.ever), 0), model.watermark)
            or unknown != model.ever - model.known
            or any(outbox.order_done(name) is None for name in model.orders)
        )

    crash_at = st.one_of(st.just(0), st.integers(1, 40))

    @rule(count=st.integers(1, 70), repeated=st.integers(0, 5), with_mark=st.booleans(), crash_at=crash_at)
    def append(self, count, repeated, with_mark, crash_at):
        first = max(self.places - repeated, 0)
        offered = range(first, self.places + count)
        self.places += count
        new = [place for place in offered if place not in self.model.known]
        watermark = Tally().over([b"%d" % place for place in range(self.places)]).watermark if with_mark else None
        after = replace(
            self.model,
            rows=self.model.rows + tuple(row.body for row in rows(*new)),
            known=self.model.known | set(new),
            ever=self.model.ever | set(new),
            watermark=watermark or self.model.watermark,
        )
        self.act(lambda: self.outbox.append(SERIAL, rows(*offered), watermark), after, crash_at)

    @rule(share=st.floats(0, 1), crash_at=crash_at)
    def release(self, share, crash_at):
        # behind the lowest row a server cannot be served: the sender lets the terminals be read again then
        lowest = self.outbox.low if self.outbox.low > 1 else 0
        mark = max(round(share * len(self.model.rows)), lowest)
        self.act(lambda: self.outbox.release(mark), replace(self.model, mark=mark), crash_at)

    @rule(days=st.integers(0, 3), crash_at=crash_at)
    def tidy(self, days, crash_at):
        self.now += days * DAY
        self.act(self.outbox.tidy, self.model, crash_at)

    @rule(crash_at=crash_at)
    def forget(self, crash_at):
        if self.places:
            name = f"order-{self.number}"
            after = replace(self.model, known=frozenset(), watermark=START, orders=self.model.orders | {name})
            self.act(lambda: self.outbox.forget(SERIAL, name), after, crash_at)

    @rule(back=st.integers(1, 12), count=st.integers(1, 12), crash_at=crash_at)
    def forget_some(self, back, count, crash_at):
        """Of the latest places, the next appends offer some again."""
        some = range(max(self.places - back, 0), min(self.places - back + count, self.places))
        if some:
            first, last = rows(some[0], some[-1])
            after = replace(self.model, known=self.model.known - set(some), watermark=START)
            self.act(lambda: self.outbox.forget_between(SERIAL, [(first.wall, last.wall)]), after, crash_at)

    @rule(crash_at=st.one_of(st.just(0), st.integers(1, 80)))
    def renew(self, crash_at):
        epoch, before = self.outbox.epoch, self.model
        after = replace(self.model, rows=self.model.rows[self.model.mark :], mark=0)
        self.act(self.outbox.renew_epoch, after, crash_at)
        self.model = before if self.outbox.epoch == epoch else after

    @rule(crash_at=crash_at)
    def reopen(self, crash_at):
        def again():
            self.outbox.__exit__(None, None, None)
            self.enter()

        self.act(again, self.model, crash_at)

    @invariant()
    def everything_is_there_once(self):
        if hasattr(self, "outbox"):
            assert not self.differs(self.model)
            assert self.outbox.low <= max(self.model.mark, 1), "a row was deleted that the server may ask for"
            assert sorted(file.name for file in self.folder.glob("*.new*")) == []


CrashingOutbox.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
TestCrashingOutbox = CrashingOutbox.TestCase


def test_given_a_disk_that_forgets_names_it_was_not_told_to_keep_when_renewed_then_no_old_log_can_lie_beside_the_new_file(
    outbox, monkeypatch
):
    """Renames may reach a disk in any order until their folder was synced; on ext4 they do not, so no power cut there shows it."""
    forgettable: list[str] = []
    seen: list[str] = []
    rename, fsync = Path.rename, os.fsync

    def renaming(source, target):
        if source.name == "outbox.db.new":
            assert not forgettable, "the old file's names could come back under the new one"
        forgettable.append(source.name)
        seen.append(source.name)
        return rename(source, target)

    def syncing(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            forgettable.clear()
        fsync(handle)

    monkeypatch.setattr(Path, "rename", renaming)
    monkeypatch.setattr(os, "fsync", syncing)
    outbox.append(SERIAL, rows(*range(10)))

    outbox.renew_epoch()

    assert seen[-1] == "outbox.db.new"
    assert not forgettable, "the new name could be forgotten"
