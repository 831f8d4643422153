"""How frames travel, without a network."""

from random import Random

from hypothesis import given, strategies as st

from edge.devices.zkteco.simulator.delivery import panel_frame, tcp_writes, udp_sends
from edge.devices.zkteco.simulator.faults import Faults

FRAMES = st.lists(st.binary(min_size=1, max_size=60), max_size=8)
TCP_FAULTS = st.lists(
    st.sampled_from(["coalesced", "per-frame", "per-frame=0", "fragment=1", "fragment=7", "fragment-delay=0", "fragment-delay=3"]),
    max_size=4,
)


@given(FRAMES, TCP_FAULTS)
def test_given_any_way_of_writing_when_put_together_then_the_same_bytes_in_order(frames, faults):
    writes = list(tcp_writes(frames, Faults(faults)))

    assert b"".join(piece for _, piece in writes) == b"".join(frames)
    assert all(pause >= 0 for pause, _ in writes)


def test_given_no_fault_when_written_then_each_frame_at_once():
    assert list(tcp_writes([b"one", b"two"], Faults())) == [(0, b"one"), (0, b"two")]


def test_given_frames_apart_when_written_then_a_pause_between_them():
    assert list(tcp_writes([b"one", b"two"], Faults(["per-frame=5"]))) == [(0, b"one"), (0.005, b"two")]


def test_given_pieces_when_written_then_the_whole_answer_is_cut_and_each_piece_waits():
    writes = list(tcp_writes([b"one", b"two"], Faults(["fragment=4", "fragment-delay=1"])))

    assert writes == [(0.001, b"onet"), (0.001, b"wo")]


@given(FRAMES, st.integers())
def test_given_no_fault_when_sent_then_every_datagram_once_in_order(frames, seed):
    assert udp_sends(frames, Faults(), Random(seed)) == frames


@given(FRAMES, st.integers(), st.sampled_from(["0", "0.3", "1"]))
def test_given_reordering_when_sent_then_none_is_lost_or_made(frames, seed, chance):
    assert sorted(udp_sends(frames, Faults([f"udp-reorder={chance}"]), Random(seed))) == sorted(frames)


@given(FRAMES, st.integers())
def test_given_all_faults_when_sent_then_nothing_is_invented(frames, seed):
    sent = udp_sends(frames, Faults(["udp-loss=0.3", "udp-duplicate=0.3", "udp-reorder=0.3"]), Random(seed))

    assert set(sent) <= set(frames)


def test_given_loss_and_duplication_for_certain_when_sent_then_none_or_two():
    assert udp_sends([b"x", b"y"], Faults(["udp-loss=1"]), Random(1)) == []
    assert udp_sends([b"x", b"y"], Faults(["udp-duplicate=1"]), Random(1)) == [b"x", b"x", b"y", b"y"]


def test_given_an_access_panel_when_it_answers_then_start_and_end_of_its_own_frame():
    frame = panel_frame()

    assert (frame[:3], frame[-1]) == (bytes.fromhex("aa01c9"), 0x55)
    assert len(frame) == 9
