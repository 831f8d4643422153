"""Passwords: argon2id, a few at a time, and generated ones."""

import secrets
import threading
from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 256
"""Longer input only costs time; a passphrase of 256 characters is a long one."""
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters that look alike on paper."""

_few_at_once = threading.Semaphore(2)
"""One hash takes 64 MiB: a hundred people signing in at nine must not take the machine's memory."""


@cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(time_cost=3, memory_cost=65_536, parallelism=4),))


@cache
def _of_nobody() -> str:
    return _hasher().hash("nobody's password")


def hash_password(password: str) -> str:
    """What is stored; takes about a third of a second, so outside of transactions."""
    with _few_at_once:
        return _hasher().hash(password)


@cache
def hash_of_no_password() -> str:
    """For an account whose owner has no password yet: the hash of a text that nobody knows."""
    return _hasher().hash(secrets.token_urlsafe(32))


def check_password(password: str, stored: str | None) -> tuple[bool, str | None]:
    """(right?, a new hash to store where the old one's parameters are out of date). An account that is not there takes as long."""
    if len(password) > MAXIMUM_LENGTH:
        password = ""
    with _few_at_once:
        if stored is None:
            _hasher().verify(password, _of_nobody())
            return False, None
        try:
            return _hasher().verify_and_update(password, stored)
        except UnknownHashError:
            return False, None


def generate_password() -> str:
    """A password of 16 letters and digits in four groups; about 79 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
