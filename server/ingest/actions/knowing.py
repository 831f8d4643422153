"""Reading the fleet with its counts, and an edge with its epochs."""

from sqlalchemy import select

from protocol.identifiers import EdgeId
from server.attendance import actions as attendance
from server.errors import NotFoundError
from server.fleet import actions as fleet_actions
from server.fleet.tables import edge
from server.ingest.actions.listing import KeptCounts, kept_counts
from server.ingest.overview import DaysWaiting, EdgeDetail, EdgeLife, EdgeLine, Fleet, LostRows, TerminalLine
from server.ingest.reconciliation import actions as reconciliation
from server.ingest.tables import epoch, hole
from server.provisioning import actions as provisioning
from server.storage import UnitOfWork


def read_fleet(uow: UnitOfWork) -> Fleet:
    """All edges and terminals with what they said last and what is here of them."""
    edges = {one.edge.id: EdgeLine(one) for one in fleet_actions.list_edges(uow)}
    tallies, kept, gaps = attendance.tallies(uow), kept_counts(uow), reconciliation.open_gaps(uow)
    terminals = []
    for one in fleet_actions.list_terminals(uow):
        # what is told of it counts, not what was planned: it may have been moved to another edge's cable
        owner = edges.get(one.health.edge_id if one.health else one.terminal.edge_id or 0)
        tally, counts = tallies.get(one.terminal.id), kept.get(str(one.terminal.serial), KeptCounts())
        admitted, admitted_at = (tally.admitted, tally.latest_admitted_at) if tally else (0, None)
        gap = gaps.get(one.terminal.id)
        terminals.append(TerminalLine(one, owner, admitted, admitted_at, counts.open, counts.settled, gap))
    return Fleet(
        tuple(edges.values()),
        tuple(terminals),
        tuple(lost_rows(uow)),
        DaysWaiting(*attendance.waiting_marks(uow)),
        tuple(provisioning.open_findings(uow)),
        provisioning.succession_of(uow),
        tuple(fleet_actions.many_faces_of(uow)),
    )


def read_edge(uow: UnitOfWork, name: str) -> EdgeDetail:
    """One edge; raises NotFoundError."""
    found = next((one for one in fleet_actions.list_edges(uow) if one.edge.name == name), None)
    if found is None:
        raise NotFoundError(what="edge", name=name)
    lives = [
        EdgeLife(row.id, row.epoch, row.mark, row.head, row.state, row.opened_at, row.moved_at)
        for row in uow.fetch_all(select(epoch).where(epoch.c.edge_id == found.edge.id).order_by(epoch.c.id.desc()))
    ]
    lost = [one for one in lost_rows(uow) if one.edge == name]
    keys = fleet_actions.edge_keys(uow, EdgeId(name))[::-1]
    return EdgeDetail(EdgeLine(found), tuple(keys), tuple(lives), tuple(lost))


def lost_rows(uow: UnitOfWork) -> list[LostRows]:
    """Holes of all epochs, the latest first."""
    joined = hole.join(epoch, epoch.c.id == hole.c.epoch_id).join(edge, edge.c.id == epoch.c.edge_id)
    query = select(edge.c.name, hole.c.first, hole.c.last, hole.c.at, hole.c.reason).select_from(joined).order_by(hole.c.id.desc())
    return [LostRows(*tuple(row)) for row in uow.fetch_all(query)]
