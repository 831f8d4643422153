"""The starter as the service manager and the package call it: which version is in force after what happened."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from edge.outbox import Outbox, schema
from edge.service import read_versions
from tests.edge.conftest import EDGE, rows

STARTER = Path(__file__).parents[2] / "deploy/edge/starter.py"


class Box:
    def __init__(self, folder):
        self.root, self.state = folder / "opt", folder / "var"
        self.data = self.state / "edge"
        self.data.mkdir(parents=True)

    def __call__(self, *words):
        places = {"CLOCKBRIDGE_ROOT": str(self.root), "CLOCKBRIDGE_STATE": str(self.state)}
        return subprocess.run([sys.executable, "-I", STARTER, *words], env=os.environ | places, capture_output=True, text=True)

    def unpack(self, version, outbox_schema=schema.VERSION):
        place = self.root / "versions" / version
        place.mkdir(parents=True)
        (place / "outbox-schema").write_text(f"{outbox_schema}\n")
        (place / "name").write_text(version)

    def install(self, version, outbox_schema=schema.VERSION):
        """As the package does it: keep, exchange the files, put on trial."""
        self("keep")
        for old in (self.root / "versions").glob("*"):
            subprocess.run(["rm", "-r", old], check=True)
        self.unpack(version, outbox_schema)
        self("installed", version)

    def in_force(self):
        return (self.root / "current" / "name").read_text()

    @property
    def notes(self):
        return json.loads((self.state / "versions.json").read_text())


@pytest.fixture
def box(tmp_path):
    box = Box(tmp_path)
    box.install("1.0")
    box("choose")
    box("came-up")
    return box


def starts_in_vain(box, times):
    for _ in range(times):
        box("choose")


def test_given_a_new_version_that_comes_up_then_it_stays_and_one_before_is_kept(box):
    for version in ("1.1", "1.2"):
        box.install(version)
        starts_in_vain(box, 2)
        box("came-up")
        starts_in_vain(box, 9)

    assert box.in_force() == "1.2"
    assert [folder.name for folder in (box.root / "kept").iterdir()] == ["1.1"]


def test_given_a_new_version_that_does_not_come_up_then_the_one_before_is_back_at_the_fourth_start_and_the_agent_hears_why(
    box, monkeypatch
):
    box.install("2.0")
    starts_in_vain(box, 3)
    assert box.in_force() == "2.0"

    starts_in_vain(box, 1)

    assert box.in_force() == "1.0"
    monkeypatch.setenv("CLOCKBRIDGE_VERSIONS", str(box.state / "versions.json"))
    told = read_versions()
    assert told.proven
    assert (told.refused.version, told.refused.instead, told.refused.reason) == ("2.0", "1.0", "not ready in 3 starts")
    box("try-again")
    assert box.in_force() == "2.0"
    box("came-up")
    starts_in_vain(box, 5)
    assert (box.in_force(), box.notes["refused"]) == ("2.0", None)


def test_given_two_versions_in_a_row_that_fail_then_the_last_good_one_is_back(box):
    box.install("2.0")
    starts_in_vain(box, 2)
    box.install("2.1")
    starts_in_vain(box, 4)

    assert box.in_force() == "1.0"
    box.install("2.2")
    assert box.in_force() == "2.2"
    starts_in_vain(box, 4)
    assert box.in_force() == "1.0"


def test_given_a_first_version_that_does_not_come_up_then_it_is_tried_for_ever(tmp_path):
    box = Box(tmp_path)
    box.install("1.0")

    starts_in_vain(box, 9)

    assert box.in_force() == "1.0"
    assert not box.notes["refused"]


def test_given_a_line_before_the_update_then_the_new_version_must_have_it_too(box):
    (box.data / "status.json").write_text('{"line_up": true}')
    box.install("2.0")
    assert box.notes["expects_line"]
    starts_in_vain(box, 4)

    assert "it must reach the server" in box.notes["refused"]["reason"]


def test_given_a_version_that_changed_the_outbox_when_it_is_refused_then_the_copy_is_back_and_nothing_is_deleted(box):
    with Outbox(box.data / "outbox.db", EDGE) as outbox:
        outbox.append("A1", rows(*range(5)))
    box.install("2.0", outbox_schema=schema.VERSION + 1)
    starts_in_vain(box, 1)
    with closing(sqlite3.connect(box.data / "outbox.db")) as database:
        database.executescript(f"DROP TABLE cursor; PRAGMA user_version = {schema.VERSION + 1}")

    starts_in_vain(box, 3)

    with Outbox(box.data / "outbox.db", EDGE) as outbox:
        assert outbox.high == 5
    with closing(sqlite3.connect(box.data / "outbox.of-2.0.db")) as database:
        assert database.execute("SELECT count(*) FROM outbox").fetchone() == (5,)
    assert (box.data / "outbox.db").stat().st_mode & 0o777 == 0o600


def test_given_a_version_of_the_same_outbox_when_it_is_refused_then_what_it_took_stays(box):
    with Outbox(box.data / "outbox.db", EDGE) as outbox:
        outbox.append("A1", rows(*range(5)))
    box.install("2.0")
    starts_in_vain(box, 1)
    with Outbox(box.data / "outbox.db", EDGE) as outbox:
        outbox.append("A1", rows(*range(5, 8)))

    starts_in_vain(box, 3)

    with Outbox(box.data / "outbox.db", EDGE) as outbox:
        assert (outbox.high, outbox.epoch != "") == (8, True)
    assert list(box.state.glob("outbox-before*")) == []
