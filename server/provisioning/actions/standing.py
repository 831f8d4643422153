"""What people look at: the identity of an edge, and everything that nobody has settled."""

from protocol.identifiers import EdgeId
from server.fleet import actions as fleet
from server.provisioning import store
from server.provisioning.actions.succession import succession_of
from server.provisioning.model import Finding, Standing
from server.storage import UnitOfWork


def standing_of(uow: UnitOfWork, name: EdgeId) -> Standing:
    """Raises NotFoundError."""
    edge = fleet.find_edge(uow, name)
    tokens, certificates = store.tokens_of(uow, edge.id), store.certificates_of(uow, edge.id)
    return Standing(tuple(tokens), tuple(certificates), tuple(store.open_findings(uow, name)), succession_of(uow))


def open_findings(uow: UnitOfWork) -> list[Finding]:
    """What nobody has settled, of all edges, the latest first."""
    return store.open_findings(uow)
