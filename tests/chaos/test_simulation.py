"""Thousands of hand-overs that cannot have gone well: nothing is lost, nothing is invented, nothing is released too early.

More of them: `python -m tests.chaos.simulation --schedules 20000`.
"""

import pytest

from edge.uplink import sender
from tests.chaos import simulation
from tests.chaos.simulation import BrokenPromiseError, World, run_many

SCHEDULES = 500
KINDS_OF_FAULT = """
lost, replayed, forged, cut, edge-killed, set-back, server-killed, restored, cleared, tidied, disk-failed, lowered, renewed, read-again,
hole, refused, gap, repeat, live, died before the receipt
""".strip().replace("\n", " ").split(", ")  # fmt: skip


def test_given_hundreds_of_schedules_of_faults_when_they_stop_then_every_punch_is_at_the_server_and_every_chain_verifies(record_property):
    summary = run_many(0, SCHEDULES)

    print(summary)
    record_property("schedules_a_minute", round(summary.schedules / summary.seconds * 60))
    assert not [kind for kind in KINDS_OF_FAULT if not summary.seen[kind]], "a kind of fault never happened, so it was not tried"


def test_given_a_seed_when_run_again_then_every_step_is_the_same():
    steps: list[list[str]] = [[], []]

    for told in steps:
        World(7, told.append).run()

    assert steps[0] == steps[1]
    assert len(steps[0]) > 100


def test_given_a_sender_that_believes_every_mark_when_schedules_run_then_the_simulation_finds_it(monkeypatch):
    honest = sender.Sender.received

    def credulous(self, receipt, head, now, chance):
        return honest(self, receipt, receipt.head and head and receipt.head, now, chance)

    monkeypatch.setattr(sender.Sender, "received", credulous)

    with pytest.raises(BrokenPromiseError, match=r"python -m tests.chaos.simulation --seed"):
        run_many(0, SCHEDULES)


def test_given_a_server_that_answers_before_it_commits_when_schedules_run_then_the_simulation_finds_it(monkeypatch):
    def hasty(self, life):
        some, self._queue = self._queue[:6], self._queue[6:]
        rows, epochs, answers = dict(self.rows), dict(self.epochs), {}
        for message in some:
            self._judge(message, rows, epochs, answers)
        for receipt in answers.values():
            self.world.broker.down(receipt)
        self._busy = False
        self.world.later(1.0, commit, self, life, rows, epochs)
        self._wake()

    def commit(server, life, rows, epochs):
        if server._life == life:
            server.rows, server.epochs = rows, epochs

    monkeypatch.setattr(simulation.Server, "_take", hasty)

    with pytest.raises(BrokenPromiseError):
        run_many(0, 50)


def test_given_a_schedule_number_when_asked_for_on_the_command_line_then_its_steps_are_told(capsys):
    assert simulation.main(["--seed", "3"]) == 0

    assert "calm" in capsys.readouterr().out


def test_given_a_promise_that_is_broken_when_asked_for_on_the_command_line_then_the_seed_is_named(capsys, monkeypatch):
    monkeypatch.setattr(World, "_check_everything", lambda world: world.fail("lost: everything"))

    assert simulation.main(["--seed", "3", "--schedules", "2"]) == 1

    assert "--seed 3" in capsys.readouterr().err
