"""Small storms; the long form is `./dev soak`."""

import pytest

from tests.chaos.storm import Plan, rage


@pytest.mark.parametrize("broker", ["amqtt", "mosquitto"])
def test_given_a_storm_when_it_is_over_then_every_punch_is_at_the_server_once(tmp_path, broker):
    outcome = rage(Plan(seed=101, blows=8, punches=600, broker=broker, workers=2), tmp_path)

    assert outcome.proof.punches >= 1200


def test_given_a_storm_on_postgresql_when_it_is_over_then_every_punch_is_at_the_server_once(tmp_path, postgres):
    postgres.run("CREATE DATABASE storm")
    try:
        outcome = rage(Plan(seed=102, blows=8, punches=600, workers=2, database_url=postgres.url("storm")), tmp_path)
    finally:
        postgres.run("DROP DATABASE storm WITH (FORCE)")

    assert outcome.proof.punches >= 1200
