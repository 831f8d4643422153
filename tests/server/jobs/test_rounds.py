"""Work in rounds: goes on while something waits, and behind a database that failed."""

import pytest

from server.jobs.rounds import Rounds
from server.storage import DatabaseBusyError


def test_given_a_database_that_fails_twice_when_it_runs_then_it_goes_on_and_ends_behind_a_whole_round(monkeypatch):
    monkeypatch.setattr("server.jobs.rounds.PAUSES", (0.0,))
    ends = iter([True, DatabaseBusyError(detail="locked"), DatabaseBusyError(detail="locked"), False, True])
    done = []

    def one():
        end = next(ends)
        done.append(end)
        if isinstance(end, Exception):
            raise end
        if len(done) == 5:
            rounds.stop()
        return end

    rounds = Rounds("some work", one, 0.0)
    rounds.run()

    assert [end for end in done if isinstance(end, bool)] == [True, False, True]


def test_given_what_nobody_expected_when_it_runs_then_it_ends_and_says_so():
    with pytest.raises(ZeroDivisionError):
        Rounds("some work", lambda: bool(1 / 0), 0.0).run()
