"""An edge renews over HTTPS, and tries the new pair at a real broker before it gives the old one up."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from edge.errors import EnrolmentError
from edge.identity import Identity
from edge.renewal import Renewal, due_at
from edge.settings import load_settings
from server.broker.authority import Authority
from server.broker.mosquitto import find_mosquitto
from server.broker.processes import BrokerKind, BrokerPlace, BrokerProcess
from server.provisioning import actions
from tests.clockbridge.test_edge_enrol import CutError, is_whole, pages_of, unhurried  # noqa: F401 - a fixture
from tests.support.company import TESTER


@pytest.fixture(scope="module", params=[BrokerKind.AMQTT, BrokerKind.MOSQUITTO])
def place(request, pristine, tmp_path_factory):
    """The pages and a broker of a kind."""
    if request.param is BrokerKind.MOSQUITTO and find_mosquitto() is None:
        pytest.skip("mosquitto is not installed (apt install mosquitto)")
    installed = pristine.copy(tmp_path_factory.mktemp("server"))
    installed.move_ports()
    port = int(installed.broker_port)
    process = BrokerProcess(BrokerPlace(request.param, "127.0.0.1", port, installed.folder / "b"), Authority(installed.keys))
    process.start()
    with pages_of(installed) as pages:
        pages.broker = process
        yield pages
    process.stop()


@pytest.fixture
def box(place, tmp_path) -> Path:
    assert place.enrol(place.token(), tmp_path / "box").code == 0
    return tmp_path / "box"


@pytest.fixture(autouse=True)
def near(monkeypatch):
    """What the broker takes is not waited for long; a test of what it does not take gives it time to say no."""
    monkeypatch.setattr("edge.renewal.VERDICT_SECONDS", 0.1)


def renewal_of(box: Path) -> Renewal:
    return Renewal(load_settings(box / "edge.toml"), lambda: None, None)


def renew_when_the_broker_has_followed(box: Path) -> None:
    """Mosquitto reads its files again a moment after it was told to."""
    end = time.monotonic() + 60
    while True:
        try:
            return renewal_of(box).renew()
        except EnrolmentError:
            assert is_whole(box)
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def serial_in(box: Path) -> int:
    return x509.load_pem_x509_certificate((box / "edge.crt").read_bytes()).serial_number


def test_given_an_edge_when_it_renews_then_the_new_pair_is_in_place_and_the_rest_as_it_was(place, box):
    before, signing, settings = serial_in(box), (box / "signing.key").read_bytes(), (box / "edge.toml").read_bytes()

    renewal_of(box).renew()

    assert serial_in(box) != before
    assert is_whole(box)
    assert [f"{serial_in(box):x}", f"{before:x}"] == [one.serial for one in place.certificates]
    assert ((box / "signing.key").read_bytes(), (box / "edge.toml").read_bytes()) == (signing, settings)
    assert not [file.name for file in box.iterdir() if file.suffix in {".new", ".part"} or file.name.startswith("trial")]


def test_given_the_power_goes_at_any_step_when_it_renews_again_then_the_pair_always_fits(place, box, monkeypatch):
    real, places = Path.replace, 0
    for cut in range(1, 20):
        steps = 0

        def replace(self, target, cut=cut):
            nonlocal steps
            steps += self.parent == box
            if steps == cut and self.parent == box:
                raise CutError
            return real(self, target)

        monkeypatch.setattr(Path, "replace", replace)
        try:
            renewal_of(box).renew()
        except CutError:
            places += 1
        monkeypatch.setattr(Path, "replace", real)
        Identity.of(load_settings(box / "edge.toml").server).settle()
        assert is_whole(box)
        if steps < cut:
            break

    assert places >= 5, "three files are written and moved"


def test_given_a_reply_that_is_lost_when_it_renews_again_then_there_is_one_new_certificate(place, box):
    place.dropping = 1
    with pytest.raises(EnrolmentError, match="cannot answer now"):
        renewal_of(box).renew()
    assert is_whole(box)

    renewal_of(box).renew()

    assert len(place.certificates) == 2


def test_given_a_broker_that_does_not_take_the_new_certificate_when_renewed_then_the_old_pair_stays(place, box, monkeypatch):
    monkeypatch.setattr("edge.renewal.VERDICT_SECONDS", 60)
    before = serial_in(box)
    real = Authority.sign_edge
    monkeypatch.setattr(Authority, "sign_edge", lambda self, edge, key, now: real(self, edge, key, now - timedelta(days=400)))

    with pytest.raises(EnrolmentError, match="does not take the new certificate"):
        renewal_of(box).renew()

    assert serial_in(box) == before
    assert is_whole(box)


def test_given_an_edge_that_was_revoked_when_it_renews_then_it_is_told_what_to_do(place, box):
    with place.database.writing() as uow:
        actions.revoke_edge(uow, "edge-a", TESTER, datetime.now(UTC), "stolen")

    with pytest.raises(EnrolmentError, match=r"Enrol the box anew with a token"):
        renewal_of(box).renew()


def test_given_a_successor_of_the_authority_when_it_renews_then_it_believes_both_and_comes_in_with_its_signature(place, box):
    first = Authority(place.folder / "data" / "keys").members()[0]
    newest = place.authority.succeed(datetime.now(UTC) - timedelta(days=10))
    place.broker.follow_keys()

    renew_when_the_broker_has_followed(box)

    believed = x509.load_pem_x509_certificates((box / "ca.crt").read_bytes())
    assert believed == [newest.certificate, first.certificate]
    mine = x509.load_pem_x509_certificate((box / "edge.crt").read_bytes())
    assert place.authority.issuer_of(mine) == newest.fingerprint
    assert is_whole(box)


def test_given_a_certificate_of_90_days_when_its_renewal_is_drawn_then_it_is_around_two_thirds(place, box):
    certificate = x509.load_pem_x509_certificate((box / "edge.crt").read_bytes())
    begins = certificate.not_valid_before_utc

    days = [(due_at(certificate, chance) - begins).total_seconds() / 86_400 for chance in (0.0, 0.5, 1.0)]

    assert days == pytest.approx([55.5, 60.0, 64.5], abs=0.1)
