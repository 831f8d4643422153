"""What is sealed opens for its reader and its purpose, and for nothing else."""

import pytest
from hypothesis import given, strategies as st

from protocol.errors import DecodeError, SealError
from protocol.sealing import Opener, seal
from protocol.wanted import Biometrics, EdgeSetup, Kind, Template, TerminalSetup, WantedUser, WantedUsers, digest, unwrap, wrap

reader, other = Opener(bytes(range(32))), Opener(bytes(reversed(range(32))))
wanted = WantedUsers(
    [WantedUser("0012", 4, name="\u674e\u96f7", biometrics=Biometrics.CARRY, templates=[Template(Kind.FINGER, 6, "zk-10", b"t")])]
)


def test_given_content_when_sealed_then_its_reader_sees_it_and_nothing_of_it_is_on_the_wire():
    sealed = wrap(wanted, reader.public, "wanted", "site-a", "T-1")

    assert unwrap(WantedUsers, sealed, reader, "wanted", "site-a", "T-1") == wanted
    assert b"0012" not in sealed


@pytest.mark.parametrize(
    ("opener", "about"),
    [(other, ("wanted", "site-a", "T-1")), (reader, ("wanted", "site-a", "T-2")), (reader, ("wanted", "site-aT-1"))],
    ids=["another reader", "another terminal", "another context"],
)
def test_given_another_reader_or_purpose_when_opened_then_it_stays_closed(opener, about):
    with pytest.raises(SealError):
        unwrap(WantedUsers, wrap(wanted, reader.public, "wanted", "site-a", "T-1"), opener, *about)


@given(st.data())
def test_given_a_cut_or_a_flipped_bit_when_opened_then_it_stays_closed(data):
    sealed = bytearray(wrap(wanted, reader.public, "x"))
    if data.draw(st.booleans()):
        sealed = sealed[: data.draw(st.integers(0, len(sealed) - 1))]
    else:
        bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
        sealed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(SealError):
        unwrap(WantedUsers, bytes(sealed), reader, "x")


def test_given_other_content_when_unwrapped_then_it_is_refused():
    for plain in (b"[]", b"{", b"[" * 2000, b"\xff"):
        with pytest.raises(DecodeError):
            unwrap(EdgeSetup, seal(plain, reader.public), reader)


def test_given_a_key_that_is_none_when_sealing_then_it_is_refused():
    with pytest.raises(SealError):
        wrap(EdgeSetup("Asia/Shanghai", [TerminalSetup("T-1", "Gate")]), b"short")


@given(st.lists(st.tuples(st.text(max_size=8), st.integers(0, 2**40)), unique_by=lambda one: one[0], max_size=6), st.randoms())
def test_given_the_same_users_in_any_order_when_digested_then_it_is_the_same_and_another_revision_is_another(users, chance):
    mixed = [*users]
    chance.shuffle(mixed)

    assert digest(mixed) == digest(users)
    if users:
        (user, revision), *rest = users
        assert digest([(user, revision + 1), *rest]) != digest(users)
