"""What a server's settings refuse, and with which words; the page that lists them is held in tests/test_docs.py."""

import os
import re

import pytest

from server.settings import SettingsError, load_settings

SMALL = 'data_dir = "data"\n'


@pytest.fixture
def written(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("CLOCKBRIDGE_SERVER_")]:
        monkeypatch.delenv(name)

    def write(text=SMALL):
        (tmp_path / "server.toml").write_text(text, encoding="utf-8")
        return tmp_path / "server.toml"

    return write


def findings(file):
    with pytest.raises(SettingsError) as caught:
        load_settings(file)
    assert all(english and re.search(r"[一-鿿]", chinese) for english, chinese in caught.value.findings)
    return str(caught.value)


def test_given_a_small_file_when_loaded_then_paths_count_from_its_folder_and_the_rest_has_its_default(written, tmp_path):
    settings = load_settings(written(SMALL + '[web]\ncertificate = "c.pem"\nprivate_key = "/k.pem"\n'))

    assert settings.database_file == tmp_path / "data" / "clockbridge.db"
    assert settings.web.certificate == tmp_path / "c.pem"
    assert str(settings.web.private_key) == "/k.pem"
    assert (settings.broker.port, settings.web.host, settings.language) == (8883, "127.0.0.1", "zh")


def test_given_an_environment_variable_when_loaded_then_it_stands_over_the_file(written, monkeypatch):
    monkeypatch.setenv("CLOCKBRIDGE_SERVER_WEB__PORT", "8443")
    monkeypatch.setenv("CLOCKBRIDGE_SERVER_BROKER__NAMES", '["clock.example.com"]')

    settings = load_settings(written(SMALL + "[web]\nport = 9000\n"))

    assert settings.web.port == 8443
    assert settings.broker.names == ["clock.example.com"]


def test_given_a_file_that_the_environment_names_when_loaded_without_one_then_that_one_counts(written, monkeypatch):
    monkeypatch.setenv("CLOCKBRIDGE_SERVER_SETTINGS", str(written(SMALL + 'language = "en"\n')))

    assert load_settings().language == "en"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SMALL + 'databse_url = "x"\n', "there is no setting databse_url"),
        (SMALL + "[web]\nprot = 1\n", "there is no setting web.prot"),
        ("", "the setting data_dir is missing"),
        (SMALL + 'time_zone = "Mars"\n', "'Mars' is no time zone; a right one is Asia/Shanghai"),
        (SMALL + 'language = "fr"\n', "language cannot be used"),
        (SMALL + "[broker]\nport = 99999\n", "broker.port cannot be used"),
        (SMALL + '[broker]\nkind = "external"\n', "set host under [broker]"),
        (SMALL + '[web]\nhost = "0.0.0.0"\n', "plain HTTP is only allowed on a loopback address, not on 0.0.0.0"),
        (SMALL + '[web]\ncertificate = "c.pem"\n', "certificate and private_key belong together"),
        ("data_dir = ", "no valid TOML"),
    ],
)
def test_given_a_mistake_when_loaded_then_one_sentence_in_both_languages_says_where_and_what(written, text, said):
    assert said in findings(written(text))


def test_given_no_file_when_loaded_then_it_says_how_to_make_one(tmp_path):
    assert findings(tmp_path / "none.toml").endswith("Make one with `clockbridge server init`, or name it: --settings FILE.")


def test_given_two_mistakes_when_loaded_then_both_are_told(written):
    assert len(findings(written('data_dri = "x"\ntime_zone = "Mars"\n')).splitlines()) == 3


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_given_an_address_of_this_machine_alone_when_loaded_then_plain_http_is_allowed(written, host):
    assert not load_settings(written(SMALL + f'[web]\nhost = "{host}"\n')).web.tls


OUTSIDE = '[web]\naddress = "https://clock.example.com/"\n'
OIDC = '[oidc]\nissuer = "https://login.example.com"\nclient_id = "us"\n'


def test_given_a_provider_when_its_secret_lies_in_a_file_then_it_is_read_and_the_environment_stands_over_it(written, tmp_path, monkeypatch):
    (tmp_path / "secret").write_text("of the file\n")
    file = written(SMALL + OUTSIDE + OIDC + 'client_secret_file = "secret"\n')

    settings = load_settings(file)
    monkeypatch.setenv("CLOCKBRIDGE_SERVER_OIDC__CLIENT_SECRET", "of the environment")

    assert settings.oidc.client_secret.get_secret_value() == "of the file"
    assert settings.web.address == "https://clock.example.com"
    assert "of the file" not in repr(settings)
    assert load_settings(file).oidc.client_secret.get_secret_value() == "of the environment"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OIDC, "set address under [web]"),
        (OUTSIDE + '[oidc]\nissuer = "https://login.example.com"\n', "set client_id"),
        (OUTSIDE + '[oidc]\nissuer = "http://login.example.com"\nclient_id = "us"\n', "begins with https://"),
        ('[web]\naddress = "http://clock.example.com"\n', "begins with https://"),
        (OUTSIDE + '[wecom]\ncorp_id = "ww1"\nagent_id = "1"\n', "needs agent_id and a secret"),
        (OUTSIDE + '[dingtalk]\nclient_id = "d"\nclient_secret = "s"\n', "needs corp_id and a secret"),
        (OUTSIDE + '[feishu]\napp_id = "f"\napp_secret = "s"\n', "needs tenant_key and a secret"),
        (OUTSIDE + OIDC + 'client_secret_file = "nowhere"\n', "cannot be read"),
    ],
)
def test_given_a_provider_that_cannot_be_asked_when_loaded_then_it_says_what_is_missing(written, text, said):
    assert said in findings(written(SMALL + text))
