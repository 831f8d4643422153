"""An outbox on a disk whose power is cut again and again: what an append acknowledged is there afterwards, and the chain holds.

Run as a program it is the writer: it appends without end and prints the highest acknowledged sequence after each commit.
"""

import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from edge.outbox import Outbox
from edge.outbox.file import Limits
from protocol import chain
from protocol.identifiers import EdgeId, TerminalSerial
from tests.chaos.power import Disk
from tests.edge.conftest import rows

EDGE, SERIAL = EdgeId("edge-power"), TerminalSerial("POWER1")
LIMITS = Limits(max_megabytes=24, keep_days=0)


def write(folder: Path, seed: int) -> None:
    """Append and release by chance until killed."""
    chance, place = random.Random(seed), 0
    with Outbox(folder / "outbox.db", EDGE, LIMITS) as outbox:
        place = outbox.high * 10
        while True:
            count = chance.choice((1, 1, 1, 7, 100))
            outbox.append(SERIAL, rows(*range(place, place + count), serial=SERIAL))
            place += count
            print(outbox.high, outbox.mark, flush=True)
            if chance.random() < 0.2:
                outbox.release(outbox.high - chance.randrange(min(50, outbox.high)))
                print(outbox.high, outbox.mark, flush=True)
            if chance.random() < 0.02:
                outbox.tidy()


def cut_often(base: Path, cuts: int, seed: int) -> int:
    """Cut the power `cuts` times while a writer works; gives how many rows were acknowledged at the last cut."""
    chance = random.Random(seed)
    with Disk(base) as disk:
        writer = _start(disk.folder, seed)
        try:
            acknowledged = 0
            for number in range(cuts):
                time.sleep(chance.uniform(0.02, 0.15))
                if writer.poll() is not None:
                    raise AssertionError("the writer ended")
                # A disk loses its power at one moment; the copy takes many, so nobody may write meanwhile.
                writer.send_signal(signal.SIGSTOP)
                acknowledged = _last_word(base)
                with disk.after_power_cut() as found:
                    writer.send_signal(signal.SIGCONT)
                    _require_whole(found, acknowledged, f"cut {number} of seed {seed}")
                if acknowledged > 60_000:  # the disk is small: begin again with an empty one
                    writer = _again(disk, writer, seed + number, base)
        finally:
            writer.kill()
            writer.wait()
    return acknowledged


def _start(folder: Path, seed: int) -> subprocess.Popen:
    with (folder.parent / "words").open("wb") as words:
        return subprocess.Popen([sys.executable, "-m", "tests.chaos.cutting", str(folder), str(seed)], stdout=words)


def _again(disk: Disk, writer: subprocess.Popen, seed: int, base: Path) -> subprocess.Popen:
    writer.kill()
    writer.wait()
    for file in disk.folder.glob("*outbox*"):
        file.unlink()
    (base / "words").unlink()
    return _start(disk.folder, seed)


def _last_word(base: Path) -> int:
    """The highest sequence of which an append told that it is on the disk."""
    lines = (base / "words").read_bytes().splitlines()[:-1]  # the last one may be half written
    return int(lines[-1].split()[0]) if lines else 0


def _require_whole(folder: Path, acknowledged: int, where: str) -> None:
    """Open what the cut left behind as an edge would, and read it from end to end."""
    if not acknowledged:
        return
    with closing(_Opened(folder)) as opened:
        outbox = opened.outbox
        assert outbox.high >= acknowledged, f"{where}: row {acknowledged} was acknowledged, the disk has {outbox.high}"
        assert not list(folder.glob("*.before-*")), f"{where}: the file counted as damaged"
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


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
