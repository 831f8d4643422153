"""The long form of the proof: `./dev soak`. It goes on where it was stopped, and says at the end what was proven.

    ./dev soak [--punches 1000000] [--kills 1000] [--cuts 200] [--folder .soak] [--report]

Each storm is one line of `results.jsonl` in the folder, with what its proof compared and counted; the same folder again goes on with the
next seed. A storm that was not survived ends the run and stands there as such until the same seed was survived, which is tried first the
next time. `--seed N` runs that one alone and keeps what it left behind.
"""

import argparse
import json
import shutil
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.chaos.cutting import WRITERS, cut_often
from tests.chaos.power import why_not
from tests.chaos.proof import NotProvenError
from tests.chaos.storm import Plan, rage

CUTS_AT_ONCE = 50


PARTS_OF_A_PROOF = ("held", "punches", "lost", "doubled", "invented", "batches", "epochs", "released", "unsealed")


def plan_of(seed: int) -> Plan:
    """What each seed stands for: every broker, database, disk and clock in turn, one or two workers, every fifth time ending certificates.

    Every eighth time the broker lies; each lie costs a time-out, so these are smaller.
    """
    is_lying = seed % 8 == 7
    return Plan(
        seed=seed,
        blows=40 if is_lying else 110,
        punches=3_000 if is_lying else 30_000,
        rate=2,
        terminals=4,
        broker="lying" if is_lying else ("amqtt", "mosquitto")[seed % 2],
        workers=1 + seed // 2 % 2,
        pause=(0.15, 0.9),
        database="postgresql" if seed % 3 == 0 else "sqlite",
        small_disks=seed % 3 == 1,
        set_clocks=seed % 4 >= 2,
        certificate_seconds=45 if seed % 5 == 0 else None,
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--punches", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--folder", type=lambda text: Path(text).absolute(), default=Path(".soak").absolute())
    parser.add_argument("--seed", type=int, help="run this storm alone")
    parser.add_argument("--report", action="store_true", help="only say what was proven so far")
    wanted = parser.parse_args()
    wanted.folder.mkdir(exist_ok=True)
    if wanted.seed is not None:
        print(rage(plan_of(wanted.seed).here(), _place(wanted.folder, wanted.seed), print))
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
    """What all storms and cuts come to; of a seed that was tried again, the last time counts."""
    lines = results.read_text().splitlines() if results.exists() else []
    rows = {("cuts" in row, row["seed"]): row for row in map(json.loads, lines)}
    storms = [row for row in rows.values() if "blows" in row]
    blows, lies = _summed(storms, "blows"), _summed(storms, "lies")
    failed = sorted(seed for (_, seed), row in rows.items() if row.get("failed"))
    return {
        "storms": len(storms),
        "not_survived": failed,
        **{part: sum(row[part] for row in storms) for part in PARTS_OF_A_PROOF},
        "kills": sum(count for name, count in blows.items() if name.startswith("kill")),
        "power_cuts": sum(row.get("cuts", 0) for row in rows.values()),
        "power_cuts_under": {under: sum(row["cuts"] for row in rows.values() if row.get("under") == under) for under in sorted(WRITERS)},
        "ended_certificates": sum(row["certificates"] for row in storms),
        "blows": dict(blows.most_common()),
        "lies_of_the_broker": dict(lies.most_common()),
        "brokers": dict(Counter(row["broker"] for row in storms)),
        "databases": dict(Counter(row["database"] for row in storms)),
        "left_out": dict(Counter(reason for row in storms for reason in row["left_out"])),
        "hours": round(sum(row["seconds"] for row in rows.values()) / 3600, 2),
        "next_seed": failed[0] if failed else 1 + max((seed for _, seed in rows), default=0),
    }


def _summed(rows: list[dict[str, Any]], name: str) -> Counter:
    summed: Counter = Counter()
    for row in rows:
        summed.update(row[name])
    return summed


def _go_on(results: Path, wanted: argparse.Namespace) -> None:
    while True:
        so_far = totals(results)
        print(f"{so_far['punches']:,} punches, {so_far['kills']} kills, {so_far['power_cuts']} power cuts so far", flush=True)
        seed = int(so_far["next_seed"])
        if so_far["power_cuts"] < wanted.cuts and why_not() is None:
            row = _cuts(results.parent, seed)
        elif so_far["punches"] < wanted.punches or so_far["kills"] < wanted.kills or so_far["not_survived"]:
            row = _storm(results.parent, seed)
        else:
            break
        with results.open("a") as file:
            file.write(json.dumps(row) + "\n")
        if row.get("failed"):
            raise AssertionError(row["failed"])
    if so_far["power_cuts"] < wanted.cuts:
        print(f"power was not cut: {why_not()}", flush=True)


def _storm(folder: Path, seed: int) -> dict[str, object]:
    """One line of the results. What a storm that was not survived leaves behind stays in its folder."""
    wanted = plan_of(seed)
    plan = wanted.here()
    place, began = _place(folder, seed), time.monotonic()
    row: dict[str, object] = {
        "seed": seed,
        "certificates": int(plan.certificate_seconds is not None),
        "broker": plan.broker,
        "database": plan.database,
        "left_out": wanted.left_out,
    }
    try:
        outcome = rage(plan, place)
    except NotProvenError as error:
        return row | asdict(error.proof) | {"blows": {}, "lies": {}, "failed": str(error), "seconds": time.monotonic() - began}
    except AssertionError as error:
        return {"seed": seed, "failed": str(error), "seconds": time.monotonic() - began}
    shutil.rmtree(place)
    return row | asdict(outcome.proof) | {"blows": dict(outcome.blows), "lies": outcome.lies, "seconds": outcome.seconds}


def _place(folder: Path, seed: int) -> Path:
    place = folder / f"storm-{seed}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    return place


def _cuts(folder: Path, seed: int) -> dict[str, object]:
    place = folder / f"cuts-{seed}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    began, under = time.monotonic(), sorted(WRITERS)[seed % len(WRITERS)]
    cuts = cut_often(place, CUTS_AT_ONCE, seed, under)
    shutil.rmtree(place)
    return {"seed": seed, "cuts": cuts, "under": under, "seconds": time.monotonic() - began}


if __name__ == "__main__":
    sys.exit(main())
