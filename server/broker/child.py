"""The amqtt broker as a process of its own: `python -m server.broker.child`.

The first line of standard input is its configuration as JSON; each later line a list of revoked serial numbers, with which it also reads
its certificate and whom to trust anew. It prints one line when it listens, and ends when standard input ends: with its parent, however
that ended.
"""

import asyncio
import json
import logging
import os
import resource
import signal
import ssl
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from server.broker.door import Door
from server.broker.routing import RoutingBroker

log = logging.getLogger(__name__)

AMQTT = {
    "listeners": {"default": {"type": "external"}},
    "timeout_disconnect_delay": 2,
    "plugins": {"server.broker.plugins.CertificateIsIdentity": {}, "server.broker.plugins.OwnTopicsOnly": {}},
}
CANNOT_LISTEN = 3
HANDSHAKE_SECONDS = 10.0
"""For a box on a slow mobile line to show its certificate."""


@dataclass(frozen=True, slots=True)
class BrokerConfig:
    """Where to listen and with which keys (paths of PEM files); `revoked` are serial numbers of certificates, as text."""

    host: str
    port: int
    authority: str
    certificate: str
    key: str
    revoked: tuple[str, ...] = ()

    def to_line(self) -> str:
        return json.dumps({name: getattr(self, name) for name in self.__slots__})


def tls_context(config: BrokerConfig) -> ssl.SSLContext:
    """Only clients with a certificate of our authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    read_files(context, config)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def read_files(context: ssl.SSLContext, config: BrokerConfig) -> None:
    """For connections from now on; whoever is inside stays. Who was trusted before stays so until the end of their certificate."""
    context.load_verify_locations(config.authority)
    context.load_cert_chain(config.certificate, config.key)


async def listen(door: Door, config: BrokerConfig, context: ssl.SSLContext) -> asyncio.Server:
    """Who does not show a certificate soon is hung up on: a thousand who say nothing would keep all edges out."""
    return await asyncio.start_server(door.welcome, config.host, config.port, ssl=context, ssl_handshake_timeout=HANDSHAKE_SECONDS)


async def serve(config: BrokerConfig) -> None:
    broker = RoutingBroker(AMQTT)
    await broker.start()
    door = Door(broker, {int(serial) for serial in config.revoked})
    context = tls_context(config)
    server = await listen(door, config, context)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    listening = asyncio.create_task(_follow_parent(door, lambda: read_files(context, config), stop))
    await stop.wait()
    listening.cancel()
    server.close()
    await broker.shutdown()


async def _follow_parent(door: Door, read_anew: Callable[[], None], stop: asyncio.Event) -> None:
    """Take revocations and new certificates from the parent; its end is ours."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        door.revoke({int(serial) for serial in json.loads(line)})
        try:
            read_anew()
        except OSError as error:  # also what TLS finds wrong in them
            log.error("new certificates cannot be used: %s", error)  # noqa: TRY400 - the sentence says it all
    stop.set()


def main() -> int:
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    logging.getLogger("amqtt").setLevel(logging.ERROR)
    with suppress(OSError, ValueError):  # as many lines as the system lets us have
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    raw = b""
    while not raw.endswith(b"\n"):  # unbuffered, so that the lines behind it are left for the event loop
        byte = os.read(sys.stdin.fileno(), 1)
        if not byte:
            return 0
        raw += byte
    config = BrokerConfig(**json.loads(raw))
    for path in (config.authority, config.certificate, config.key):
        if not Path(path).is_file():
            print(f"missing {path}", file=sys.stderr)
            return CANNOT_LISTEN
    try:
        asyncio.run(serve(config))
    except OSError as error:
        print(f"cannot listen on {config.host}:{config.port}: {error.strerror or error}", file=sys.stderr)
        return CANNOT_LISTEN
    return 0


if __name__ == "__main__":
    sys.exit(main())
