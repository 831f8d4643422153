"""An installation's keys and a company with one edge that no box has become yet."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from edge.identity import request_of
from protocol.enrolment import Enrolled, EnrolRequest, RenewRequest, enrol_text, renew_text
from protocol.identifiers import EdgeId
from protocol.signing import Signer
from server.broker.authority import Authority
from server.fleet import actions as fleet
from server.provisioning import actions
from server.provisioning.actions import Entrance
from server.provisioning.model import Offered
from server.storage import Database
from tests.support.company import NOW, TESTER, found_company
from tests.support.kits import make_authority

BRANCH = EdgeId("edge-branch")
DAY = timedelta(days=1)


@dataclass
class Box:
    """A box with keys of its own, and what it asks."""

    number: int
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def signer(self) -> Signer:
        return Signer.from_seed(bytes([self.number]) * 32)

    def asks(self, secret: bytes, clock: datetime = NOW) -> EnrolRequest:
        request = request_of(self.key)
        signature = self.signer.sign(enrol_text(secret, request))
        return EnrolRequest(secret, request, self.signer.verifier.public, signature, clock, "0.1.0")

    def renews(self, nonce: str, clock: datetime = NOW, edge: EdgeId = BRANCH) -> RenewRequest:
        request = request_of(self.key)
        return RenewRequest(edge, request, nonce, self.signer.sign(renew_text(edge, nonce, request)), clock)


@dataclass
class Office:
    """The server as boxes and IT meet it, each deed in a transaction of its own."""

    database: Database
    entrance: Entrance

    def offer(self, life: timedelta = DAY, now: datetime = NOW) -> Offered:
        with self.database.writing() as uow:
            return actions.offer_token(uow, BRANCH, life, TESTER, now)

    def answers(self, asked: EnrolRequest, now: datetime = NOW):
        with self.database.writing() as uow:
            return actions.enrol(uow, self.entrance, asked, "10.0.0.7", now)

    def renews(self, asked: RenewRequest, now: datetime = NOW):
        with self.database.writing() as uow:
            return actions.renew(uow, self.entrance, asked, "10.0.0.7", now)

    def nonce(self, now: datetime = NOW) -> str:
        with self.database.reading() as uow:
            return actions.nonce_for(uow, BRANCH, now)

    def revoke(self, now: datetime = NOW) -> None:
        with self.database.writing() as uow:
            actions.revoke_edge(uow, BRANCH, TESTER, now, "stolen")

    @property
    def standing(self):
        with self.database.reading() as uow:
            return actions.standing_of(uow, BRANCH)

    @property
    def edge(self):
        with self.database.reading() as uow:
            return fleet.known_edges(uow)[BRANCH]

    @property
    def found(self) -> list[tuple[str, int]]:
        """Open findings of this edge: kind and count."""
        return [(one.kind.value, one.count) for one in self.standing.findings]


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("keys") / "keys", now=NOW - timedelta(days=1))


@pytest.fixture
def office(database, authority) -> Office:
    found_company(database, 0)
    with database.writing() as uow:
        fleet.add_edge(uow, BRANCH, "hq", None, TESTER, NOW)
    return Office(database, Entrance(authority, "broker.test", 8883))


def serial_of(enrolled: Enrolled) -> str:
    return f"{x509.load_pem_x509_certificate(enrolled.certificate.encode()).serial_number:x}"


def folder_of(path: Path) -> dict[str, bytes]:
    """What lies in a folder, by name."""
    return {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}
