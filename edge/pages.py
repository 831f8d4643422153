"""The little web server of an edge's own pages, because an edge has no web framework: one request a connection, everything bounded.

Only who names this machine by its address is heard: another site that turned its name to ours is how a browser would be led in. What
changes anything must bear the header of our own scripts, which no other site can send.
"""

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl

HEAD_BYTES = 8192
REQUEST_SECONDS = 5.0
"""For a request's head, for a small body, for each piece of a long one, and for the answer."""
CONNECTIONS = 32
PIECE_BYTES = 256 * 1024
NOTHING = "text/plain"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
_REASONS = {
    200: "OK", 204: "No Content", 303: "See Other", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    413: "Content Too Large", 429: "Too Many Requests", 503: "Service Unavailable", 507: "Insufficient Storage",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered; headers: further ones."""

    status: int
    kind: str = NOTHING
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. length: bytes of its body, 0 for none. peer: the address it comes from."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    length: int
    peer: str
    reader: asyncio.StreamReader

    async def body(self, most: int) -> bytes | None:
        """A small body; None where it is larger than that."""
        if self.length > most:
            return None
        async with asyncio.timeout(REQUEST_SECONDS):
            return await self.reader.readexactly(self.length)

    async def pieces(self) -> AsyncIterator[bytes]:
        """A long body, piece by piece; raises IncompleteReadError where it ends before its length."""
        left = self.length
        while left:
            async with asyncio.timeout(REQUEST_SECONDS):
                piece = await self.reader.read(min(left, PIECE_BYTES))
            if not piece:
                raise asyncio.IncompleteReadError(b"", left)
            left -= len(piece)
            yield piece


class PageServer:
    """own_header: what a request that changes anything must bear."""

    def __init__(self, answer: Callable[[Asked], Awaitable[Reply]], own_header: str) -> None:
        self._answer, self._own_header = answer, own_header
        self._open = 0

    async def serve(self, host: str, port: int, listening: Callable[[int], None] = lambda _: None) -> None:
        """Serve until cancelled; raises OSError when the address cannot be had."""
        server = await asyncio.start_server(self._talk, host, port, limit=HEAD_BYTES)
        async with server:
            listening(server.sockets[0].getsockname()[1])
            await server.serve_forever()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            reply = await self._reply(reader, writer) if self._open <= CONNECTIONS else Reply(503)
            async with asyncio.timeout(REQUEST_SECONDS):
                writer.write(_head(reply) + reply.body)
                await writer.drain()
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # a browser that went away, or no browser
        finally:
            self._open -= 1
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _reply(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Reply:
        async with asyncio.timeout(REQUEST_SECONDS):
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, *_ = [*first.split(" "), "", ""]
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if not _is_this_machine(headers.get("host", "")):
            return Reply(403, body=b"Name this machine by its address.")
        written = headers.get("content-length", "0")
        if method not in ("GET", "POST") or not (written.isascii() and written.isdigit() and len(written) < 12):
            return Reply(400)
        if method == "POST" and self._own_header not in headers:
            return Reply(403)
        path, _, query = target.partition("?")
        peer = str(writer.get_extra_info("peername", ("",))[0])
        return await self._answer(Asked(method, path, dict(parse_qsl(query)), headers, int(written), peer, reader))


def _is_this_machine(host: str) -> bool:
    """Whether it was named by an address: a foreign name that was turned to ours is how another site would come in."""
    name = host.rpartition(":")[0] if host.count(":") == 1 or "]:" in host else host
    if name == "localhost":
        return True
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _head(reply: Reply) -> bytes:
    lines = (
        f"HTTP/1.1 {reply.status} {_REASONS[reply.status]}", f"Content-Type: {reply.kind}", f"Content-Length: {len(reply.body)}",
        "Connection: close", "Cache-Control: no-store", f"Content-Security-Policy: {POLICY}", "X-Content-Type-Options: nosniff",
        "Referrer-Policy: no-referrer", *(f"{name}: {value}" for name, value in reply.headers),
    )  # fmt: skip
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
