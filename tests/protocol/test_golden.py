"""Messages as earlier releases wrote them decode for ever; these files are only ever added to."""

from pathlib import Path

import pytest

from protocol import codec
from protocol.messages import DOWN_KINDS, UP_KINDS, Batch
from protocol.signing import Verifier

GOLDEN = Path(__file__).parents[1] / "golden" / "messages"
KEY = Verifier.from_pem((GOLDEN / "key.pub").read_bytes())
FILES = sorted(GOLDEN.glob("v*/*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_given_a_message_of_an_earlier_release_when_decoded_then_it_is_believed(file):
    received = codec.decode(file.stem, file.read_bytes())

    received.check(KEY)
    if isinstance(received.message, Batch):
        codec.check_rows(received.message)
        users = [codec.decode_row(bytes(row)).user for row in received.message.rows]
        assert users == ["0012", "uid:7", ""]


def test_given_the_kinds_of_this_release_when_counted_then_each_has_its_golden_message():
    assert {file.stem for file in FILES} == set(UP_KINDS | DOWN_KINDS)
