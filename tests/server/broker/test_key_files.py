"""The authority's private key and the one that signs receipts lie sealed; with another vault's key nothing opens and nothing is made."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from protocol.identifiers import EdgeId
from protocol.signing import Signer
from server.broker.authority import Authority
from server.broker.key_files import AuthorityError, read_sealed, write_secret
from server.storage import VaultError
from server.storage.vault import KEY_FILE, new_vault_key
from tests.support.kits import make_authority

SEALED = ("authority.key", "server-signing.key")
EDGE = EdgeId("site-a")


@pytest.fixture
def authority(tmp_path) -> Authority:
    return make_authority(tmp_path / "keys")


def signs(authority: Authority) -> bool:
    """Whether certificates and receipts can be signed, and are this installation's."""
    made = authority.sign_edge(EDGE, ec.generate_private_key(ec.SECP256R1()).public_key(), datetime.now(UTC))
    authority.verifier().verify(authority.signer().sign(b"a receipt"), b"a receipt")
    return made.issuer == authority.sign_edge(EDGE, made.public_key(), datetime.now(UTC)).issuer


def held(authority: Authority) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in authority.folder.iterdir()}


def test_given_a_new_installation_when_its_files_are_read_then_no_precious_key_is_among_them(authority):
    for name in SEALED:
        assert b"PRIVATE" not in (authority.folder / name).read_bytes()
        assert (authority.folder / name).stat().st_mode & 0o777 == 0o600
    assert authority.unsealed() == []
    assert signs(authority)


def test_given_keys_of_an_earlier_release_when_taken_over_then_they_are_the_same_and_sealed(authority):
    opened = {name: read_sealed(authority.folder / name) for name in SEALED}
    for name, pem in opened.items():
        write_secret(authority.folder / name, pem)
    assert signs(authority), "before it is taken over"
    assert [file.name for file in authority.unsealed()] == [*SEALED]

    authority.seal()
    authority.seal()

    assert authority.unsealed() == []
    assert {name: read_sealed(authority.folder / name) for name in SEALED} == opened
    assert signs(authority)


@pytest.mark.parametrize("name", SEALED)
def test_given_another_vaults_key_when_a_key_is_used_then_it_says_what_to_do_and_nothing_is_made(authority, name):
    write_secret(authority.folder / KEY_FILE, new_vault_key())
    before = held(authority)

    with pytest.raises(AuthorityError, match=r"personal-data\.key.*do not belong together.*nothing new was made"):
        authority.issue_server("broker", []) if name == "authority.key" else authority.signer()

    assert held(authority) == before


def test_given_no_vaults_key_when_an_authority_is_used_or_made_then_it_says_what_to_do_and_nothing_is_made(authority, tmp_path):
    (authority.folder / KEY_FILE).unlink()
    (tmp_path / "new").mkdir()

    with pytest.raises(AuthorityError, match="is missing: put back your copy of it"):
        authority.signer()
    with pytest.raises(AuthorityError, match="is missing"):
        Authority(tmp_path / "new").create([], bytes(32))

    assert list((tmp_path / "new").iterdir()) == []


def test_given_a_sealed_key_that_is_put_into_anothers_place_when_it_is_used_then_it_does_not_open(authority):
    (authority.folder / "server-signing.key").write_bytes((authority.folder / "authority.key").read_bytes())

    with pytest.raises(AuthorityError, match="do not belong together"):
        authority.signer()


def test_given_plain_keys_and_no_good_vaults_key_when_taken_over_then_they_stay_as_they_were(authority):
    pem = read_sealed(authority.folder / "server-signing.key")
    write_secret(authority.folder / "server-signing.key", pem)
    write_secret(authority.folder / KEY_FILE, b"no key\n")

    with pytest.raises(VaultError, match="holds no key"):
        authority.seal()

    assert Signer.from_pem((authority.folder / "server-signing.key").read_bytes())


def test_given_the_vaults_key_among_the_services_credentials_when_keys_are_opened_then_it_is_that_one(authority, tmp_path, monkeypatch):
    (tmp_path / "credentials").mkdir()
    (authority.folder / KEY_FILE).rename(tmp_path / "credentials" / KEY_FILE)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))

    assert signs(authority)
