"""Comparing what an edge counted with what is here, and asking for what is missing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from protocol.counting import read_listing
from protocol.messages import Counted, CountedDay
from server.fleet import actions as fleet
from server.ingest.reconciliation import store
from server.ingest.reconciliation.engine import NOTHING, followed, judge, name, to_ask, verdict_of
from server.ingest.reconciliation.model import DayState, Gap, Named, ReconciledDay, Reconciliation, WaitingCount
from server.storage import Database, UnitOfWork

MOST_DAYS = 400
"""A message that claims to have counted more is none of ours."""
MOST_DAYS_APART = 7
"""Of the last day that was counted from the present one: an edge whose clock is further off speaks of days that are not compared now."""
AskAgain = Callable[[UnitOfWork, int, Sequence[date], datetime], int | None]
"""Have days of a terminal handed over again; gives the order's id, None where nobody can be asked just now."""


def hear(uow: UnitOfWork, edge_id: int, said: Counted, at: datetime) -> None:
    """Keep what an edge counted, to be compared behind this transaction. Of another edge's terminal nothing is believed."""
    terminal_id = fleet.terminal_of_edge(uow, edge_id, said.terminal)
    is_sound = 0 <= (said.last - said.first).days < MOST_DAYS and abs((said.last - at.date()).days) <= MOST_DAYS_APART
    if terminal_id is not None and is_sound:
        store.add_waiting(uow, terminal_id, edge_id, said, at)


def next_count(database: Database) -> int | None:
    """The count that waits longest; None where none does. Raises StorageError."""
    with database.reading() as uow:
        return store.first_waiting(uow)


def compare(database: Database, count_id: int, ask_again: AskAgain, now: datetime) -> None:
    """Compare a count that waits, remember what was found, ask for days with a gap. Raises StorageError.

    What is long is done on a snapshot. What it came to is saved in the transaction that takes the count away: who dies before has done
    nothing, and of two who compare the same one the second saves nothing.
    """
    with database.reading() as uow:
        one = store.waiting(uow, count_id)
        if one is None:
            return
        days = _compared(uow, one)
    with database.writing() as uow:
        if store.take_waiting(uow, one.id):
            days = _asked(uow, one, days, ask_again, now)
            store.keep(uow, one.terminal_id, one.edge_id, one.at, one.said.first, one.said.last, days)


def let_go(database: Database, count_id: int) -> None:
    """Forget a count that cannot be compared. Raises StorageError."""
    with database.writing() as uow:
        store.take_waiting(uow, count_id)


def _compared(uow: UnitOfWork, one: WaitingCount) -> list[ReconciledDay]:
    said = one.said
    here = store.counted_here(uow, one)
    nothing = {day: CountedDay(day, 0, NOTHING) for day in here}  # a day that the edge does not name has none there
    counted = nothing | {day.day: day for day in said.days if said.first <= day.day <= said.last}  # one said twice must stop nobody
    before = {day.day: day for day in store.days_of(uow, one.terminal_id, said.first, said.last)}
    erased = store.erased_day(uow, one.terminal_id, said.terminal)
    return [_compared_day(uow, one, edge, here.get(day), before.get(day), erased) for day, edge in sorted(counted.items())]


def _compared_day(
    uow: UnitOfWork, one: WaitingCount, edge: CountedDay, here: CountedDay | None, known: ReconciledDay | None, erased: date | None
) -> ReconciledDay:
    """By the edge's listing of the day, or by an earlier one where both sides are what they were then; else by the counts."""
    here = here or CountedDay(edge.day, 0, NOTHING)
    counts = judge(edge, here, erased=erased is not None and edge.day <= erased)
    named_of = edge.digest + here.digest
    named: Named | None = None
    if counts.state is not DayState.EQUAL:
        if known is not None and known.named_of == named_of:
            named = known.named
        elif (listed := read_listing(edge)) is not None:
            named = name(listed, store.held_on(uow, one, edge.day))
    known = known or ReconciledDay(edge.day, 0, 0, DayState.EQUAL)
    known = replace(known, at_edge=edge.count, here=here.count, named=named, named_of=named_of if named else None)
    return followed(known, verdict_of(named) if named else counts, one.at)


def _asked(uow: UnitOfWork, one: WaitingCount, days: list[ReconciledDay], ask_again: AskAgain, at: datetime) -> list[ReconciledDay]:
    wanted = to_ask(days, at, lists=one.said.lists)
    order_id = ask_again(uow, one.terminal_id, wanted, at) if wanted else None
    if order_id is None:
        return days
    return [replace(day, asked_at=at, order_id=order_id) if day.day in wanted else day for day in days]


def last_reconciliation(uow: UnitOfWork, terminal_id: int) -> Reconciliation | None:
    """Of a terminal; None where nothing was compared yet."""
    return store.last_of(uow, terminal_id)


def open_gaps(uow: UnitOfWork) -> dict[int, Gap]:
    """What is missing, by terminal."""
    return store.gaps(uow)
