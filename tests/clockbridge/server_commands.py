"""`clockbridge …` as tests of the server's commands call it: in this process where it looks or writes, as a process where it runs."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from clockbridge.main import app
from clockbridge.server_setup import Plan, set_up
from tests.support.world import free_port

PROGRAM = (sys.executable, "-m", "clockbridge")
ENGLISH = {"LANG": "C", "LC_ALL": ""}


@dataclass
class Answer:
    """Exit code and what was said; raises when the command ended with a traceback."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line that a refusal says."""
        assert self.err.strip().count("\n") == 0, self.err
        return self.err.strip()


def clockbridge(*words, env: dict[str, str] | None = None, answer: str | None = None) -> Answer:
    """Run it in this process."""
    done = CliRunner().invoke(app, [str(word) for word in words], env=ENGLISH | (env or {}), input=answer)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Answer(done.exit_code, done.stdout, done.stderr)


def program(*words) -> "subprocess.Popen[str]":
    """Start it as a process of its own."""
    return subprocess.Popen(
        [*PROGRAM, *map(str, words)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | ENGLISH,
    )  # fmt: skip


@dataclass
class Installed:
    """A server's folder as `server init` makes it, with ports that are free."""

    folder: Path
    web_port: int
    broker_port: int

    @classmethod
    def make(cls, folder: Path) -> "Installed":
        web, broker = free_port(), free_port()
        set_up(folder / "server.toml", Plan(web_port=web, broker_port=broker, broker_host="127.0.0.1"))
        return cls(folder, web, broker)

    def copy(self, folder: Path) -> "Installed":
        """The same again, to be damaged."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Installed(folder, self.web_port, self.broker_port)

    @property
    def file(self) -> Path:
        return self.folder / "server.toml"

    @property
    def keys(self) -> Path:
        return self.folder / "data" / "keys"

    @property
    def database(self) -> Path:
        return self.folder / "data" / "clockbridge.db"

    def run(self, *words, **options) -> Answer:
        return clockbridge(*words, "--settings", self.file, **options)

    def start(self, *words) -> "subprocess.Popen[str]":
        return program(*words, "--settings", self.file)

    def move_ports(self) -> None:
        """To others that are free: two installations may run at once."""
        for name in ("web_port", "broker_port"):
            port = free_port()
            self.change(f"port = {getattr(self, name)}", f"port = {port}")
            setattr(self, name, port)

    def change(self, old: str, new: str) -> None:
        text = self.file.read_text()
        assert old in text
        self.file.write_text(text.replace(old, new))
