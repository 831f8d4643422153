"""A terminal that is silent keeps days provisional; out of service or accepted, it keeps nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from protocol.messages import Health, TerminalHealth
from server.access.model import Role
from server.attendance import actions, pages, routes
from server.attendance.engine.reporting import Quiet, earliest, reported_until
from server.attendance.model.days import DayState, DayStatus
from server.attendance.store.reports import terminals_reported
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet.actions import put_out_of_service
from tests.server.attendance.days.conftest import LATER, at
from tests.support.company import NOW, TESTER
from tests.support.pages import browse, said


@pytest.fixture
def waiting(days):
    """T1 has reported until this morning, T2 until the 18th at noon."""
    days.report(at(23, "09:30"), "T1")
    days.report(at(18, "12:00"), "T2")
    days.settle()
    return days


def state(days, day):
    return days.day("A1", day).day.state


def accept(days, until=LATER, reason="stolen", terminal="T2"):
    with days.database.writing() as uow:
        return actions.accept_silence(uow, days.company.terminals[terminal], until, TESTER, LATER, reason)


@pytest.mark.parametrize(
    ("reported", "quiet", "until"),
    [
        (None, [], None),
        (100, [], 100),
        (100, [Quiet(90, 200)], 200),
        (100, [Quiet(101, 200)], 100),
        (100, [Quiet(150, 300), Quiet(100, 150)], 300),
        (300, [Quiet(100, 200)], 300),
        (None, [Quiet(0, 50)], 50),
        (None, [Quiet(10, 50)], None),
    ],
)
def test_a_silence_counts_from_the_last_report_on_and_not_over_a_gap(reported, quiet, until):
    assert reported_until(reported, quiet) == until


def test_of_several_terminals_the_one_that_is_behind_counts():
    assert earliest([5, 3, 9], 100) == 3
    assert earliest([5, None], 100) is None
    assert earliest([], 100) == 100


def test_given_a_silent_terminal_then_it_is_listed_with_who_waits(waiting):
    with waiting.database.reading() as uow:
        (silent,) = actions.silent_terminals(uow, int(LATER.timestamp()))

    assert (silent.serial, silent.people, silent.days) == ("T2", 3, 3 * 5)
    assert [state(waiting, day) for day in (17, 18, 22)] == [DayState.FINAL, DayState.PROVISIONAL, DayState.PROVISIONAL]


def test_given_a_silence_when_accepted_then_days_are_final_and_when_taken_back_provisional_again(waiting):
    made = accept(waiting)
    waiting.settle()
    assert [state(waiting, day) for day in (18, 20)] == [DayState.FINAL, DayState.FINAL]
    assert waiting.day("A1", 18).day.status is DayStatus.ABSENT

    with waiting.database.writing() as uow:
        actions.withdraw_silence(uow, made.id, TESTER, LATER, "it was found")
    waiting.settle()

    assert [state(waiting, day) for day in (17, 18, 20)] == [DayState.FINAL, DayState.PROVISIONAL, DayState.PROVISIONAL]
    assert waiting.day("A1", 18).day.status is DayStatus.PENDING


def test_given_a_terminal_out_of_service_then_nothing_waits_for_it(waiting):
    with waiting.database.writing() as uow:
        put_out_of_service(uow, "T2", at(18, "11:00"), None, TESTER, NOW, "broken")

    waiting.settle()

    assert state(waiting, 20) is DayState.FINAL


def test_given_an_accepted_silence_when_its_punches_come_after_all_then_they_count(waiting):
    accept(waiting)
    waiting.settle()

    waiting.punch("A1", at(18, "09:00"), at(18, "18:00"), terminal="T2")
    waiting.settle()

    assert waiting.day("A1", 18).day.status is DayStatus.PRESENT


def test_given_what_cannot_be_accepted_then_it_is_said(waiting):
    with pytest.raises(InvalidInputError, match="reason"):
        accept(waiting, reason="")
    with pytest.raises(InvalidInputError, match="until"):
        accept(waiting, until=LATER + timedelta(hours=1))
    with pytest.raises(RefusedError):
        accept(waiting, until=at(23, "09:00"), terminal="T1")
    with pytest.raises(NotFoundError), waiting.database.writing() as uow:
        actions.accept_silence(uow, 999, LATER, TESTER, LATER, "gone")
    with pytest.raises(NotFoundError), waiting.database.writing() as uow:
        actions.withdraw_silence(uow, 999, TESTER, LATER, "gone")


class TestHealth:
    """What an edge says becomes a report only when all that it read is here."""

    MOMENT = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)

    def told(self, days, mark, **said):
        terminal = TerminalHealth(
            serial="T1", name="", address="", state="listening", **{"complete_at": self.MOMENT, "complete_sequence": 10, **said}
        )
        health = Health(edge="edge-hq", at=self.MOMENT + timedelta(minutes=5), version="", queue_depth=0, terminals=[terminal])
        with days.database.writing() as uow:
            actions.note_health(uow, health, mark, LATER)
            until = terminals_reported(uow, int(LATER.timestamp()))[days.company.terminals["T1"]]
        return None if until is None else datetime.fromtimestamp(until, UTC)

    def test_all_that_was_read_is_here(self, days):
        assert self.told(days, mark=10) == self.MOMENT - timedelta(minutes=1)

    def test_a_part_of_it_is_still_on_the_way(self, days):
        assert self.told(days, mark=9) is None

    def test_nothing_was_read_whole_yet(self, days):
        assert self.told(days, mark=10, complete_at=None) is None

    def test_a_clock_that_is_behind_counts_that_much_less(self, days):
        assert self.told(days, mark=10, drift_ms=-90_000) == self.MOMENT - timedelta(seconds=150)

    def test_an_older_word_takes_nothing_back(self, days):
        self.told(days, mark=10)

        assert self.told(days, mark=10, complete_at=self.MOMENT - timedelta(days=1)) == self.MOMENT - timedelta(minutes=1)


def test_given_the_page_when_hr_accepts_then_it_stands_there_and_can_be_taken_back(waiting, monkeypatch):
    monkeypatch.setattr(pages.silent, "now", lambda: LATER)
    hr = browse(waiting.database, (pages.router, routes.router), Role.HR)
    assert "T2" in hr.get("/silent-terminals").text

    answer = hr.post(
        f"/silent-terminals/{waiting.company.terminals['T2']}/accept",
        data={"until": "2026-11-23T10:00", "reason": "the building burnt down"},
    )
    assert answer.status_code == 303
    assert "the building burnt down" in hr.get("/silent-terminals").text
    hr.post("/silent-terminals/accepted/1/withdraw", data={"reason": "found"})

    assert "the building burnt down" not in said(hr.get("/silent-terminals").text)
