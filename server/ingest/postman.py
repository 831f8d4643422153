"""Sends down what waits for edges: a thread of an ingest worker asks its couriers about once a second and hands over what they give.

Nothing is kept here: what a killed worker did not send waits in the database, and the next owner of the shard sends it.
"""

import threading
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

import structlog

from protocol.identifiers import Shard
from protocol.messages import Message
from server.ingest.courier import Courier
from server.storage import Database, StorageError

ASK_SECONDS = 1.0
REST_SECONDS = (2.0, 5.0, 10.0, 30.0)
"""Pauses while a courier or the database fails; the last one for as long as it takes."""

log = structlog.get_logger()


class Postman:
    """`run` until `stop`. shards: those whose edges are ours now, none while the broker is away; send: one message, at once."""

    def __init__(
        self,
        database: Database,
        couriers: Sequence[Courier],
        shards: Callable[[], Collection[Shard]],
        send: Callable[[Message], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._database, self._couriers, self._shards, self._send, self._clock = database, couriers, shards, send, clock
        self._failures: dict[Courier, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="postman", daemon=True)

    def start(self) -> None:
        """Begin, where there is anybody to ask."""
        if self._couriers:
            self._thread.start()

    def stop(self) -> None:
        """End after what is being sent."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stop.wait(self._pause()):
            self.go_round()

    def go_round(self) -> None:
        """Ask each courier once; one that fails does not hold the others up."""
        shards = self._shards()
        if not shards:
            return
        for courier in self._couriers:
            try:
                with self._database.reading() as uow:
                    messages = courier.waiting(uow, shards, self._clock())
            except StorageError:
                self._fail(courier)  # said by the worker, whose commits fail as well
                continue
            except Exception:  # a fault of one courier is not the end of the others, nor of this one's next attempt
                if not self._failures.get(courier):
                    log.exception("what waits for edges cannot be told", courier=type(courier).__name__)
                self._fail(courier)
                continue
            self._failures.pop(courier, None)
            for message in messages:
                self._send(message)

    def _fail(self, courier: Courier) -> None:
        self._failures[courier] = self._failures.get(courier, 0) + 1

    def _pause(self) -> float:
        """As long as somebody is well, the usual one: who fails is asked with the others."""
        if len(self._failures) < len(self._couriers):
            return ASK_SECONDS
        return REST_SECONDS[min(*self._failures.values(), len(REST_SECONDS)) - 1]
