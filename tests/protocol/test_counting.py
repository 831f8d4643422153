"""A day's digest says whether two sides have the same punches, whatever order they have them in."""

from datetime import date
from hashlib import sha256

from hypothesis import given, strategies as st
from msgspec.structs import replace

from protocol.counting import count_days, day_of, digest_of, read_listing, span_of
from protocol.instants import WallTime, pack_wall
from protocol.messages import CountedDay

DAY = WallTime(20261126_000000)
times = st.integers(0, 235959).map(lambda time: WallTime(DAY + time))
users = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
punches = st.sets(st.tuples(times, users), min_size=1, max_size=8)


@given(punches, st.randoms())
def test_given_the_same_punches_in_any_order_when_counted_then_they_are_the_same(ones, chance):
    mixed = [*ones]
    chance.shuffle(mixed)

    assert count_days(mixed) == count_days(sorted(ones))


@given(punches, st.data())
def test_given_one_missing_or_another_in_its_place_when_counted_then_it_shows(ones, data):
    gone = data.draw(st.sampled_from(sorted(ones)))
    rest = sorted(ones - {gone})
    (whole,) = count_days(sorted(ones))

    assert count_days(rest) != [whole]
    assert count_days([*rest, (gone[0], gone[1] + "x")]) != [whole]


def test_given_several_days_and_what_the_server_keeps_under_none_when_counted_then_each_real_day_stands_alone():
    walls = ["2026-02-27 23:59:59", "2026-02-28 00:00:00", "2026-02-30 08:00:00", "2026-03-01 08:00:00"]
    found = count_days((pack_wall(wall), "1") for wall in walls)

    assert [(one.day, one.count) for one in found] == [(date(2026, 2, 27), 1), (date(2026, 2, 28), 1), (date(2026, 3, 1), 1)]
    assert count_days([]) == count_days([(pack_wall(walls[0]), "a\0b"), (pack_wall(walls[0]), "9" * 65)]) == []
    digest = sha256(b"20261126085800\n0012").hexdigest()[:16]
    assert count_days([(pack_wall("2026-11-26 08:58:00"), "0012")]) == [CountedDay(date(2026, 11, 26), 1, digest)]


def test_given_a_wall_time_then_its_day_is_known_and_holds_it_from_its_first_second_to_its_last():
    first, last = span_of(date(2026, 2, 28), date(2026, 3, 1))

    assert (first, last) == (pack_wall("2026-02-28 00:00:00"), pack_wall("2026-03-01 23:59:59"))
    assert day_of("2026-02-28 23:59:59") == date(2026, 2, 28)
    assert day_of("2026-02-30 08:00:00") is day_of("") is None


@given(punches)
def test_given_a_day_that_is_listed_when_read_then_it_is_its_punches_and_nothing_that_is_not_of_it_is_read(ones):
    (day,) = count_days(sorted(ones), [date(2026, 11, 26)])

    assert read_listing(day) == {digest_of(wall, user): wall - DAY for wall, user in ones}
    assert read_listing(replace(day, listing=day.listing[:-1])) is None
    assert read_listing(replace(day, digest="0" * 15 + ("1" if day.digest[-1] == "0" else "0"))) is None
    assert read_listing(replace(day, count=len(ones) + 1)) is None
    assert read_listing(count_days(sorted(ones))[0]) is None, "nobody asked for it"
    assert read_listing(CountedDay(date(2026, 11, 26), 0, "0" * 16)) == {}
