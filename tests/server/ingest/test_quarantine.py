from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from server.attendance.actions import find_punch, record_punches, tallies
from server.attendance.tables import punch
from server.audit.actions import verify
from server.audit.store import newest
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet.actions import add_terminal
from server.ingest.actions import (
    dismiss,
    find_row,
    kept_counts,
    list_groups,
    list_refused,
    list_rows,
    map_user,
    open_counts,
    reopen,
    replay,
)
from server.ingest.actions.listing import KeptCounts, QuarantineFilter, QuarantineState
from server.ingest.actions.resolving import Resolved
from server.ingest.sift import Limits
from tests.support.company import NOW, TESTER
from tests.support.sending import SendingEdge, row

LATER = NOW + timedelta(hours=1)
LIMITS = Limits()
ALL = QuarantineFilter()


@pytest.fixture
def edge(database, company):
    return SendingEdge(database)


def rows(database, wanted=ALL):
    with database.reading() as uow:
        return list_rows(uow, wanted)


def punches(database):
    with database.reading() as uow:
        return [find_punch(uow, one.id) for one in uow.fetch_all(select(punch.c.id).order_by(punch.c.id))]


def replay_all(database, **how):
    with database.writing() as uow:
        return replay(uow, ALL, LIMITS, TESTER, LATER, **how)


def test_given_rows_of_an_unknown_terminal_when_it_is_added_then_replay_records_them_where_the_chain_has_them(database, company, edge):
    edge.send(row(terminal="T1", number=1), row("2", terminal="T9", number=2))
    with database.writing() as uow:
        added = add_terminal(uow, "T9", "新门", "hq", TESTER, NOW)

    result = replay_all(database)

    found = punches(database)[-1]
    assert result == Resolved(replayed=1)
    assert (found.terminal_id, found.terminal_user, found.sequence, found.body) == (added.id, "2", 2, edge.bodies[1])
    assert found.admitted_at == LATER
    assert rows(database) == []


def test_given_replayed_rows_when_replayed_again_then_nothing_happens(database, company, edge):
    edge.send(row("2", terminal="T9"))
    with database.writing() as uow:
        add_terminal(uow, "T9", "新门", "hq", TESTER, NOW)

    assert replay_all(database) == Resolved(replayed=1)
    assert replay_all(database) == Resolved()
    assert len(punches(database)) == 1


def test_given_a_transaction_that_fails_after_replay_then_neither_punch_nor_mark_is_there(database, company, edge):
    edge.send(row("9"))

    with pytest.raises(RuntimeError), database.writing() as uow:
        map_user(uow, "T1", "9", company.people["A1"], date(2026, 1, 1), LIMITS, TESTER, LATER)
        raise RuntimeError

    assert punches(database) == []
    assert [one.state for one in rows(database)] == [QuarantineState.OPEN]


def test_given_a_row_whose_cause_remains_when_replayed_then_it_stays_open_with_its_present_reason(database, company, edge):
    edge.send(row("9", terminal="T9"))
    with database.writing() as uow:
        add_terminal(uow, "T9", "新门", "hq", TESTER, NOW)

    result = replay_all(database)

    assert result == Resolved(left=1)
    assert [(one.reason, one.state) for one in rows(database)] == [("unknown-user", QuarantineState.OPEN)]


def test_given_an_unknown_user_when_mapped_then_rows_of_the_whole_zone_become_punches(database, company, edge):
    edge.send(row("9", number=1), row("9", terminal="T2", number=2), row("8", number=3))

    with database.writing() as uow:
        result = map_user(uow, "T1", "9", company.people["A2"], date(2026, 11, 23), LIMITS, TESTER, LATER)

    assert result == Resolved(replayed=2)
    assert [one.user for one in rows(database)] == ["8"]


def test_given_a_mapping_from_a_day_then_earlier_rows_stay(database, company, edge):
    edge.send(row("9", "2026-11-22 09:00:00", number=1), row("9", number=2))

    with database.writing() as uow:
        result = map_user(uow, "T1", "9", company.people["A2"], date(2026, 11, 23), LIMITS, TESTER, LATER)

    assert result == Resolved(replayed=1, left=1)


def test_given_a_number_that_is_somebody_when_mapped_then_it_is_refused(database, company, edge):
    edge.send(row("9"))

    with pytest.raises(RefusedError), database.writing() as uow:
        map_user(uow, "T1", "1", company.people["A2"], date(2026, 11, 23), LIMITS, TESTER, LATER)


def test_given_an_unknown_terminal_when_mapped_then_it_says_so(database, company):
    with pytest.raises(NotFoundError), database.writing() as uow:
        map_user(uow, "T9", "1", company.people["A2"], date(2026, 11, 23), LIMITS, TESTER, LATER)


def test_given_an_unresolved_user_when_enrolled_as_that_then_the_punch_keeps_what_the_row_says(database, company, edge):
    edge.send(row("uid:7", doubt="uid-unresolved"))
    assert replay_all(database) == Resolved(left=1)
    assert rows(database)[0].reason == "uid-unresolved"

    with database.writing() as uow:
        result = map_user(uow, "T1", "uid:7", company.people["A2"], date(2026, 11, 1), LIMITS, TESTER, LATER)

    assert result == Resolved(replayed=1)
    assert [(one.terminal_user, one.body) for one in punches(database)] == [("uid:7", edge.bodies[0])]


@pytest.mark.parametrize("wall", ["2024-01-02 08:00:00", "2027-06-01 08:00:00"])
def test_given_a_far_time_when_accepted_with_a_reason_then_it_is_recorded(database, company, edge, wall):
    edge.send(row("1", wall))

    assert replay_all(database) == Resolved(left=1)
    assert replay_all(database, accept=True, reason="clock was set wrong, seen on camera") == Resolved(replayed=1)

    with database.reading() as uow:
        kept = list_rows(uow, QuarantineFilter(state=None))[0]
    assert (kept.state, kept.note, kept.resolved_by) == (QuarantineState.REPLAYED, "clock was set wrong, seen on camera", "tester")


def test_given_a_time_that_no_calendar_has_then_nobody_can_accept_it(database, company, edge):
    edge.send(row("1", "2026-02-30 08:00:00"))

    assert replay_all(database, accept=True, reason="looks fine") == Resolved(left=1)
    assert rows(database)[0].reason == "impossible-time"


def test_given_no_reason_then_nothing_is_accepted(database, company, edge):
    edge.send(row("1", "2027-06-01 08:00:00"))

    with pytest.raises(InvalidInputError):
        replay_all(database, accept=True, reason="  ")


def test_given_bytes_that_are_no_row_then_they_can_only_be_dismissed(database, company, edge):
    edge.send(edge.garbage())

    assert replay_all(database, accept=True, reason="try") == Resolved(left=1)
    with database.writing() as uow:
        assert dismiss(uow, ALL, "no row", TESTER, LATER) == Resolved(dismissed=1)
    assert rows(database) == []


def test_given_a_dismissed_row_when_reopened_then_it_is_as_before(database, company, edge):
    edge.send(row("9"))
    before = rows(database)[0]
    with database.writing() as uow:
        dismiss(uow, [before.id], "cleaner's card", TESTER, LATER)

    with database.writing() as uow:
        count = reopen(uow, [before.id], TESTER, LATER)

    assert count == 1
    assert rows(database) == [before]


def test_given_a_replayed_row_then_it_cannot_be_dismissed_or_reopened(database, company, edge):
    edge.send(row("2", terminal="T9"))
    number = rows(database)[0].id
    with database.writing() as uow:
        add_terminal(uow, "T9", "新门", "hq", TESTER, NOW)
        replay(uow, [number], LIMITS, TESTER, LATER)

    with database.writing() as uow:
        assert dismiss(uow, [number], "no", TESTER, LATER) == Resolved()
        assert reopen(uow, [number], TESTER, LATER) == 0


def test_given_a_dismissal_without_a_note_then_it_is_refused(database, company, edge):
    edge.send(row("9"))

    with pytest.raises(InvalidInputError), database.writing() as uow:
        dismiss(uow, ALL, " ", TESTER, LATER)


def test_given_a_row_whose_punch_came_another_way_when_replayed_then_it_is_known_and_never_counted_twice(database, company, edge):
    edge.send(row("9", number=1))
    with database.writing() as uow:
        map_user(uow, "T2", "9", company.people["A2"], date(2026, 11, 1), LIMITS, TESTER, LATER)  # replays the row of T1 too
    edge.send(row("9", number=2))

    with database.reading() as uow:
        assert tallies(uow)[company.terminals["T1"]].admitted == 1
        assert kept_counts(uow) == {}


def test_given_an_open_row_whose_punch_was_admitted_then_it_is_not_counted_and_replay_says_known(database, company, edge):
    edge.send(row("9", number=1), row("8", number=2))
    held = {one.user: one for one in rows(database)}
    with database.writing() as uow:
        map_user(uow, "T2", "8", company.people["A1"], date(2026, 11, 1), LIMITS, TESTER, LATER)
        uow.execute(
            punch.insert().values(
                wall=20261123085800,
                terminal_id=company.terminals["T1"],
                terminal_user="9",
                received_at=NOW,
                admitted_at=NOW,
                source="zk-pull",
                edge_id=company.edge,
                epoch_id=99,
                sequence=1,
                live=False,
                body=b"{}",
            )
        )

    with database.reading() as uow:
        assert open_counts(uow) == {}
    with database.writing() as uow:
        result = map_user(uow, "T1", "9", company.people["A2"], date(2026, 11, 1), LIMITS, TESTER, LATER)
        note = find_row(uow, held["9"].id).note
    assert result == Resolved(known=1)
    assert note == "from quarantine: T1"


def test_given_rows_of_every_fate_then_admitted_and_kept_add_up_to_what_was_appended(database, company, edge):
    edge.send(row("1", number=1), row("9", number=2), row("8", number=3), row("1", "bad", number=4), row("7", number=5))
    edge.send(row("1", number=6), row("9", number=7))  # the terminal tells two of them again
    with database.writing() as uow:
        dismiss(uow, QuarantineFilter(user="8"), "test card", TESTER, LATER)
        map_user(uow, "T1", "7", company.people["A3"], date(2026, 11, 1), LIMITS, TESTER, LATER)

    with database.reading() as uow:
        admitted, kept = tallies(uow)[company.terminals["T1"]].admitted, kept_counts(uow)["T1"]

    assert (admitted, kept) == (2, KeptCounts(open=2, settled=1))


def test_given_many_rows_when_listed_then_one_line_a_reason_terminal_and_user_in_pages(database, company, edge):
    edge.send(
        row("9", "2026-11-22 09:00:00", number=1), row("9", number=2), row("8", number=3), row("1", terminal="T9", number=4), edge.garbage()
    )

    with database.reading() as uow:
        first = list_groups(uow, ALL, limit=2)
        rest = list_groups(uow, ALL, after=first[-1].key, limit=9)

    lines = [(one.reason, one.terminal, one.user, one.count, one.first, one.last) for one in first + rest]
    assert lines == [
        ("undecodable", "", "", 1, "", ""),
        ("unknown-terminal", "T9", "1", 1, "2026-11-23 08:58:00", "2026-11-23 08:58:00"),
        ("unknown-user", "T1", "8", 1, "2026-11-23 08:58:00", "2026-11-23 08:58:00"),
        ("unknown-user", "T1", "9", 2, "2026-11-22 09:00:00", "2026-11-23 08:58:00"),
    ]


def test_given_filters_then_only_those_rows_come_latest_first_in_pages(database, company, edge):
    edge.send(*(row("9", f"2026-11-23 08:58:0{number}", number=number) for number in range(5)), row("8"))

    with database.reading() as uow:
        page = list_rows(uow, QuarantineFilter(user="9"), limit=3)
        rest = list_rows(uow, QuarantineFilter(user="9"), before=page[-1].id, limit=3)

    assert [one.wall[-1] for one in page + rest] == ["4", "3", "2", "1", "0"]


def test_given_decisions_then_the_trail_tells_them_and_holds(database, company, edge):
    edge.send(row("9"))
    number = rows(database)[0].id
    with database.writing() as uow:
        dismiss(uow, [number], "cleaner's card", TESTER, LATER)
        reopen(uow, [number], TESTER, LATER)
        replay(uow, [number], LIMITS, TESTER, LATER)

    with database.reading() as uow:
        told = newest(uow, subject=("quarantine", f"row {number}"))
        assert verify(uow).broken is None

    assert [(one.action, one.reason) for one in told] == [
        ("quarantine.replay", ""),
        ("quarantine.reopen", ""),
        ("quarantine.dismiss", "cleaner's card"),
    ]


def test_given_a_message_with_a_bad_signature_then_it_is_listed_once_with_its_count(database, company, edge):
    topic = "cb/nonsense"
    edge.arrive(topic, b"nothing")
    edge.arrive(topic, b"nothing")

    with database.reading() as uow:
        found = list_refused(uow)

    assert [(one.reason, one.count, one.body) for one in found] == [("wrong-shard", 2, b"nothing")]


def test_given_nothing_then_recording_nothing_counts_nothing(database, company):
    with database.writing() as uow:
        assert record_punches(uow, [], NOW).new == 0
        assert uow.scalar(select(func.count()).select_from(punch)) == 0
        assert open_counts(uow) == {}
