"""Personal data in the vault: sealed for one place with one key, found by its index, and never with the wrong key."""

import pytest

from server.storage import Database, Vault, VaultError, remember_key, require_key
from server.storage.vault import KEY_FILE, new_vault_key, read_vault

NUMBER = "11010519491231002X"
PLACE = "identity/17/id-number"


@pytest.fixture
def vault() -> Vault:
    return Vault(bytes(range(32)))


class TestSealing:
    def test_what_is_sealed_opens_again_and_is_never_sealed_alike(self, vault):
        one, other = vault.seal(NUMBER, PLACE), vault.seal(NUMBER, PLACE)

        assert vault.open(one, PLACE) == vault.open(other, PLACE) == NUMBER
        assert one != other
        assert NUMBER.encode() not in one

    def test_another_place_another_key_or_a_changed_byte_does_not_open(self, vault):
        sealed = vault.seal(NUMBER, PLACE)
        changed = sealed[:-1] + bytes([sealed[-1] ^ 1])

        for box, data, place in ((vault, sealed, "identity/18/id-number"), (Vault(bytes(32)), sealed, PLACE), (vault, changed, PLACE)):
            with pytest.raises(VaultError, match="cannot be opened"):
                box.open(data, place)
        for data in (b"", sealed[:13], b"\x02" + sealed[1:]):
            with pytest.raises(VaultError, match="damaged"):
                vault.open(data, PLACE)

    def test_an_index_tells_texts_fields_and_keys_apart(self, vault):
        assert vault.index(NUMBER, "id-number") == vault.index(NUMBER, "id-number")
        others = {vault.index(NUMBER[:-1], "id-number"), vault.index(NUMBER, "mobile"), Vault(bytes(32)).index(NUMBER, "id-number")}
        assert len(others | {vault.index(NUMBER, "id-number")}) == 4


class TestTheKeysFile:
    def test_a_new_key_is_read_again_and_none_is_no_vault(self, tmp_path):
        assert read_vault(tmp_path) is None
        (tmp_path / KEY_FILE).write_bytes(new_vault_key())

        first, again = read_vault(tmp_path), read_vault(tmp_path)

        assert first.fingerprint == again.fingerprint
        assert again.open(first.seal(NUMBER, PLACE), PLACE) == NUMBER

    @pytest.mark.parametrize("text", ["", "zz", "00" * 31, "Schlüssel"])
    def test_what_is_no_key_is_said_so(self, tmp_path, text):
        (tmp_path / KEY_FILE).write_text(text, "utf-8")

        with pytest.raises(VaultError, match=KEY_FILE):
            read_vault(tmp_path)


class TestTheDatabasesKey:
    def test_a_unit_of_work_has_the_vault_or_says_that_there_is_none(self, database):
        keyless = Database(database.url.render_as_string(hide_password=False))
        with database.reading() as uow:
            assert uow.vault is database.vault
        with keyless.reading() as uow, pytest.raises(VaultError, match="server init"):
            _ = uow.vault
        keyless.close()

    def test_another_key_is_noticed_before_anything_is_sealed_with_it(self, database):
        with database.writing() as uow:
            remember_key(uow, database.vault.fingerprint)
        with database.writing() as uow, pytest.raises(VaultError, match="not the one"):
            remember_key(uow, Vault(bytes(32)).fingerprint)

        require_key(database)
        stranger = Database(database.url.render_as_string(hide_password=False), Vault(bytes(32)))
        with pytest.raises(VaultError, match="not the one"):
            require_key(stranger)
        stranger.close()
