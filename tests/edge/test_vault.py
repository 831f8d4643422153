import pytest

from edge.errors import VaultError
from edge.vault import KEY_FILE, MARK_FILE, Vault, drop_old_keys, exchange_key, make_key

ABOUT = "template/A1/0101/3"


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def test_given_something_hidden_when_shown_then_only_its_own_place_and_key_open_it(tmp_path):
    file = make_key(tmp_path)
    vault = Vault.open(tmp_path)

    hidden = vault.hide(b"a template", ABOUT)

    assert file.stat().st_mode & 0o777 == 0o600
    assert b"a template" not in hidden
    assert vault.hide(b"a template", ABOUT) != hidden
    assert Vault.open(tmp_path).show(hidden, ABOUT) == b"a template"
    with pytest.raises(VaultError, match="belongs elsewhere or was changed"):
        vault.show(hidden, "template/A1/0102/3")
    with pytest.raises(VaultError, match="belongs elsewhere or was changed"):
        vault.show(hidden[:-1] + bytes([hidden[-1] ^ 1]), ABOUT)
    with pytest.raises(VaultError, match="hidden under a key that is not here"):
        Vault(bytes(32)).show(hidden, ABOUT)
    for stump in (b"", hidden[:10], b"\x02" + hidden[1:]):
        with pytest.raises(VaultError, match="damaged"):
            vault.show(stump, ABOUT)


def test_given_a_key_exchanged_when_shown_then_old_values_open_until_old_keys_are_dropped(tmp_path):
    make_key(tmp_path)
    hidden = Vault.open(tmp_path).hide(b"1234", ABOUT)

    exchange_key(tmp_path)

    vault = Vault.open(tmp_path)
    assert vault.show(hidden, ABOUT) == b"1234"
    assert vault.is_old(hidden)
    renewed = vault.hide(vault.show(hidden, ABOUT), ABOUT)
    assert not vault.is_old(renewed)
    drop_old_keys(tmp_path)
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert Vault.open(tmp_path).show(renewed, ABOUT) == b"1234"
    with pytest.raises(VaultError):
        Vault.open(tmp_path).show(hidden, ABOUT)


def test_given_no_key_or_a_wrong_one_when_opened_then_a_sentence_says_what_to_do(tmp_path):
    with pytest.raises(VaultError, match="There is no key") as caught:
        Vault.open(tmp_path)
    assert "没有密钥文件" in caught.value.chinese

    file = make_key(tmp_path)
    with pytest.raises(VaultError, match="There is a key already"):
        make_key(tmp_path)
    file.chmod(0o644)
    with pytest.raises(VaultError, match="can be read by others"):
        Vault.open(tmp_path)
    file.chmod(0o600)
    for spoiled in ("", "no key", "00" * 31):
        file.write_text(spoiled)
        with pytest.raises(VaultError, match="holds no key"):
            Vault.open(tmp_path)


def test_given_an_agents_data_when_its_key_is_gone_or_another_then_it_does_not_begin_anew(tmp_path):
    folder, data = tmp_path / "kit", tmp_path / "data"
    folder.mkdir()
    hidden = Vault.of_agent(folder, data).hide(b"set-up", "setup")
    assert Vault.of_agent(folder, data).show(hidden, "setup") == b"set-up"
    exchange_key(folder)
    assert Vault.of_agent(folder, data).show(hidden, "setup") == b"set-up"

    (folder / KEY_FILE).unlink()
    with pytest.raises(VaultError, match="There is no key"):
        Vault.of_agent(folder, data)
    make_key(folder)
    with pytest.raises(VaultError, match="another key"):
        Vault.of_agent(folder, data)

    (data / MARK_FILE).unlink()
    Vault.of_agent(folder, data)


def test_given_a_credential_of_the_service_manager_when_opened_then_it_is_the_key_and_is_exchanged_there(tmp_path, monkeypatch):
    credentials, folder = tmp_path / "credentials", tmp_path / "kit"
    for one in (credentials, folder):
        one.mkdir()
        make_key(one)
    own = Vault.open(folder)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))

    vault = Vault.open(folder)

    assert vault.names != own.names
    with pytest.raises(VaultError, match="exchange it there"):
        exchange_key(folder)
