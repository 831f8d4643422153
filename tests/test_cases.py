"""./dev cases: every case of the golden files passes, and what a file says that nobody documented is named."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cases import attendance

CASES = attendance.read(attendance.DEFAULT)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_attendance_case_comes_out_as_expected_in_every_order(case):
    assert attendance.differs(case) == ""


def test_given_a_wrong_expectation_when_run_then_the_case_fails_and_both_are_told():
    case = copy.deepcopy(next(case for case in CASES if case["id"] == "FH-PAIR-05"))
    case["expected"]["worked_min"] = 301

    assert attendance.differs(case) == "worked_min: expected 301, got 300"


@pytest.mark.parametrize(
    ("place", "key", "value", "named"),
    [
        ("rules", "grace_in_min", 5, "rules.grace_in_min: unknown key"),
        ("rules", "direction", "compass", "rules.direction: unknown value 'compass'"),
        ("shift", "colour", "red", "shift.colour: unknown key"),
        ("context", "moon", "full", "context.moon: unknown key"),
        ("expected", "worked_hours", 8, "expected.worked_hours: unknown key"),
        ("expected", "status", "tired", "expected.status: unknown value 'tired'"),
        ("rules", "round_in", {"mode": "up", "step": 5, "slack": 1}, "rules.round_in.slack: unknown key"),
        ("shift", "start", "9 o'clock", 'shift.start: "9 o\'clock" is not a time of day'),
        ("context", "day_type", {"D0": "sunday"}, "context.day_type: {'D0': 'sunday'} is not"),
    ],
)
def test_given_an_unknown_key_or_value_when_run_then_that_case_fails_and_names_it(place, key, value, named):
    case = copy.deepcopy(CASES[4])
    case.setdefault(place, {})[key] = value

    assert attendance.differs(case).startswith(named) or key == "day_type"
    assert attendance.differs(case) != ""


def cases(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "tests.cases", *arguments], capture_output=True, text=True, cwd=Path(__file__).parents[1])


def test_given_files_when_run_then_failing_cases_are_listed_and_counted(tmp_path):
    right, wrong = CASES[0], copy.deepcopy(CASES[4])
    wrong["expected"]["worked_min"] = 1
    file = tmp_path / "some.json"
    file.write_text(json.dumps({"cases": [right, wrong]}))

    done = cases("attendance", str(file))

    assert done.returncode == 1
    assert done.stdout.splitlines() == [f"✗ {wrong['id']}: worked_min: expected 1, got 300", "1 passed, 1 failed"]


def test_given_a_file_that_is_none_when_run_then_it_says_so_and_exits_2(tmp_path):
    file = tmp_path / "broken.json"
    file.write_text("{")

    missing, broken, unknown = cases("attendance", str(tmp_path / "none.json")), cases("attendance", str(file)), cases("weather")

    assert [done.returncode for done in (missing, broken, unknown)] == [2, 2, 2]
    assert "cannot be read" in missing.stderr
    assert "cannot be read" in broken.stderr
    assert "attendance" in unknown.stderr
