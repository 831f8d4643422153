"""Comparing what an edge counted with what is here, and asking for what is missing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from protocol.messages import Counted
from server.fleet import actions as fleet
from server.ingest.reconciliation import store
from server.ingest.reconciliation.engine import compared, to_ask
from server.ingest.reconciliation.model import Gap, ReconciledDay, Reconciliation
from server.storage import UnitOfWork

MOST_DAYS = 400
"""A message that claims to have counted more is none of ours."""
AskAgain = Callable[[UnitOfWork, int, Sequence[date], datetime], int | None]
"""Have days of a terminal handed over again; gives the order's id, None where nobody can be asked just now."""


def reconcile(uow: UnitOfWork, edge_id: int, said: Counted, ask_again: AskAgain, at: datetime) -> None:
    """Compare a terminal's days, remember what was found, and ask for days with a gap. Of another edge's terminal nothing is believed."""
    terminal_id = fleet.terminal_of_edge(uow, edge_id, said.terminal)
    if terminal_id is None or not 0 <= (said.last - said.first).days < MOST_DAYS:
        return
    counted = {one.day: one for one in said.days if said.first <= one.day <= said.last}  # a day said twice must stop nobody
    here = store.counted_here(uow, terminal_id, said.terminal, said.first, said.last)
    before = {one.day: one for one in store.days_of(uow, terminal_id, said.first, said.last)}
    days = compared([*counted.values()], here, before, store.erased_day(uow, terminal_id, said.terminal), at)
    store.keep(uow, terminal_id, edge_id, at, said.first, said.last, _asked(uow, terminal_id, days, ask_again, at))


def _asked(uow: UnitOfWork, terminal_id: int, days: list[ReconciledDay], ask_again: AskAgain, at: datetime) -> list[ReconciledDay]:
    wanted = to_ask(days, at)
    order_id = ask_again(uow, terminal_id, wanted, at) if wanted else None
    if order_id is None:
        return days
    return [replace(one, asked_at=at, order_id=order_id) if one.day in wanted else one for one in days]


def last_reconciliation(uow: UnitOfWork, terminal_id: int) -> Reconciliation | None:
    """Of a terminal; None where nothing was compared yet."""
    return store.last_of(uow, terminal_id)


def open_gaps(uow: UnitOfWork) -> dict[int, Gap]:
    """What is missing, by terminal."""
    return store.gaps(uow)
