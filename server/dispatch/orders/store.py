"""Reading and writing orders and their parts."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, insert, or_, select, update

from protocol.identifiers import EdgeId
from protocol.messages import Order as OrderMessage, OrderKind
from server.dispatch.orders.engine import PATIENCE, state_now
from server.dispatch.orders.model import Order, OrderFilter, OrderLine, Part, PartState, Progress
from server.dispatch.orders.tables import dispatch_order, order_part
from server.fleet.tables import edge, terminal
from server.storage import UnitOfWork, portions

NAMES_SHOWN = 3
OPEN = (PartState.WAITING, PartState.TAKEN)


def add_order(uow: UnitOfWork, values: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> int:
    """Write an order and its parts; gives its id."""
    number = int(uow.scalar(insert(dispatch_order).values(values).returning(dispatch_order.c.id)))
    uow.execute(insert(order_part), [{**part, "order_id": number, "taken_at": None, "found": {}, "body": None} for part in parts])
    return number


def order_by_id(uow: UnitOfWork, order_id: int) -> Order | None:
    row = uow.fetch_one(select(dispatch_order).where(dispatch_order.c.id == order_id))
    return None if row is None else _order(row)


def orders(uow: UnitOfWork, wanted: OrderFilter, now: datetime, below: int | None, limit: int) -> list[OrderLine]:
    """Orders that fit, the latest first, behind the order `below`, with how far they are."""
    query = select(dispatch_order).order_by(dispatch_order.c.id.desc()).limit(limit)
    query = query if below is None else query.where(dispatch_order.c.id < below)
    query = query if wanted.kind is None else query.where(dispatch_order.c.kind == wanted.kind.value)
    fitting = _fitting(wanted, now)
    if fitting:
        among = select(order_part.c.id).join(edge, edge.c.id == order_part.c.edge_id, isouter=True)
        query = query.where(exists(among.where(order_part.c.order_id == dispatch_order.c.id, *fitting)))
    found = [_order(row) for row in uow.fetch_all(query)]
    counts, names = _progress(uow, [one.id for one in found], now), _names(uow, [one.id for one in found])
    return [OrderLine(one, counts[one.id], tuple(names[one.id][:NAMES_SHOWN])) for one in found]


def parts_of(uow: UnitOfWork, order_id: int, now: datetime) -> list[Part]:
    """All parts of an order, by the serial number of their terminals."""
    return _parts(uow, _part_query().where(order_part.c.order_id == order_id).order_by(terminal.c.serial, edge.c.name), now)


def open_parts(uow: UnitOfWork, kind: OrderKind, now: datetime) -> list[Part]:
    """Parts of orders of a kind of which more may be heard."""
    query = _part_query().join(dispatch_order, dispatch_order.c.id == order_part.c.order_id)
    return _parts(uow, query.where(dispatch_order.c.kind == kind.value, _is_open(now)).order_by(order_part.c.id), now)


def latest_parts(uow: UnitOfWork, kind: OrderKind, state: PartState, since: datetime, now: datetime) -> list[Part]:
    """Parts of orders of a kind that ended in a state after a moment, the latest first."""
    query = _part_query().join(dispatch_order, dispatch_order.c.id == order_part.c.order_id)
    query = query.where(dispatch_order.c.kind == kind.value, order_part.c.state == state.value, order_part.c.ended_at > since)
    return _parts(uow, query.order_by(order_part.c.id.desc()), now)


def body_of(uow: UnitOfWork, order_id: int, part_id: int) -> bytes | None:
    """The file that came with an answer."""
    query = select(order_part.c.body).where(order_part.c.id == part_id, order_part.c.order_id == order_id)
    found: bytes | None = uow.scalar(query)
    return found


def stored_part(uow: UnitOfWork, name: str, edge_id: int) -> Row[Any] | None:
    """A part by its name on the wire, if it is this edge's; its row is locked where that is possible."""
    query = select(order_part.c.id, order_part.c.order_id, order_part.c.state, order_part.c.taken_at)
    query = query.where(order_part.c.name == name, order_part.c.edge_id == edge_id)
    return uow.fetch_one(query.with_for_update() if uow.dialect == "postgresql" else query)


def end_part(uow: UnitOfWork, part_id: int, values: Mapping[str, Any]) -> None:
    uow.execute(update(order_part).where(order_part.c.id == part_id).values(values))


def cancel_waiting(uow: UnitOfWork, order_id: int, now: datetime) -> int:
    """Take back the parts that nobody has answered; gives how many."""
    waiting = and_(order_part.c.order_id == order_id, order_part.c.state == PartState.WAITING.value, order_part.c.expires_at > now)
    return uow.execute(update(order_part).where(waiting).values(state=PartState.CANCELLED.value, ended_at=now)).rowcount


def open_terminals(uow: UnitOfWork, kind: OrderKind, terminal_ids: Collection[int], now: datetime) -> dict[int, int]:
    """The open order of a kind by terminal, where there is one."""
    query = select(order_part.c.terminal_id, order_part.c.order_id).join(dispatch_order, dispatch_order.c.id == order_part.c.order_id)
    query = query.where(dispatch_order.c.kind == kind.value, _is_open(now))
    rows = (row for some in portions(list(terminal_ids)) for row in uow.fetch_all(query.where(order_part.c.terminal_id.in_(some))))
    return {row.terminal_id: row.order_id for row in rows}


def open_counts(uow: UnitOfWork, now: datetime) -> dict[int, int]:
    """By terminal, how many orders have no end yet."""
    query = select(order_part.c.terminal_id, func.count().label("n")).where(_is_open(now), order_part.c.terminal_id.is_not(None))
    return {row.terminal_id: row.n for row in uow.fetch_all(query.group_by(order_part.c.terminal_id))}


def waiting_messages(uow: UnitOfWork, edges: Mapping[int, EdgeId], now: datetime) -> dict[tuple[int, str], OrderMessage]:
    """What edges are to be asked, by edge and name: what they have not answered in time, and what they took and have not ended."""
    if not edges:
        return {}
    columns = (order_part.c.name, order_part.c.edge_id, dispatch_order.c.kind, dispatch_order.c.parameters, dispatch_order.c.expires_at)
    query = select(*columns, terminal.c.serial).join(dispatch_order, dispatch_order.c.id == order_part.c.order_id)
    query = query.join(terminal, terminal.c.id == order_part.c.terminal_id, isouter=True).where(_is_open(now)).order_by(order_part.c.id)
    return {
        (row.edge_id, row.name): OrderMessage(
            edge=edges[row.edge_id],
            order=row.name,
            action=OrderKind(row.kind),
            expires_at=row.expires_at,
            parameters=dict(row.parameters) | ({"terminal": row.serial} if row.serial else {}),
        )
        for row in uow.fetch_all(query)
        if row.edge_id in edges
    }


def _is_open(now: datetime) -> ColumnElement[bool]:
    """Whether more may be heard of a part; each half is a range of an index."""
    state, expires_at = order_part.c.state, order_part.c.expires_at
    waiting = and_(state == PartState.WAITING.value, expires_at > now)
    return or_(waiting, and_(state == PartState.TAKEN.value, expires_at > now - PATIENCE))


def _fitting(wanted: OrderFilter, now: datetime) -> list[ColumnElement[bool]]:
    """Conditions on a part, of an order that has one that fits."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.terminal_id is not None:
        conditions.append(order_part.c.terminal_id == wanted.terminal_id)
    if wanted.edge is not None:
        conditions.append(edge.c.name == wanted.edge)
    if wanted.state is not None:
        stored, given_up = order_part.c.state == wanted.state.value, order_part.c.state.in_([one.value for one in OPEN]) & ~_is_open(now)
        by_state = {PartState.EXPIRED: or_(stored, given_up)} | {one: stored & _is_open(now) for one in OPEN}
        conditions.append(by_state.get(wanted.state, stored))
    return conditions


def _progress(uow: UnitOfWork, order_ids: Collection[int], now: datetime) -> dict[int, Progress]:
    columns = (order_part.c.order_id, order_part.c.state, order_part.c.expires_at)
    query = select(*columns, func.count().label("parts")).where(order_part.c.order_id.in_(order_ids)).group_by(*columns)
    counts: dict[int, dict[PartState, int]] = defaultdict(lambda: defaultdict(int))
    for row in uow.fetch_all(query):
        counts[row.order_id][state_now(PartState(row.state), row.expires_at, now)] += row.parts
    return {one: Progress(dict(counts[one])) for one in order_ids}


def _names(uow: UnitOfWork, order_ids: Collection[int]) -> dict[int, list[str]]:
    ranked = select(
        order_part.c.order_id,
        func.coalesce(terminal.c.name, edge.c.name).label("name"),
        func.row_number().over(partition_by=order_part.c.order_id, order_by=order_part.c.id).label("place"),
    ).join(terminal, terminal.c.id == order_part.c.terminal_id, isouter=True)
    ranked = ranked.join(edge, edge.c.id == order_part.c.edge_id, isouter=True).where(order_part.c.order_id.in_(order_ids))
    first = ranked.subquery()
    names: dict[int, list[str]] = defaultdict(list)
    for row in uow.fetch_all(select(first).where(first.c.place <= NAMES_SHOWN).order_by(first.c.order_id, first.c.place)):
        names[row.order_id].append(row.name)
    return names


def _part_query() -> Select[Any]:
    columns = [column for column in order_part.c if column.name != "body"]
    query = select(
        *columns,
        order_part.c.body.is_not(None).label("has_body"),
        edge.c.name.label("edge"),
        terminal.c.serial,
        terminal.c.name.label("terminal"),
    )
    query = query.join(edge, edge.c.id == order_part.c.edge_id, isouter=True)
    return query.join(terminal, terminal.c.id == order_part.c.terminal_id, isouter=True)


def _parts(uow: UnitOfWork, query: Select[Any], now: datetime) -> list[Part]:
    return [
        Part(
            id=row.id,
            order_id=row.order_id,
            name=row.name,
            edge=EdgeId(row.edge) if row.edge else None,
            terminal_id=row.terminal_id,
            serial=row.serial or "",
            terminal=row.terminal or "",
            state=state_now(PartState(row.state), row.expires_at, now),
            taken_at=row.taken_at,
            ended_at=row.ended_at,
            detail=row.detail,
            found=row.found,
            has_body=row.has_body,
        )
        for row in uow.fetch_all(query)
    ]


def _order(row: Row[Any]) -> Order:
    values = {name: row._mapping[name] for name in Order.__slots__ if name not in {"kind", "repeats"}}  # noqa: SLF001 - a documented name
    return Order(kind=OrderKind(row.kind), repeats=row.repeats_id, **values)
