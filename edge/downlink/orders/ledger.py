"""Which orders were taken and what became of them; every function blocks until it is on the disk.

taken ► begun ► ended        taken: may be carried out after a restart; begun: whether it happened nobody knows then
"""

import time
from enum import StrEnum

import msgspec

from edge.small_file import SmallFile
from protocol.messages import Order, OrderResult

KEPT = 1000
KEPT_BODIES = 20


class Stage(StrEnum):
    """How far an order is."""

    TAKEN = "taken"
    BEGUN = "begun"
    ENDED = "ended"


class OrderLedger:
    """The orders in the file."""

    def __init__(self, file: SmallFile) -> None:
        self._file = file

    def find(self, name: str) -> tuple[Stage, OrderResult | None] | None:
        """How far it is, and its result; None for one that was never taken."""
        with self._file.look() as connection:
            row = connection.execute("SELECT state, result FROM ordered WHERE name = ?", (name,)).fetchone()
        return (Stage(row[0]), msgspec.json.decode(row[1], type=OrderResult) if row[1] else None) if row else None

    def take(self, order: Order) -> None:
        """It will be carried out."""
        values = (order.order, int(time.time()), msgspec.json.encode(order).decode())
        with self._file.promise() as connection:
            connection.execute("INSERT OR IGNORE INTO ordered VALUES (?, ?, 'taken', ?, NULL)", values)

    def begin(self, name: str) -> None:
        """What must not happen twice happens now."""
        with self._file.promise() as connection:
            connection.execute("UPDATE ordered SET state = 'begun', at = ? WHERE name = ?", (int(time.time()), name))

    def end(self, order: Order, result: OrderResult) -> None:
        """This became of it; of results with a body only the latest keep it."""
        with self._file.promise() as connection:
            connection.execute(
                "INSERT INTO ordered VALUES (?, ?, 'ended', ?, ?) ON CONFLICT (name) DO UPDATE SET at = excluded.at, state = 'ended',"
                " result = excluded.result",
                (order.order, int(time.time()), msgspec.json.encode(order).decode(), msgspec.json.encode(result).decode()),
            )
            newest = "SELECT name FROM ordered WHERE state = 'ended' ORDER BY at DESC, rowid DESC LIMIT ?"
            connection.execute(f"DELETE FROM ordered WHERE state = 'ended' AND name NOT IN ({newest})", (KEPT,))  # noqa: S608 - our own words
            connection.execute(
                f"UPDATE ordered SET result = json_set(result, '$.body', '') WHERE length(result) > 65536 AND name NOT IN ({newest})",  # noqa: S608
                (KEPT_BODIES,),
            )

    def open(self) -> list[tuple[Stage, Order]]:
        """Those that have not ended, oldest first."""
        with self._file.look() as connection:
            rows = connection.execute("SELECT state, message FROM ordered WHERE state != 'ended' ORDER BY rowid").fetchall()
        return [(Stage(state), msgspec.json.decode(message, type=Order)) for state, message in rows]

    def ended_since(self, at: float) -> list[OrderResult]:
        """Results since this Unix second, which may have been lost on their way."""
        with self._file.look() as connection:
            rows = connection.execute("SELECT result FROM ordered WHERE state = 'ended' AND at >= ? ORDER BY at", (int(at),)).fetchall()
        return [msgspec.json.decode(result, type=OrderResult) for (result,) in rows]
