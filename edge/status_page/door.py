"""Who may look at the page. On this machine's own address everybody who is logged in to it; from elsewhere who has the password, which a
command makes: there is none from the beginning, and without one the page is not opened to the network at all.
"""

import hashlib
import hmac
import ipaddress
import os
import secrets
import time
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path

from edge.secret_file import write_secret

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what is mistaken for something else."""
GROUPS, GROUP = 4, 4
SALT_BYTES = 16
SESSIONS, SESSION_SECONDS = 50, 12 * 3600.0
TRIES, TRIES_SECONDS = 10, 300.0
"""Wrong passwords of one address in five minutes; and of all addresses together ten times as many."""
PEERS = 1000


def make_password(file: Path) -> str:
    """Make a new one and keep its digest, which nobody can turn back; sessions of the old one end when the agent sees it."""
    password = "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    salt = os.urandom(SALT_BYTES)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_secret(file, (salt + _digest(password, salt)).hex().encode())
    return password


def is_this_machine_only(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine alone."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


class Door:
    """file: where the password's digest lies. Everything that blocks (the digest is slow on purpose) belongs into a thread."""

    def __init__(self, file: Path, host: str) -> None:
        self._file = file
        self._local = is_this_machine_only(host)
        self._sessions: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()

    @property
    def may_open(self) -> bool:
        """Whether the page may be listened for at all."""
        return self._local or bool(self._kept())

    @property
    def asks(self) -> bool:
        """Whether a password is asked for: once there is one, always."""
        return not self._local or bool(self._kept())

    def knows(self, token: str) -> bool:
        """Whether this is a session of somebody who gave the password that is set now."""
        until, kept = self._sessions.get(token, (0.0, b""))
        return bool(kept) and time.monotonic() < until and kept == self._kept()

    def is_tried_too_often(self, peer: str) -> bool:
        """Whether this address, or all together, gave too many wrong passwords lately."""
        recent = time.monotonic() - TRIES_SECONDS
        counts = {one: sum(at > recent for at in times) for one, times in self._wrong.items()}
        return counts.get(peer, 0) >= TRIES or sum(counts.values()) >= 10 * TRIES

    def enter(self, password: str, peer: str) -> str | None:
        """A session's token for the right password; None for a wrong one."""
        kept = self._kept()
        salt, digest = kept[:SALT_BYTES], kept[SALT_BYTES:]
        if not kept or not hmac.compare_digest(_digest(password.strip(), salt), digest):
            self._wrong[peer] = [*self._wrong.get(peer, [])[-TRIES:], time.monotonic()]
            self._wrong.move_to_end(peer)
            if len(self._wrong) > PEERS:
                self._wrong.popitem(last=False)
            return None
        token = secrets.token_urlsafe(32)
        self._sessions[token] = (time.monotonic() + SESSION_SECONDS, kept)
        while len(self._sessions) > SESSIONS:
            self._sessions.popitem(last=False)
        return token

    def leave(self, token: str) -> None:
        """End a session."""
        self._sessions.pop(token, None)

    def _kept(self) -> bytes:
        """Salt and digest; nothing where there is none, or none that can be used."""
        with suppress(OSError, ValueError):
            kept = bytes.fromhex(self._file.read_text("ascii").strip())
            return kept if len(kept) > SALT_BYTES else b""
        return b""


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
