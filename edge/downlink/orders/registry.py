"""Which handler carries out which kind of order: the one place to add one. What has none is refused."""

from collections.abc import Mapping

from edge.collect import Crew
from edge.downlink.comparing import Comparing
from edge.downlink.orders.order import Handler
from edge.downlink.orders.scanning import Scanner
from edge.downlink.orders.supporting import SupportOrders
from edge.downlink.orders.terminals import TerminalOrders
from edge.downlink.users.carriers import Carriers
from edge.outbox import Outbox
from edge.support import Support
from protocol.messages import OrderKind


def handlers_of(crew: Crew, outbox: Outbox, carriers: Carriers, comparing: Comparing, support: Support) -> Mapping[OrderKind, Handler]:
    """All kinds that this edge can carry out."""
    return {
        **TerminalOrders(crew, outbox, carriers, comparing).handlers(),
        **SupportOrders(support).handlers(),
        OrderKind.SCAN: Scanner(crew).scan,
    }
