"""`clockbridge audit verify`: what it tells of a trail that holds, and of one that somebody wrote over."""

import sqlite3
from contextlib import closing

import pytest

CHINESE = {"LANG": "zh_CN.UTF-8"}


@pytest.fixture
def trail(installed):
    """Four rows: the first account, and three sites."""
    for code in ("hq", "east", "west"):
        assert installed.run("server", "add-site", code, f"{code} site").code == 0
    return installed


def tamper(installed, *statements: str) -> None:
    """As somebody with the file: past the triggers."""
    with closing(sqlite3.connect(installed.database)) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_row'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            database.execute(statement)
        database.commit()


def head_of(out: str) -> str:
    return next(line.removeprefix("Head: ") for line in out.splitlines() if line.startswith("Head: "))


def test_a_sound_trail_is_told_with_its_rows_its_time_and_its_head(trail):
    done = trail.run("audit", "verify")

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("4 rows hold, from 20")
    assert head_of(done.out).startswith("4:")
    assert "4 行完好" in trail.run("audit", "verify", env=CHINESE).out
    assert trail.run("audit", "verify", "--head", head_of(done.out)).code == 0


def test_a_changed_row_and_a_missing_one_are_named_with_what_is_wrong(trail):
    tamper(trail, "UPDATE audit_row SET actor = 'nobody' WHERE id = 3")
    done = trail.run("audit", "verify")
    assert (done.code, done.sentence) == (1, "row 3: changed (its content was changed)")
    assert "2 rows hold" in done.out
    assert trail.run("audit", "verify", env=CHINESE).sentence == "第 3 行：被改动（内容被改动）"

    tamper(trail, "DELETE FROM audit_row WHERE id = 2")
    assert trail.run("audit", "verify").sentence == "row 2: missing (a row is missing)"


def test_a_tail_that_was_cut_off_is_found_by_a_head_that_was_noted_down(trail):
    noted = head_of(trail.run("audit", "verify").out)
    tamper(
        trail,
        "DELETE FROM audit_row WHERE id > 2",
        "UPDATE audit_head SET last_id = 2, hash = (SELECT hash FROM audit_row WHERE id = 2)",
    )

    assert trail.run("audit", "verify").code == 0
    done = trail.run("audit", "verify", "--head", noted)

    assert done.code == 1
    assert done.sentence == "row 3: missing (rows are missing that were there when the end was noted)"


def test_a_head_that_is_none_is_refused_with_what_to_give(trail):
    done = trail.run("audit", "verify", "--head", "4:abc")

    assert done.code == 2
    assert "Head:" in done.sentence
    assert "链尾" in trail.run("audit", "verify", "--head", "x", env=CHINESE).sentence
