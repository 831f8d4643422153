"""The supervisor of a server's parts, on a disk that takes nothing."""

import json
import threading
import time
from pathlib import Path

import pytest

from server.main import Part, Supervisor
from tests.support.waiting import PATIENCE_SECONDS, until


class Watched:
    """A part that is no process: it can be ended, and counts its starts; `failing` starts end in an error of the disk."""

    def __init__(self, name: str) -> None:
        self.starts, self.failing, self.ended = 0, 0, False
        self.part = Part(name, self.start, lambda: 9 if self.ended else None, lambda: None)

    def start(self) -> int:
        if self.failing:
            self.failing -= 1
            raise OSError(28, "No space left on device")
        self.starts, self.ended = self.starts + 1, False
        return 1000 + self.starts


@pytest.fixture
def supervised(tmp_path):
    """Two parts under a supervisor whose file lies in a folder that a test may take away."""
    folder = tmp_path / "run"
    folder.mkdir()
    parts = [Watched("broker"), Watched("ingest-1")]
    supervisor = Supervisor([one.part for one in parts], folder / "parts.json")
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    until(lambda: _told(supervisor.file) == {"broker": 1001, "ingest-1": 1001}, "the file tells of both")
    yield parts, supervisor
    supervisor.stop.set()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


def test_given_a_disk_that_takes_nothing_when_a_part_dies_then_it_is_started_again_and_the_file_follows_later(supervised):
    (broker, worker), supervisor = supervised
    aside = supervisor.file.parent.rename(supervisor.file.parent.with_name("gone"))

    worker.ended = True
    until(lambda: worker.starts == 2, "it is started again")
    time.sleep(0.3)
    without_file = not supervisor.file.exists()
    aside.rename(supervisor.file.parent)

    until(lambda: _told(supervisor.file) == {"broker": 1001, "ingest-1": 1002}, "the file tells of both")
    assert without_file
    assert broker.starts == 1


def test_given_a_part_that_cannot_write_what_it_needs_when_it_is_started_again_then_it_is_tried_until_it_can(supervised):
    (broker, worker), supervisor = supervised

    broker.failing, broker.ended = 2, True

    until(lambda: _told(supervisor.file) == {"broker": 1002, "ingest-1": 1001}, "the file tells of both")
    assert worker.starts == 1


def _told(file: Path) -> dict[str, int] | None:
    try:
        return json.loads(file.read_text())
    except FileNotFoundError:
        return None
