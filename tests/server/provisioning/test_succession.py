"""A successor of the authority reaches edges with their renewals; who has none of it is known; the keeper does all of it by itself."""

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select

from protocol.enrolment import Enrolled
from server.audit.tables import audit_row
from server.broker.processes import BrokerError
from server.fleet import actions as fleet
from server.provisioning import actions, pages
from server.provisioning.actions import Entrance
from server.provisioning.jobs import Keeper
from tests.server.provisioning.conftest import BRANCH, DAY, Box
from tests.server.provisioning.test_pages import IT
from tests.support.company import NOW, TESTER
from tests.support.kits import make_authority
from tests.support.pages import browse


@pytest.fixture
def authority(tmp_path):
    return make_authority(tmp_path / "keys", now=NOW - 8 * 365 * DAY - DAY)


@pytest.fixture
def succession(office, authority):
    """Seen by the server with this folder of keys, at a moment."""
    office.entrance = Entrance(authority, "broker.test", 8883)

    def seen(now=NOW):
        authority.keep_up(now)
        with office.database.writing() as uow:
            actions.note_authorities(uow, authority, now)
            return actions.succession_of(uow)

    return seen


def believed(enrolled: Enrolled) -> list[str]:
    return [one.fingerprint(SHA256()).hex() for one in x509.load_pem_x509_certificates(enrolled.authority.encode())]


def test_given_a_successor_when_an_edge_renews_then_it_gets_both_and_later_its_signature(office, authority, succession):
    office.answers(Box(1).asks(office.offer(now=NOW - DAY).secret), NOW - DAY)
    found = succession()
    assert [one.ends_at for one in found.authorities] == [NOW + 3650 * DAY, NOW + 729 * DAY]
    assert (found.unaware, found.older_ends_at) == ((BRANCH,), NOW + 729 * DAY)

    renewed = office.renews(Box(1).renews(office.nonce(NOW + DAY)), NOW + DAY)

    newest, oldest = (one.fingerprint for one in found.authorities)
    assert believed(renewed) == [newest, oldest]
    assert office.standing.certificates[0].issuer == oldest
    assert succession(NOW + DAY).unaware == ()

    later = office.renews(Box(1).renews(office.nonce(NOW + 60 * DAY)), NOW + 60 * DAY)

    assert office.standing.certificates[0].issuer == newest
    assert believed(later) == [newest, oldest]


def test_given_a_token_in_the_overlap_when_a_box_enrols_then_the_fingerprint_is_of_whom_the_pages_are(office, authority, succession):
    succession(NOW)

    enrolled = office.answers(Box(1).asks(office.offer().secret))

    assert len(believed(enrolled)) == 2
    assert authority.fingerprint.hex() in believed(enrolled)


def test_given_an_edge_that_is_revoked_or_never_enrolled_when_a_successor_comes_then_it_is_not_waited_for(office, succession):
    with office.database.writing() as uow:
        fleet.add_edge(uow, "edge-new", "hq", None, TESTER, NOW)
    office.answers(Box(1).asks(office.offer(now=NOW - DAY).secret), NOW - DAY)
    office.revoke()

    assert succession().unaware == ()


def test_given_a_successor_when_noted_again_and_again_then_it_is_on_the_trail_once_and_the_page_shows_it(office, succession):
    office.answers(Box(1).asks(office.offer(now=NOW - DAY).secret), NOW - DAY)
    succession(NOW - DAY)
    succession()
    names = [one.name for one in succession().authorities]

    shown = browse(office.database, [pages.router], IT).get(f"/edges/{BRANCH}/identity").text

    assert len(names) == 2
    assert all(name in shown for name in names)
    assert "This edge does not know the newest authority yet" in shown
    with office.database.reading() as uow:
        assert len(uow.fetch_all(select(audit_row.c.id).where(audit_row.c.action == "authority.trust"))) == 2


def test_given_keys_that_were_made_anew_when_noted_then_the_old_authority_is_believed_no_more_and_the_edge_is_told_so(
    office, authority, succession, tmp_path
):
    office.answers(Box(1).asks(office.offer().secret))
    succession()
    anew = make_authority(tmp_path / "keys-anew", now=NOW)

    with office.database.writing() as uow:
        actions.note_authorities(uow, anew, NOW)
    with time_machine.travel(NOW):
        shown = browse(office.database, [pages.router], IT).get(f"/edges/{BRANCH}/identity").text

    assert [one.fingerprint for one in office.standing.succession.authorities] == [anew.fingerprint.hex()]
    assert "is believed no more: the edge cannot connect" in shown
    assert "not believed any more" in shown
    with office.database.reading() as uow:
        assert len(uow.fetch_all(select(audit_row.c.id).where(audit_row.c.action == "authority.distrust"))) == 2

    office.entrance = Entrance(anew, "broker.test", 8883)
    office.answers(Box(2).asks(office.offer().secret))

    assert not office.standing.cut_off


class ToldBroker:
    """Remembers what it was told; cannot be reached while `away`."""

    def __init__(self):
        self.followed, self.cuts, self.away = 0, [], False

    def follow_keys(self):
        self.followed += 1

    def cut(self, edge):
        if self.away:
            raise BrokerError(reason="away")
        self.cuts.append(edge)


def test_given_a_keeper_when_an_edge_is_revoked_then_the_broker_is_told_until_it_has_heard(office, authority, succession, monkeypatch):
    monkeypatch.setattr("server.provisioning.jobs.LOOK_SECONDS", 0.0)
    office.answers(Box(1).asks(office.offer().secret))
    broker = ToldBroker()
    keeper = Keeper(office.database, authority, broker, lambda: NOW)
    keeper.prepare()
    keeper.follow()
    assert (broker.cuts, len(authority.members())) == ([], 2), "and it has made the successor that was due"

    office.revoke()
    broker.away = True
    keeper.follow()
    broker.away = False
    keeper.follow()
    keeper.follow()

    assert broker.cuts == [BRANCH]
    assert len(authority.revoked()) == 1
    assert len(succession().authorities) == 2


def test_given_keys_that_cannot_be_kept_up_then_revocations_are_followed_all_the_same(office, authority, succession, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    office.answers(Box(1).asks(office.offer().secret))
    office.revoke()
    monkeypatch.setattr(type(authority), "keep_up", full)
    broker = ToldBroker()

    Keeper(office.database, authority, broker, lambda: NOW).follow()

    assert broker.cuts == [BRANCH]


def test_given_a_keeper_without_a_broker_to_tell_when_an_edge_is_revoked_then_the_list_is_written(office, authority, succession):
    office.answers(Box(1).asks(office.offer().secret))
    office.revoke()

    Keeper(office.database, authority, None, lambda: NOW).follow()

    assert len(authority.revoked()) == 1


def test_given_a_broker_that_does_not_follow_for_a_minute_when_it_does_again_then_people_saw_it_and_it_is_over(
    office, authority, succession, monkeypatch
):
    monkeypatch.setattr("server.provisioning.jobs.LOOK_SECONDS", 0.0)
    broker = ToldBroker()
    keeper = Keeper(office.database, authority, broker, lambda: NOW)
    office.answers(Box(1).asks(office.offer().secret))
    office.revoke()

    def seen():
        keeper.follow()
        with office.database.reading() as uow:
            return [(one.kind.value, one.detail) for one in actions.open_findings(uow)]

    broker.away = True
    assert seen() == [], "a broker that is started anew needs nobody"
    monkeypatch.setattr("server.provisioning.jobs.BEHIND_SECONDS", 0.0)
    assert seen() == [("broker-behind", "away")]
    broker.away = False
    assert seen() == []


def test_given_what_an_earlier_run_noted_of_the_broker_when_the_next_one_looks_then_it_is_over(office, authority, succession):
    with office.database.writing() as uow:
        actions.note_broker(uow, "away", NOW)

    Keeper(office.database, authority, ToldBroker(), lambda: NOW).follow()

    with office.database.reading() as uow:
        assert actions.open_findings(uow) == []
