"""Every row an edge owes the server, kept through kills, power cuts and full disks until a receipt releases it.

    outbox      what other parts use: append, read, release
    ledger      what each of these does to the tables, inside a transaction
    commits     group commit: whatever waits becomes one transaction
    file        opening: lock, size, checks
    succession  a new file takes over from one that is damaged or whose epoch was refused
    schema      tables and connections

Explanation: docs/explanation/outbox.md.
"""

from edge.outbox.ledger import Appended, Identities, NewRow, Place, State, Stretch, new_row
from edge.outbox.outbox import Outbox, OutboxSize

__all__ = ["Appended", "Identities", "NewRow", "Outbox", "OutboxSize", "Place", "State", "Stretch", "new_row"]
