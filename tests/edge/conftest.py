"""Rows and outboxes for the edge's tests."""

import hashlib
from datetime import UTC, datetime

import pytest

from edge.outbox import NewRow, Outbox
from edge.outbox.ledger import new_row
from protocol import codec
from protocol.identifiers import EdgeId, TerminalSerial
from protocol.messages import PunchRow, Source

EDGE = EdgeId("site-a")
SERIAL = TerminalSerial("CBSIM0001")


def punch_row(place: int, serial: str = SERIAL) -> PunchRow:
    """The same punch for the same place, also its salt."""
    day, second = divmod(place, 80_000)
    hour, rest = divmod(second, 3600)
    return PunchRow(
        terminal=serial,
        user=str(1000 + place % 7),
        wall=f"2026-{1 + day // 28:02d}-{1 + day % 28:02d} {hour:02d}:{rest // 60:02d}:{rest % 60:02d}",
        received_at=datetime(2026, 11, 23, 8, tzinfo=UTC),
        source=Source.ZK_PULL,
        salt=hashlib.sha256(f"{serial}{place}".encode()).digest()[:16],
        raw=place.to_bytes(8, "big"),
    )


def rows(*places: int, serial: str = SERIAL) -> list[NewRow]:
    return [new_row(row, codec.encode_row(row)) for row in (punch_row(place, serial) for place in places)]


@pytest.fixture
def outbox(tmp_path):
    with Outbox(tmp_path / "edge" / "outbox.db", EDGE) as opened:
        yield opened
