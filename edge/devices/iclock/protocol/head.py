"""The head of an HTTP request as terminals write it, and of the answer. Pure.

Tolerated, because firmware sends it: bare LF, blanks in the target, header lines without a colon, a blank before the colon, no Host,
the whole address as target, as for a proxy.
Refused, because nobody could say where the body ends: two lengths, a length that is no number, a body in chunks.
Why this is not a library's: docs/decisions/0035-a-door-for-odd-http.md.
"""

import re
from dataclasses import dataclass

from edge.devices.iclock.protocol.answer import Answer

HEAD_BYTES = 16 * 1024
"""A request line with INFO or an options list is some hundred bytes; the rest is room for odd firmware."""

_PROXIED = re.compile(r"https?://[^/]*", re.IGNORECASE)
_REASONS = {
    200: "OK", 400: "Bad Request", 404: "Not Found", 408: "Request Timeout", 411: "Length Required", 413: "Payload Too Large",
    429: "Too Many Requests", 431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented",
    503: "Service Unavailable",
}  # fmt: skip


class BadHeadError(Exception):
    """A request that is no request; `status` is what it is answered with."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Head:
    """length: bytes of the body that follows. waits: the client sends it only when it was told to go on."""

    method: str
    target: str
    length: int
    waits: bool


def parse_head(data: bytes) -> Head:
    """Read everything before the blank line; raises BadHeadError."""
    first, *lines = data.decode("latin-1").replace("\r", "").split("\n")
    method, _, rest = first.strip().partition(" ")
    target, mark, _ = rest.rpartition(" HTTP/")
    target = _PROXIED.sub("", target.strip())
    if not mark or not method.isalpha() or len(method) > 16 or not target.startswith("/"):
        raise BadHeadError(400, "no request line")
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), []).append(value.strip())
    waits = any(value.lower() == "100-continue" for value in headers.get("expect", ()))
    return Head(method.upper(), _as_utf8(target), _length(method.upper(), headers), waits)


def _as_utf8(target: str) -> str:
    return target.encode("latin-1").decode("utf-8", "replace")


def _length(method: str, headers: dict[str, list[str]]) -> int:
    if "transfer-encoding" in headers:
        raise BadHeadError(501, "a body in chunks")
    lengths = set(headers.get("content-length", ()))
    if not lengths:
        if method in ("POST", "PUT"):
            raise BadHeadError(411, "a body of unknown length")
        return 0
    text = lengths.pop()
    if lengths or not (text.isascii() and text.isdigit()) or len(text) > 12:
        raise BadHeadError(400, "a length that is none")
    return int(text)


def write_answer(answer: Answer, date: str | None) -> bytes:
    """The whole answer. date: the Date header's value, from which terminals set their clocks; None leaves it out."""
    lines = [
        f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Unknown')}",
        "Server: Clockbridge",
        "Content-Type: text/plain;charset=UTF-8",
        f"Content-Length: {len(answer.body)}",
        "Connection: close",
        *([f"Date: {date}"] if date else []),
        *([f"Set-Cookie: {answer.cookie}"] if answer.cookie else []),
    ]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + answer.body
