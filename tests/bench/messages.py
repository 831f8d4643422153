"""A provisioned server database and signed messages of one edge, for benches of the server side."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

import msgspec

from protocol import chain, codec, topics
from protocol.identifiers import EdgeId, Epoch
from protocol.instants import WallTime, pack_moment, show_wall
from protocol.messages import Batch, Hello, PunchRow, Source
from protocol.signing import Signer
from server.audit.model import Actor
from server.directory.actions import add_person, enrol
from server.fleet.actions import add_edge, add_site, add_terminal, own_zone
from server.ingest.admit import Arrival
from server.storage import Database

EDGE, EPOCH = EdgeId("edge-bench"), Epoch("0123456789abcdef" * 2)
PEOPLE = 500
START = datetime(2026, 5, 1, 6)
BENCH = Actor("bench")


@dataclass(frozen=True)
class Provisioned:
    """What was put into the database."""

    edge: int
    terminal: int
    serial: str


def provision(database: Database, serial: str = "BENCH1", name: EdgeId = EDGE) -> Provisioned:
    """One site, edge and terminal, and 500 people with enrolments; again with other names, and there are two of each."""
    now = datetime.now(UTC)
    with database.writing() as uow:
        site = add_site(uow, name, name, "Asia/Shanghai", BENCH, now)
        edge = add_edge(uow, name, site.code, signer_of(name).verifier, BENCH, now)
        terminal = add_terminal(uow, serial, serial, site.code, BENCH, now)
        zone = own_zone(uow, site)
        for number in range(PEOPLE):
            person = add_person(uow, f"{serial}-{number:04}", f"员工{number}", BENCH, now, site_id=site.id)
            enrol(uow, person.id, zone.id, str(1001 + number), date(2020, 1, 1), BENCH, now)
    return Provisioned(edge.id, terminal.id, serial)


@cache
def signer_of(edge: EdgeId) -> Signer:
    """Each edge signs with a key of its own."""
    return Signer.from_seed(hashlib.sha256(edge.encode()).digest())


def wall_of(place: int) -> WallTime:
    """Times in order, ten punches a minute."""
    return pack_moment(START + timedelta(seconds=place * 6 % (180 * 86_400), microseconds=0))


def row_of(place: int, serial: str, received_at: datetime) -> PunchRow:
    return PunchRow(
        terminal=serial,
        user=str(1001 + place % PEOPLE),
        wall=show_wall(wall_of(place)),
        received_at=received_at,
        source=Source.ZK_PULL,
        salt=hashlib.md5(b"%d" % place).digest(),
        verify=1,
        state=place % 2,
        drift_ms=120,
        raw=hashlib.sha256(b"%d" % place).digest() + bytes(8),
    )


def hello(edge: EdgeId = EDGE) -> Arrival:
    """Opens the epoch."""
    genesis = chain.genesis(edge, EPOCH)
    message = Hello(
        edge=edge,
        epoch=EPOCH,
        low=0,
        high=0,
        low_head=genesis,
        high_head=genesis,
        acknowledged=0,
        version="bench",
        clock=datetime.now(UTC),
        nonce="0" * 32,
    )
    return _arrival("hello", message)


def batches(rows: int, size: int, serial: str = "BENCH1", edge: EdgeId = EDGE) -> Iterator[Arrival]:
    """Signed batches as they come from the broker."""
    head, at = chain.genesis(edge, EPOCH), datetime.now(UTC)
    for first in range(1, rows + 1, size):
        last = min(first + size - 1, rows)
        bodies = [codec.encode_row(row_of(place, serial, at)) for place in range(first, last + 1)]
        previous, head = head, chain.extend(head, [chain.digest(body) for body in bodies])[-1]
        yield _arrival(
            "batch",
            Batch(
                edge=edge,
                epoch=EPOCH,
                first=first,
                last=last,
                previous_head=previous,
                head=head,
                rows=[msgspec.Raw(body) for body in bodies],
            ),
        )


def _arrival(kind: str, message: Hello | Batch) -> Arrival:
    encoding, payload = codec.pack(codec.encode(message, signer_of(message.edge)))
    return Arrival(topics.up(message.edge, kind, encoding), payload, datetime.now(UTC))
