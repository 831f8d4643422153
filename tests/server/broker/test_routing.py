"""The broker's look-up of subscriptions gives what a search through all of them gives."""

from hypothesis import given, strategies as st

from server.broker.routing import Subscriptions
from tests.support import mqtt

LEVELS = st.lists(st.sampled_from(["up", "dn", "s00", "edge-a", "batch", ""]), min_size=1, max_size=4)
FILTERS = st.builds(
    lambda levels, wild, place, rest: "/".join([*levels[:place], *(["+"] if wild else []), *levels[place:], *(["#"] if rest else [])]),
    LEVELS,
    st.booleans(),
    st.integers(0, 3),
    st.booleans(),
)


@given(LEVELS.map("/".join), st.lists(FILTERS), st.lists(FILTERS))
def test_given_any_subscriptions_when_looked_up_then_every_match_is_found_once(topic, kept, dropped):
    subscriptions = Subscriptions()
    for topic_filter in [*kept, *dropped]:
        subscriptions[topic_filter] = []
    for topic_filter in set(dropped) - set(kept):
        del subscriptions[topic_filter]

    found = [topic_filter for topic_filter in subscriptions.likely(topic) if mqtt.matches(topic_filter, topic)]

    assert sorted(found) == sorted({topic_filter for topic_filter in kept if mqtt.matches(topic_filter, topic)})
    assert set(subscriptions) == set(kept)
