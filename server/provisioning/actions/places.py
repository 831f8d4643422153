"""Whether an edge runs at two places at once: a box, or its keys, was copied.

Each start of an edge's program has a name of its own (`run`), which it says in every hello. A program that has ended never says hello
again, so one that comes back after another has begun, and comes back again after that one spoke, runs beside it. It needs no addresses:
those of two boxes behind one router are the same. A disk image that was put back is one return and no proof.
"""

from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from protocol.messages import Hello
from server.audit.actions import record
from server.audit.model import SERVER
from server.fleet import actions as fleet
from server.fleet.model import EdgeState
from server.provisioning import store
from server.provisioning.model import FindingKind
from server.provisioning.tables import edge_run
from server.storage import UnitOfWork

PROVEN_RETURNS = 3
WITHIN = timedelta(hours=1)
"""Two boxes that share a name throw each other out of the broker, and are back within seconds."""


def note_hello(uow: UnitOfWork, edge_id: int, hello: Hello, now: datetime) -> None:
    """Remember who said hello; an edge that is proven to run at two places is put into quarantine until a person has decided.

    Both boxes keep what they have, and send it when one of them is taken back.
    """
    if not hello.run:
        return  # of a release that did not say it
    runs = uow.fetch_all(select(edge_run).where(edge_run.c.edge_id == edge_id, edge_run.c.last_at > now - WITHIN))
    own = next((one for one in runs if one.run == hello.run), None)
    if own is None:
        uow.execute(insert(edge_run).values(_new(edge_id, hello, now)))
        return
    if own.nonce == hello.nonce:
        return  # the same hello twice
    newest, latest = max(runs, key=lambda one: one.first_at), max(runs, key=lambda one: one.last_at)
    returns = own.returns + (own.run not in {newest.run, latest.run})
    same = (edge_run.c.edge_id == edge_id, edge_run.c.run == hello.run)
    uow.execute(update(edge_run).where(*same).values(nonce=hello.nonce, last_at=now, returns=returns, place=hello.place))
    if returns >= PROVEN_RETURNS:
        _quarantine(uow, hello, newest.place, now)


def _new(edge_id: int, hello: Hello, now: datetime) -> dict[str, object]:
    return {
        "edge_id": edge_id,
        "run": hello.run,
        "place": hello.place,
        "nonce": hello.nonce,
        "first_at": now,
        "last_at": now,
        "returns": 0,
    }


def _quarantine(uow: UnitOfWork, hello: Hello, other: str, now: datetime) -> None:
    places = " / ".join(sorted({hello.place or "?", other or "?"}))
    store.note_finding(uow, FindingKind.TWO_PLACES, hello.edge, "", places, now)
    fleet.change_edge_state(uow, hello.edge, EdgeState.QUARANTINED, SERVER, now, "two-places")
    record(uow, SERVER, "edge.two-places", "edge", hello.edge, at=now, after={"places": places})
    uow.execute(update(edge_run).where(edge_run.c.edge_id == fleet.find_edge(uow, hello.edge).id).values(returns=0))
