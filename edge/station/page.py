"""The page at the door: who came, and the question of consent. A small server of our own, because an edge has no web framework.

It shows names, so it listens on this machine alone unless the settings say otherwise. It takes one thing, the answer to the question that
is asked just now, and that only from its own page: another site cannot send the header, and another name for this machine is refused.
"""

import asyncio
import ipaddress
import json
from collections.abc import Callable
from contextlib import suppress
from html import escape
from importlib.resources import files

from edge.station.desk import Desk
from edge.station.words import ADVICE, PLACES, STEPS, words

HEAD_BYTES = 8192
BODY_BYTES = 256
REQUEST_SECONDS = 5.0
CONNECTIONS = 32
OWN_HEADER = "x-station"
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
_REASONS = {200: "OK", 204: "No Content", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 503: "Service Unavailable"}
Reply = tuple[int, str, bytes]
_NOTHING = "text/plain"


class Page:
    """troubled: whether a part is not well just now."""

    def __init__(self, desk: Desk, name: str, language: str, troubled: Callable[[], bool]) -> None:
        self._desk, self._troubled = desk, troubled
        self._places, self._steps, self._advice = (words(table, language) for table in (PLACES, STEPS, ADVICE))
        static = files("edge.station") / "static"
        html = (static / "station.html").read_text(encoding="utf-8")
        for key, text in {"language": "zh-CN" if language == "zh" else "en", "name": name, **self._places}.items():
            html = html.replace("{{" + key + "}}", escape(text))
        self._files = {
            "/": ("text/html; charset=utf-8", html.encode()),
            "/station.js": ("text/javascript", (static / "station.js").read_bytes()),
            "/station.css": ("text/css", (static / "station.css").read_bytes()),
        }
        self._open = 0

    async def serve(self, host: str, port: int, listening: Callable[[int], None] = lambda _: None) -> None:
        """Serve until cancelled; raises OSError when the address cannot be had."""
        server = await asyncio.start_server(self._talk, host, port, limit=HEAD_BYTES)
        async with server:
            listening(server.sockets[0].getsockname()[1])
            await server.serve_forever()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection."""
        self._open += 1
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                status, kind, body = await self._reply(reader) if self._open <= CONNECTIONS else (503, _NOTHING, b"")
                writer.write(_head(status, kind, len(body)) + body)
                await writer.drain()
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # a browser that went away, or no browser
        finally:
            self._open -= 1
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _reply(self, reader: asyncio.StreamReader) -> Reply:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, *_ = [*first.split(" "), "", ""]
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if not _is_this_machine(headers.get("host", "")):
            return 403, _NOTHING, b"Name this machine by its address."
        if method == "POST" and path == "/answer":
            length = headers.get("content-length", "")
            if OWN_HEADER not in headers or not (length.isascii() and length.isdigit() and 0 < int(length) <= BODY_BYTES):
                return 403, _NOTHING, b""
            return self._take_answer(await reader.readexactly(int(length)))
        if method != "GET":
            return 400, _NOTHING, b""
        if path == "/now":
            return 200, "application/json", json.dumps(self.now(), ensure_ascii=False).encode()
        kind, body = self._files.get(path, ("", b""))
        return (200, kind, body) if kind else (404, _NOTHING, b"")

    def now(self) -> dict[str, object]:
        """What is to be seen just now."""
        enrolment, line = self._desk.enrolment(), self._desk.line()
        if enrolment:
            wish, state = enrolment
            text = self._advice[state.advice] or self._steps[state.step]
            return {
                "mode": "enrol",
                "wish": wish.id,
                "name": wish.person.name,
                "step": state.step,
                "text": self._steps[state.step],
                "advice": text,
            }
        if line:
            return {"mode": "line", "word": line.word, "name": line.name, "time": line.time, "text": self._places[line.word]}
        trouble = self._troubled()
        return {"mode": "trouble" if trouble else "waiting", "text": self._places["trouble" if trouble else "waiting"]}

    def _take_answer(self, body: bytes) -> Reply:
        try:
            told = json.loads(body)
            wish, agrees = told["wish"], told["agrees"]
        except (ValueError, TypeError, KeyError):
            return 400, _NOTHING, b""
        if type(wish) is not int or type(agrees) is not bool:
            return 400, _NOTHING, b""
        self._desk.answered(wish, agrees=agrees)
        return 204, _NOTHING, b""


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


def _head(status: int, kind: str, length: int) -> bytes:
    lines = (
        f"HTTP/1.1 {status} {_REASONS[status]}", f"Content-Type: {kind}", f"Content-Length: {length}", "Connection: close",
        "Cache-Control: no-store", f"Content-Security-Policy: {_POLICY}", "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer",
    )  # fmt: skip
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
