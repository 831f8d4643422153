"""Asking a provider over the network: JSON answers of bounded size in bounded time, by the certificates that the machine trusts."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from time import monotonic
from typing import Any

import httpx2
from pydantic import SecretStr

from server.access.model.elsewhere import ProviderDownError

PATIENCE_SECONDS = 5.0
"""For each step of a call; somebody stands at the sign-in and waits."""
LONGEST_SECONDS = 10.0
"""For a whole call: an answer that drips must not hold a thread."""
MOST_BYTES = 512 * 1024
"""No answer that we ask for is near it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """status: of HTTP. body: the JSON object."""

    status: int
    body: Mapping[str, Any]

    @property
    def is_fine(self) -> bool:
        return 200 <= self.status < 300

    def text(self, name: str) -> str:
        """A text of the body, a number as one; "" for anything else."""
        value = self.body.get(name)
        return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def revealed(secret: SecretStr | None) -> str:
    """A secret of the settings; "" for none."""
    return secret.get_secret_value() if secret else ""


def ask(method: str, address: str, **what: Any) -> Answer:
    """Ask and read; what: `params`, `headers`, `data`, `json`, `auth` of httpx. Redirects are not followed. Raises ProviderDownError."""
    until = monotonic() + LONGEST_SECONDS
    try:
        with (
            httpx2.Client(verify=_certificates(), timeout=PATIENCE_SECONDS) as client,
            client.stream(method, address, **what) as response,
        ):
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > MOST_BYTES or monotonic() > until:
                    raise ProviderDownError("its answer is too long, or takes too long")
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        raise ProviderDownError(type(error).__name__) from error
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProviderDownError(f"status {response.status_code} without JSON") from error
    if not isinstance(found, dict) or response.status_code >= 500:
        raise ProviderDownError(f"status {response.status_code}, or JSON of another shape")
    return Answer(response.status_code, found)


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()
