"""The broker's process: amqtt's child or mosquitto, started, watched, told of revocations, ended with us."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from server.broker.authority import Authority
from server.broker.child import BrokerConfig
from server.broker.mosquitto import find_mosquitto, write_configuration

START_SECONDS = 15.0
ENDING_SECONDS = 5.0
_PR_SET_PDEATHSIG = 1


class BrokerKind(StrEnum):
    """Which broker: `auto` is amqtt; `external` is somebody else's and is only connected to."""

    AUTO = "auto"
    AMQTT = "amqtt"
    MOSQUITTO = "mosquitto"
    EXTERNAL = "external"


class BrokerError(Exception):
    """The broker cannot run; the message says what to do."""


@dataclass(frozen=True, slots=True)
class BrokerPlace:
    """Where and how our broker listens."""

    kind: BrokerKind
    host: str
    port: int
    folder: Path


class BrokerProcess:
    """One broker. `start` returns when it listens; `port` is then known also where 0 asked for a free one."""

    def __init__(self, place: BrokerPlace, authority: Authority, revoked: tuple[int, ...] = ()) -> None:
        self.place = place
        self.port = place.port
        self.revoked = revoked
        self._log = place.folder / "broker.log"
        self._authority = authority
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Raises BrokerError when the port is taken, the program is missing or it ends at once."""
        self.port = self.port or _free_port(self.place.host)
        if not _is_free(self.place.host, self.port):
            raise BrokerError(
                f"Port {self.port} on {self.place.host} is taken: end the program that listens there, or choose another [broker] port."
            )
        self._start_mosquitto() if self.place.kind is BrokerKind.MOSQUITTO else self._start_amqtt()

    def revoke(self, serials: tuple[int, ...]) -> None:
        """Refuse these certificates from now on; clients that are connected stay until ingest refuses what they send."""
        self.revoked = serials
        self._authority.revoke(list(serials))
        process = self._process
        if process is None or process.poll() is not None:
            return
        if self.place.kind is BrokerKind.MOSQUITTO:
            process.send_signal(signal.SIGHUP)
        elif process.stdin:
            process.stdin.write(json.dumps([str(serial) for serial in serials]).encode() + b"\n")
            process.stdin.flush()

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
            tuple(str(serial) for serial in self.revoked),
        )
        process = self._spawn([sys.executable, "-m", "server.broker.child"])
        assert process.stdin
        assert process.stdout
        process.stdin.write(config.to_line().encode() + b"\n")
        process.stdin.flush()
        words = _first_line(process.stdout, START_SECONDS).split()
        if not words or words[0] != b"ready":
            self.stop()
            raise BrokerError(f"The broker did not start: {self._last_words()}")

    def _start_mosquitto(self) -> None:
        program = find_mosquitto()
        if program is None:
            raise BrokerError("mosquitto is not installed: `apt install mosquitto`, or set [broker] kind to amqtt.")
        files = write_configuration(self.place.folder, self._authority, self.place.host, self.port)
        process = self._spawn([program, "-c", str(files.configuration)])
        until = time.monotonic() + START_SECONDS
        while _is_free(self.place.host, self.port):
            if process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise BrokerError(f"mosquitto did not start: {self._last_words()}")
            time.sleep(0.05)

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Its complaints go into a file: a pipe that nobody reads would stop it one day."""
        self.place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        libc = ctypes.CDLL(None)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program or mosquitto, without a shell
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                preexec_fn=lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL),  # noqa: PLW1509 - loaded before the fork
            )
        return self._process

    def _last_words(self) -> str:
        said = self._log.read_text(errors="replace").strip().splitlines()
        return said[-1] if said else f"it said nothing (its log is {self._log})"


def _first_line(pipe: IO[bytes], seconds: float) -> bytes:
    line: list[bytes] = []
    reader = threading.Thread(target=lambda: line.append(pipe.readline()), daemon=True)
    reader.start()
    reader.join(seconds)
    return line[0] if line else b""


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
