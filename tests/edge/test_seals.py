import json
import subprocess
import tomllib

import pytest
from typer.testing import CliRunner

from clockbridge.demo.parts import CLOCKBRIDGE
from clockbridge.edge import app
from edge.errors import SettingsError
from edge.settings import load_settings, look_at_settings

TEXT = """\
edge = "site-a" # ours
[server]
host = "localhost"

[[terminals]]
name = "East gate"
host = "10.0.0.1"
key = 123456        # told by the vendor
[[terminals]]
name = "West gate"
host = "10.0.0.2"
key = 0
[[ terminals ]]
name = "North gate"
host = "10.0.0.3"
  key = 4_711

[station]
serial = "DOOR-1"
name = "key = 123456"
fingerprint_password = 99
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setenv("LANG", "C")
    for name in ("ca.crt", "edge.crt", "edge.key", "server.pub", "signing.key"):
        (tmp_path / name).write_text("")
    (tmp_path / "edge.toml").write_text(TEXT, encoding="utf-8")
    return tmp_path / "edge.toml"


def run(file, *words):
    return CliRunner().invoke(app, [*words, "--config", str(file)])


def keys(settings):
    return [terminal.key for terminal in settings.terminals]


def test_given_keys_in_the_clear_when_sealed_then_the_file_tells_nothing_and_says_the_same(file):
    assert load_settings(file).in_clear == ("terminals.0.key", "terminals.2.key", "station.fingerprint_password")

    done = run(file, "seal")

    text, settings = file.read_text(encoding="utf-8"), load_settings(file)
    assert "Sealed: terminals.0.key, terminals.2.key, station.fingerprint_password" in done.output
    assert "# told by the vendor" in text
    assert 'name = "key = 123456"' in text
    assert text.replace('name = "key = 123456"', "").find("123456") == text.find("4_711") == -1
    assert (keys(settings), settings.station.fingerprint_password, settings.in_clear) == ([123456, 0, 4711], 99, ())
    assert file.stat().st_mode & 0o777 == (file.parent / "vault.key").stat().st_mode & 0o777 == 0o600
    assert "Nothing stood in the clear" in run(file, "seal").output


def test_given_the_key_exchanged_then_the_settings_follow_and_the_old_key_can_go(file):
    run(file, "seal")
    before = file.read_text(encoding="utf-8")

    assert run(file, "rekey").exit_code == 0
    assert run(file, "drop-old-keys").exit_code == 0

    assert file.read_text(encoding="utf-8") != before
    assert keys(load_settings(file)) == [123456, 0, 4711]
    assert len((file.parent / "vault.key").read_text().split()) == 1


def test_given_a_seal_that_does_not_open_when_loaded_then_it_names_the_place(file):
    run(file, "seal")
    written = tomllib.loads(file.read_text(encoding="utf-8"))
    first, third = written["terminals"][0]["key"], written["terminals"][2]["key"]

    file.write_text(file.read_text(encoding="utf-8").replace(third, first), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"terminals\.2\.key: A hidden value belongs elsewhere") as caught:
        load_settings(file)
    assert "一个加密值不属于此处" in caught.value.chinese
    file.write_text(file.read_text(encoding="utf-8").replace(first, "sealed:?"), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"terminals\.0\.key: A hidden value is damaged"):
        load_settings(file)
    (file.parent / "vault.key").unlink()
    with pytest.raises(SettingsError, match="There is no key"):
        load_settings(file)

    assert keys(look_at_settings(file)) == [0, 0, 0]


def test_given_keys_in_a_list_on_one_line_when_sealed_then_the_lines_to_write_are_given_and_nothing_changes(file):
    inline = 'edge = "a"\nterminals = [{name = "E", host = "h", key = 5}]\n[server]\nhost = "x"\n'
    file.write_text(inline, encoding="utf-8")

    done = run(file, "seal")

    assert done.exit_code == 2
    assert 'terminals.0.key = "sealed:' in done.output
    assert file.read_text(encoding="utf-8") == inline


def test_given_keys_in_the_clear_when_an_agent_starts_then_its_log_says_so(file):
    # in a process of its own, which its log is set up for; it ends at once: the files of the kit are empty
    done = subprocess.run([*CLOCKBRIDGE, "edge", "run", "--config", str(file)], capture_output=True, text=True, stdin=subprocess.DEVNULL)

    warned = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert [(line["event"], line["level"]) for line in warned] == [("keys_in_clear", "warning")]
    assert "123456" not in done.stdout + done.stderr
