"""The HTTP door for terminals: one request a connection, everything bounded, answered when whoever is behind it has answered.

Terminals say `Connection: close` and open a new line for each request, so that is all there is.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

import structlog

from edge.devices.iclock.limits import Limits, RateLimit
from edge.devices.iclock.protocol.answer import LATER, Answer
from edge.devices.iclock.protocol.head import HEAD_BYTES, BadHeadError, Head, parse_head, write_answer
from edge.devices.iclock.protocol.request import Request, read_request

HEAD_SECONDS = 15.0
BODY_SECONDS = 120.0
"""A terminal on a mobile line sends a megabyte in a minute."""
GOODBYE_SECONDS = 5.0
PIECE = 64 * 1024

log = structlog.get_logger(__name__)

Answering = Callable[[Request, str], Awaitable[Answer]]
"""Answers a request of an address; never raises."""


class Listener:
    """`async with` opens and closes the door; raises OSError where the address cannot be had."""

    def __init__(self, answer: Answering, date: Callable[[], str | None], limits: Limits) -> None:
        self.refused = 0
        """Requests that were turned away: too many, too large, or none at all."""
        self._answer, self._date, self._limits = answer, date, limits
        self._rate = RateLimit(limits.per_minute)
        self._tasks: set[asyncio.Task[None]] = set()
        self._lines: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        """Connections, and bytes of bodies on their way, of each address."""
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        assert self._server is not None, "it is not open"
        return int(self._server.sockets[0].getsockname()[1])

    async def open(self, host: str, port: int) -> None:
        self._server = await asyncio.start_server(self._welcome, host, port, backlog=512, limit=PIECE)

    async def close(self) -> None:
        """Close the door; whoever is inside has a moment to be answered."""
        if self._server is None:
            return
        self._server.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GOODBYE_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._server = None

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        source = str(writer.get_extra_info("peername", ("",))[0])
        if len(self._tasks) >= self._limits.connections or self._lines[source] >= self._limits.connections_of_one:
            self.refused += 1
            writer.close()
            return
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(OSError, TimeoutError, asyncio.IncompleteReadError), _counted(self._lines, source, 1):
                await self._serve(reader, writer, source)
        finally:
            self._tasks.discard(task)
            writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str) -> None:
        try:
            answer = await self._answered(reader, writer, source)
        except BadHeadError as problem:
            self.refused += 1
            log.info("request_refused", status=problem.status, reason=str(problem))
            answer = Answer(problem.status, b"")
        writer.write(write_answer(answer, self._date()))
        async with asyncio.timeout(HEAD_SECONDS):
            await writer.drain()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str) -> Answer:
        async with asyncio.timeout(HEAD_SECONDS):
            head_bytes, begun = await _read_head(reader)
        head = parse_head(head_bytes)
        if head.length > self._limits.body:
            raise BadHeadError(413, "a body that is too large")
        if not self._rate.allow(source, time.monotonic()) or not self._has_room(source, head.length):
            self.refused += 1
            return LATER
        with _counted(self._bytes, source, head.length):
            body = await _read_body(reader, writer, head, begun)
            return await self._answer(read_request(head.method, head.target, body), source)

    def _has_room(self, source: str, length: int) -> bool:
        return self._bytes[source] + length <= self._limits.bodies_of_one and self._bytes.total() + length <= self._limits.bodies


@contextmanager
def _counted(counts: Counter[str], name: str, count: int) -> Iterator[None]:
    """Count this under a name meanwhile; a name that counts nothing is forgotten."""
    counts[name] += count
    try:
        yield
    finally:
        counts[name] -= count
        if not counts[name]:
            del counts[name]


async def _read_head(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Everything up to the blank line, and what came behind it already."""
    data = b""
    while True:
        ends = [(data.find(mark), len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if mark in data]
        if ends:
            at, width = min(ends)
            return data[:at], data[at + width :]
        if len(data) > HEAD_BYTES:
            raise BadHeadError(431, "a head that is too large")
        piece = await reader.read(4096)
        if not piece:
            raise BadHeadError(400, "a head that is cut")
        data += piece


async def _read_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: Head, begun: bytes) -> bytes:
    body = bytearray(begun[: head.length])
    if head.waits and len(body) < head.length:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    async with asyncio.timeout(BODY_SECONDS):
        while len(body) < head.length:
            piece = await reader.read(min(PIECE, head.length - len(body)))
            if not piece:
                raise BadHeadError(400, "a body that is cut")
            body += piece
    return bytes(body)
