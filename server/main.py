"""`clockbridge server run`: broker, ingest workers, runners of long work and web processes of one machine, watched and ended together.

Every part is a process of its own, started again when it dies, and dies with this one however it ends. Nothing is kept in memory here:
killing any of it loses nothing. `<data_dir>/run/parts.json` says which process is what.
"""

import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from server.broker.authority import Authority, Role, require_fitting
from server.broker.outside import OutsideBroker, OutsidePlace
from server.broker.processes import BrokerKind, BrokerPlace, BrokerProcess, ending_with_us
from server.errors import RefusedError, ServerError
from server.logs import set_up_logging
from server.provisioning.jobs import Keeper
from server.settings import FILE_VARIABLE, ServerSettings
from server.wiring import ready_database

PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds before a part that died is started again; the last one while it keeps dying."""
LIVED_SECONDS = 30.0
"""A part that ran so long was well: its next death counts as the first."""
ENDING_SECONDS = 8.0
LOOK_SECONDS = 0.1

log = structlog.get_logger()


class PortTakenError(ServerError):
    """Somebody else listens where the pages should be."""

    status = 503
    code = "port-taken"
    message = "Port {port} on {host} is taken: end the program that listens there, or choose another [web] port."


class AddressError(ServerError):
    """The pages should be at an address that is none of this machine's, or a port that this user may not have."""

    status = 503
    code = "address"
    message = "This machine cannot listen on {host}, port {port}: set another [web] host or port."


class RunningError(RefusedError):
    """A server runs on this folder already."""

    code = "running"


@dataclass
class Part:
    """One process that is kept alive. `start` returns its process id; `exit_code` is None while it runs; `tend` is called now and then."""

    name: str
    start: Callable[[], int]
    exit_code: Callable[[], int | None]
    stop: Callable[[], None]
    tend: Callable[[], None] = lambda: None
    pid: int = 0
    deaths: int = 0
    started_at: float = 0.0
    next_start: float = 0.0


@dataclass
class Supervisor:
    """Keeps the parts alive until `stop` is set."""

    parts: list[Part]
    file: Path
    beside: Callable[[], None] = lambda: None
    """Called again and again meanwhile; it raises nothing and takes no time worth naming."""
    stop: threading.Event = field(default_factory=threading.Event)
    unwritten: bool = False
    """Whether the file could not be written the last time."""

    def run(self) -> None:
        """Start all in order, then look after them. Raises a ServerError when a part cannot even start the first time."""
        try:
            for part in self.parts:
                self._start(part)
            self._write()
            while not self.stop.wait(LOOK_SECONDS):
                for part in self.parts:
                    self._look_after(part)
                self.beside()
                if self.unwritten:
                    self._write()
        finally:
            for part in reversed(self.parts):
                part.stop()
            self.file.unlink(missing_ok=True)

    def _start(self, part: Part) -> None:
        part.pid = part.start()
        part.started_at = time.monotonic()
        log.info("started", part=part.name, pid=part.pid)

    def _look_after(self, part: Part) -> None:
        if part.pid and part.exit_code() is None:
            part.tend()
            return
        now = time.monotonic()
        if part.pid:
            part.deaths = 0 if now - part.started_at > LIVED_SECONDS else part.deaths + 1
            part.next_start = now + PAUSES[min(part.deaths, len(PAUSES) - 1)]
            log.error("died, starting it again", part=part.name, code=part.exit_code())
            part.pid = 0
        if now < part.next_start:
            return
        try:
            self._start(part)
        except (ServerError, OSError) as error:  # a full disk, above all: it is tried again like any death
            log.error("cannot start", part=part.name, error=str(error))  # noqa: TRY400 - the sentence says it all
            part.deaths += 1
            part.next_start = now + PAUSES[min(part.deaths, len(PAUSES) - 1)]
            return
        self._write()

    def _write(self) -> None:
        """For people and tests only: the parts run without it. On a full disk there is none for a while, rather than a wrong one."""
        partial = self.file.with_suffix(".new")
        try:
            partial.write_text(json.dumps({part.name: part.pid for part in self.parts}))
            partial.replace(self.file)
            self.unwritten = False
        except OSError as error:
            if not self.unwritten:
                log.error("cannot write", file=str(self.file), reason=error.strerror)  # noqa: TRY400 - the reason says it all
            self.unwritten = True
            for file in (partial, self.file):
                file.unlink(missing_ok=True)


@contextmanager
def alone(settings: ServerSettings) -> Iterator[Path]:
    """The folder `run`, for one supervisor or one restore at a time, until its process ends, however that is. Raises RunningError."""
    folder = settings.data_dir / "run"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunningError(reason="A server runs on {folder}: stop it first.", folder=settings.data_dir) from error
        yield folder


def run(settings: ServerSettings, settings_file: Path | None) -> None:
    """Run until SIGTERM or SIGINT. Raises BrokerError, AuthorityError or RunningError with what to do when it cannot start."""
    with alone(settings) as folder:
        set_up_logging(settings.data_dir)
        _run(settings, settings_file, folder)


def _run(settings: ServerSettings, settings_file: Path | None, folder: Path) -> None:
    authority = Authority(settings.keys_dir)
    _keep_up_keys(authority)
    _require_keys(settings, authority)
    process = _own_broker(settings, authority)
    keeper = Keeper(ready_database(settings), authority, process or _outside_broker(settings, authority))
    keeper.prepare()
    with _web_socket(settings) as web:
        parts = _parts(settings, settings_file, process, web)
        supervisor = Supervisor(parts, folder / "parts.json", keeper.follow if process else lambda: None)
        if process is None:
            threading.Thread(target=keeper.run, args=(supervisor.stop,), daemon=True).start()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: supervisor.stop.set())
        supervisor.run()


def _parts(settings: ServerSettings, settings_file: Path | None, process: BrokerProcess | None, web: socket.socket) -> list[Part]:
    argument = [str(settings_file)] if settings_file else []
    broker = [_broker_part(process)] if process else []
    wanted = (
        ("messages", "ingest", settings.ingest.workers),
        ("days", "days", settings.attendance.workers),
        ("jobs", "jobs", settings.jobs.workers),
    )
    workers = [
        _program(f"{name}-{number}", ["-m", "server.worker", duty, f"{name}-{number}", *argument], settings_file)
        for duty, name, count in wanted
        for number in range(1, count + 1)
    ]
    certificate = _web_keys(settings)[0] if settings.web.tls else None
    pages = [
        _program(f"web-{number}", _web_command(settings, web), settings_file, web, certificate)
        for number in range(1, settings.web.processes + 1)
    ]
    return [*broker, *workers, *pages]


def _keep_up_keys(authority: Authority) -> None:
    """Seal those of an earlier release, renew certificates that ended meanwhile; where it cannot be done the keys serve as they lie."""
    try:
        authority.seal()
        authority.keep_up()
    except (ServerError, OSError) as error:
        log.error("keys cannot be kept up", error=str(error))  # noqa: TRY400 - the sentence says it all


def _require_keys(settings: ServerSettings, authority: Authority) -> None:
    """What is missing or not good is better said now than by a part's death. The broker's own are looked at when it starts."""
    authority.signer()
    for number in range(1, settings.ingest.workers + 1):
        name = f"ingest-{number}"
        authority.tool(name, Role.INGEST)
        authority.require_sound(name)
    if settings.web.tls and settings.web.processes:
        require_fitting(*_web_keys(settings))


def _web_keys(settings: ServerSettings) -> tuple[Path, Path]:
    """Certificate and private key of the pages: the company's own, or ours."""
    ours = Authority(settings.keys_dir).bundle("web")
    return settings.web.certificate or ours.certificate, settings.web.private_key or ours.key


def chosen_broker(settings: ServerSettings) -> BrokerKind:
    """`auto` takes amqtt, which needs nothing to be installed; mosquitto is a choice."""
    kind = BrokerKind(settings.broker.kind)
    return BrokerKind.AMQTT if kind is BrokerKind.AUTO else kind


def _own_broker(settings: ServerSettings, authority: Authority) -> BrokerProcess | None:
    """Not started yet; None where the broker is somebody else's."""
    kind = chosen_broker(settings)
    if kind is BrokerKind.EXTERNAL:
        return None
    return BrokerProcess(BrokerPlace(kind, settings.broker.host, settings.broker.port, settings.data_dir / "broker"), authority)


def _outside_broker(settings: ServerSettings, authority: Authority) -> OutsideBroker | None:
    """None where somebody else carries the files to it."""
    broker = settings.broker
    if broker.files is None:
        return None
    return OutsideBroker(OutsidePlace(broker.connect_host, broker.port, broker.files, broker.reload), authority)


def _broker_part(process: BrokerProcess) -> Part:
    def start() -> int:
        process.stop()
        process.start()
        return process.pid or 0

    return Part("broker", start, lambda: process.wait(0), process.stop)


def _web_socket(settings: ServerSettings) -> socket.socket:
    """Bound once and shared by all web processes, so that a restart refuses nobody. Raises PortTakenError."""
    listener = socket.socket(socket.AF_INET6 if ":" in settings.web.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.web.host, settings.web.port))
    except OSError as error:
        kind = PortTakenError if error.errno == errno.EADDRINUSE else AddressError
        raise kind(port=settings.web.port, host=settings.web.host) from error
    listener.listen(512)
    return listener


def _web_command(settings: ServerSettings, listener: socket.socket) -> list[str]:
    command = ["-m", "uvicorn", "server.wiring:build_web", "--factory", "--fd", str(listener.fileno()), "--no-access-log"]
    command += ["--log-level", "warning", "--no-server-header", "--timeout-graceful-shutdown", "3"]
    if settings.web.tls:
        certificate, key = _web_keys(settings)
        command += ["--ssl-certfile", str(certificate), "--ssl-keyfile", str(key)]
    return command


def _program(
    name: str, arguments: list[str], settings_file: Path | None, listener: socket.socket | None = None, certificate: Path | None = None
) -> Part:
    """A part that is a Python program of ours; its log goes where ours goes. It is started anew when the certificate it serves changes."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1"} | ({FILE_VARIABLE: str(settings_file)} if settings_file else {})
    running: list[subprocess.Popen[bytes]] = []
    served: list[float] = []

    def start() -> int:
        served[:] = [_written(certificate)]
        running[:] = [
            subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, *arguments],
                stdin=subprocess.DEVNULL,
                env=environment,
                pass_fds=[listener.fileno()] if listener else [],
                preexec_fn=ending_with_us(),  # noqa: PLW1509 - it only makes system calls
            )
        ]
        return running[0].pid

    def stop() -> None:
        if not running:
            return
        running[0].terminate()
        try:
            running[0].wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            running[0].kill()
            running[0].wait()

    def tend() -> None:
        if served != [_written(certificate)]:
            log.info("its certificate was renewed", part=name)
            stop()

    return Part(name, start, lambda: running[0].poll() if running else 0, stop, tend)


def _written(file: Path | None) -> float:
    """When a file was written; 0 for none."""
    try:
        return file.stat().st_mtime if file else 0.0
    except OSError:
        return 0.0
