"""A box with a token becomes an edge, once; everything else is refused and shown."""

from datetime import timedelta

import msgspec
import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from protocol.enrolment import Enrolled
from server.audit.model import TrailFilter
from server.audit.store import page
from server.errors import InvalidInputError, RefusedError
from server.fleet import actions as fleet
from server.fleet.model import EdgeState
from server.provisioning import actions
from server.provisioning.actions import EnrolmentRefusedError
from server.provisioning.model import How
from tests.server.provisioning.conftest import BRANCH, DAY, Box, serial_of
from tests.support.company import NOW, TESTER

HOUR = timedelta(hours=1)


def test_given_a_token_when_a_box_enrols_then_it_is_the_edge_and_its_certificate_says_so(office, authority):
    box, offered = Box(1), office.offer()

    enrolled = office.answers(box.asks(offered.secret, clock=NOW + 2 * HOUR))

    certificate = x509.load_pem_x509_certificate(enrolled.certificate.encode())
    (own,) = x509.load_pem_x509_certificates(authority.trusted())
    certificate.verify_directly_issued_by(own)
    assert certificate.public_key() == box.key.public_key()
    assert [one.value for one in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == [BRANCH]
    assert certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value == x509.ExtendedKeyUsage(
        [ExtendedKeyUsageOID.CLIENT_AUTH]
    )
    assert certificate.not_valid_before_utc == NOW - timedelta(minutes=5)
    assert certificate.not_valid_after_utc == NOW + 90 * DAY
    assert (enrolled.edge, enrolled.host, enrolled.port, enrolled.time_zone) == (BRANCH, "broker.test", 8883, "Asia/Shanghai")
    assert list(office.edge.keys) == [box.signer.key_id]
    (kept,) = office.standing.certificates
    assert (kept.serial, kept.how, kept.clock_off_ms) == (serial_of(enrolled), How.TOKEN, 7_200_000)
    assert office.found == []


def test_given_a_lost_reply_when_the_same_box_asks_again_within_a_day_then_it_gets_the_same_answer(office):
    box, offered = Box(1), office.offer(HOUR)
    first = office.answers(box.asks(offered.secret))

    again = office.answers(box.asks(offered.secret), NOW + DAY)
    late = office.answers(box.asks(offered.secret), NOW + DAY + timedelta(seconds=1))

    assert (again.certificate, again.now) == (first.certificate, NOW + DAY)
    assert isinstance(late, EnrolmentRefusedError)
    assert len(office.standing.certificates) == 1


def test_given_a_used_token_when_another_box_brings_it_then_it_is_refused_and_shown_and_the_first_goes_on(office, database):
    mine, thief, offered = Box(1), Box(2), office.offer()
    enrolled = office.answers(mine.asks(offered.secret))

    answers = [office.answers(thief.asks(offered.secret)) for _ in range(3)]

    assert all(isinstance(one, EnrolmentRefusedError) and "Another box" in str(one) for one in answers)
    assert list(office.edge.keys) == [mine.signer.key_id]
    assert office.found == [("token-used-again", 3)]
    with database.reading() as uow:
        rows = page(uow, TrailFilter(action="edge.refuse"), None)
    assert [row.after for row in rows] == [{"cause": "token-used-again", "from": "10.0.0.7"}]
    assert serial_of(enrolled) in {one.serial for one in office.standing.certificates if one.withdrawn_at is None}


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda office, now: None, "token-expired"),
        (lambda office, now: office.offer(), "token-withdrawn"),
        (lambda office, now: office.revoke(), "token-withdrawn"),
    ],
    ids=["expired", "a newer one", "the edge was revoked"],
)
def test_given_a_token_that_is_no_longer_good_when_a_box_brings_it_then_it_is_refused_and_shown(office, spoil, kind):
    offered = office.offer(HOUR)
    spoil(office, NOW)
    later = NOW + (HOUR if kind == "token-expired" else timedelta(0))

    answer = office.answers(Box(1).asks(offered.secret), later)

    assert isinstance(answer, EnrolmentRefusedError)
    assert office.edge.keys == {}
    assert office.found == [(kind, 1)]


def test_given_a_token_that_nobody_made_when_a_box_brings_it_then_it_is_refused_and_shown_with_its_address(office, database):
    answer = office.answers(Box(1).asks(bytes(16)))

    assert isinstance(answer, EnrolmentRefusedError)
    with database.reading() as uow:
        assert [(one.kind, one.edge, one.source) for one in actions.open_findings(uow)] == [("unknown-token", "", "10.0.0.7")]


@pytest.mark.parametrize("spoilt", ["signing_key", "signature", "secret"])
def test_given_a_request_whose_parts_do_not_belong_together_when_sent_then_the_token_stays_good(office, spoilt):
    box, offered = Box(1), office.offer()
    other = Box(2).asks(offered.secret if spoilt != "secret" else bytes(16))

    answer = office.answers(msgspec.structs.replace(box.asks(offered.secret), **{spoilt: getattr(other, spoilt)}))

    assert isinstance(answer, EnrolmentRefusedError)
    assert isinstance(office.answers(box.asks(offered.secret)), Enrolled)


@pytest.mark.parametrize("request_bytes", [b"", b"x" * 300, bytes(8000)])
def test_given_bytes_that_are_no_request_when_sent_then_the_field_is_named_and_nothing_happened(office, request_bytes):
    offered = office.offer()

    with pytest.raises(InvalidInputError, match="request"):
        office.answers(msgspec.structs.replace(Box(1).asks(offered.secret), request=request_bytes))

    assert isinstance(office.answers(Box(1).asks(offered.secret)), Enrolled)


def test_given_a_key_of_another_edge_when_a_box_brings_it_then_it_is_refused(office):
    with office.database.writing() as uow:
        fleet.replace_edge_key(uow, "edge-hq", Box(1).signer.verifier, TESTER, NOW)

    with pytest.raises(RefusedError, match="known here already"):
        office.answers(Box(1).asks(office.offer().secret))


def test_given_an_edge_with_a_box_when_a_new_box_enrols_then_the_old_keys_are_worth_nothing(office):
    old, new = Box(1), Box(2)
    first = office.answers(old.asks(office.offer().secret))

    second = office.answers(new.asks(office.offer(now=NOW + HOUR).secret), NOW + HOUR)

    assert {one.serial: one.withdrawn_at is None for one in office.standing.certificates} == {
        serial_of(first): False,
        serial_of(second): True,
    }
    assert [key.valid_until is None for key in office.edge.keys.values()] == [False, True]


def test_given_a_revoked_edge_when_it_enrols_with_a_new_token_then_it_is_taken_back(office):
    office.answers(Box(1).asks(office.offer().secret))
    office.revoke()
    assert office.edge.state is EdgeState.REVOKED

    office.answers(Box(2).asks(office.offer().secret))

    assert office.edge.state is EdgeState.ACTIVE


def test_given_a_box_that_was_revoked_after_it_enrolled_when_it_asks_again_then_it_gets_no_second_answer(office):
    box, offered = Box(1), office.offer()
    office.answers(box.asks(offered.secret))
    office.revoke()

    assert isinstance(office.answers(box.asks(offered.secret)), EnrolmentRefusedError)


def test_given_many_strangers_when_they_try_tokens_then_what_is_kept_is_bounded(office, monkeypatch):
    monkeypatch.setattr("server.provisioning.store.MOST_STRANGERS", 3)
    with office.database.writing() as uow:
        for number in range(9):
            actions.enrol(uow, office.entrance, Box(1).asks(bytes(16)), f"10.0.0.{number}", NOW)

    with office.database.reading() as uow:
        assert sorted((one.source, one.count) for one in actions.open_findings(uow)) == [
            ("", 6),
            ("10.0.0.0", 1),
            ("10.0.0.1", 1),
            ("10.0.0.2", 1),
        ]
