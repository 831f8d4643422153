"""What a browser takes along to a provider and brings back, sealed by the vault: nothing is stored of people who set out."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from typing import TypeVar

from fastapi import Request

from server.storage import VaultError
from server.web.asking import database_of


@dataclass(frozen=True, slots=True)
class Errand:
    """What a browser set out for. login: of the account that wants a link; "" to sign in. until: seconds since 1970."""

    provider: str
    secret: str
    next: str
    login: str
    until: float


@dataclass(frozen=True, slots=True)
class Proof:
    """Whom a provider named to somebody who is signed in, until they say that it is them."""

    provider: str
    login: str
    subject: str
    name: str
    until: float


PLACES: dict[type, str] = {Errand: "sign-in-elsewhere", Proof: "link-elsewhere"}
Kind = TypeVar("Kind", Errand, Proof)


def sealed(request: Request, what: Errand | Proof) -> str:
    """A text for a cookie or a form, which nobody but us can read or make."""
    with database_of(request).reading() as uow:
        data = uow.vault.seal_bytes(json.dumps(asdict(what)).encode(), PLACES[type(what)])
    return urlsafe_b64encode(data).decode()


def opened(request: Request, text: str, kind: type[Kind]) -> Kind | None:
    """None for what we did not seal."""
    with database_of(request).reading() as uow:
        try:
            return kind(**json.loads(uow.vault.open_bytes(urlsafe_b64decode(text.encode()), PLACES[kind])))
        except (VaultError, ValueError):
            return None
