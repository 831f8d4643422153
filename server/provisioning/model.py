"""Values of the identity of edges."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from protocol.identifiers import EdgeId

TOKEN_LIVES = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))
"""How long a token may wait for its box."""
SAME_ANSWER = timedelta(hours=24)
"""So long after its use a token still answers the box that used it: a reply that was lost must not burn it."""


class How(StrEnum):
    """How an edge came by a certificate."""

    TOKEN = "token"  # noqa: S105 - a way, no secret
    RENEWAL = "renewal"
    KIT = "kit"


class TokenState(StrEnum):
    """What a token is good for."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class EdgeToken:
    """A token as the server keeps it, without its secret. used_key: digest of the keys that it was used with."""

    id: int
    edge_id: int
    created_at: datetime
    created_by: str
    expires_at: datetime
    withdrawn_at: datetime | None
    used_at: datetime | None
    used_key: bytes | None
    certificate_id: int | None

    def state(self, now: datetime) -> TokenState:
        """What it is good for now."""
        if self.used_at is not None:
            return TokenState.USED
        if self.withdrawn_at is not None:
            return TokenState.WITHDRAWN
        return TokenState.EXPIRED if self.expires_at <= now else TokenState.OPEN


@dataclass(frozen=True, slots=True)
class EdgeCertificate:
    """A certificate that an edge was given. serial: lower-case hex. issuer: fingerprint of the authority, hex; "" where it is not known.

    clock_off_ms: the box's clock minus ours when it asked, None where nobody said.
    """

    id: int
    edge_id: int
    serial: str
    issuer: str
    how: How
    issued_at: datetime
    ends_at: datetime
    withdrawn_at: datetime | None
    clock_off_ms: int | None
    pem: str


class FindingKind(StrEnum):
    """What somebody must look at who looks after edges. The last two are over when their cause is."""

    UNKNOWN_TOKEN = "unknown-token"  # noqa: S105 - a kind, no secret
    TOKEN_EXPIRED = "token-expired"  # noqa: S105 - as above
    TOKEN_WITHDRAWN = "token-withdrawn"  # noqa: S105 - as above
    TOKEN_USED_AGAIN = "token-used-again"  # noqa: S105 - as above
    BAD_PROOF = "bad-proof"
    RENEWAL_REFUSED = "renewal-refused"
    TWO_PLACES = "two-places"
    BROKER_BEHIND = "broker-behind"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was refused or seen, once however often it came. edge: "" where none is known; source: the address it came from."""

    id: int
    kind: FindingKind
    edge: str
    source: str
    detail: str
    first_at: datetime
    last_at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Offered:
    """A new token; its secret is shown once and kept nowhere."""

    edge: EdgeId
    secret: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TrustedAuthority:
    """A certificate of our authority. fingerprint: SHA-256, hex."""

    fingerprint: str
    name: str
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Succession:
    """The authority over time, the newest first; empty where no server has run yet. unaware: active edges that do not know the newest."""

    authorities: tuple[TrustedAuthority, ...] = ()
    unaware: tuple[str, ...] = ()

    @property
    def ends_at(self) -> datetime | None:
        """When nothing is trusted any more unless a successor is made."""
        return self.authorities[0].ends_at if self.authorities else None

    @property
    def older_ends_at(self) -> datetime | None:
        """When those are out who do not know the newest; None where there is one only."""
        return self.authorities[1].ends_at if len(self.authorities) > 1 else None


@dataclass(frozen=True, slots=True)
class Standing:
    """The identity of one edge, as people look at it: tokens and certificates, the latest first."""

    tokens: tuple[EdgeToken, ...]
    certificates: tuple[EdgeCertificate, ...]
    findings: tuple[Finding, ...]
    succession: Succession

    @property
    def cut_off(self) -> bool:
        """Whether an authority signed the edge's certificate that is believed no more: only a new token or kit brings it back."""
        believed = {one.fingerprint for one in self.succession.authorities}
        good = [one for one in self.certificates if one.withdrawn_at is None and one.issuer]
        return bool(believed and good) and good[0].issuer not in believed
