"""Orders of whoever helps from afar: what was said to a terminal, and a bundle about the edge. What goes out holds nothing of people."""

import asyncio
from collections.abc import Mapping

from edge.downlink.orders.order import Answer, Handler, Ordered, RefusedOrderError
from edge.support import Support
from protocol.messages import OrderKind


class SupportOrders:
    """Handlers of them."""

    def __init__(self, support: Support) -> None:
        self._support = support

    def handlers(self) -> Mapping[OrderKind, Handler]:
        return {OrderKind.PROTOCOL_LOG: self.protocol_log, OrderKind.SUPPORT_BUNDLE: self.support_bundle}

    async def protocol_log(self, ordered: Ordered) -> Answer:
        """The result carries text, an entry a line."""
        body = await asyncio.to_thread(self._support.protocol_log, ordered.terminal)
        if not body:
            raise RefusedOrderError("nothing was heard of this terminal since the edge began")
        return Answer(body=body)

    async def support_bundle(self, _: Ordered) -> Answer:
        """The result carries a zip file."""
        return Answer(body=await self._support.support_bundle())
