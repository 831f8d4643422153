"""The broker's process: amqtt's child or mosquitto, started, watched, told of revocations, ended with us."""

import ctypes
import errno
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from protocol.identifiers import EdgeId
from server.broker.authority import Authority
from server.broker.child import BrokerConfig
from server.broker.mosquitto import find_mosquitto, write_configuration
from server.broker.showing_out import show_out
from server.errors import ServerError

START_SECONDS = 60.0
ENDING_SECONDS = 5.0
_PR_SET_PDEATHSIG = 1


class BrokerKind(StrEnum):
    """Which broker: `auto` is amqtt; `external` is somebody else's and is only connected to."""

    AUTO = "auto"
    AMQTT = "amqtt"
    MOSQUITTO = "mosquitto"
    EXTERNAL = "external"


class BrokerError(ServerError):
    """The broker cannot run; `reason` says what to do."""

    code = "broker"
    message = "{reason}"


@dataclass(frozen=True, slots=True)
class BrokerPlace:
    """Where and how our broker listens."""

    kind: BrokerKind
    host: str
    port: int
    folder: Path


class BrokerProcess:
    """One broker. `start` returns when it listens."""

    def __init__(self, place: BrokerPlace, authority: Authority) -> None:
        self.place = place
        self.port = place.port
        self._told: dict[str, int] = {}  # what it was started with or told since
        self._log = place.folder / "broker.log"
        self._authority = authority
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Raises BrokerError or AuthorityError when the port is taken, keys are not good, the program is missing or it ends at once."""
        self._authority.require_sound("broker")
        self._require_port()
        self._told = self._keys()
        self._start_mosquitto() if self.place.kind is BrokerKind.MOSQUITTO else self._start_amqtt()

    def follow_keys(self) -> None:
        """Tell it what changed in the folder of keys since the last call: who is revoked, whom to trust, its own certificate, which workers
        and tools there are.

        A revoked certificate is refused from then on, and amqtt's door shows out who is inside with it; on mosquitto `cut` does.
        """
        process, keys = self._process, self._keys()
        if keys == self._told or process is None or process.poll() is not None:
            return
        if self.place.kind is BrokerKind.MOSQUITTO:
            write_configuration(self.place.folder, self._authority, self.place.host, self.port)
            process.send_signal(signal.SIGHUP)
        elif process.stdin:
            process.stdin.write(json.dumps([str(serial) for serial in self._authority.revoked()]).encode() + b"\n")
            process.stdin.flush()
        self._told = keys

    def cut(self, edge: EdgeId) -> None:
        """End an edge's connection, of which a certificate was revoked and the broker told. Raises OSError where it does not answer."""
        if self.place.kind is BrokerKind.MOSQUITTO:
            host = "127.0.0.1" if self.place.host in ("0.0.0.0", "::", "") else self.place.host  # noqa: S104 - compared
            show_out(self._authority, edge, host, self.port)

    def wait(self, seconds: float | None = None) -> int | None:
        """Its exit code; None when it still runs after `seconds`."""
        try:
            return self._process.wait(seconds) if self._process else 0
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        if self.wait(ENDING_SECONDS) is None:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def _start_amqtt(self) -> None:
        keys = self._authority.bundle("broker")
        config = BrokerConfig(
            self.place.host,
            self.port,
            str(keys.authority),
            str(keys.certificate),
            str(keys.key),
            tuple(str(serial) for serial in self._authority.revoked()),
        )
        process = self._spawn([sys.executable, "-m", "server.broker.child"])
        assert process.stdin
        assert process.stdout
        process.stdin.write(config.to_line().encode() + b"\n")
        process.stdin.flush()
        words = _first_line(process.stdout, START_SECONDS).split()
        if not words or words[0] != b"ready":
            self.stop()
            raise BrokerError(reason="The broker did not start: {detail}. Its log is {log}.", detail=self._last_words(), log=self._log)

    def _start_mosquitto(self) -> None:
        program = find_mosquitto()
        if program is None:
            raise BrokerError(reason="mosquitto is not installed: `apt install mosquitto`, or set [broker] kind to amqtt.")
        files = write_configuration(self.place.folder, self._authority, self.place.host, self.port)
        process = self._spawn([program, "-c", str(files.configuration)])
        until = time.monotonic() + START_SECONDS
        while not (_why_not(self.place.host, self.port) and catches(process.pid, signal.SIGHUP)):
            if process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise BrokerError(reason="The broker did not start: {detail}. Its log is {log}.", detail=self._last_words(), log=self._log)
            time.sleep(0.05)

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Its complaints go into a file: a pipe that nobody reads would stop it one day."""
        self.place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program or mosquitto, without a shell
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                preexec_fn=ending_with_us(),  # noqa: PLW1509 - it only makes system calls
            )
        return self._process

    def _last_words(self) -> str:
        said = self._log.read_text(errors="replace").strip().splitlines()
        return said[-1].rstrip(".") if said else "it said nothing"

    def _keys(self) -> dict[str, int]:
        """When each file that the broker goes by was written."""
        files = (self._authority.folder / "revoked.crl", *self._authority.folder.glob("*.crt"))
        return {file.name: file.stat().st_mtime_ns for file in files if file.exists()}

    def _require_port(self) -> None:
        facts = {"port": self.port, "host": self.place.host}
        match _why_not(self.place.host, self.port):
            case 0:
                return
            case errno.EADDRINUSE:
                raise BrokerError(
                    reason="Port {port} on {host} is taken: end the program that listens there, or choose another [broker] port.", **facts
                )
            case _:
                raise BrokerError(reason="This machine cannot listen on {host}, port {port}: set another [broker] host or port.", **facts)


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether a process does something of its own at a signal. mosquitto listens a moment before it does (seen with 2.0.11): to be told
    within that moment would end it."""
    with suppress(OSError):  # it has ended
        caught = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("SigCgt:"))
        return bool(int(caught.split()[1], 16) >> number - 1 & 1)
    return False


def ending_with_us() -> Callable[[], None]:
    """For `preexec_fn`: the kernel ends the child when we end, however that happens, also before the child could ask for it."""
    libc, parent = ctypes.CDLL(None), os.getpid()  # loaded before the fork

    def in_child() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return in_child


def _first_line(pipe: IO[bytes], seconds: float) -> bytes:
    line: list[bytes] = []
    reader = threading.Thread(target=lambda: line.append(pipe.readline()), daemon=True)
    reader.start()
    reader.join(seconds)
    return line[0] if line else b""


def _why_not(host: str, port: int) -> int:
    """The error number of listening there; 0 when it can be done."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        return error.errno or errno.EADDRNOTAVAIL
    return 0
