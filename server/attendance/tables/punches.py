"""The punch, which is evidence (triggers of the migrations refuse DELETE on it, and every UPDATE but erasing whose it is), and a tally."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from server.storage import BigKey, UtcInstant, metadata

punch = Table(
    "punch",
    metadata,
    Column("id", BigKey, primary_key=True),
    # identity: packed wall time first, because punches arrive roughly in its order (three times faster than terminal first)
    Column("wall", BigInteger, nullable=False),
    Column("terminal_id", ForeignKey("terminal.id"), nullable=False),
    Column("terminal_user", String(64), nullable=False),
    # the other two times, and the drift the edge had measured
    Column("received_at", UtcInstant, nullable=False),
    Column("admitted_at", UtcInstant, nullable=False),
    Column("drift_ms", BigInteger),
    Column("verify", Integer),
    Column("state", Integer),
    Column("source", String(16), nullable=False),
    # where its evidence is: the edge's chain at this sequence. No foreign key upwards to ingest, which stands above attendance
    Column("edge_id", ForeignKey("edge.id"), nullable=False),
    Column("epoch_id", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    # came ahead of a backlog, on the live lane
    Column("live", Boolean, nullable=False),
    # the row's bytes exactly as the edge wrote them (protocol.messages.PunchRow)
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("wall", "terminal_id", "terminal_user"),
    # one person's punches, and the punches of one terminal, newest first
    Index("ix_punch_terminal_user_terminal_id_wall", "terminal_user", "terminal_id", "wall"),
    Index("ix_punch_terminal_id_wall", "terminal_id", "wall"),
)

terminal_tally = Table(
    "terminal_tally",
    metadata,
    # counted along in the transaction that records punches: counting a million rows for a page would take too long
    Column("terminal_id", ForeignKey("terminal.id"), primary_key=True, autoincrement=False),
    Column("admitted", BigInteger, nullable=False),
    Column("latest_wall", BigInteger, nullable=False),
    Column("latest_admitted_at", UtcInstant, nullable=False),
    # the latest wall time of an erased punch, NULL where none is: up to here admission asks whether a row was erased
    Column("erased_wall", BigInteger),
)
