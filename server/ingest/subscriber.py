"""An ingest worker: one connection to the broker, its share of the shards, and a loop that admits and answers.

paho's thread only lets messages wait. When the database cannot commit, nothing is answered and no room is left; what finds none is dropped,
because every edge still has it and sends it again: that is the way back-pressure reaches them.
"""

import socket
import ssl
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion

from protocol import codec, topics
from protocol.errors import ProtocolError
from protocol.identifiers import Shard
from protocol.messages import Message, kind_of
from protocol.signing import Signer
from server.ingest import leases
from server.ingest.admit import Admission, Arrival
from server.ingest.courier import Courier
from server.ingest.leases import Lease, LeaseLostError
from server.ingest.postman import Postman
from server.ingest.waiting import Waiting
from server.storage import Database, StorageError

LOOK_SECONDS = 0.2
"""How long a worker waits for a message before it looks after its leases."""
REST_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Pauses while the database cannot commit; the last one for as long as it takes."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is, as whom to come, and the files (PEM) that prove it."""

    host: str
    port: int
    client: str
    authority: Path
    certificate: Path
    key: Path


class IngestWorker:
    """`run` returns when `stop` was called. heartbeat: how often leases are renewed, a quarter of their length by default."""

    def __init__(
        self,
        name: str,
        broker: BrokerAddress,
        database: Database,
        admission: Admission,
        signer: Signer,
        couriers: Sequence[Courier] = (),
        lease: timedelta = leases.LEASE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = name
        self._broker, self._database, self._admission, self._signer = broker, database, admission, signer
        self._lease, self._clock = lease, clock
        self._waiting = Waiting()
        self._held: dict[Shard, Lease] = {}
        self._stop = threading.Event()
        self._connected = threading.Event()
        self._heard_broker_at = datetime.min.replace(tzinfo=UTC)
        self._next_heartbeat = datetime.min.replace(tzinfo=UTC)
        self._failures = 0
        self._failed_beating = False  # whether they began with a heartbeat
        self._unreachable = ""  # why the broker could not be reached the last time
        self._client = self._make_client()
        self._postman = Postman(database, couriers, self._reachable, self._send, clock)

    def stop(self) -> None:
        """End after what is being admitted; may be called from a signal handler."""
        self._stop.set()

    def run(self) -> None:
        """Admit until stopped; survives a broker and a database that go away."""
        self._client.connect_async(self._broker.host, self._broker.port, keepalive=20)
        self._client.loop_start()
        self._postman.start()
        try:
            while not self._stop.is_set():
                self._beat()
                arrivals = self._waiting.take(LOOK_SECONDS)
                if arrivals:
                    self._admit(arrivals)
        finally:
            self._postman.stop()
            self._client.loop_stop()
            self._client.disconnect()
            try:
                leases.give_up(self._database, self.name, self._clock())
            except StorageError:
                log.warning("leases run out by themselves")

    # Shards ----------------------------------------------------------------------------------------------------------------------

    def _beat(self) -> None:
        """Renew and share. Who has not heard the broker for the length of a lease owns nothing: another worker may hear it."""
        now = self._clock()
        if self._connected.is_set():
            self._heard_broker_at = now
        if timedelta(0) < self._next_heartbeat - now <= self._lease:  # one further away is of a clock that was set back
            return
        deaf = now - self._heard_broker_at >= self._lease
        if deaf and not self._held:
            return
        self._next_heartbeat = now + self._lease / 4
        try:
            if deaf:
                leases.give_up(self._database, self.name, now)
                self._own({})
            else:
                self._own(leases.heartbeat(self._database, self.name, now, self._lease))
        except StorageError as error:
            self._failed_beating = self._failed_beating or not self._failures
            self._rest(error)
            return
        if self._failed_beating:  # else small writes work, and those of messages still have to
            self._say_back()

    def _own(self, held: dict[Shard, Lease]) -> None:
        """Hear these shards from now on, and no others. They are noted first: paho's thread subscribes to what it finds when it comes."""
        before, self._held = self._held, held
        if before.keys() != held.keys():
            log.info("shards", worker=self.name, shards=sorted(held))
            self._subscribe(held.keys() - before.keys(), before.keys() - held.keys())

    def _subscribe(self, gained: set[Shard], lost: set[Shard]) -> None:
        if not self._connected.is_set():
            return
        if gained:
            self._client.subscribe([(topics.shard_filter(shard), 1) for shard in sorted(gained)])
        if lost:
            self._client.unsubscribe([topics.shard_filter(shard) for shard in sorted(lost)])

    # Messages --------------------------------------------------------------------------------------------------------------------

    def _admit(self, arrivals: list[Arrival]) -> None:
        mine = [arrival for arrival in arrivals if _shard(arrival) in self._held or _shard(arrival) is None]
        try:
            receipts = self._admission.take(mine, self._held, self._clock())
        except LeaseLostError as error:
            log.warning("lease lost", worker=self.name, shards=error.shards)
            self._own({shard: lease for shard, lease in self._held.items() if shard not in error.shards})
            self._next_heartbeat = datetime.min.replace(tzinfo=UTC)
            return
        except StorageError as error:
            self._rest(error)
            return
        except Exception:  # one message must not stop the others: each is tried alone, and the bad one is left to its edge's time-out
            if len(mine) > 1:
                for arrival in mine:
                    self._admit([arrival])
            else:
                log.exception("a message could not be admitted")
            return
        self._say_back()
        for receipt in receipts:
            self._send(receipt)

    def _send(self, message: Message) -> None:
        encoding, payload = codec.pack(codec.encode(message, self._signer))
        if self._client.is_connected():
            self._client.publish(topics.down(message.edge, kind_of(message), encoding), payload, qos=1)

    def _reachable(self) -> Collection[Shard]:
        """Shards to whose edges something can be sent now."""
        return self._held.keys() if self._client.is_connected() else ()

    def _rest(self, error: StorageError) -> None:
        """The database cannot commit now: say it once, wait, go on. Nothing is answered meanwhile."""
        if not self._failures:
            log.error("database does not commit; edges keep everything meanwhile", error=str(error))
        pause = REST_SECONDS[min(self._failures, len(REST_SECONDS) - 1)]
        self._failures += 1
        self._stop.wait(pause)

    def _say_back(self) -> None:
        if self._failures:
            log.info("database commits again", worker=self.name)
        self._failures, self._failed_beating = 0, False

    # The connection --------------------------------------------------------------------------------------------------------------

    def _make_client(self) -> mqtt.Client:
        name = self._broker.client
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, clean_session=True, protocol=mqtt.MQTTv311)
        client.username_pw_set(name)
        context = ssl.create_default_context(cafile=self._broker.authority)
        client.tls_set_context(context)
        client.on_pre_connect = lambda *_: self._read_keys(context)
        self._read_keys(context)
        client.reconnect_delay_set(1, 10)
        client.max_queued_messages_set(1000)
        client.on_connect = self._came
        client.on_connect_fail = self._did_not_come
        client.on_disconnect = self._left
        client.on_message = self._heard
        client.on_socket_open = _no_delay
        return client

    def _read_keys(self, context: ssl.SSLContext) -> None:
        """At each new line: they may have been renewed."""
        context.load_verify_locations(self._broker.authority)
        context.load_cert_chain(self._broker.certificate, self._broker.key)

    def _came(self, _client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            log.error("the broker refused this worker", worker=self.name, reason=str(reason))
            return
        log.info("connected to the broker", worker=self.name)
        self._unreachable = ""
        self._connected.set()
        self._subscribe(set(self._held), set())

    def _did_not_come(self, _client: mqtt.Client, _data: Any) -> None:
        """Called inside the handler of what went wrong; said once for as long as it stays the same."""
        reason = str(sys.exc_info()[1] or "no answer")
        if reason != self._unreachable:
            log.error("cannot reach the broker; trying on", worker=self.name, host=self._broker.host, port=self._broker.port, reason=reason)
        self._unreachable = reason

    def _left(self, _client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._connected.clear()
        if not self._stop.is_set():
            log.warning("lost the broker", worker=self.name, reason=str(reason))

    def _heard(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self._waiting.put(Arrival(message.topic, bytes(message.payload), self._clock()))


def _no_delay(_client: mqtt.Client, _data: Any, line: Any) -> None:
    """A receipt is small and waited for: without this it lies 40 ms in the kernel."""
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _shard(arrival: Arrival) -> Shard | None:
    """The shard a message belongs to; None for one that belongs nowhere, which whoever hears it refuses."""
    try:
        return topics.parse(arrival.topic).shard
    except ProtocolError:
        return None
