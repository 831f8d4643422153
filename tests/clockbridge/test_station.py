"""`clockbridge station`: people and cards of a clock-in point, without an agent."""

import pytest
from typer.testing import CliRunner

from clockbridge import station

SETTINGS = 'edge = "site-a"\n[server]\nhost = "localhost"\n'


@pytest.fixture
def command(tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr(station, "UNHEARD_SECONDS", 0.1)
    for name in ("ca.crt", "edge.crt", "edge.key", "server.pub", "signing.key"):
        (tmp_path / name).write_text("")
    file = tmp_path / "edge.toml"
    file.write_text(SETTINGS + '[station]\nserial = "DOOR-1"\nname = "East door"\n')

    def run(*words):
        done = CliRunner().invoke(station.app, [*words, "--config", str(file)])
        return done.exit_code, done.output

    return run


def test_given_people_and_cards_when_kept_then_they_are_listed_and_forgotten(command):
    assert command("add", "0101", "王芳")[0] == 0
    assert command("card", "0101", "0003087675")[0] == 0
    assert command("people") == (0, "0101\t王芳\t0003087675\t0\t-\n")

    assert command("take-card", "0003087675")[0] == 0
    assert command("remove", "0101")[0] == 0
    assert command("people") == (0, "")


def test_given_what_cannot_be_when_asked_then_it_says_why_and_what_to_do(command):
    assert command("add", "01 01", "x")[0] == 2
    assert command("card", "9", "12") == (2, "Nobody has the number 9 here: add the person with `clockbridge station add`.\n")
    assert "up to 10 digits" in command("card", "9", "x")[1]
    command("add", "9", "Li")
    assert command("take-card", "12") == (2, "Nobody has this card here.\n")
    assert "The agent does not answer" in command("enrol", "9")[1]
