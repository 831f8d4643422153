"""Attendance days against case files. Each case runs with its punches in order, reversed and shuffled; all three must agree."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.cases.attendance_format import CaseError
from tests.cases.attendance_format.answers import Answers
from tests.cases.attendance_format.keys import check_case
from tests.cases.outcome import Outcome, UnreadableError

DEFAULT = Path(__file__).parents[1] / "golden" / "attendance" / "cases.json"
AS_SETS = {"missing", "anomalies"}


def run(files: Sequence[Path] = ()) -> list[Outcome]:
    """One outcome for each case of the files, in their order. Raises UnreadableError for a file that holds no cases."""
    return [Outcome(name(case), differs(case)) for file in files or (DEFAULT,) for case in read(file)]


def read(file: Path) -> list[Any]:
    try:
        whole = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableError(f"{file} cannot be read: {error}") from error
    cases = whole.get("cases") if isinstance(whole, dict) else None
    if not isinstance(cases, list):
        raise UnreadableError(f"{file} holds no cases: it must be a JSON object with a list `cases`")
    return cases


def name(case: Any) -> str:
    return str(case.get("id", "(no id)")) if isinstance(case, dict) else "(no case)"


def differs(case: Any) -> str:
    """How the product differs from what is expected, empty where it does not."""
    try:
        check_case(case)
        chance = random.Random(case["id"])
        orders = {
            "": lambda places: places,
            "reversed: ": lambda places: places[::-1],
            "shuffled: ": lambda places: chance.sample(places, len(places)),
        }
        for order, arrange in orders.items():
            found = compare(case, Answers(case, arrange))
            if found:
                return order + found
    except CaseError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - one case must not take the others down with it
        return f"the runner failed: {type(error).__name__}: {error}"
    return ""


def compare(case: dict, answers: Answers) -> str:
    told = []
    for key, wanted in case["expected"].items():
        answer = answers.of(key)
        if not alike(key, wanted, answer):
            told.append(f"{key}: expected {shown(wanted)}, got {shown(answer)}")
    return "; ".join(told)


def alike(key: str, wanted: Any, answer: Any) -> bool:
    if key in AS_SETS:
        return set(wanted) == set(answer)
    if isinstance(wanted, dict):
        return isinstance(answer, dict) and wanted.keys() == answer.keys() and all(alike(one, wanted[one], answer[one]) for one in wanted)
    if isinstance(wanted, bool) or isinstance(answer, bool):
        return wanted is answer
    return wanted == answer


def shown(value: Any) -> str:
    return json.dumps(sorted(value) if isinstance(value, set) else value, ensure_ascii=False, default=str)
