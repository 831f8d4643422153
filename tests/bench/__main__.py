"""./dev bench [NAME ...] [--people N]: run the benchmarks, print a table and write JSON beside it.

Each `tests/bench/bench_<name>.py` has `run() -> list[Row]`. The limit of a row is measured in the same run, because machines are
shared and noisy: a ratio means something, a bare number does not.
"""

import importlib
import json
import platform
import sys
import traceback
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.row import Row

HERE = Path(__file__).parent
RESULTS = HERE.parents[1] / ".dev" / "bench.json"


def main(wanted: list[str]) -> int:
    wanted, more = _switches(wanted)
    names = sorted(file.stem.removeprefix("bench_") for file in HERE.glob("bench_*.py"))
    if unknown := set(wanted) - set(names):
        print(f"There is no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(names)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    broken: list[str] = []
    for name in wanted or names:
        print(f"· {name}", file=sys.stderr, flush=True)
        try:
            rows += importlib.import_module(f"tests.bench.bench_{name}").run(**more)
        except Exception:  # noqa: BLE001 - one bench that breaks must not cost the figures of the others, which took minutes
            traceback.print_exc()
            broken.append(name)
    show(rows)
    save(rows)
    if broken:
        print(f"not measured: {', '.join(broken)}, see above", file=sys.stderr)
    return 1 if broken or not all(row.met for row in rows) else 0


def _switches(given: list[str]) -> tuple[list[str], dict[str, int]]:
    """(names, how many people where the bench shall have another number of them)."""
    if "--people" not in given:
        return given, {}
    place = given.index("--people")
    return given[:place] + given[place + 2 :], {"people": int(given[place + 1])}


def show(rows: list[Row]) -> None:
    table = Table("work", "measured", "limit in the same run", "ratio", "at least", "note")
    for row in rows:
        limit = row.limit if row.limit_measured is None else f"{row.limit}: {row.limit_measured:,.4g} {row.unit}"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        goal = "" if row.at_least is None else f"{row.at_least:g}"
        table.add_row(row.work, f"{row.measured:,.4g} {row.unit}", limit, ratio, goal, row.note, style="" if row.met else "bold red")
    Console(width=200).print(table)


def save(rows: list[Row]) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    facts = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    RESULTS.write_text(json.dumps(facts | {"rows": [asdict(row) | {"met": row.met} for row in rows]}, indent=1, ensure_ascii=False))
    print(f"· written to {RESULTS}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
