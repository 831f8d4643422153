"""amqtt's two questions, answered from `server.broker.rules`. They never raise: amqtt would let the client go on."""

import logging
from dataclasses import dataclass

from amqtt.contexts import Action
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session

from server.broker.rules import Act, Client, may

log = logging.getLogger(__name__)

_guests: dict[str, Client] = {}
"""Who came through the door, by name. The door has seen their certificates; amqtt only knows names."""


def let_in(client: Client) -> None:
    """The door says who a name is, before amqtt hears of it."""
    _guests[client.name] = client


class CertificateIsIdentity(BaseAuthPlugin):
    """Only who came through the door, under one name."""

    @dataclass
    class Config:
        """amqtt wants one; there is nothing to choose."""

    async def authenticate(self, *, session: Session) -> bool | None:
        return session.client_id in _guests and session.client_id == session.username


class OwnTopicsOnly(BaseTopicPlugin):
    """Each client its own topics, for sending, subscribing and at each delivery."""

    @dataclass
    class Config:
        """amqtt wants one; there is nothing to choose."""

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool | None:
        client = _guests.get(session.client_id or "") if session else None
        if client is None or topic is None:
            return False
        return may(client, Act.SEND if action == Action.PUBLISH else Act.HEAR, topic)
