"""Tags, numbers, Wiegand bits and typed lines: examples of the reference, then any bytes."""

import fcntl
import os
import struct
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from edge.devices.driver import TerminalRefusedError, TerminalUnreachableError
from edge.devices.serial.cards.keys import EVENT, KEY, KeyLines, key_events
from edge.devices.serial.cards.numbers import CardFormat, CardNumberError, parse_card, show_card
from edge.devices.serial.cards.readers import KeyboardReader, TagReader
from edge.devices.serial.cards.tags import FRAME_BYTES, Debounce, TagSplitter, encode_tag
from edge.devices.serial.cards.wiegand import decode_wiegand, encode_wiegand
from edge.devices.serial.simulator import CardPort

TAG = 0x002F1D3B
UI_SET_EVBIT, UI_SET_KEYBIT, UI_DEV_SETUP, UI_DEV_CREATE, UI_GET_SYSNAME = 0x40045564, 0x40045565, 0x405C5503, 0x5501, 0x8040552C
"""Requests of linux/uinput.h."""
numbers = st.integers(0, 2**32 - 1)


def test_given_the_published_tag_then_it_is_read_and_written_so():
    frame = b"\x020A002F1D3B03\x03"

    assert list(TagSplitter().feed(frame)) == [TAG]
    assert encode_tag(TAG, version=0x0A) == frame


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (CardFormat.DECIMAL, "0003087675"),
        (CardFormat.FACILITY, "04707483"),
        (CardFormat.HEX, "002F1D3B"),
        (CardFormat.REVERSED, "0991768320"),
    ],
)
def test_given_a_format_then_the_tag_is_written_and_read_so(form, text):
    assert show_card(TAG, form) == text
    assert parse_card(text, form) == TAG


@given(numbers, st.sampled_from(CardFormat))
def test_given_any_number_when_written_and_read_then_it_is_the_same(number, form):
    number = number & 0xFFFFFF if form is CardFormat.FACILITY else number

    assert parse_card(show_card(number, form), form) == number


@pytest.mark.parametrize(
    ("text", "form"), [("", "decimal"), ("4294967296", "decimal"), ("12x", "hex"), ("25600001", "facility"), ("１２３", "decimal")]
)
def test_given_no_number_when_read_then_it_says_what_one_is(text, form):
    with pytest.raises(CardNumberError, match="a number of this format has"):
        parse_card(text, CardFormat(form))


def test_given_the_published_bits_then_they_are_facility_29_card_15163():
    bits = "00001110100111011001110111"

    assert decode_wiegand(bits) == 29 << 16 | 15163
    assert encode_wiegand(29 << 16 | 15163, 26) == bits


@given(numbers, st.integers(0, 33))
def test_given_any_bit_turned_when_read_then_the_parity_tells_it(number, place):
    bits = encode_wiegand(number, 34)
    turned = bits[:place] + "10"[int(bits[place])] + bits[place + 1 :]

    assert decode_wiegand(bits) == number
    with pytest.raises(CardNumberError, match="parity"):
        decode_wiegand(turned)


@given(st.lists(numbers, max_size=4), st.integers(1, 20), st.binary(max_size=20).filter(lambda noise: b"\x02" not in noise))
def test_given_tags_in_any_pieces_behind_noise_when_fed_then_the_same_tags_come_out(held, size, noise):
    data, splitter = noise + b"".join(map(encode_tag, held)), TagSplitter()

    assert [one for first in range(0, len(data), size) for one in splitter.feed(data[first : first + size])] == held


@given(st.binary(max_size=200))
def test_given_any_bytes_when_fed_then_nothing_breaks_and_little_is_held(data):
    splitter, lines = TagSplitter(), KeyLines()

    list(splitter.feed(data))
    list(lines.feed(data))

    assert len(splitter._held) < FRAME_BYTES


@pytest.mark.parametrize("place", range(1, 13))
def test_given_a_damaged_or_lost_character_when_fed_then_no_other_tag_is_invented(place):
    frame = encode_tag(TAG)

    splitter = TagSplitter()
    assert list(splitter.feed(frame[:place] + b"%" + frame[place + 1 :])) == []
    assert list(splitter.feed(frame[:place] + frame[place + 1 :] + frame)) == [TAG]
    assert splitter.damaged == 2


def test_given_a_tag_held_for_long_when_heard_then_it_counts_once_until_it_was_away():
    debounce = Debounce()

    assert [debounce.is_new(TAG, at) for at in (0, 0.1, 1.9, 3.8, 5.9)] == [True, False, False, False, True]
    assert debounce.is_new(1, 6)
    assert debounce.is_new(TAG, 6.1)


def test_given_a_reader_when_two_tags_are_held_then_each_is_told_once():
    with CardPort() as part, TagReader(part.port) as reader:
        part.hold(TAG)
        part.hold(77)

        assert [reader.next_card(60), reader.next_card(60), reader.next_card(0.1)] == [TAG, 77, None]
        part.unplug()
        with pytest.raises(TerminalUnreachableError, match="look at the plug"):
            reader.next_card(60)


def test_given_typed_digits_when_fed_in_pieces_then_lines_come_out():
    data = key_events("0003087675", at=10) + key_events("2F1D3B", at=12)
    lines = KeyLines()

    assert [one for first in range(0, len(data), 7) for one in lines.feed(data[first : first + 7])] == ["0003087675", "2F1D3B"]


def test_given_a_pause_inside_a_number_when_fed_then_the_halves_are_no_number():
    first = key_events("123", at=10)[: 3 * 2 * 24]

    assert list(KeyLines().feed(first + key_events("456", at=20))) == ["456"]


def test_given_something_that_is_no_keyboard_when_opened_then_it_says_what_to_name(tmp_path):
    os.mkfifo(tmp_path / "event0")

    with pytest.raises(TerminalRefusedError, match="is no keyboard"):
        KeyboardReader(str(tmp_path / "event0"), CardFormat.DECIMAL).__enter__()
    with pytest.raises(TerminalUnreachableError, match="there is no card reader"):
        KeyboardReader(str(tmp_path / "none"), CardFormat.DECIMAL).__enter__()


@pytest.mark.may_skip
def test_given_a_real_input_device_that_types_when_read_then_its_number_is_told_and_nobody_else_reads_it():
    with typing_device() as (device, type_in), KeyboardReader(device, CardFormat.DECIMAL) as reader:
        type_in("0003087675")
        assert reader.next_card(60) == TAG

        with pytest.raises(TerminalRefusedError, match="another program has"):
            KeyboardReader(device, CardFormat.DECIMAL).__enter__()


@contextmanager
def typing_device():
    """A keyboard that the kernel believes in (uinput), and a function that types on it."""
    try:
        kernel = os.open("/dev/uinput", os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        pytest.skip(f"no virtual input device can be made here (/dev/uinput: {error.strerror})")
    try:
        fcntl.ioctl(kernel, UI_SET_EVBIT, KEY)
        for code in range(1, 128):
            fcntl.ioctl(kernel, UI_SET_KEYBIT, code)
        fcntl.ioctl(kernel, UI_DEV_SETUP, struct.pack("HHHH80sI", 3, 0xC1, 0xC1, 1, b"clockbridge test reader", 0))
        fcntl.ioctl(kernel, UI_DEV_CREATE)
        name = bytearray(64)
        fcntl.ioctl(kernel, UI_GET_SYSNAME, name)
        (event,) = Path(f"/sys/class/input/{name.split(bytes(1))[0].decode()}").glob("event*")
        device = Path("/dev/input") / event.name
        until = time.monotonic() + 60
        while not device.exists():
            assert time.monotonic() < until, f"nobody made {device}"
            time.sleep(0.05)
        yield str(device), lambda text: os.write(kernel, key_events(text) + EVENT.pack(0, 0, 0, 0, 0))  # SYN_REPORT: hand it over
    finally:
        os.close(kernel)
