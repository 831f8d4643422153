"""The course of somebody's leave of one kind: lots that are granted, what uses them, and how each ends.

A lot is what one leave year (or month, for what is earned) grants, or what was carried out of it. A day of leave takes from the lot that
ends first of those that are open on that day, and what is missing from the latest, which then owes it. So the course depends on the days of
leave and on nothing else: not on the order in which they were asked for or written down. Nothing here looks at what the ledger
holds of derived movements; `settling` compares.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Any

from server.hr.leave.engine.calendar import DAY, months_later, year_with
from server.hr.leave.engine.entitling import Share, Stint, is_by_ground, rounded, share_by_service, share_by_year
from server.hr.leave.model import Accrual, Basis, Due, Entitlement, Ground, LeaveTerms, LotEnd, MovementKind, Waiver

TermsOn = Callable[[date], LeaveTerms]


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What a person's entitlement goes by. service_from: the day from which service in all counts, as though without a gap."""

    stints: tuple[Stint, ...]
    service_from: date | None
    grounds: tuple[Ground, ...] = ()
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """Something people did that moves the balance. minutes: of leave as a positive number in `uses`, signed in `adjustments`.

    opening: stands for all that was before and on its day. last_day: of an adjustment that ends by itself. earned: overtime of the day,
    settled by time off.
    """

    day: date
    minutes: int
    last_day: date | None = None
    opening: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Entries:
    """uses: leave taken or reserved, by its days. adjustments: by hand. earned: what attendance gives."""

    uses: tuple[Entry, ...] = ()
    adjustments: tuple[Entry, ...] = ()
    earned: tuple[Entry, ...] = ()


@dataclass(slots=True)
class Lot:
    """What may be used from `opens` to `last_day`. changes: (day, minutes) in the order of days, closing included. then: how it ends."""

    key: str
    opens: date
    last_day: date
    terms: LeaveTerms
    stint_last: date | None = None
    carried: bool = False
    remaining: int = 0
    changes: list[tuple[date, int]] = field(default_factory=list)
    then: MovementKind = MovementKind.EXPIRED
    closed: bool = False

    def change(self, day: date, minutes: int) -> None:
        self.remaining += minutes
        self.changes.append((day, minutes))


@dataclass(frozen=True, slots=True)
class Course:
    """dues: what the rules bring, in the order of days. lots: in the order in which they opened."""

    dues: tuple[Due, ...]
    lots: tuple[Lot, ...]


def run(terms_on: TermsOn, facts: PersonFacts, entries: Entries, begin: date, until: date) -> Course:
    """What happens from `begin` up to the end of `until`, and no further; leave on later days is as though it were not there."""
    return _Run(terms_on, facts, entries, begin, until).course()


class _Run:
    """One run over the events in the order of their days: ends of lots first, then what is granted, then what is used."""

    def __init__(self, terms_on: TermsOn, facts: PersonFacts, entries: Entries, begin: date, until: date) -> None:
        self.terms_on, self.facts, self.entries, self.until = terms_on, facts, entries, until
        openings = [one.day for one in entries.adjustments if one.opening]
        self.after = max(openings) if openings else None
        self.begin = begin
        self.lots: dict[str, Lot] = {}
        self.dues: list[Due] = []
        self.events: list[tuple[date, int, int, Callable[[date], None]]] = []
        self.numbers = count()
        self.waived = {one.lot: one for one in facts.waivers if one.withdrawn_at is None}

    def course(self) -> Course:
        self._plan()
        while self.events and self.events[0][0] <= self.until:
            day, _, _, happen = heappop(self.events)
            happen(day)
        return Course(tuple(sorted(self.dues, key=lambda due: due.day)), tuple(self.lots.values()))

    def _at(self, day: date, order: int, happen: Callable[[date], None]) -> None:
        heappush(self.events, (day, order, next(self.numbers), happen))

    # What is known beforehand

    def _plan(self) -> None:
        for stint in self.facts.stints:
            self._plan_stint(stint)
        for one in self.entries.earned:
            if not self._is_over(one.day):
                self._at(one.day, 1, partial(self._earn, one))
        for one in self.entries.adjustments:
            if one.opening or not self._is_over(one.day):
                self._at(one.day, 1 if one.minutes > 0 else 2, partial(self._adjust, one))
        for one in self.entries.uses:
            if not self._is_over(one.day):
                self._at(one.day, 2, partial(self._use, one.minutes))

    def _is_over(self, day: date) -> bool:
        """An opening balance stands for what was up to its day; nothing is kept of the time before the ledger begins."""
        return day < self.begin or (self.after is not None and day <= self.after)

    def _plan_stint(self, stint: Stint) -> None:
        first, last = max(stint.first, self.begin), min(stint.last or self.until, self.until)
        if first > last:
            return
        day = first
        while day <= last:
            terms = self.terms_on(day)
            year = year_with(terms.entitlement, stint.first, day)
            day = year[1] + DAY
            if terms.entitlement.basis in (Basis.EARNED, Basis.NOTHING):
                continue
            lot = self._open_year(terms, stint, year)
            for on, minutes, cause, told in _grants(terms, self.facts, stint, year, lot.key):
                if not self._is_over(on):
                    self._at(on, 1, partial(self._grant, minutes, cause, told, lot))

    def _open_year(self, terms: LeaveTerms, stint: Stint, year: tuple[date, date]) -> Lot:
        return self._open(Lot(self._new_key(year[0]), max(year[0], stint.first), year[1], terms, stint.last))

    def _new_key(self, first: date) -> str:
        """By the first day of the year; somebody who left and came again has a second one in it."""
        key, number = first.isoformat(), 1
        while key in self.lots:
            number += 1
            key = f"{first.isoformat()}#{number}"
        return key

    def _open(self, lot: Lot) -> Lot:
        self.lots[lot.key] = lot
        left = lot.stint_last is not None and lot.stint_last <= lot.last_day
        if left:
            assert lot.stint_last is not None
            lot.last_day = max(lot.stint_last, lot.opens)
        self._at(lot.last_day + DAY, 0, partial(self._leave if left else self._close, lot))
        lot.then = (
            MovementKind.CARRIED if not lot.carried and carries(lot.terms.entitlement) and not left else _ends_as(lot, self._waiver(lot))
        )
        return lot

    def _waiver(self, lot: Lot) -> Waiver | None:
        return self.waived.get(lot.key.removesuffix("+"))

    # What happens

    def _grant(self, minutes: int, cause: str, told: dict[str, Any], lot: Lot, day: date) -> None:
        if minutes:
            lot.change(day, minutes)
            self._due(MovementKind.GRANTED, minutes, day, cause, lot, told)

    def _earn(self, one: Entry, day: date) -> None:
        lot = self._lot_with(day)
        lot.change(day, one.minutes)
        self._due(MovementKind.GRANTED, one.minutes, day, f"earned:{one.day}", lot, {"code": "earned", "day": one.day.isoformat()})

    def _adjust(self, one: Entry, day: date) -> None:
        if one.minutes < 0:
            self._use(-one.minutes, day)
        elif one.last_day is None:
            self._lot_with(day).change(day, one.minutes)
        else:
            lot = self._lot_with(day)
            own = Lot(f"{one.day.isoformat()}:{one.key}", day, one.last_day, lot.terms, lot.stint_last, carried=True)
            self._open(own).change(day, one.minutes)

    def _use(self, minutes: int, day: date) -> None:
        if self.terms_on(day).entitlement.basis is Basis.NOTHING:
            return
        latest = self._lot_with(day)
        for lot in sorted(self._open_on(day), key=lambda lot: (lot.last_day, not lot.carried, lot.opens, lot.key)):
            taken = min(minutes, max(lot.remaining, 0))
            if taken:
                lot.change(day, -taken)
                minutes -= taken
        if minutes:
            latest.change(day, -minutes)

    def _close(self, lot: Lot, day: date) -> None:
        """The time of a lot is over: some goes on, the rest ends as the terms say; what it owes, the next one owes."""
        lot.closed = True
        entitlement = lot.terms.entitlement
        if lot.remaining < 0:
            self._carry(day, lot, self._lot_with(day), lot.remaining)
            return
        if not lot.carried and carries(entitlement):
            keep = entitlement.at_end is LotEnd.KEEP
            most = None if keep or entitlement.carry_days is None else entitlement.carry_days * lot.terms.standard_day_minutes
            minutes = lot.remaining if most is None else min(most, lot.remaining)
            if minutes:
                last = months_later(lot.last_day + DAY, 12 if keep else entitlement.carry_months) - DAY
                onward = Lot(f"{lot.key}+", day, last, lot.terms, lot.stint_last, carried=True)
                self._carry(day, lot, self._open(onward), minutes)
        self._end(day, lot)

    def _leave(self, lot: Lot, day: date) -> None:
        """The employment ends: what is left is paid out or lapses, what was taken too much is not claimed back."""
        lot.closed = True
        if lot.remaining < 0:
            self._due(MovementKind.FORGIVEN, -lot.remaining, day, f"end:{lot.key}", lot, {"code": "forgiven"})
            lot.change(day, -lot.remaining)
            return
        self._end(day, lot)

    def _end(self, day: date, lot: Lot) -> None:
        minutes = lot.remaining
        if minutes <= 0:
            return
        entitlement, waiver = lot.terms.entitlement, self._waiver(lot)
        kind = _ends_as(lot, waiver)
        told: dict[str, Any] = {"code": "lapsed", "last_day": lot.last_day.isoformat()}
        if kind is MovementKind.PAID_OUT:
            told = {**told, "code": "paid-out", "percent": entitlement.pay_out_percent, "paid_percent": entitlement.paid_percent}
        elif waiver is not None:
            told = {**told, "code": "waived", "reason": waiver.reason}
        self._due(kind, -minutes, day, f"end:{lot.key}", lot, told)
        lot.change(day, -minutes)

    def _carry(self, day: date, lot: Lot, into: Lot, minutes: int) -> None:
        told = {"last_day": into.last_day.isoformat(), "from": lot.key}
        self._due(MovementKind.CARRIED, -minutes, day, f"out:{lot.key}", lot, {"code": "carried-out", **told})
        lot.change(day, -minutes)
        self._due(MovementKind.CARRIED, minutes, day, f"in:{lot.key}", into, {"code": "carried-in", **told})
        into.change(day, minutes)

    def _due(self, kind: MovementKind, minutes: int, day: date, cause: str, lot: Lot, told: dict[str, Any]) -> None:
        self.dues.append(Due(kind, minutes, day, cause, lot.key, lot.last_day, told))

    # Lots

    def _open_on(self, day: date) -> list[Lot]:
        return [lot for lot in self.lots.values() if not lot.closed and lot.opens <= day <= lot.last_day]

    def _lot_with(self, day: date) -> Lot:
        """The lot of the year or month that a day is in; opened here where nothing was granted in it."""
        terms = self.terms_on(day)
        stint = next((one for one in self.facts.stints if one.first <= day <= (one.last or day)), None)
        year = year_with(terms.entitlement, stint.first if stint else None, day)
        own = [lot for lot in self._open_on(day) if not lot.carried and lot.opens >= year[0]]
        if own:
            return max(own, key=lambda lot: (lot.opens, lot.key))
        last = year[1]
        if terms.entitlement.basis is Basis.EARNED:
            last = months_later(year[0], 1 + terms.entitlement.valid_months) - DAY
        return self._open(Lot(self._new_key(year[0]), year[0], last, terms, stint.last if stint else None))


def _ends_as(lot: Lot, waiver: Waiver | None) -> MovementKind:
    """How the rest of a lot ends. Earned time is never forfeited; days that are paid out are not where the employee waived them."""
    entitlement = lot.terms.entitlement
    if entitlement.basis is Basis.EARNED:
        return MovementKind.PAID_OUT
    if entitlement.at_end is LotEnd.LAPSE or waiver is not None:
        return MovementKind.EXPIRED
    return MovementKind.PAID_OUT


def carries(entitlement: Entitlement) -> bool:
    """Whether some of what is left of a year is carried into the next one."""
    if entitlement.basis is Basis.EARNED:
        return False
    return entitlement.at_end is LotEnd.KEEP or (entitlement.carry_months > 0 and entitlement.carry_days != 0)


def _grants(
    terms: LeaveTerms, facts: PersonFacts, stint: Stint, year: tuple[date, date], key: str
) -> Iterator[tuple[date, int, str, dict[str, Any]]]:
    """(day, minutes, cause, how it came about) of what a year grants."""
    if terms.entitlement.basis is Basis.SERVICE:
        share = share_by_service(terms, facts.service_from, stint, year)
        if share is not None:
            yield from _spread(terms, share, year, key)
    elif is_by_ground(terms):
        for ground in facts.grounds:
            share = share_by_year(terms, stint, year, ground)
            if share is not None and ground.ended_at is None:
                yield share.first, share.minutes, f"grant:{key}:{ground.id}", {**_told(share, terms), "ground": ground.name}
    else:
        share = share_by_year(terms, stint, year, None)
        if share is not None:
            yield from _spread(terms, share, year, key)


def _spread(terms: LeaveTerms, share: Share, year: tuple[date, date], key: str) -> Iterator[tuple[date, int, str, dict[str, Any]]]:
    """All at once, or so much each month that after the last of them it is the whole of it."""
    told = _told(share, terms)
    if terms.entitlement.accrual is not Accrual.MONTHLY:
        yield share.first, share.minutes, f"grant:{key}", told
        return
    last = share.parts[-1].last
    months = [day for day in _month_firsts(year) if share.first.replace(day=1) <= day <= last]
    given = 0
    for number, day in enumerate(months, start=1):
        sum_now = share.minutes if number == len(months) else rounded(terms, share.exact * number / len(months))
        told = {**told, "month": number, "months": len(months)}
        yield max(day, share.first), sum_now - given, f"grant:{key}:{day:%m}", told
        given = sum_now


def _month_firsts(year: tuple[date, date]) -> Sequence[date]:
    first = year[0].replace(day=1)
    return [months_later(first, number) for number in range(13) if months_later(first, number) <= year[1]]


def _told(share: Share, terms: LeaveTerms) -> dict[str, Any]:
    return {
        "code": "granted",
        "parts": [[part.first.isoformat(), part.last.isoformat(), part.days] for part in share.parts],
        "whole": share.whole,
        "exact": f"{float(share.exact):.2f}",
        "year_days": terms.entitlement.year_days,
        "rounding": terms.entitlement.rounding.value,
    }
