"""Packets of the fingerprint modules: published bytes, any pieces, noise, and what no bytes may do."""

import pytest
from hypothesis import example, given, strategies as st

from edge.devices.driver import FrameError
from edge.devices.serial.zfm import commands
from edge.devices.serial.zfm.commands import Code, Confirmation, Hit
from edge.devices.serial.zfm.frames import MAX_PAYLOAD, Packet, PacketType, Splitter, encode
from edge.devices.serial.zfm.session import Exchange

VECTORS = {
    "verify password": (commands.verify_password(0), "ef01ffffffff0100071300000000001b"),
    "take image": (commands.command(Code.TAKE_IMAGE), "ef01ffffffff010003010005"),
    "search": (commands.search(1, 0, 1000), "ef01ffffffff0100080401000003e800f9"),
    "ok": (Packet(PacketType.ACK, b"\x00"), "ef01ffffffff07000300000a"),
    "no finger": (Packet(PacketType.ACK, b"\x02"), "ef01ffffffff07000302000c"),
    "hit": (Packet(PacketType.ACK, bytes.fromhex("00000500b4")), "ef01ffffffff07000700000500b400c7"),
}
packets = st.builds(Packet, st.sampled_from(PacketType), st.binary(max_size=MAX_PAYLOAD), st.integers(0, 2**32 - 1))


@pytest.mark.parametrize(("packet", "written"), VECTORS.values(), ids=VECTORS)
def test_given_published_bytes_then_they_are_written_and_read_as_such(packet, written):
    assert encode(packet).hex() == written
    assert list(Splitter().feed(bytes.fromhex(written))) == [packet]


@given(st.lists(packets, max_size=4), st.integers(1, 40))
def test_given_packets_in_any_pieces_when_fed_then_the_same_packets_come_out(sent, size):
    data, splitter = b"".join(map(encode, sent)), Splitter()

    got = [packet for first in range(0, len(data), size) for packet in splitter.feed(data[first : first + size])]

    assert got == sent
    assert (splitter.passed_over, splitter.damaged) == (0, 0)


@given(st.binary(max_size=60).filter(lambda noise: b"\xef" not in noise), packets)
def test_given_noise_before_a_packet_when_fed_then_the_packet_is_found(noise, packet):
    splitter = Splitter()

    assert list(splitter.feed(noise + encode(packet))) == [packet]
    assert splitter.passed_over == len(noise)


def test_given_the_55_of_power_up_and_a_cut_packet_when_a_whole_one_follows_then_it_is_found():
    whole = bytes.fromhex(VECTORS["hit"][1])
    splitter = Splitter()

    got = list(splitter.feed(b"\x55" + whole[:9] + whole))

    assert got == [VECTORS["hit"][0]]


def test_given_a_lost_byte_when_the_next_packet_follows_then_only_one_is_lost():
    hit = bytes.fromhex(VECTORS["hit"][1])

    assert list(Splitter().feed(hit[:11] + hit[12:] + hit + hit)) == [VECTORS["hit"][0]] * 2


@given(st.lists(st.binary(max_size=300), max_size=8))
@example([b"\xef\x01\xff\xff\xff\xff\x07\xff\xff"])
@example([b"\xef\x01" * 100])
def test_given_any_bytes_when_fed_then_nothing_breaks_and_little_is_held(pieces):
    splitter = Splitter()
    exchange = Exchange(commands.command(Code.TAKE_IMAGE))

    for piece in pieces:
        list(splitter.feed(piece))
        try:
            exchange.feed(piece)
        except FrameError:
            break

    assert len(splitter._held) < MAX_PAYLOAD + 16


def test_given_a_module_that_never_says_last_then_its_data_fills_no_memory():
    exchange = Exchange(commands.upload_features(1), with_content=True)
    exchange.feed(encode(Packet(PacketType.ACK, b"\0")))

    with pytest.raises(FrameError, match="more data"):
        for _ in range(1000):
            exchange.feed(encode(Packet(PacketType.DATA, bytes(256))))


@given(st.binary(max_size=40))
def test_given_any_values_when_parsed_then_they_are_values_or_a_frame_error(values):
    for parse in (commands.parse_parameters, commands.parse_hit, commands.parse_number, lambda one: commands.parse_index(one, 0)):
        try:
            parse(values)
        except FrameError:
            continue


def test_given_answers_when_parsed_then_they_say_what_the_module_holds():
    told = commands.parse_parameters(bytes.fromhex("0000000900c80003ffffffff00020006"))

    assert (told.capacity, told.security, told.packet_bytes, told.baud) == (200, 3, 128, 57_600)
    assert commands.parse_hit(bytes.fromhex("000500b4")) == Hit(5, 180)
    assert commands.parse_index(bytes([0b101]) + bytes(30) + b"\x80", 1) == [256, 258, 511]


def test_given_every_refusal_then_there_are_words_for_it():
    assert set(Confirmation) - set(commands.WORDS) == {Confirmation.OK, Confirmation.ECHO}
