"""What contacts say of a clock: the truth always lies within, and what proves nothing is no measure."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from edge.collect.push.bounds import QUIET_POLLS, Bounds, Watch, bounds_of, narrowed

NOON = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
GAP = timedelta(minutes=1)
HEARTBEAT = timedelta(seconds=10)


def seconds(count):
    return timedelta(seconds=count)


def quiet(until=NOON, **more):
    """A watch of a terminal that has asked often enough, last at this instant."""
    watch = Watch(GAP)
    for back in range(QUIET_POLLS - 1, -1, -1):
        watch.asked(until - back * HEARTBEAT, given=False, **more)
    return watch


def whole(moment):
    return moment.replace(microsecond=0)


def test_given_a_clock_two_minutes_behind_when_a_punch_comes_at_once_then_it_is_measured_within_the_heartbeat():
    bounds = quiet().told([NOON + seconds(4 - 120)], NOON + seconds(5))

    assert (bounds.low_ms, bounds.high_ms) == (-121_000, -115_000)
    assert bounds.drift_ms == -120_500
    assert bounds.within_ms == 5_500
    assert bounds.least_ms == 115_000


def test_given_contacts_one_after_the_other_then_each_narrows_what_is_known_and_a_clock_that_was_set_is_measured_anew():
    watch = quiet()
    watch.told([NOON + seconds(8)], NOON + seconds(9))
    watch.asked(NOON + seconds(10), given=False)
    near = watch.told([NOON + seconds(10)], NOON + seconds(11))
    watch.asked(NOON + seconds(20), given=False)
    far = watch.told([NOON + seconds(21 + 3600)], NOON + seconds(21))

    assert (near.low_ms, near.high_ms) == (-1_000, 1_000)
    assert (far.low_ms, far.high_ms) == (3_600_000, 3_602_000)
    watch.was_set()
    assert watch.bounds is None


def test_given_a_terminal_that_was_away_or_was_given_work_or_sends_what_gathered_then_it_proves_nothing():
    just_back = Watch(GAP)
    just_back.asked(NOON, given=False)
    gone = quiet()
    gone.asked(NOON + GAP + seconds(1), given=False)
    busy = quiet()
    busy.asked(NOON + HEARTBEAT, given=True)
    late = quiet()
    draining = quiet()
    old = [NOON - seconds(3600), NOON - seconds(1800)]

    assert just_back.told([NOON], NOON + seconds(1)) is None
    assert gone.told([NOON], NOON + GAP + seconds(2)) is None
    assert busy.told([NOON], NOON + seconds(11)) is None
    assert late.told([NOON + seconds(1)], NOON + seconds(61)) is None
    assert draining.told(old, NOON + seconds(1)) is None
    assert draining.told([NOON + seconds(2)], NOON + seconds(2)) is None, "it must be quiet again first"
    assert quiet().told([], NOON) is None


def test_given_something_done_at_the_keys_when_it_comes_then_it_may_have_been_held_back_and_a_punch_narrows_it():
    watch = quiet()

    wide = watch.told_late([NOON + seconds(4)], NOON + seconds(5))
    near = watch.told([NOON + seconds(4)], NOON + seconds(5))
    after = watch.told_late([NOON + seconds(6)], NOON + seconds(6))

    assert (wide.low_ms, wide.high_ms, wide.least_ms) == (-1_000, 65_000, 0)
    assert (wide.drift_ms, wide.within_ms) == (32_000, 33_000), "nobody knows where in the bounds it lies"
    assert (near.drift_ms, near.high_ms) == (-500, 5_000)
    assert (after.drift_ms, after.high_ms) == (500, 5_000)
    assert quiet().told_late([NOON - seconds(3600)], NOON + seconds(5)).least_ms == 3_600_000 - 61_000
    assert quiet().told_late([NOON], NOON + seconds(61)) is None


def test_given_no_contact_for_long_then_what_is_known_widens_as_a_quartz_wanders():
    before = Bounds(-1_000, 1_000, NOON)

    now = narrowed(before, Bounds(-9_000, 9_000, NOON + timedelta(days=1)))

    assert (now.low_ms, now.high_ms) == (-9_000, 9_000)


@given(
    st.integers(-7 * 86_400_000, 7 * 86_400_000),
    st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 10_000), st.integers(0, 30_000)), min_size=1, max_size=20),
)
def test_given_any_drift_and_any_delays_then_the_truth_lies_within_what_is_told(drift_ms, contacts):
    """Each contact: milliseconds from the last question to the punch, from there to its coming, from there to the next question."""
    drift, asked, watch = timedelta(milliseconds=drift_ms), NOON, quiet()
    for wait, delay, rest in contacts:
        punched = asked + timedelta(milliseconds=wait)
        came = punched + timedelta(milliseconds=delay)
        bounds = watch.told([whole(punched + drift)], came)

        assert bounds.low_ms <= drift_ms <= bounds.high_ms
        assert abs(bounds.drift_ms - drift_ms) <= bounds.within_ms + 1
        assert bounds.least_ms <= abs(drift_ms)
        asked = came + timedelta(milliseconds=rest)
        watch.asked(asked, given=False)


def test_given_a_batch_of_moments_when_all_lie_between_two_contacts_then_the_first_and_the_last_count():
    bounds = bounds_of([NOON + seconds(one) for one in (1, 4, 7)], NOON, NOON + seconds(8))

    assert (bounds.low_ms, bounds.high_ms) == (-1_000, 2_000)
