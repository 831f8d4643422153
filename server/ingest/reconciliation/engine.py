"""What a day's two counts say, which punches a listing names, and when days are asked for again. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from protocol.messages import MOST_DATES, CountedDay
from server.ingest.reconciliation.model import DayState, ExtraPunch, Held, Named, ReconciledDay, Verdict

ASK_AGAIN = timedelta(hours=20)
"""What was asked for and did not come is asked for again the next night: the terminal may have been away."""
NOTHING = "0" * 16
MOST_NAMED = 40
"""Of a day's missing punches, and of those that are here only."""


def judge(edge: CountedDay, here: CountedDay, *, erased: bool) -> Verdict:
    """Hold a day's counts against each other. erased: some of the day, or of later ones, are here without their users."""
    if here.count < edge.count:
        return Verdict(DayState.GAP, edge.count - here.count)
    if here.count > edge.count:
        return Verdict(DayState.MORE, extra=here.count - edge.count)
    if here.digest == edge.digest:
        return Verdict(DayState.EQUAL)
    return Verdict(DayState.ERASED) if erased else Verdict(DayState.GAP, 1)


def name(listed: Mapping[int, int], held: Sequence[Held]) -> Named:
    """Which punches the edge has and the server has not, and the other way round. listed: the edge's, times by digest.

    A punch of which it was erased whose it is stands for one of the edge's at the same second, as long as there is one.
    """
    known = {one.digest for one in held}
    missing = Counter(time for digest, time in listed.items() if digest not in known)
    extra, erased = [], 0
    for one in sorted(held, key=lambda one: one.time):
        if one.digest is None:
            erased += 1
            if missing[one.time]:
                missing[one.time] -= 1
                continue
        elif one.digest in listed:
            continue
        extra.append(one)
    times = sorted(missing.elements())
    shown = [ExtraPunch(_shown(one.time), one.origin, one.punch) for one in extra[:MOST_NAMED]]
    origins = dict(Counter(one.origin for one in extra))
    return Named(len(times), erased, origins, tuple(_shown(time) for time in times[:MOST_NAMED]), tuple(shown))


def verdict_of(named: Named) -> Verdict:
    """What a listing comes to."""
    extra = sum(named.extra.values())
    if named.missing:
        return Verdict(DayState.GAP, named.missing, extra)
    if extra:
        return Verdict(DayState.MORE, extra=extra)
    return Verdict(DayState.ERASED if named.erased else DayState.EQUAL)


def followed(day: ReconciledDay, verdict: Verdict, at: datetime) -> ReconciledDay:
    """A day with what is known of it now. A gap that shows because the day was listed was asked for with it."""
    had_gap = day.gap_since is not None and day.filled_at is None
    was_listed = day.state in (DayState.MORE, DayState.ERASED) and _was_asked(day, at)
    day = replace(day, state=verdict.state, missing=verdict.missing, extra=verdict.extra)
    if verdict.state is not DayState.GAP:
        return replace(day, filled_at=at) if had_gap else day
    if had_gap:
        return replace(day, most_missing=max(day.most_missing, verdict.missing))
    day = replace(day, most_missing=verdict.missing, gap_since=at, filled_at=None)
    return day if was_listed else replace(day, asked_at=None, order_id=None)


def to_ask(days: Sequence[ReconciledDay], at: datetime, *, lists: bool) -> list[date]:
    """Days with a gap, and where the edge lists days, those that may have one; if one of them was not asked for lately, all are, or the
    latest of very many."""
    wanted = [one for one in days if one.state is DayState.GAP or (lists and not one.is_sure)]
    is_due = any(not _was_asked(one, at) for one in wanted)
    return sorted(one.day for one in wanted)[-MOST_DATES:] if is_due else []


def _was_asked(day: ReconciledDay, at: datetime) -> bool:
    """Lately; one that is said to be later than now was noted by a clock that was ahead."""
    return day.asked_at is not None and abs(at - day.asked_at) <= ASK_AGAIN


def _shown(time: int) -> str:
    return f"{time // 10_000:02}:{time // 100 % 100:02}:{time % 100:02}"
