"""What goes on beside the server's processes: the broker follows who is revoked, and the authority's keys are kept up."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import structlog

from protocol.identifiers import EdgeId
from server.broker.authority import Authority
from server.errors import ServerError
from server.provisioning.actions import adopt_issued, note_authorities, note_broker, write_revocations
from server.storage import Database

LOOK_SECONDS = 0.5
KEEP_UP_SECONDS = 3600.0
BEHIND_SECONDS = 60.0
"""A broker that is started anew needs nobody; one that does not follow for so long needs a person."""

log = structlog.get_logger()


class Broker(Protocol):
    """What is told of keys and of who is out."""

    def follow_keys(self) -> None:
        """Raises OSError or ServerError."""

    def cut(self, edge: EdgeId) -> None:
        """Raises OSError or ServerError."""


@dataclass
class Keeper:
    """One for an installation, where `server run` runs. What is withdrawn in the database, wherever that was done, the broker follows."""

    database: Database
    authority: Authority
    broker: Broker | None
    """None where nobody told us how to reach it."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    owed: set[EdgeId] = field(default_factory=set)
    """Edges whose line may still be open: what failed is tried again at the next look."""
    looked_at: float = float("-inf")
    kept_up_at: float = float("-inf")
    behind_since: float | None = None
    behind_told: str | None = None
    """What was noted for people to see; None at first, when an earlier run may have noted something."""
    told: dict[str, str] = field(default_factory=dict)

    def prepare(self) -> None:
        """Before the broker starts: what it will read is complete. Raises ServerError or OSError."""
        now = self.clock()
        with self.database.writing() as uow:
            adopt_issued(uow, self.authority, now)
            write_revocations(uow, self.authority, now)

    def follow(self) -> None:
        """Look once a second; raises nothing, because the broker goes on without it, and ingest refuses who is revoked."""
        now = time.monotonic()
        if now - self.looked_at < LOOK_SECONDS:
            return
        self.looked_at = now
        self._try("keys cannot be kept up", self._keep_up)
        trouble = self._try("the broker does not follow", self._follow)
        self._try("what the broker does cannot be noted", lambda: self._note(trouble, now))

    def run(self, stop: threading.Event) -> None:
        """For a broker whose answers may take a while."""
        while not stop.wait(LOOK_SECONDS):
            self.follow()

    def _try(self, what: str, work: Callable[[], None]) -> str:
        """What fails is said once for as long as it stays the same, and tried again."""
        try:
            work()
        except (ServerError, OSError) as error:
            if self.told.get(what) != str(error):
                log.error(what, error=str(error))  # noqa: TRY400 - the sentence says it all
            self.told[what] = str(error)
            return str(error)
        self.told.pop(what, None)
        return ""

    def _note(self, trouble: str, now: float) -> None:
        """Let people see that the broker is behind when it has been for a while, and that it is not any more."""
        self.behind_since = (self.behind_since or now) if trouble else None
        lasting = trouble if self.behind_since is not None and now - self.behind_since >= BEHIND_SECONDS else ""
        if lasting == self.behind_told or (trouble and not lasting):
            return
        with self.database.writing() as uow:
            note_broker(uow, lasting, self.clock())
        self.behind_told = lasting

    def _follow(self) -> None:
        with self.database.reading() as uow:
            self.owed |= write_revocations(uow, self.authority, self.clock())
        if self.broker is None:
            self.owed.clear()
            return
        self.broker.follow_keys()
        while self.owed:
            self.broker.cut(next(iter(self.owed)))
            self.owed.pop()

    def _keep_up(self) -> None:
        """A successor in its time, and certificates of our own made anew: a matter of days, looked at hourly."""
        now = time.monotonic()
        if now - self.kept_up_at < KEEP_UP_SECONDS:
            return
        for name in self.authority.keep_up(self.clock()):
            log.info("certificate renewed", name=name)
        with self.database.writing() as uow:
            note_authorities(uow, self.authority, self.clock())
        self.kept_up_at = now
