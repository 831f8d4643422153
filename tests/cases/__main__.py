"""./dev cases: hold each engine against the expected results that stand in data files.

An engine takes part by adding `tests/cases/<area>.py` with `run() -> list[Outcome]`.
"""

import importlib
import sys
from pathlib import Path

from tests.cases.outcome import Outcome


def main() -> int:
    areas = sorted(file.stem for file in Path(__file__).parent.glob("*.py") if file.stem not in {"__init__", "__main__", "outcome"})
    if not areas:
        print("No engine has cases yet: attendance and pay bring theirs.")
        return 0
    outcomes: list[Outcome] = [outcome for area in areas for outcome in importlib.import_module(f"tests.cases.{area}").run()]
    for outcome in outcomes:
        if outcome.differs:
            print(f"✗ {outcome.case}: {outcome.differs}")
    wrong = sum(bool(outcome.differs) for outcome in outcomes)
    print(f"{len(outcomes) - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
