"""Rows and outboxes for the edge's tests."""

import hashlib
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from edge.devices.driver import Transport
from edge.devices.zkteco import talk
from edge.devices.zkteco.simulator import Simulator, SimulatorOptions
from edge.devices.zkteco.simulator.thread import simulator_in_thread
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


@pytest.fixture
def new_terminal(monkeypatch):
    """Start simulators that end with the test. They answer, however late."""
    monkeypatch.setattr(talk, "SILENCE_SECONDS", dict.fromkeys(Transport, 60))
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(simulator_in_thread(SimulatorOptions(port=0, **options)))


@pytest.fixture
def heard(monkeypatch):
    """Every command that a simulated terminal of this test was sent."""
    commands: list[int] = []
    take = Simulator._take

    def listen(simulator, line, request):
        commands.append(request.command)
        take(simulator, line, request)

    monkeypatch.setattr(Simulator, "_take", listen)
    return commands


@pytest.fixture
def still_time():
    """The time of day stands still: what a clock shows does not depend on how long anything takes."""
    with time_machine.travel(datetime.now(UTC), tick=False):
        yield


@pytest.fixture
def certificate(tmp_path):
    """In force now, so that the edge believes its own clock."""
    key, now = Ed25519PrivateKey.generate(), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "site-a")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    path = tmp_path / "edge.crt"
    path.write_bytes(made.sign(key, None).public_bytes(Encoding.PEM))
    return path
