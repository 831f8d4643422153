"""Who may send and hear what, in one place: amqtt's plug-ins ask it, mosquitto's file says the same.

edge      sends up/<its shard>/<itself>/…       hears dn/<itself>/…
ingest    sends dn/…                            hears up/…
tail      sends nothing                         hears all
"""

from dataclasses import dataclass
from enum import StrEnum

from protocol.identifiers import EdgeId, shard_of
from server.broker.authority import Role


class Act(StrEnum):
    """What a client wants to do with a topic."""

    SEND = "send"
    HEAR = "hear"


@dataclass(frozen=True, slots=True)
class Client:
    """Who a certificate says a client is."""

    name: str
    role: Role


def may(client: Client, act: Act, topic: str) -> bool:
    """Whether this client may; `topic` is a filter when it wants to hear."""
    parts = topic.split("/")
    match client.role, act:
        case Role.EDGE, Act.SEND:
            return parts[:3] == ["up", shard_of(EdgeId(client.name)), client.name] and len(parts) > 3 and _is_plain(topic)
        case Role.EDGE, Act.HEAR:
            return parts[:2] == ["dn", client.name] and len(parts) > 2
        case Role.INGEST, Act.SEND:
            return parts[0] == "dn" and len(parts) > 2 and _is_plain(topic)
        case Role.INGEST, Act.HEAR:
            return parts[0] == "up"
        case Role.TAIL, Act.HEAR:
            return parts[0] in {"up", "dn", "#"}
    return False


def _is_plain(topic: str) -> bool:
    return not {"+", "#"} & set(topic)
