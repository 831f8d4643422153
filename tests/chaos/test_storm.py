"""Small storms; the long form is `./dev soak`. Each seed was chosen for what its few blows are."""

import json
from pathlib import Path

import pytest

from server.broker.mosquitto import find_mosquitto
from tests.chaos.blows import BLOWS
from tests.chaos.soak import PARTS_OF_A_PROOF, plan_of, totals
from tests.chaos.storm import Plan, rage
from tests.support.postgres import NoPostgresError


@pytest.mark.may_skip  # root's small disks and faketime are the machine's to give; the reason is printed
def test_given_disks_that_fill_up_and_clocks_set_back_when_the_storm_is_over_then_every_punch_is_at_the_server_once(tmp_path):
    plan = Plan(seed=1214, blows=9, punches=600, workers=2, small_disks=True, set_clocks=True)
    if plan.left_out:
        pytest.skip("; ".join(plan.left_out))

    outcome = rage(plan, tmp_path)

    assert outcome.proof.punches == outcome.proof.held >= 1200
    assert {"fill disk of edge", "fill disk of server", "set clock of edge back", "set clock of server back"} <= outcome.blows.keys()


@pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed (apt install mosquitto)")
def test_given_an_outbox_that_is_set_back_when_the_storm_is_over_then_every_punch_is_at_the_server_once(tmp_path):
    outcome = rage(Plan(seed=39766, blows=8, punches=600, broker="mosquitto"), tmp_path)

    assert outcome.proof.punches == outcome.proof.held >= 1200
    assert {"set outbox back", "cut line", "kill server", "kill terminal"} <= outcome.blows.keys()


def test_given_a_database_that_is_killed_and_frozen_when_the_storm_is_over_then_every_punch_is_at_the_server_once(tmp_path):
    try:
        outcome = rage(Plan(seed=60, blows=9, punches=600, workers=2, database="postgresql"), tmp_path)
    except NoPostgresError as error:
        pytest.skip(str(error))

    assert outcome.proof.punches == outcome.proof.held >= 1200
    assert {"kill database", "kill database connection", "freeze database"} <= outcome.blows.keys()


def test_given_a_seed_when_planned_again_then_every_blow_is_the_same():
    for seed in range(1, 25):
        assert plan_of(seed) == plan_of(seed)
        assert plan_of(seed).strokes() == plan_of(seed).strokes()

    assert plan_of(1).strokes() != plan_of(2).strokes()
    assert len({stroke.blow for seed in range(1, 25) for stroke in plan_of(seed).strokes()}) == len(set(BLOWS)), (
        "a blow that is never dealt"
    )


def test_given_storms_when_summed_then_every_figure_is_what_their_proofs_counted(tmp_path):
    results = tmp_path / "results.jsonl"
    _write(
        results,
        _row(1, held=10, punches=10),
        _row(2, held=7, punches=6, lost=1, failed="seed 2: lost"),
        {"seed": 3, "cuts": 50, "seconds": 9},
    )

    summed = totals(results)

    assert (summed["held"], summed["punches"], summed["lost"], summed["doubled"]) == (17, 16, 1, 0)
    assert (summed["kills"], summed["power_cuts"], summed["not_survived"]) == (6, 50, [2])


def test_given_a_storm_that_was_not_survived_when_going_on_then_its_seed_comes_first_and_its_last_time_counts(tmp_path):
    results = tmp_path / "results.jsonl"
    _write(results, _row(1), _row(2, lost=1, failed="seed 2: lost"), {"seed": 2, "cuts": 50, "seconds": 9})
    before = totals(results)
    _write(results, _row(2))

    after = totals(results)

    assert (before["next_seed"], before["lost"]) == (2, 1)
    assert (after["next_seed"], after["lost"], after["not_survived"], after["storms"]) == (3, 0, [], 2)


def _row(seed: int, **counted) -> dict[str, object]:
    proof = dict.fromkeys(PARTS_OF_A_PROOF, 0)
    facts = {"seed": seed, "certificates": 0, "broker": "amqtt", "database": "sqlite", "left_out": [], "seconds": 1}
    return facts | proof | {"blows": {"kill edge": 2, "kill part": 1, "cut line": 4}, "lies": {}} | counted


def _write(results: Path, *rows: dict[str, object]) -> None:
    with results.open("a") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
