"""The sentences that explain movements and balances. tell: translates an English text and puts the facts into it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from server.hr.leave.model import DayLength, Lapse, LeaveTerms, Movement, MovementKind, Unit

Tell = Callable[..., str]

KINDS = {
    MovementKind.GRANTED: "granted",
    MovementKind.CARRIED: "carried over",
    MovementKind.EXPIRED: "lapsed",
    MovementKind.PAID_OUT: "paid out",
    MovementKind.FORGIVEN: "not claimed back",
    MovementKind.RESERVED: "reserved",
    MovementKind.RELEASED: "released",
    MovementKind.TAKEN: "taken",
    MovementKind.GIVEN_BACK: "given back",
    MovementKind.ADJUSTED: "adjusted by hand",
}
"""The word of each kind of movement, which has a translation."""


SENTENCES = {
    "gone": "Nothing is due for this any more.",
    "earned": "Overtime of {day} that is settled by time off.",
    "carried-out": "Left over at the end of the year, and usable until {last_day}.",
    "lapsed": "Not taken by {last_day}, the last day, so it is over.",
    "waived": "Not taken by {last_day}, which the employee wrote that they do not want ({reason}): nothing extra is paid.",
    "forgiven": "More was taken than is due up to the last day of work; that is not claimed back.",
    "undone": "Takes adjustment {movement} back.",
    "adjusted": "Adjusted by hand.",
    "reserved": "A request waits for its approval.",
    "released": "The request waits no longer.",
    "taken": "Approved leave.",
    "given-back": "The approval was taken back.",
    "recorded": "HR recorded it as grant {grant}.",
    "recorded-back": "Grant {grant} was withdrawn.",
}
"""Of movements that need no more than their facts; each has a translation."""


def is_by_hours(terms: LeaveTerms) -> bool:
    """Whether amounts of it are told in hours: what is earned and taken by the planned minute."""
    return terms.unit is Unit.HOUR and terms.day_length is DayLength.ROSTER


def amount(minutes: int, terms: LeaveTerms, tell: Tell) -> str:
    """So many minutes as people count this kind: "3.5 days", "12:30 hours"."""
    if is_by_hours(terms):
        return tell("{n} h", n=bare(minutes, terms))
    return tell("{n} {n:day|days}", n=bare(minutes, terms))


def bare(minutes: int, terms: LeaveTerms) -> str:
    """The number alone, where the unit stands in the heading: "3.5", "12:30"."""
    if is_by_hours(terms):
        return f"{'-' if minutes < 0 else ''}{abs(minutes) // 60}:{abs(minutes) % 60:02}"
    return in_days(minutes, terms)


def in_days(minutes: int, terms: LeaveTerms) -> str:
    """Standard days, to two places, without zeros at the end."""
    text = f"{minutes / terms.standard_day_minutes:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def tell_movement(one: Movement, terms: LeaveTerms, tell: Tell) -> str:
    """Why there is this movement, in a sentence or a few."""
    told = tell_facts(one.facts, terms, tell)
    return f"{told} {tell('Reason: {reason}', reason=one.reason)}".strip() if one.reason and one.facts.get("code") != "opening" else told


def tell_facts(facts: Mapping[str, Any], terms: LeaveTerms, tell: Tell) -> str:
    """The sentence of a movement's facts."""
    code = facts["code"]
    match code:
        case "granted":
            return _granted(facts, tell)
        case "corrected":
            return _corrected(facts, terms, tell)
        case "paid-out":
            return _paid_out(facts, tell)
        case "opening":
            balance = amount(facts["balance"], terms, tell)
            return tell("Opening balance: {balance} at the end of this day stand for all that was before.", balance=balance)
        case "carried-in":
            return tell("Brought over from {year}, usable until {day}.", year=facts["from"][:4], day=facts["last_day"])
        case _:
            return tell(SENTENCES[code], **{name: value for name, value in facts.items() if name != "code"})


def _corrected(facts: Mapping[str, Any], terms: LeaveTerms, tell: Tell) -> str:
    before, after = (amount(facts[name], terms, tell) for name in ("before", "after"))
    why = tell_facts(facts["because"], terms, tell)
    return f"{tell('Corrected from {before} to {after}.', before=before, after=after)} {why}"


def _granted(facts: Mapping[str, Any], tell: Tell) -> str:
    said = [tell("For {ground}.", ground=facts["ground"])] if facts.get("ground") else []
    if facts["whole"]:
        first, last, days = facts["parts"][0]
        said.append(tell("{n} {n:day|days} a year, for the whole of it ({first} to {last}).", n=days, first=first, last=last))
    else:
        for first, last, days in facts["parts"]:
            length = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
            numbers = {"length": length, "year_days": facts["year_days"], "days": days}
            said.append(tell("{first} to {last}: {length} / {year_days} × {days} {days:day|days}.", first=first, last=last, **numbers))
        said.append(tell("Together {exact} days; of a part only whole ones count.", exact=facts["exact"]) if _whole_days(facts) else
                    tell("Together {exact} days.", exact=facts["exact"]))  # fmt: skip
    if facts.get("month"):
        said.append(tell("Month {month} of {months}.", month=facts["month"], months=facts["months"]))
    return " ".join(said)


def _whole_days(facts: Mapping[str, Any]) -> bool:
    return bool(facts["rounding"] == "whole-day")


def _paid_out(facts: Mapping[str, Any], tell: Tell) -> str:
    numbers = {"day": facts["last_day"], "percent": facts["percent"]}
    if not facts["paid_percent"]:
        return tell("Not taken by {day}: paid out at {percent} % of the daily wage.", **numbers)
    paid = facts["paid_percent"]
    return tell("Not taken by {day}: paid out at {percent} % of the daily wage, of which {paid} % was paid already.", paid=paid, **numbers)


def tell_lapse(one: Lapse, terms: LeaveTerms, tell: Tell) -> str:
    """What happens with what is left, and when."""
    left = amount(one.minutes, terms, tell)
    match one.then:
        case MovementKind.CARRIED:
            return tell("{left} until {day}, then carried over", left=left, day=one.last_day)
        case MovementKind.PAID_OUT:
            return tell("{left} until {day}, then paid out", left=left, day=one.last_day)
        case _:
            return tell("{left} until {day}, then over", left=left, day=one.last_day)
