"""Hands the outbox over to the server.

    sender    decides what to send, when, and what a receipt means; pure
    agent     does it: outbox on one side, link on the other

Explanation: docs/explanation/hand-over.md.
"""

from edge.uplink.agent import Uplink

__all__ = ["Uplink"]
