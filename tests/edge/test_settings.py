import re
from pathlib import Path

import pytest

from edge.errors import SettingsError
from edge.settings import (
    DropFolder,
    EdgeSettings,
    OutboxSettings,
    PageSettings,
    PushSettings,
    PushTerminal,
    ServerAddress,
    StationSettings,
    TerminalSettings,
    load_settings,
)

REFERENCE = Path(__file__).parents[2] / "docs/reference/edge-settings.md"
SMALL = 'edge = "site-a"\n[server]\nhost = "localhost"\n'
SECTIONS = {
    "": EdgeSettings,
    "server": ServerAddress,
    "outbox": OutboxSettings,
    "terminals": TerminalSettings,
    "drop_folders": DropFolder,
    "page": PageSettings,
    "station": StationSettings,
    "push": PushSettings,
    "push.terminals": PushTerminal,
}


@pytest.fixture
def kit(tmp_path):
    def write(text=SMALL, files=("ca.crt", "edge.crt", "edge.key", "server.pub", "signing.key")):
        for name in files:
            (tmp_path / name).write_text("")
        (tmp_path / "edge.toml").write_text(text, encoding="utf-8")
        return tmp_path / "edge.toml"

    return write


def findings(file):
    with pytest.raises(SettingsError) as caught:
        load_settings(file)
    assert all(english and re.search(r"[一-鿿]", chinese) for english, chinese in caught.value.findings)
    return caught.value.english


def test_given_a_kit_when_loaded_then_paths_count_from_its_folder(kit, tmp_path):
    settings = load_settings(kit(SMALL + '[[drop_folders]]\npath = "usb"\nterminal_serial = "A1"\n'))

    assert settings.outbox_file == tmp_path / "data" / "outbox.db"
    assert settings.server.certificate == tmp_path / "edge.crt"
    assert settings.drop_folders[0].path == tmp_path / "usb"


def test_given_an_environment_variable_when_loaded_then_it_stands_over_the_file(kit, monkeypatch):
    monkeypatch.setenv("CLOCKBRIDGE_EDGE_SERVER__PORT", "9999")

    assert load_settings(kit()).server.port == 9999


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('edge = "Site A"\n[server]\nhost = "x"', "'Site A' is no edge name"),
        (SMALL.replace("edge = ", "edga = "), "there is no setting edga"),
        ('edge = "a"', "the setting server is missing"),
        ('time_zone = "Mars"\n' + SMALL, "'Mars' is no time zone"),
        (SMALL + "port = 99999", "server.port cannot be used"),
        ("edge = ", "no valid TOML"),
        (SMALL + '[push]\n[[push.terminals]]\nserial = "ab c"\n', "push.terminals.0.serial cannot be used"),
        (SMALL + 2 * '[[push.terminals]]\nserial = "ABC1"\n', "two terminals that push have the serial number ABC1"),
        (SMALL + '[[terminals]]\nname = "a"\nhost = "h"\n[[terminals]]\nname = "a"\nhost = "i"\n', "two terminals have the name a"),
        (SMALL + '[[terminals]]\nname = "a"\nhost = "h"\n[[terminals]]\nname = "b"\nhost = "h"\n', "two terminals have the address h:4370"),
    ],
)
def test_given_a_mistake_when_loaded_then_one_sentence_says_where_and_what(kit, text, said):
    assert said in findings(kit(text))


def test_given_no_file_or_missing_keys_when_loaded_then_it_says_which(kit, tmp_path):
    assert "There is no settings file" in findings(tmp_path / "none.toml")
    assert "server.verify_key: there is no file" in findings(kit(files=("ca.crt", "edge.crt", "edge.key", "signing.key")))


def test_given_two_mistakes_when_loaded_then_both_are_told(kit):
    said = findings(kit('edge = "Site A"\ntime_zone = "Mars"\n[server]\nhost = "x"'))

    assert len(said.splitlines()) == 2


def test_given_a_key_when_shown_then_it_stays_hidden(kit):
    settings = load_settings(kit(SMALL + '[[terminals]]\nname = "a"\nhost = "h"\nkey = 987654\n'))

    assert "987654" not in repr(settings)


def test_given_the_reference_page_then_it_lists_every_setting_with_its_meaning():
    page = REFERENCE.read_text(encoding="utf-8")

    assert page.endswith(_tables()), "replace what stands behind the example with:\n" + _tables()


def _tables():
    parts = []
    for section, model in SECTIONS.items():
        title = {
            "": "Top level",
            "server": "[server]",
            "outbox": "[outbox]",
            "push": "[push]",
            "station": "[station]",
            "page": "[page]",
        }.get(section, f"[[{section}]]")
        lines = [f"## {title}", "| setting | default | meaning |", "|---|---|---|"]
        for name, field in model.model_fields.items():
            if name in SECTIONS:
                continue
            default = "must be set" if field.is_required() else f"`{field.default}`" if str(field.default) else "empty"
            lines.append(f"| `{name}` | {default} | {field.description} |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    text = REFERENCE.read_text(encoding="utf-8")
    REFERENCE.write_text(text.split("## Top level")[0].rstrip() + "\n\n" + _tables(), encoding="utf-8")
