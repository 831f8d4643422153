"""Posting to a webhook: only where it may go, to exactly the address that was looked at, without following anybody elsewhere.

A name is looked up once and the connection goes to what was found: an address that changes between the look and the connection (DNS
rebinding) leads nowhere. A redirect is a fault: it could lead into our own network.
"""

import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Collection
from time import monotonic
from urllib.parse import urlsplit

from server.errors import InvalidInputError
from server.notify.engine import Posting, usable_address
from server.notify.model import HookForm

SECONDS = 5.0
LONGEST_SECONDS = 10.0
"""For a whole call: an answer that drips must not hold a thread."""
MOST_BYTES = 64 * 1024
"""Of an answer; a robot's is some hundred."""


class HookError(Exception):
    """It was not taken. fault: a text of ours; code: of the other side, or the kind of fault."""

    def __init__(self, fault: str, code: str = "") -> None:
        self.fault, self.code = fault, code
        super().__init__(f"{fault} {code}")


def post(posting: Posting, form: HookForm, named: Collection[str]) -> None:
    """Returns when the other side has taken it; raises HookError. named: hosts inside our network that the settings allow."""
    try:
        usable_address(posting.url, named)
    except InvalidInputError as error:
        raise HookError("The webhook's address may not be used (any more).", str(error.facts["field"])) from error
    parts = urlsplit(posting.url)
    host, tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    connection = _Pinned(host, port, _looked_up(host, port, named), tls=tls)
    try:
        path = parts.path or "/"
        connection.request("POST", f"{path}?{parts.query}" if parts.query else path, posting.body, dict(posting.headers))
        status, body = _answer(connection)
    except (OSError, http.client.HTTPException) as error:
        raise HookError("The webhook's server cannot be reached.", type(error).__name__) from error
    finally:
        connection.close()
    _require_taken(status, body, form)


def _looked_up(host: str, port: int, named: Collection[str]) -> str:
    """The number to connect to; one inside our network only for a host that is named."""
    try:
        found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise HookError("The webhook's host has no address.", type(error).__name__) from error
    if host.lower() not in named and not all(ipaddress.ip_address(one.partition("%")[0]).is_global for one in found):
        raise HookError("The webhook's host leads into your own network, which the settings do not allow.", host[:100])
    return found[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to a number, in the name of a host: its certificate must be the host's."""

    def __init__(self, host: str, port: int, number: str, *, tls: bool) -> None:
        super().__init__(host, port, timeout=SECONDS)
        self._number, self._tls = number, tls

    def connect(self) -> None:
        self.sock = socket.create_connection((self._number, self.port), SECONDS)
        if self._tls:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _answer(connection: http.client.HTTPConnection) -> tuple[int, bytes]:
    until = monotonic() + LONGEST_SECONDS
    response = connection.getresponse()
    body = b""
    while (part := response.read1(8192)) and len(body) < MOST_BYTES:
        body += part
        if monotonic() > until:
            raise TimeoutError
    return response.status, body


def _require_taken(status: int, body: bytes, form: HookForm) -> None:
    if 300 <= status < 400:
        raise HookError("The webhook leads elsewhere, and redirects are not followed: write the address that it leads to.", str(status))
    if not 200 <= status < 300:
        raise HookError("The webhook's server refused it.", str(status))
    if form is not HookForm.SIGNED and (code := _robots_code(body)):
        raise HookError("The robot refused it: look at its key, secret and limits.", code)


def _robots_code(body: bytes) -> str:
    """Robots say 200 also when they refuse; the number in the answer tells. "" for taken."""
    try:
        said = json.loads(body)
        code = said.get("errcode", said.get("code", said.get("StatusCode", 0)))
    except (ValueError, AttributeError, RecursionError):
        return "no JSON"
    return "" if code == 0 else str(code)[:100]
