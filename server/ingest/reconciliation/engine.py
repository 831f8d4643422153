"""What a day's two counts say, and when missing days are asked for again. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from protocol.messages import MOST_DATES, CountedDay
from server.ingest.reconciliation.model import DayState, ReconciledDay, Verdict

ASK_AGAIN = timedelta(hours=20)
"""What was asked for and did not come is asked for again the next night: the terminal may have been away."""
NOTHING = "0" * 16


def judge(edge: CountedDay, here: CountedDay, *, erased: bool) -> Verdict:
    """Hold a day's punches against each other. erased: some of the day, or of later ones, are here without their users."""
    if here.count < edge.count:
        return Verdict(DayState.GAP, edge.count - here.count)
    if here.count > edge.count:
        return Verdict(DayState.MORE)
    if here.digest == edge.digest:
        return Verdict(DayState.EQUAL)
    return Verdict(DayState.ERASED) if erased else Verdict(DayState.GAP, 1)


def compared(
    counted: Sequence[CountedDay], here: Mapping[date, CountedDay], before: Mapping[date, ReconciledDay], erased: date | None, at: datetime
) -> list[ReconciledDay]:
    """Each day that the edge counted, with what was known of it before. erased: the last day of which something was erased here."""
    found = []
    for edge in counted:
        ours = here.get(edge.day, CountedDay(edge.day, 0, NOTHING))
        verdict = judge(edge, ours, erased=erased is not None and edge.day <= erased)
        known = before.get(edge.day, ReconciledDay(edge.day, 0, 0, verdict.state))
        found.append(_followed(replace(known, at_edge=edge.count, here=ours.count), verdict, at))
    return found


def _followed(day: ReconciledDay, verdict: Verdict, at: datetime) -> ReconciledDay:
    had_gap = day.gap_since is not None and day.filled_at is None
    day = replace(day, state=verdict.state, missing=verdict.missing)
    if verdict.state is not DayState.GAP:
        return replace(day, filled_at=at) if had_gap else day
    if had_gap:
        return replace(day, most_missing=max(day.most_missing, verdict.missing))
    return replace(day, most_missing=verdict.missing, gap_since=at, asked_at=None, order_id=None, filled_at=None)


def to_ask(days: Sequence[ReconciledDay], at: datetime) -> list[date]:
    """Days with a gap, if one of them was not asked for lately; then all of them are, or the latest of very many."""
    gaps = [one for one in days if one.state is DayState.GAP]
    is_due = any(one.asked_at is None or at - one.asked_at > ASK_AGAIN for one in gaps)
    return sorted(one.day for one in gaps)[-MOST_DATES:] if is_due else []
