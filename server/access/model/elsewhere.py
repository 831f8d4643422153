"""Values of signing in elsewhere: an identity that a provider vouches for, and its link to an account of ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class ProviderName(StrEnum):
    """Who vouches for people; one of each at most."""

    OIDC = "oidc"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


class Match(StrEnum):
    """By what an identity finds its account at the first sign-in. NONE: by a link that its owner makes, and by nothing else."""

    NONE = "none"
    EMPLOYEE_NUMBER = "employee-number"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Asked:
    """What goes with somebody to the provider and must come back. All but the address come from one secret of the browser."""

    state: str
    nonce: str
    verifier: str
    return_address: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as a provider knows them. subject: theirs for good, with whose it is in front. name: for people to read.

    claim: what the provider says of the match that is set, "" for nothing. proved_twice: they gave a second factor there, and that is
    enough for us.
    """

    subject: str
    name: str
    claim: str = ""
    proved_twice: bool = False


class IdentityProvider(Protocol):
    """Somebody who signs people in for us. Its calls reach out over the network, so they are made outside of transactions."""

    @property
    def name(self) -> ProviderName: ...
    @property
    def label(self) -> str:
        """What people call it; "" for the provider's own name."""
        ...

    @property
    def match(self) -> Match: ...
    def address(self, asked: Asked, browser: str) -> str:
        """Where somebody is sent. browser: what theirs calls itself. Raises ProviderDownError."""
        ...

    def identity(self, asked: Asked, answer: Mapping[str, str], now: datetime) -> Identity:
        """Who came back with this answer. Raises ProviderDownError, ProviderRefusedError."""
        ...


class ProviderDownError(Exception):
    """The provider did not answer, or not in its own language; trying again later may help. `args[0]` says what, without personal data."""


class ProviderRefusedError(Exception):
    """What came back cannot be accepted: forged, spent, too late, for somebody else, or refused over there."""


@dataclass(frozen=True, slots=True)
class OutsideLink:
    """An identity that signs an account in. name: as the provider called them when it was linked. by_claim: not by its owner's hand."""

    provider: ProviderName
    name: str
    by_claim: bool
    linked_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NotLinked:
    """The identity is nobody's here, or its account is disabled: deliberately not told apart."""
