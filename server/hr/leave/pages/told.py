"""Balances and movements in the reader's words, as pages and the API show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from server.attendance.engine.wording import Tell
from server.hr.leave.engine.telling import KINDS, amount, is_by_hours, tell_lapse, tell_movement
from server.hr.leave.model import Balance, LeaveTerms, Movement, MovementKind

SIGNS = {
    MovementKind.GRANTED: "ok",
    MovementKind.TAKEN: "leave",
    MovementKind.RESERVED: "attention",
    MovementKind.EXPIRED: "wrong",
    MovementKind.ADJUSTED: "attention",
}


@dataclass(frozen=True, slots=True)
class MovementLine:
    """A movement as a row: how much, after which the sum is, and why. sum: of the ledger up to and with it, in the order of days."""

    id: int
    day: date
    kind: str
    sign: str
    amount: str
    sum: str
    why: str
    reference: str
    author: str
    recorded_at: datetime
    may_undo: bool


@dataclass(frozen=True, slots=True)
class BalanceCard:
    """A balance as a card. left: what can be asked for; figures: (what, how much) of the year, those that are nothing left out."""

    balance: Balance
    code: str
    name: str
    left: str
    by_hours: bool
    figures: tuple[tuple[str, str], ...]
    lapses: tuple[str, ...]
    coming: tuple[str, ...]


def movement_lines(movements: Sequence[Movement], terms: LeaveTerms, tell: Tell) -> list[MovementLine]:
    """movements: of one kind, the latest day first, as they come back."""
    undone = {one.facts.get("movement") for one in movements if one.facts.get("code") == "undone"}
    total = sum(one.minutes for one in movements)
    found = []
    for one in movements:
        may_undo = one.facts.get("code") == "adjusted" and one.id not in undone
        told = (KINDS[one.kind], SIGNS.get(one.kind, "off"), signed(one.minutes, terms, tell), amount(total, terms, tell))
        said = (tell_movement(one, terms, tell), one.reference, one.author, one.recorded_at)
        found.append(MovementLine(one.id, one.day, *told, *said, may_undo))
        total -= one.minutes
    return found


def card(balance: Balance, tell: Tell, language: str) -> BalanceCard:
    terms = balance.type.terms
    figures = (
        ("carried over", balance.carried), ("granted", balance.granted), ("adjusted by hand", balance.adjusted), ("taken", -balance.taken),
        ("reserved", -balance.pending), ("lapsed", -balance.expired), ("paid out", -balance.paid_out), ("taken later on", -balance.ahead),
    )  # fmt: skip
    coming = (
        tell("{amount} on {day}", amount=amount(one.minutes, terms, tell), day=one.day)
        for one in balance.grants[:1]
        if one.day.year <= balance.day.year + 1
    )
    return BalanceCard(
        balance=balance,
        code=balance.type.code,
        name=balance.type.name(language),
        left=amount(balance.taken if balance.available is None else balance.available, terms, tell),
        by_hours=is_by_hours(terms),
        figures=tuple((tell(what), signed(minutes, terms, tell)) for what, minutes in figures if minutes),
        lapses=tuple(tell_lapse(one, terms, tell) for one in balance.lapses),
        coming=tuple(coming),
    )


def signed(minutes: int, terms: LeaveTerms, tell: Tell) -> str:
    """With a plus where it is one."""
    return f"{'+' if minutes > 0 else ''}{amount(minutes, terms, tell)}"
