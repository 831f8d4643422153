"""Where messages travel.

    up/<shard>/<edge>/<kind>/<encoding>     edge to server; <shard> is `shard_of(edge)`
    dn/<edge>/<kind>/<encoding>             server to edge

<encoding> is `json` or `zst` (zstd over the same JSON), so that a client without message properties knows what it holds.
"""

from dataclasses import dataclass
from enum import StrEnum

from protocol.errors import TopicError
from protocol.identifiers import EdgeId, Shard, check_edge_id, shard_of


class Encoding(StrEnum):
    """How a payload is written."""

    JSON = "json"
    ZSTD = "zst"


class Direction(StrEnum):
    """Which way a message goes."""

    UP = "up"
    DOWN = "dn"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic taken apart; `shard` is None on the way down."""

    direction: Direction
    shard: Shard | None
    edge: EdgeId
    kind: str
    encoding: Encoding


def up(edge: EdgeId, kind: str, encoding: Encoding) -> str:
    """Topic for a message from this edge."""
    return f"up/{shard_of(edge)}/{edge}/{kind}/{encoding}"


def down(edge: EdgeId, kind: str, encoding: Encoding) -> str:
    """Topic for a message to this edge."""
    return f"dn/{edge}/{kind}/{encoding}"


def shard_filter(shard: Shard) -> str:
    """Everything the edges of one shard send."""
    return f"up/{shard}/#"


def edge_filter(edge: EdgeId) -> str:
    """Everything that is sent to one edge."""
    return f"dn/{edge}/#"


def parse(topic: str) -> Topic:
    """Take a topic apart; raises TopicError for any other form, and for an edge on a shard that is not its own."""
    parts = topic.split("/")
    try:
        match parts:
            case ["up", shard, edge, kind, encoding] if kind:
                found = Topic(Direction.UP, Shard(shard), check_edge_id(edge), kind, Encoding(encoding))
                if found.shard != shard_of(found.edge):
                    raise TopicError("this edge does not belong on that shard")
                return found
            case ["dn", edge, kind, encoding] if kind:
                return Topic(Direction.DOWN, None, check_edge_id(edge), kind, Encoding(encoding))
    except ValueError as error:
        raise TopicError("an encoding is json or zst") from error
    raise TopicError("a topic is up/<shard>/<edge>/<kind>/<encoding> or dn/<edge>/<kind>/<encoding>")
