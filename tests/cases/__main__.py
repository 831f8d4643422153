"""./dev cases [AREA [FILE ...]]: hold an engine against the expected results that stand in data files.

Without a file the area's own cases run, without an area those of all. An engine takes part by adding `tests/cases/<area>.py` with
`run(files) -> list[Outcome]`. Exit 0: all passed; 1: some failed; 2: an unknown area or a file that cannot be read.
"""

import importlib
import sys
from pathlib import Path

from tests.cases.outcome import Outcome, UnreadableError

AREAS = sorted(file.stem for file in Path(__file__).parent.glob("*.py") if file.stem not in {"__init__", "__main__", "outcome"})


def main(arguments: list[str]) -> int:
    if arguments and arguments[0] not in AREAS:
        print(f"There are no cases of {arguments[0]!r}. Areas: {', '.join(AREAS)}.", file=sys.stderr)
        return 2
    chosen, files = arguments[:1] or AREAS, [Path(text) for text in arguments[1:]]
    try:
        outcomes: list[Outcome] = [outcome for area in chosen for outcome in importlib.import_module(f"tests.cases.{area}").run(files)]
    except UnreadableError as error:
        print(error, file=sys.stderr)
        return 2
    for outcome in outcomes:
        if outcome.differs:
            print(f"✗ {outcome.case}: {outcome.differs}")
    wrong = sum(bool(outcome.differs) for outcome in outcomes)
    print(f"{len(outcomes) - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
