"""A broker that somebody else runs: it follows the keys by files in a folder and a command that makes it read them.

Whether it did is not believed but tried: each list of revoked certificates that is written has one visitor more, who was never anybody. As
long as the broker lets that visitor in, it has not read the list; when it does not, the list is in force, and whoever is still inside with
a revoked certificate is shown out.
"""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from protocol.identifiers import EdgeId
from server.broker.authority import Authority
from server.broker.key_files import write_whole
from server.broker.mosquitto import outside_files
from server.broker.processes import BrokerError
from server.broker.showing_out import Visitor, show_out

PROBE = EdgeId("clockbridge-probe")
"""The visitor's name. An edge of this name would be shown out whenever the list changes."""
COMMAND_SECONDS = 30.0
FOLLOWS_SECONDS = 20.0
"""So long a broker may take to read its files; one that is told by a watcher of files needs a few seconds."""
LOOK_SECONDS = 0.2
AGAIN_SECONDS = 15.0
FOR_THE_GROUP = 0o640
"""The broker runs as another user, in the folder's group."""


@dataclass(frozen=True, slots=True)
class OutsidePlace:
    """Where it is, the folder that it reads, and the words of the command that makes it read; none where it notices by itself."""

    host: str
    port: int
    folder: Path
    command: Sequence[str] = ()


class OutsideBroker:
    """Told of keys; each call may take as long as the broker does."""

    def __init__(self, place: OutsidePlace, authority: Authority, clock: Callable[[], float] = time.monotonic) -> None:
        self.place = place
        self._authority, self._clock = authority, clock
        self._told: dict[str, int] = {}
        self._failed: BrokerError | OSError | None = None
        self._again_at = float("-inf")

    def follow_keys(self) -> None:
        """Write what changed, have it read, and see that it was; raises BrokerError or OSError, and tries again after a while."""
        keys = self._keys()
        if keys == self._told:
            return
        if self._failed is not None and self._clock() < self._again_at:
            raise self._failed
        try:
            revoked, good = Visitor(self._authority, PROBE), Visitor(self._authority, PROBE)
            self._write(revoked)
            self._have_read()
            self._require_read(revoked, good)
        except (BrokerError, OSError) as error:
            self._failed, self._again_at = error, self._clock() + AGAIN_SECONDS
            raise
        self._told, self._failed = keys, None

    def cut(self, edge: EdgeId) -> None:
        """End an edge's connection whose certificate was revoked; raises OSError."""
        show_out(self._authority, edge, self.place.host, self.place.port)

    def _write(self, revoked: Visitor) -> None:
        """The list of revoked certificates last and always: who watches that file alone misses nothing."""
        folder = self.place.folder
        for name, data in outside_files(self._authority, folder, self.place.port).items():
            file = folder / name
            if not file.exists() or file.read_bytes() != data:
                write_whole(file, data, FOR_THE_GROUP)
        serials = [*self._authority.revoked(), revoked.certificate.serial_number]
        write_whole(folder / "revoked.crl", self._authority.revocation_lists(serials, datetime.now(UTC)), FOR_THE_GROUP)

    def _have_read(self) -> None:
        if not self.place.command:
            return
        words = [*self.place.command]
        try:
            # the administrator's own words, without a shell
            subprocess.run(words, capture_output=True, timeout=COMMAND_SECONDS, stdin=subprocess.DEVNULL, check=True)  # noqa: S603
        except subprocess.CalledProcessError as error:
            raise _failed(words[0], (error.stderr or error.stdout).decode(errors="replace").strip()[-200:] or str(error)) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _failed(words[0], str(error)) from error

    def _require_read(self, revoked: Visitor, good: Visitor) -> None:
        until, place = self._clock() + FOLLOWS_SECONDS, self.place
        while revoked.comes_in(place.host, place.port):
            if self._clock() > until:
                raise BrokerError(
                    reason="The broker still lets a revoked certificate in: it has not read {file}. Look whether it may read the file, and "
                    "whether [broker] reload, or the watcher of the file, makes it do so.",
                    file=place.folder / "revoked.crl",
                )
            time.sleep(LOOK_SECONDS)
        if not good.comes_in(place.host, place.port):
            raise BrokerError(reason="The broker lets nobody in: its log says why. It must use all files in {folder}.", folder=place.folder)

    def _keys(self) -> dict[str, int]:
        """When each file that the broker goes by was written."""
        files = (self._authority.folder / "revoked.crl", *self._authority.folder.glob("*.crt"))
        return {file.name: file.stat().st_mtime_ns for file in files if file.exists()}


def _failed(command: str, detail: str) -> BrokerError:
    told = "The command {command} that makes the broker read its files failed: {detail}"
    return BrokerError(reason=told, command=command, detail=detail)
