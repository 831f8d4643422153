"""Messages as earlier releases wrote them decode for ever; these files are only ever added to.

A folder is named after the version of the messages and the release that wrote them; `made.sha256` lists every file with its digest.
"""

import hashlib
from pathlib import Path

import msgspec
import pytest

from protocol import codec
from protocol.messages import DOWN_KINDS, UP_KINDS, Batch, Live
from protocol.signing import Verifier
from protocol.topics import Encoding

GOLDEN = Path(__file__).parents[1] / "golden" / "messages"
KEY = Verifier.from_pem((GOLDEN / "key.pub").read_bytes())
LIST = GOLDEN / "made.sha256"
FILES = sorted([*GOLDEN.glob("v*/*.json"), *GOLDEN.glob("v*/*.zst")])
NAMES = [f"{file.parent.name}-{file.name}" for file in FILES]


def read(file: Path) -> tuple[codec.Received, bytes]:
    """A golden message and its plain text."""
    plain = codec.unpack(Encoding(file.suffix[1:]), file.read_bytes())
    return codec.decode(file.stem, plain), plain


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_given_a_message_of_an_earlier_release_when_decoded_then_it_is_believed(file):
    received, _ = read(file)

    received.check(Verifier.from_pem((file.parent / "key.pub").read_bytes()) if (file.parent / "key.pub").exists() else KEY)
    if isinstance(received.message, Batch):
        codec.check_rows(received.message)
    if isinstance(received.message, Batch | Live):
        rows = [codec.decode_row(bytes(row)) for row in received.message.rows]
        assert [row.user for row in rows] == ["0012", "uid:7", ""][-len(rows) :]


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_given_a_message_of_an_earlier_release_when_decoded_then_none_of_its_fields_has_vanished(file):
    received, plain = read(file)
    written = msgspec.json.decode(plain)
    del written["signature"]

    assert_within(written, msgspec.json.decode(msgspec.json.encode(received.message)))
    for row in written.get("rows", ()):
        assert_within(row, msgspec.json.decode(codec.encode_row(codec.decode_row(msgspec.json.encode(row)))))


def assert_within(written: dict, understood: dict) -> None:
    """Every field that was written is understood, with the same value; a field of today may stand beside them."""
    assert written.keys() <= understood.keys()
    for name, value in written.items():
        if isinstance(value, list) and name == "terminals":
            for one, other in zip(value, understood[name], strict=True):
                assert_within(one, other)
        else:
            assert understood[name] == value, name


def test_given_the_kinds_of_this_release_when_counted_then_each_has_its_golden_message():
    assert {file.stem for file in FILES} == set(UP_KINDS | DOWN_KINDS)


def test_given_the_golden_files_then_none_was_changed_or_taken_away_and_each_is_listed():
    made = dict(reversed(line.split("  ")) for line in LIST.read_text().splitlines())
    here = {str(file.relative_to(GOLDEN)): hashlib.sha256(file.read_bytes()).hexdigest() for file in [*FILES, *GOLDEN.rglob("*.pub")]}

    assert here == made, "golden files are only ever added to: see docs/reference/messages.md"
