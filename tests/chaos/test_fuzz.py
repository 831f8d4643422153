"""A short run of what `./dev soak fuzz` does for minutes, and what longer runs have found."""

import random

import pytest

from tests.chaos.fuzz import TARGETS, check, mutate


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_given_bytes_that_no_terminal_sends_then_nothing_breaks_and_nothing_is_invented(target):
    chance = random.Random(7)

    for _ in range(300):
        check(target, mutate(target.seeds, chance), chance)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_given_bytes_as_they_should_be_then_they_pass_too(target):
    for seed in target.seeds:
        check(target, seed, random.Random(1))
