"""The authority's certificate is followed by another one in time: who is trusted, who signs, and both brokers with edges old and new."""

import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from server.broker.authority import Bundle, Role
from server.broker.key_files import AuthorityError, is_plain
from server.broker.processes import BrokerPlace, BrokerProcess
from tests.server.broker.conftest import A, B
from tests.server.broker.test_isolation import C, Guest
from tests.support.kits import issue_edge, make_authority
from tests.support.waiting import PATIENCE_SECONDS, until
from tests.support.world import free_port

DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0)
FOUNDED = NOW - 8 * 365 * DAY - 30 * DAY
END = FOUNDED + 10 * 365 * DAY


@pytest.fixture
def authority(tmp_path):
    """The keys of an installation whose authority has a month less than two years to live."""
    return make_authority(tmp_path / "keys", now=FOUNDED)


def signer_of(authority, now):
    """Names of those who sign for an edge, and for the broker."""
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    edge = authority.sign_edge(A, key, now)
    broker = x509.load_pem_x509_certificate(authority.issue_server("trial", [], now).certificate.read_bytes())
    names = {one.fingerprint: one.name for one in authority.members()}
    return names[authority.issuer_of(edge)], names[authority.issuer_of(broker)]


def ends(authority, name):
    return next(one.ends_at for one in authority.endings() if one.name == name)


def test_given_an_authority_with_years_left_when_kept_up_then_nothing_is_made(authority):
    before = authority.trusted()

    authority.keep_up(FOUNDED + 7 * 365 * DAY)

    assert authority.trusted() == before


def test_given_two_years_left_when_kept_up_then_a_successor_is_trusted_at_once_and_signs_in_its_time(authority):
    first = authority.members()[0].name

    authority.keep_up(NOW)
    authority.keep_up(NOW + DAY)

    newest, oldest = authority.members()
    assert (oldest.name, oldest.ends_at) == (first, END)
    assert newest.ends_at == NOW + 10 * 365 * DAY
    assert newest.name != first
    assert not is_plain(newest.key_file)
    assert signer_of(authority, NOW + DAY) == (first, first), "brokers outside must learn of it first"
    assert signer_of(authority, NOW + 8 * DAY) == (newest.name, first)
    assert signer_of(authority, END - 61 * DAY) == (newest.name, first), "who was away for long still finds its way in"
    assert signer_of(authority, END - 59 * DAY) == (newest.name, newest.name)
    assert signer_of(authority, END + DAY) == (newest.name, newest.name)


def test_given_a_server_that_was_off_until_the_last_month_when_kept_up_then_edges_have_time_to_learn(authority):
    first, late = authority.members()[0].name, END - 30 * DAY

    authority.keep_up(late)

    newest = authority.members()[0].name
    assert signer_of(authority, late) == (first, first)
    assert signer_of(authority, late + 8 * DAY) == (newest, first)
    assert signer_of(authority, END + DAY) == (newest, newest)


def test_given_a_certificate_that_would_outlive_its_authority_when_issued_then_it_ends_with_it(authority):
    authority.issue_server("broker", [], END - 100 * DAY)

    assert ends(authority, "broker") == END


def test_given_certificates_of_our_own_near_their_end_when_kept_up_then_they_are_renewed_for_the_same_key(authority):
    authority.tool("ingest-1", Role.INGEST, NOW)
    bundle = authority.issue_server("broker", ["clock.example"], NOW - 800 * DAY)
    key, before = bundle.key.read_bytes(), x509.load_pem_x509_certificate(bundle.certificate.read_bytes())
    assert before.not_valid_after_utc == NOW + 25 * DAY

    renewed = authority.keep_up(NOW)

    after = x509.load_pem_x509_certificate(bundle.certificate.read_bytes())
    assert "broker" in renewed
    assert "ingest-1" not in renewed
    assert ends(authority, "broker") == END, "its authority ends before 825 days are over"
    assert bundle.key.read_bytes() == key
    assert after.extensions.get_extension_for_class(x509.SubjectAlternativeName) == before.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    authority.require_sound("broker", NOW)
    assert authority.keep_up(NOW) == []


def test_given_certificates_that_ended_while_the_server_was_off_when_kept_up_then_they_are_good_again(authority):
    authority.keep_up(NOW - 900 * DAY)
    with pytest.raises(AuthorityError, match="Remove it and its key"):
        authority.require_sound("broker", NOW)

    authority.keep_up(NOW)

    authority.require_sound("broker", NOW)


def test_given_a_clock_that_jumped_years_ahead_and_back_when_kept_up_then_everything_is_good_again(authority):
    far = NOW + 15 * 365 * DAY
    authority.keep_up(far)

    authority.keep_up(NOW)

    for name in ("broker", "web", "tail"):
        authority.require_sound(name, NOW)
    assert signer_of(authority, NOW + 8 * DAY)[0] != authority.members()[0].name, "that one begins in years"


def test_given_revoked_certificates_when_a_successor_comes_then_each_of_both_says_so(authority):
    authority.revoke([11, 12], NOW)

    authority.keep_up(NOW)

    lists = (authority.folder / "revoked.crl").read_bytes().count(b"BEGIN X509 CRL")
    assert (authority.revoked(), lists) == ([11, 12], 2)


def test_given_the_power_goes_before_the_successors_list_is_written_when_kept_up_then_it_is_written(authority):
    before = (authority.folder / "revoked.crl").read_bytes()
    authority.keep_up(NOW)
    (authority.folder / "revoked.crl").write_bytes(before)

    authority.keep_up(NOW)

    assert (authority.folder / "revoked.crl").read_bytes().count(b"BEGIN X509 CRL") == 2


def test_given_a_successor_whose_key_is_lost_when_it_should_sign_then_it_says_which_file(authority):
    authority.keep_up(NOW)
    authority.members()[0].key_file.unlink()

    with pytest.raises(AuthorityError, match="missing or damaged"):
        signer_of(authority, NOW + 8 * DAY)


def comes_in(port, bundle, edge, guests):
    """An edge gets in; a broker that was just told may take a moment."""

    def tried():
        guests.append(Guest(port, bundle, edge))
        return not guests[-1].refused

    until(tried, f"{edge} comes in")
    return guests[-1]


def believes(port, bundle):
    """Whether somebody who trusts what is in a bundle believes who listens there."""
    try:
        with socket.create_connection(("127.0.0.1", port)) as line:
            ssl.create_default_context(cafile=bundle.authority).wrap_socket(line, server_hostname="127.0.0.1").close()
    except ssl.SSLCertVerificationError:
        return False
    return True


def test_given_a_broker_that_runs_through_a_succession_then_old_and_new_edges_come_in_until_it_changes_over(kind, guests, tmp_path):
    authority = make_authority(tmp_path / "keys", now=NOW - 10 * 365 * DAY + 30 * DAY)
    authority.issue_server("broker", [], NOW)
    process = BrokerProcess(BrokerPlace(kind, "127.0.0.1", free_port(), tmp_path / "broker"), authority)
    old = issue_edge(authority, A, tmp_path / "old")
    process.start()
    try:
        guests.append(inside := Guest(process.port, old, A))

        authority.succeed(NOW - 100 * DAY)
        process.follow_keys()
        new = issue_edge(authority, B, tmp_path / "new")
        assert authority.issuer_of(x509.load_pem_x509_certificate(new.certificate.read_bytes())) == authority.members()[0].fingerprint
        comes_in(process.port, new, B, guests)  # signed by the successor
        comes_in(process.port, issue_edge(authority, C, tmp_path / "c", now=NOW - 99 * DAY, days=400), C, guests)  # by the old one

        assert "broker" in authority.keep_up(NOW)
        process.follow_keys()
        until(lambda: not believes(process.port, old), "the broker shows its new certificate")
        comes_in(process.port, new, B, guests)
        renewed = Bundle(old.certificate, old.key, new.authority)
        assert not inside.gone, "nobody's line was ended by any of it"
        last = comes_in(process.port, renewed, A, guests)  # with what its renewal hands it

        authority.revoke([x509.load_pem_x509_certificate(one.certificate.read_bytes()).serial_number for one in (old, new)])
        process.follow_keys()
        process.cut(A)
        assert last.left.wait(PATIENCE_SECONDS), "the broker has heard of it"
        for bundle, edge in ((renewed, A), (new, B)):
            guests.append(Guest(process.port, bundle, edge))
            assert guests[-1].refused, edge
    finally:
        process.stop()


def test_given_an_authority_that_ended_yesterday_when_its_successors_edges_come_then_they_get_in(kind, guests, tmp_path):
    authority = make_authority(tmp_path / "keys", now=NOW - 10 * 365 * DAY - DAY)
    old = issue_edge(authority, A, tmp_path / "old", now=NOW - 30 * DAY)
    authority.succeed(NOW - 400 * DAY)
    authority.keep_up(NOW)
    process = BrokerProcess(BrokerPlace(kind, "127.0.0.1", free_port(), tmp_path / "broker"), authority)
    process.start()
    try:
        comes_in(process.port, issue_edge(authority, B, tmp_path / "new"), B, guests)
        guests.append(Guest(process.port, Bundle(old.certificate, old.key, authority.bundle("broker").authority), A))
        assert guests[-1].refused
    finally:
        process.stop()
