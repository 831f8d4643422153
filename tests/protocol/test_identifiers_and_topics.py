"""Names, wall times and topics."""

from datetime import datetime

import pytest
from hypothesis import given, strategies as st

from protocol import instants, topics
from protocol.errors import DecodeError, IdentifierError, TopicError
from protocol.identifiers import ALL_SHARDS, EdgeId, check_edge_id, check_epoch, shard_of
from protocol.topics import Encoding

edge_names = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a b", "a/b", "a+", "#", "站点", "a" * 64, "a\n"])
def test_given_a_name_that_could_break_a_topic_when_checked_then_it_is_refused(name):
    with pytest.raises(IdentifierError):
        check_edge_id(name)


def test_given_an_epoch_with_capitals_when_checked_then_it_is_refused():
    with pytest.raises(IdentifierError):
        check_epoch("AB" * 16)


def test_given_known_edges_when_sharded_then_they_stay_where_every_release_put_them():
    assert [shard_of(EdgeId(name)) for name in ("site-a", "site-b", "shanghai-01")] == ["s07", "s08", "s06"]


@given(edge_names)
def test_given_any_edge_when_its_topic_is_taken_apart_then_the_parts_are_the_same(name):
    edge = check_edge_id(name)

    parsed = topics.parse(topics.up(edge, "batch", Encoding.ZSTD))

    assert (parsed.edge, parsed.kind, parsed.encoding, parsed.shard) == (edge, "batch", Encoding.ZSTD, shard_of(edge))
    assert topics.parse(topics.down(edge, "receipt", Encoding.JSON)).shard is None


def test_given_an_edge_on_a_shard_of_others_when_parsed_then_it_is_refused():
    wrong = next(shard for shard in ALL_SHARDS if shard != shard_of(EdgeId("site-a")))

    with pytest.raises(TopicError, match="shard"):
        topics.parse(f"up/{wrong}/site-a/batch/json")


@given(st.text(max_size=40))
def test_given_any_text_when_parsed_as_a_topic_then_it_is_refused_or_ours(text):
    try:
        topics.parse(text)
    except (TopicError, IdentifierError):
        return
    assert text.startswith(("up/", "dn/"))


@given(st.datetimes(min_value=datetime(1, 1, 1)))
def test_given_any_moment_when_packed_then_it_can_be_shown_and_read_back(moment):
    wall = instants.pack_moment(moment)

    assert instants.wall_moment(wall) == moment.replace(microsecond=0)
    assert instants.pack_wall(instants.show_wall(wall)) == wall


@given(st.datetimes(), st.datetimes())
def test_given_two_moments_when_packed_then_they_sort_alike(one, other):
    one, other = one.replace(microsecond=0), other.replace(microsecond=0)

    assert (instants.pack_moment(one) < instants.pack_moment(other)) == (one < other)


def test_given_a_date_no_calendar_has_when_packed_then_it_is_kept_as_the_terminal_showed_it():
    wall = instants.pack_wall("2026-02-30 08:00:00")

    assert instants.show_wall(wall) == "2026-02-30 08:00:00"
    assert instants.wall_moment(wall) is None


@pytest.mark.parametrize(
    "text", ["", "2026-11-23", "2026-11-23T08:00:00", "2026-11-23 8:00:00", "２026-11-23 08:00:00", "2026-11-23 08:00:00 "]
)
def test_given_another_form_of_time_when_packed_then_it_is_refused(text):
    with pytest.raises(DecodeError):
        instants.pack_wall(text)
