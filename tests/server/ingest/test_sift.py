"""The sieve alone: every row comes out once, and what it remembers changes no judgement."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from protocol import codec
from protocol.messages import PunchRow, Source
from server.ingest.sift import Doubted, Known, KnownTerminal, Limits, Origin, Reason, Sieve
from tests.support.paper_edge import RECEIVED

SHANGHAI, LISBON = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Lisbon")
ORIGIN = Origin(edge_id=1, epoch_id=2, first=10)
OUT = RECEIVED + timedelta(hours=5)
KNOWN = Known(
    1,
    {
        "T1": KnownTerminal(1, 1, SHANGHAI),
        "T2": KnownTerminal(2, 1, SHANGHAI, OUT, OUT + timedelta(hours=1)),
        "T3": KnownTerminal(3, 2, LISBON),
    },
    {
        (1, "1"): [(20200101, 99991231)],
        (1, "2"): [(20200101, 20261122)],
        (1, "3"): [(20200101, 20261101), (20261123, 99991231)],
        (2, "1"): [(20200101, 99991231)],
    },
)


def body(wall="2026-11-23 08:00:00", user="1", terminal="T1", received_at=RECEIVED, **others):
    return codec.encode_row(PunchRow(terminal, user, wall, received_at, Source.ZK_PULL, bytes(16), **others))


def outcome(*bodies, sieve=None):
    """For each row: (terminal, wall) or the reason against it."""
    good, doubted = (sieve or Sieve(KNOWN, Limits())).sift(bodies, ORIGIN)
    found = {punch.sequence - ORIGIN.first: (punch.terminal_id, punch.wall) for punch in good}
    found |= {one.position: one.reason for one in doubted}
    assert len(good) + len(doubted) == len(found) == len(bodies), "every row comes out exactly once"
    return [found[position] for position in range(len(bodies))]


def test_given_a_good_row_when_sifted_then_it_is_a_punch_that_says_where_its_evidence_is():
    data = body(verify=4, state=1, drift_ms=-1500)

    (punch,), doubted = Sieve(KNOWN, Limits()).sift([data], ORIGIN)

    assert doubted == []
    assert (punch.wall, punch.terminal_id, punch.terminal_user) == (20261123080000, 1, "1")
    assert (punch.verify, punch.state, punch.drift_ms, punch.source) == (4, 1, -1500, "zk-pull")
    assert (punch.edge_id, punch.epoch_id, punch.sequence, punch.live, punch.body) == (1, 2, 10, False, data)


@pytest.mark.parametrize(
    ("user", "wall", "reason"),
    [
        ("2", "2026-11-22 23:59:59", None),
        ("2", "2026-11-23 00:00:00", Reason.UNKNOWN_USER),
        ("3", "2026-11-22 12:00:00", Reason.UNKNOWN_USER),
        ("3", "2026-11-01 12:00:00", None),
        ("3", "2026-11-23 08:00:00", None),
        ("01", "2026-11-23 08:00:00", Reason.UNKNOWN_USER),
    ],
)
def test_given_an_enrolment_with_an_end_when_rows_lie_about_it_then_only_its_days_are_punches(user, wall, reason):
    (found,) = outcome(body(wall, user))

    assert (found if isinstance(found, str) else None) == reason


def test_given_the_same_number_in_two_groups_when_sifted_then_it_may_be_known_in_one_and_unknown_in_the_other():
    assert outcome(body(user="3"), body(user="3", terminal="T3", wall="2026-11-23 00:30:00")) == [(1, 20261123080000), Reason.UNKNOWN_USER]


@pytest.mark.parametrize(("hours", "out"), [(4.99, False), (5, True), (5.99, True), (6, False)])
def test_given_a_terminal_out_of_service_when_rows_are_received_then_those_of_that_time_are_quarantined(hours, out):
    (found,) = outcome(body(terminal="T2", received_at=RECEIVED + timedelta(hours=hours)))

    assert (found == Reason.OUT_OF_SERVICE) is out


@pytest.mark.parametrize("wall", ["2026-02-29 08:00:00", "2026-11-23 24:00:00", "2026-11-23 08:60:00", "0000-01-01 00:00:00", "", "soon"])
def test_given_a_time_that_no_clock_shows_when_sifted_then_it_is_impossible(wall):
    assert outcome(body(wall)) == [Reason.IMPOSSIBLE_TIME]


def test_given_a_leap_day_when_sifted_then_it_exists():
    received = datetime(2028, 2, 29, 1, tzinfo=UTC)

    assert outcome(body("2028-02-29 08:00:00", received_at=received)) == [(1, 20280229080000)]


def test_given_two_sites_when_the_same_instant_is_looked_at_then_each_is_judged_by_its_own_clock():
    received = datetime(2026, 11, 23, 1, tzinfo=UTC)  # 09:00 in Shanghai, 01:00 in Lisbon
    limits = Limits(future=timedelta(hours=1))

    found = outcome(
        body("2026-11-23 09:30:00", received_at=received),
        body("2026-11-23 09:30:00", terminal="T3", received_at=received),
        sieve=Sieve(KNOWN, limits),
    )

    assert found == [(1, 20261123093000), Reason.FUTURE_TIME]


def test_given_a_doubt_of_the_edge_when_sifted_then_its_words_are_the_reason_before_any_of_ours():
    assert outcome(body("nonsense", terminal="T9", doubt="layout-unsure")) == ["layout-unsure"]


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"terminal":"T1"}', body(user="1\x00")], ids=repr)
def test_given_bytes_that_are_no_row_we_could_keep_when_sifted_then_they_are_undecodable(data):
    _, (doubted,) = Sieve(KNOWN, Limits()).sift([data], ORIGIN)

    assert (doubted.reason, doubted.row, doubted.body) == (Reason.UNDECODABLE, None, data)


def test_given_one_thing_with_two_salts_when_doubted_then_its_hash_is_the_same_and_another_things_is_not():
    def hashed(**values):
        row = PunchRow(**{"terminal": "T9", "user": "1", "wall": "2026-11-23 08:00:00", "source": Source.ZK_PULL} | values)
        return Doubted(0, row, "", b"").content_hash

    first = hashed(salt=bytes(16), received_at=RECEIVED)

    assert first == hashed(salt=b"x" * 16, received_at=OUT)
    assert first != hashed(salt=bytes(16), received_at=RECEIVED, user="2")
    assert hashed(salt=bytes(16), received_at=RECEIVED, wall="", raw=b"a") != hashed(
        salt=bytes(16), received_at=RECEIVED, wall="", raw=b"b"
    )


ROWS = st.builds(
    body,
    wall=st.builds(
        "{} {}".format,
        st.sampled_from(["2026-11-01", "2026-11-22", "2026-11-23", "2026-11-24", "2026-02-30", "2025-10-19", "2026-11-2", "1999-01-01"]),
        st.sampled_from(["08:00:00", "09:00:00", "09:00:01", "23:59:59", "24:00:00", "8:00:00", "08:00:0"]),
    ),
    user=st.sampled_from(["1", "2", "3", "01", ""]),
    terminal=st.sampled_from(["T1", "T2", "T3", "T9"]),
    received_at=st.sampled_from(
        [RECEIVED, OUT, OUT + timedelta(hours=1), datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)]
    ),
    doubt=st.sampled_from([None, None, None, "layout-unsure"]),
)


@given(st.lists(ROWS, max_size=30))
def test_given_rows_in_any_order_when_sifted_together_then_each_is_judged_as_if_it_came_alone(bodies):
    assert outcome(*bodies) == [outcome(one)[0] for one in bodies]
