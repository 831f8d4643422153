"""The long form of the proof: `./dev soak`. It goes on where it was stopped, and says at the end what was proven.

    ./dev soak [--punches 1000000] [--kills 1000] [--cuts 200] [--folder .soak] [--report]

Each storm that was survived is one line of `results.jsonl` in the folder; the same folder again goes on with the next seed. A storm that
was not survived ends the run with its seed; `--seed N` runs that one alone and keeps what it left behind.
"""

import argparse
import json
import shutil
import sys
import time
from collections import Counter
from pathlib import Path

from tests.chaos.cutting import cut_often
from tests.chaos.power import why_not
from tests.chaos.storm import Outcome, Plan, rage

CUTS_AT_ONCE = 50


def plan_of(seed: int) -> Plan:
    """What each seed stands for: both brokers, one or two workers, and every fifth with certificates that end."""
    return Plan(
        seed=seed,
        blows=110,
        punches=30_000,
        rate=2,
        terminals=4,
        broker=("amqtt", "mosquitto")[seed % 2],
        workers=1 + seed // 2 % 2,
        pause=(0.15, 0.9),
        certificate_seconds=45 if seed % 5 == 0 else None,
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--punches", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--folder", type=Path, default=Path(".soak"))
    parser.add_argument("--seed", type=int, help="run this storm alone")
    parser.add_argument("--report", action="store_true", help="only say what was proven so far")
    wanted = parser.parse_args()
    wanted.folder.mkdir(exist_ok=True)
    if wanted.seed is not None:
        print(_storm(wanted.folder, wanted.seed))
        return 0
    results = wanted.folder / "results.jsonl"
    if not wanted.report:
        try:
            _go_on(results, wanted)
        except AssertionError as error:
            print(f"NOT PROVEN: {error}", file=sys.stderr)
            return 1
    print(json.dumps(totals(results), indent=1))
    return 0


def totals(results: Path) -> dict[str, object]:
    """What all survived storms and cuts come to."""
    rows = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    blows: Counter = Counter()
    for row in rows:
        blows.update(row.get("blows", {}))
    return {
        "storms": sum("blows" in row for row in rows),
        "punches": sum(row.get("punches", 0) for row in rows),
        "kills": sum(count for name, count in blows.items() if name.startswith("kill")),
        "power_cuts": sum(row.get("cuts", 0) for row in rows),
        "ended_certificates": sum(row.get("certificates", 0) for row in rows),
        "lost": 0,
        "doubled": 0,
        "blows": dict(blows.most_common()),
        "hours": round(sum(row["seconds"] for row in rows) / 3600, 2),
        "next_seed": 1 + max((row["seed"] for row in rows), default=0),
    }


def _go_on(results: Path, wanted: argparse.Namespace) -> None:
    while True:
        so_far = totals(results)
        print(f"{so_far['punches']:,} punches, {so_far['kills']} kills, {so_far['power_cuts']} power cuts so far", flush=True)
        seed = int(so_far["next_seed"])
        if so_far["power_cuts"] < wanted.cuts and why_not() is None:
            row = _cuts(results.parent, seed)
        elif so_far["punches"] < wanted.punches or so_far["kills"] < wanted.kills:
            row = _as_row(_storm(results.parent, seed))
        else:
            break
        with results.open("a") as file:
            file.write(json.dumps(row) + "\n")
    if so_far["power_cuts"] < wanted.cuts:
        print(f"power was not cut: {why_not()}", flush=True)


def _storm(folder: Path, seed: int) -> Outcome:
    place = folder / f"storm-{seed}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    outcome = rage(plan_of(seed), place)
    shutil.rmtree(place)
    return outcome


def _cuts(folder: Path, seed: int) -> dict[str, object]:
    place = folder / f"cuts-{seed}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    began = time.monotonic()
    cut_often(place, CUTS_AT_ONCE, seed)
    shutil.rmtree(place)
    return {"seed": seed, "cuts": CUTS_AT_ONCE, "seconds": time.monotonic() - began}


def _as_row(outcome: Outcome) -> dict[str, object]:
    return {
        "seed": outcome.plan.seed,
        "punches": outcome.proof.punches,
        "batches": outcome.proof.batches,
        "blows": dict(outcome.blows),
        "certificates": int(outcome.plan.certificate_seconds is not None),
        "broker": outcome.plan.broker,
        "seconds": outcome.seconds,
    }


if __name__ == "__main__":
    sys.exit(main())
