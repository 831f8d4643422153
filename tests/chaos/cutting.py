"""Disks whose power is cut again and again under the edge's outbox and under the server's database.

What was told to be on the disk must be there afterwards: a row that an append acknowledged, an epoch that was renewed, and punches for
which a receipt could have been sent. Run as a program it is a writer: it works without end and prints a word after each commit.
"""

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select, text

from edge.outbox import Outbox
from edge.outbox.file import Limits
from protocol import chain
from protocol.identifiers import EdgeId, TerminalSerial
from server.attendance.tables import punch
from server.ingest.tables import batch, epoch
from server.migrations import migrate
from server.storage import Database
from tests.chaos.power import Disk
from tests.edge.conftest import rows
from tests.support.company import found_company
from tests.support.sending import SendingEdge, row

EDGE, SERIAL = EdgeId("edge-power"), TerminalSerial("POWER1")
LIMITS = Limits(max_megabytes=24, keep_days=0)
FIRST_WORD_SECONDS = 180
BETWEEN_SECONDS = (0.02, 0.15)
MOST_OF_A_DISK = 0.4


@dataclass(frozen=True)
class Writer:
    """Who works on a disk; `check` raises AssertionError unless the folder holds what this word told, and is whole."""

    write: Callable[[Path, int], None]
    check: Callable[[Path, str, str], None]


def cut_often(base: Path, cuts: int, seed: int, under: str = "outbox") -> int:
    """Cut the power `cuts` times while one of the WRITERS works; gives how many cuts met something that had been acknowledged before."""
    chance, met = random.Random(seed), 0
    with Disk(base) as disk:
        process = _start(disk.folder, under, seed)
        try:
            for number in range(cuts):
                _await_word(process, base)
                time.sleep(chance.uniform(*BETWEEN_SECONDS))
                assert process.poll() is None, "the writer ended"
                # A disk loses its power at one moment; the copy takes many, so nobody may write meanwhile.
                process.send_signal(signal.SIGSTOP)
                word = _last_word(base)
                with disk.after_power_cut() as found:
                    process.send_signal(signal.SIGCONT)
                    WRITERS[under].check(found, word, f"cut {number} of seed {seed}")
                met += 1
                if _used(disk.folder) > MOST_OF_A_DISK:
                    process = _again(disk, process, under, seed + number, base)
        finally:
            process.kill()
            process.wait()
    return met


def _start(folder: Path, under: str, seed: int) -> subprocess.Popen:
    with (folder.parent / "words").open("wb") as words:
        return subprocess.Popen([sys.executable, "-m", "tests.chaos.cutting", under, str(folder), str(seed)], stdout=words)


def _again(disk: Disk, process: subprocess.Popen, under: str, seed: int, base: Path) -> subprocess.Popen:
    """The disk is small: begin again with an empty one."""
    process.kill()
    process.wait()
    for file in disk.folder.iterdir():
        if file.is_file():
            file.unlink()
    (base / "words").unlink()
    return _start(disk.folder, under, seed)


def _await_word(process: subprocess.Popen, base: Path) -> None:
    until = time.monotonic() + FIRST_WORD_SECONDS
    while not _last_word(base):
        assert process.poll() is None, "the writer ended"
        assert time.monotonic() < until, "the writer says nothing"
        time.sleep(0.02)


def _last_word(base: Path) -> str:
    lines = (base / "words").read_text().splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]  # the last one may be half written
    return whole[-1] if whole else ""


def _used(folder: Path) -> float:
    found = shutil.disk_usage(folder)
    return found.used / found.total


# The outbox ------------------------------------------------------------------------------------------------------------------------------


def _write_outbox(folder: Path, seed: int) -> None:
    """Append, release, tidy and renew by chance until killed; a word is the epoch, the highest row and the mark."""
    chance, place = random.Random(seed), 0
    with Outbox(folder / "outbox.db", EDGE, LIMITS) as outbox:
        while True:
            count = chance.choice((1, 1, 1, 7, 100))
            outbox.append(SERIAL, rows(*range(place, place + count), serial=SERIAL))
            place += count
            _say(outbox)
            if chance.random() < 0.2:
                outbox.release(outbox.high - chance.randrange(min(50, outbox.high)))
                _say(outbox)
            if chance.random() < 0.02:
                outbox.tidy()
            if chance.random() < 0.01:
                outbox.renew_epoch()
                _say(outbox)
                for file in folder.glob("outbox.before-*"):  # kept for people, and the disk is small
                    file.unlink()


def _say(outbox: Outbox) -> None:
    print(outbox.epoch, outbox.high, outbox.mark, flush=True)


def _check_outbox(folder: Path, word: str, where: str) -> None:
    """Open what the cut left behind as an edge would, and read it from end to end."""
    told_epoch, told_high, told_mark = word.split()
    with closing(_Opened(folder)) as opened:
        outbox = opened.outbox
        if outbox.epoch == told_epoch:
            assert outbox.high >= int(told_high), f"{where}: row {told_high} was acknowledged, the disk has {outbox.high}"
        else:  # a renewal was under way, or done and not told yet; everything before it was told
            owed = int(told_high) - int(told_mark)
            assert outbox.high >= owed, f"{where}: {owed} rows were owed, the next epoch has {outbox.high}"
        for note in folder.glob("outbox.before-*.txt"):
            assert "damaged" not in note.read_text(), f"{where}: the file counted as damaged"
        head, first = outbox.low_head, outbox.low
        while first <= outbox.high:
            stretch = outbox.read(first, 5000, 1 << 26)
            head = chain.extend(head, [chain.digest(body) for body in stretch.bodies])[-1]
            first = stretch.last + 1
        assert head == outbox.high_head, f"{where}: the chain is broken"


class _Opened:
    def __init__(self, folder: Path) -> None:
        self.outbox = Outbox(folder / "outbox.db", EDGE, LIMITS)
        self.outbox.__enter__()

    def close(self) -> None:
        self.outbox.__exit__(None, None, None)


# The server's database -----------------------------------------------------------------------------------------------------------------


def _write_server(folder: Path, seed: int) -> None:
    """Admit batches of a size by chance until killed; a word is the mark of a receipt that could be sent now."""
    chance, number = random.Random(seed), 0
    database = Database(_url(folder))
    migrate(database)
    found_company(database)
    edge = SendingEdge(database)
    while True:
        new = range(number, number + chance.choice((1, 1, 7, 100)))
        number = new.stop
        (receipt,) = edge.send(*(row("1", _wall(one), number=one) for one in new))
        print(receipt.mark, flush=True)


def _wall(number: int) -> str:
    day, second = divmod(number, 40_000)
    hour, rest = divmod(second, 3600)
    return f"2026-{1 + day // 28:02d}-{1 + day % 28:02d} {hour:02d}:{rest // 60:02d}:{rest % 60:02d}"


def _check_server(folder: Path, word: str, where: str) -> None:
    database = Database(_url(folder))
    with database.reading() as uow:
        assert uow.scalar(text("PRAGMA integrity_check")) == "ok", f"{where}: the database is damaged"
        mark, head = uow.fetch_one(select(epoch.c.mark, epoch.c.head))
        count, sealed = uow.scalar(select(func.count()).select_from(punch)), uow.fetch_all(select(batch).order_by(batch.c.last))
    database.close()
    assert mark >= int(word), f"{where}: a receipt up to {word.strip()} could be sent, the disk has {mark}"
    assert (count, sealed[-1].last, sealed[-1].head) == (mark, mark, head), f"{where}: mark, punches and seals do not agree"


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'clockbridge.db'}"


WRITERS = {"outbox": Writer(_write_outbox, _check_outbox), "server": Writer(_write_server, _check_server)}

if __name__ == "__main__":
    WRITERS[sys.argv[1]].write(Path(sys.argv[2]), int(sys.argv[3]))
