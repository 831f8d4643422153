"""State, nonce and PKCE verifier of a sign-in elsewhere, all out of one secret that only the browser keeps.

So the server has nothing to remember of people who set out and never come back, and whoever reads the address of the return learns
nothing of the other two.
"""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

from server.access.model.elsewhere import Asked


def asked_of(secret: str, return_address: str) -> Asked:
    """What goes along. State and nonce are 43 signs of letters, digits, - and _; the verifier is, too (RFC 7636, section 4.1)."""
    return Asked(_derived(secret, "state"), _derived(secret, "nonce"), _derived(secret, "verifier"), return_address)


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier (RFC 7636, section 4.2)."""
    return _text(sha256(verifier.encode()).digest())


def _derived(secret: str, purpose: str) -> str:
    return _text(hmac.digest(secret.encode(), purpose.encode(), "sha256"))


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
