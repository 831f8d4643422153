"""What a server's settings refuse, and with which words."""

import pytest

from server.settings import SettingsError, load_settings


def test_given_an_external_broker_without_an_address_when_loaded_then_refused_with_what_to_set(tmp_path):
    file = tmp_path / "server.toml"
    file.write_text('data_dir = "data"\n[broker]\nkind = "external"\n')

    with pytest.raises(SettingsError, match=r"set host under \[broker\]"):
        load_settings(file)
