"""Every database that a release ever wrote opens with this program, and all that was in it is there.

`python -m tests.server.migrations.test_releases NAME` writes one of the present release.
"""

import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text

from protocol import chain, codec, topics
from protocol.messages import Hello
from server.attendance import actions as attendance
from server.audit.actions import verify
from server.directory import actions as directory
from server.ingest import leases
from server.ingest.actions import read_fleet
from server.ingest.admit import Admission, Arrival
from server.ingest.evidence.punches import check_punches, gather
from server.ingest.provisioned import Provisioned
from server.ingest.sift import Limits
from server.ingest.tables import quarantine
from server.migrations import migrate, require_current
from server.storage import Database
from server.wiring import take_other
from tests.support.company import NOW, found_company
from tests.support.sending import EDGE, EPOCH, SIGNER, SendingEdge, row

FOLDER = Path(__file__).parents[2] / "databases"
RELEASES = sorted(FOLDER.glob("*.sql"))


@pytest.fixture(params=RELEASES, ids=[file.stem for file in RELEASES])
def release(request, tmp_path):
    file = tmp_path / "old.db"
    with closing(sqlite3.connect(file)) as old:
        old.executescript(request.param.read_text(encoding="utf-8"))
    database = Database(f"sqlite:///{file}")
    yield database
    database.close()


def test_there_is_one_for_the_first_release():
    assert FOLDER / "0.1.0.sql" in RELEASES


def test_given_a_database_of_a_release_when_migrated_then_everything_in_it_is_there(release):
    migrate(release)

    require_current(release)
    with release.reading() as uow:
        assert verify(uow).broken is None, "the trail"
        person = directory.find_person(uow, "A1")
        assert person.name == "王伟"
        punches = attendance.evidence_punches(uow, person.id, date(2026, 1, 1), date(2026, 12, 31))
        assert [one.wall for one in punches] == [20261123085800, 20261123180100]
        findings = check_punches(gather(uow, person, date(2026, 11, 1), date(2026, 11, 30), {}))
        assert [one.proven for one in findings] == [True, True]
        assert [row.terminal_user for row in uow.fetch_all(select(quarantine))] == ["99"]
        assert {one.serial: one.admitted for one in read_fleet(uow).terminals} == {"T1": 2, "T2": 1}


def test_given_a_database_of_a_release_when_migrated_then_an_edge_goes_on_where_it_was(release):
    migrate(release)

    head = chain.genesis(EDGE, EPOCH)
    hello = Hello(
        edge=EDGE, epoch=EPOCH, low=1, high=4, low_head=head, high_head=head, acknowledged=4, version="0.1.0", clock=NOW, nonce="1" * 32
    )
    encoding, payload = codec.pack(codec.encode(hello, SIGNER))
    held = leases.heartbeat(release, "worker", NOW)
    admission = Admission(release, "worker", Provisioned(release), Limits(), take_other)
    (receipt,) = admission.take([Arrival(topics.up(EDGE, "hello", encoding), payload, NOW)], held, NOW)

    assert (receipt.mark, receipt.refusal, receipt.session) == (4, None, "1" * 32)


def write(name: str) -> None:
    """A small company with punches, a stranger in quarantine and a trail, as the present program writes it."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/new.db")
        migrate(database)
        found_company(database)
        edge = SendingEdge(database)
        edge.send(row("1"), row("2", terminal="T2", number=1))
        edge.send(row("1", wall="2026-11-23 18:01:00", number=2), row("99", number=3))
        edge.tell_health()
        with database.writing() as uow:
            uow.execute(text("DELETE FROM shard_lease"))
            uow.execute(text("DELETE FROM worker"))
        database.close()
        with closing(sqlite3.connect(f"{folder}/new.db")) as made:
            (FOLDER / f"{name}.sql").write_text("\n".join(made.iterdump()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1])
