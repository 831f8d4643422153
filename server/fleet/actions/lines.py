"""Whether an edge can be reached now, and with which key one seals for it: told by its hellos and by the broker's word that it is cut."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update

from protocol.identifiers import EdgeId, Shard, shard_of
from protocol.messages import Bye, Health, Hello, Message
from server.fleet.model import EdgeState, OpenLine
from server.fleet.tables import edge, edge_line
from server.storage import UnitOfWork, upsert


def record_line(uow: UnitOfWork, edge_id: int, message: Message, at: datetime) -> None:
    """A hello opens the line and brings the sealing key; a farewell cuts it, and a health that comes behind one says it is open still."""
    match message:
        case Hello() as hello:
            row = {
                "edge_id": edge_id,
                "shard": shard_of(hello.edge),
                "sealing_key": hello.sealing_key or None,
                "opened_at": at,
                "cut_at": None,
            }
            upsert(uow, edge_line, [row], key=["edge_id"])
        case Health():
            uow.execute(update(edge_line).where(edge_line.c.edge_id == edge_id, edge_line.c.cut_at.is_not(None)).values(cut_at=None))
        case Bye():
            uow.execute(update(edge_line).where(edge_line.c.edge_id == edge_id).values(cut_at=at))


def open_lines(uow: UnitOfWork, shards: Collection[Shard] | None = None) -> dict[int, OpenLine]:
    """Active edges whose line is open, by id; those of `shards` only where given."""
    columns = (edge_line.c.edge_id, edge.c.name, edge_line.c.sealing_key, edge_line.c.opened_at)
    query = select(*columns).join(edge, edge.c.id == edge_line.c.edge_id)
    query = query.where(edge_line.c.cut_at.is_(None), edge.c.state == EdgeState.ACTIVE.value)
    query = query if shards is None else query.where(edge_line.c.shard.in_(shards))
    rows = uow.fetch_all(query.order_by(edge_line.c.edge_id))
    return {row.edge_id: OpenLine(row.edge_id, EdgeId(row.name), row.sealing_key, row.opened_at) for row in rows}


def forget_line(uow: UnitOfWork, edge_id: int) -> None:
    """Whoever held the edge's key holds its sealing key too: nothing is sealed for it before the next hello."""
    uow.execute(delete(edge_line).where(edge_line.c.edge_id == edge_id))
