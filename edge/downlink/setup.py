"""What the server says this edge is for: the highest version counts, is kept hidden on the disk, and is in force until a higher one comes.

One that cannot be used changes nothing and is told as an alarm: half a set-up would let terminals fall silent.
"""

from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import structlog
from pydantic import ValidationError

from edge.collect.duty import Duty
from edge.errors import VaultError
from edge.health import HealthBook
from edge.secret_file import write_secret
from edge.settings import PushTerminal, TerminalSettings
from edge.vault import Vault
from protocol.errors import ProtocolError
from protocol.identifiers import EdgeId
from protocol.messages import Setup
from protocol.sealing import Opener
from protocol.wanted import EdgeSetup, TerminalSetup, unwrap

FILE = "setup.sealed"
PUSH = "push"
ALARM = "setup-refused"

log = structlog.get_logger(__name__)


class SetupError(Exception):
    """A set-up that cannot be used; the message says why and names no key."""


class Kept(msgspec.Struct, frozen=True):
    """What stands in the file, hidden."""

    version: int
    setup: EdgeSetup


class SetupKeeper:
    """Keeps the set-up in force. `load` it, then let it `take` what comes; both block for a moment."""

    def __init__(self, edge: EdgeId, data_dir: Path, opener: Opener, vault: Vault, book: HealthBook) -> None:
        self.version = 0
        """The highest one that could be used; it is in force when the crew has it, and told then."""
        self.server_key = b""
        """What is for the server's eyes only is sealed for this; empty where it takes nothing."""
        self._edge, self._file, self._opener, self._vault, self._book = edge, data_dir / FILE, opener, vault, book
        self._about = f"setup/{edge}"

    def load(self) -> Duty | None:
        """What was in force before the restart; None for nothing. The server sends it again where it cannot be read any more."""
        try:
            kept = msgspec.json.decode(self._vault.show(self._file.read_bytes(), self._about), type=Kept)
            return self._in_force(kept)
        except FileNotFoundError:
            return None
        except (OSError, VaultError, msgspec.MsgspecError, SetupError) as error:
            log.warning("setup_not_readable", reason=str(error))
            self._book.alarm(ALARM, "the set-up on the disk cannot be read; the server is asked for it again", 24 * 3600.0)
            return None

    def take(self, message: Setup) -> Duty | None:
        """What is in force from now on, on the disk when this returns; None where nothing changes."""
        if message.version <= self.version:
            return None
        try:
            kept = Kept(message.version, unwrap(EdgeSetup, message.sealed, self._opener, "setup", self._edge))
            duty_of(kept.setup)
            write_secret(self._file, self._vault.hide(msgspec.json.encode(kept), self._about))
            duty = self._in_force(kept)
        except (ProtocolError, SetupError) as error:
            self._refuse(message, str(error))
            return None
        except OSError as error:
            self._refuse(message, f"the disk does not take it ({error.strerror})")
            return None
        log.info("setup_taken", version=message.version, terminals=len(kept.setup.terminals))
        self._book.clear(ALARM)
        return duty

    def _in_force(self, kept: Kept) -> Duty:
        duty = duty_of(kept.setup)
        self.server_key, self.version = kept.setup.sealing_key, kept.version
        return duty

    def _refuse(self, message: Setup, reason: str) -> None:
        self._book.alarm(ALARM, f"version {message.version}: {reason}", 24 * 3600.0)


def duty_of(setup: EdgeSetup) -> Duty:
    """The same in words of the collection; raises SetupError for what no edge of this release can do."""
    try:
        zone = ZoneInfo(setup.time_zone)
    except (KeyError, ValueError, OSError) as error:
        raise SetupError(f"{setup.time_zone!r} is no time zone") from error
    terminals = tuple(_terminal(one) for one in setup.terminals if one.driver != PUSH)
    pushing = tuple(_pushing(one) for one in setup.terminals if one.driver == PUSH)
    for what, values in (
        ("serial number", [one.expected_serial for one in terminals]),
        ("serial number", [one.serial for one in pushing]),
        ("address", [f"{one.host}:{one.port}" for one in terminals]),
    ):
        twice = sorted({one for one in values if values.count(one) > 1})
        if twice:
            raise SetupError(f"two terminals have the {what} {twice[0]}")
    return Duty(zone, setup.clock, terminals, pushing)


def _terminal(one: TerminalSetup) -> TerminalSettings:
    try:
        return TerminalSettings.model_validate(
            {
                "name": one.name or one.serial,
                "driver": one.driver,
                "host": one.host,
                "port": one.port,
                "transport": one.transport,
                "key": one.key,
                "poll_seconds": one.poll_seconds,
                "expected_serial": one.serial,
                "layout": one.layout,
            }
        )
    except ValidationError as error:
        raise _wrong(one, error) from None


def _pushing(one: TerminalSetup) -> PushTerminal:
    try:
        return PushTerminal(serial=one.serial, name=one.name[:100], source=one.source, dialect=one.dialect)  # type: ignore[arg-type] # checked
    except ValidationError as error:
        raise _wrong(one, error) from None


def _wrong(one: TerminalSetup, error: ValidationError) -> SetupError:
    """Names fields and never values: one of them is a key."""
    fields = ", ".join(sorted({".".join(str(part) for part in found["loc"]) for found in error.errors()}))
    return SetupError(f"terminal {one.serial}: {fields} cannot be used by this release")
