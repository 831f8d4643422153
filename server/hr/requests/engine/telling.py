"""Findings as sentences: what is wrong, and what to do. In the words of `tell`, so that both languages say the same."""

from collections.abc import Callable
from typing import Any

from server.hr.approvals.model import Told
from server.hr.leave.model import NotFor
from server.hr.requests.engine.words import word_of
from server.hr.requests.model import Finding, FindingCode

Tell = Callable[..., str]
Facts = dict[str, Any]
LEAVE_NAME = "{en:}{zh:.0}"
"""A name that the company gives in both languages: this text shows the first fact only, its translation the second only."""

NOT_FOR = {
    NotFor.SEX: "{name} is not for people of this sex, as the staff record has it.",
    NotFor.EMPLOYMENT: "{name} is not for this kind of employment.",
    NotFor.TOO_YOUNG: "{name} is for older people: the age it begins with is not reached on the first day.",
    NotFor.TOO_OLD: "{name} is for younger people: the age it ends with is over on the first day.",
    NotFor.SERVICE: "{name} needs more service in all than is proved up to the first day.",
}


def told(finding: Finding) -> tuple[Told, Told]:
    """(what was found, what to do)."""
    facts = {name: _word(name, value) for name, value in finding.facts.items()}
    facts["name"] = Told(LEAVE_NAME, {"en": finding.facts.get("name_en", ""), "zh": finding.facts.get("name_zh", "")})
    return _asking(finding, facts) or _rosters(finding, facts) or _overtime(finding, facts) or _common(finding, facts)


def say(said: Told | str, tell: Tell) -> str:
    """In the words of `tell`; facts that are texts of ours are told first."""
    if isinstance(said, str):
        return said
    return tell(said.text, **{name: say(value, tell) if isinstance(value, Told) else value for name, value in said.facts.items()})


def sentence(finding: Finding, tell: Tell) -> str:
    """Both sentences of a finding."""
    return " ".join(say(one, tell) for one in told(finding))


def hours(minutes: int) -> Told:
    """Minutes as hours: "7.5 h"."""
    return Told("{n} h", {"n": f"{minutes / 60:.2f}".rstrip("0").rstrip(".")})


def as_days(minutes: int, day_minutes: int) -> Told:
    """Minutes as days where they are whole or half ones, else as hours."""
    halves = minutes * 2 / day_minutes if day_minutes else 0.5
    if halves != int(halves):
        return hours(minutes)
    number = f"{halves / 2:g}"
    return Told("{n} {n:day|days}", {"n": number})


def _word(name: str, value: Any) -> Any:
    if name in {"kind", "cause", "settled_by"}:
        return Told(word_of(value)) if value != "law" else ""
    return hours(value) if name.endswith("minutes") and isinstance(value, int) else value


def _common(finding: Finding, facts: Facts) -> tuple[Told, Told]:
    match finding.code:
        case FindingCode.NOT_EMPLOYED if finding.field == "partner":
            return Told("The partner does not work here on {day}.", facts), Told("Choose another day or another partner.")
        case FindingCode.NOT_EMPLOYED:
            return Told("There is no employment on {day}.", facts), Told("Choose days of the employment, or ask HR to mend its dates.")
        case FindingCode.CLOSED:
            return (
                Told("The period of {day} is closed.", facts),
                Told("Tick “as a late fact”: once approved, HR decides on the difference and it is paid with an open period."),
            )
        case FindingCode.CLOSED_LATE:
            return (
                Told("The period of {day} is closed, so this is asked for as a late fact.", facts),
                Told("Once approved, HR decides on the difference and it is paid with an open period."),
            )
        case FindingCode.ASKED_ALREADY:
            return (
                Told("{number} asks for this time already ({kind}) and waits.", facts),
                Told("Change or withdraw {number}, or choose another time.", facts),
            )
        case FindingCode.GRANTED_ALREADY:
            if finding.facts.get("number"):
                return (
                    Told("{kind} is approved for this time already ({number}).", facts),
                    Told("Ask for a change or the cancellation of {number}.", facts),
                )
            return Told("{kind} is approved for this time already.", facts), Told(
                "Choose another time, or ask HR to withdraw what is recorded."
            )
        case _:
            return Told("Nothing is planned on {day}: nobody made a roster.", facts), Told("Ask whoever makes the roster, or HR.")


def _asking(finding: Finding, facts: Facts) -> tuple[Told, Told] | None:  # noqa: C901 - one case a code
    match finding.code:
        case FindingCode.NO_WORK:
            return Told("No work is planned then, so nothing has to be asked for."), Told("Choose days with planned work.")
        case FindingCode.PARTLY_NO_WORK:
            return Told("{days} {days:day|days} of it {days:is|are} free anyway and {days:uses|use} nothing up.", facts), Told(
                "Nothing has to be done."
            )
        case FindingCode.OVER_BALANCE:
            return _over_balance(finding, facts)
        case FindingCode.NOT_FOR_PERSON:
            return Told(NOT_FOR.get(finding.facts.get("why", ""), "{name} is not for this person."), facts), Told(
                "Choose another type of leave, or ask HR."
            )
        case FindingCode.NOTICE:
            return Told("It has to be asked for at least {days} {days:day|days} before.", facts), Told(
                "Choose a later day, or ask HR to ask in your name."
            )
        case FindingCode.TOO_FAR_BACK:
            return Told("It can be asked for until {days} {days:day|days} afterwards only.", facts), Told(
                "Ask HR: they can ask in your name."
            )
        case FindingCode.TOO_LONG if "days" in finding.facts and finding.field == "partner_day":
            return Told("The two days lie more than {days} {days:day|days} apart.", facts), Told(
                "Choose days that are nearer to each other."
            )
        case FindingCode.TOO_LONG if "days" in finding.facts:
            return Told("One request may be for {days} {days:day|days} at most.", facts), Told("Ask for a shorter time, or divide it.")
        case FindingCode.TOO_LONG:
            return Told("One request may be for {minutes} at most.", facts), Told("Ask for a shorter time, or divide it.")
        case FindingCode.CERTIFICATE_LATER:
            return (
                Told("{name} of this length needs a certificate.", facts),
                Told("Add a photograph of it now, or within {days} {days:day|days} after the last day.", facts),
            )
        case FindingCode.ATTACHMENT:
            return Told("This needs a document as proof."), Told("Add a photograph or a PDF of it.")
        case _:
            return _correcting(finding, facts)


def _over_balance(finding: Finding, facts: Facts) -> tuple[Told, Told]:
    if "from_day" in finding.facts:
        return (
            Told("There is no {name} before {from_day}: it takes service in a row, as far as that is proved.", facts),
            Told("Ask for a day from then on, or hand in proof of earlier service to HR."),
        )
    day_minutes = int(finding.facts["day_minutes"])
    wanted = as_days(finding.facts["wanted_minutes"], day_minutes)
    left = as_days(finding.facts["left_minutes"], day_minutes)
    return (
        Told("Up to {day} this takes {wanted} of {name}; left: {left}.", facts | {"wanted": wanted, "left": left}),
        Told("Ask for less, for a later day, or for another type of leave."),
    )


def _correcting(finding: Finding, facts: Facts) -> tuple[Told, Told] | None:
    match finding.code:
        case FindingCode.CAUSE_NOT_OFFERED:
            return Told("The company takes no corrections for this cause: {cause}.", facts), Told("Choose another cause, or ask HR.")
        case FindingCode.QUOTA:
            return (
                Told("{used} of {quota} corrections of {month} are used up.", facts),
                Told("Ask HR: they can record it for you."),
            )
        case FindingCode.IN_THE_FUTURE:
            return Told("This moment has not come yet."), Told("Choose a moment that has passed.")
        case FindingCode.NOTHING_MISSING:
            return (
                Told("As it is known now, this day lacks nothing of the kind: {cause}.", facts),
                Told("Look at the day first; ask all the same if you know better."),
            )
        case _:
            return None


def _overtime(finding: Finding, facts: Facts) -> tuple[Told, Told] | None:
    match finding.code:
        case FindingCode.AFTERWARDS:
            return Told("Overtime has to be asked for before it begins."), Told("Ask HR if it was ordered and could not be asked for.")
        case FindingCode.SETTLEMENT if finding.facts["settled_by"] == "law":
            return (
                Told("Overtime on workdays and statutory holidays has to be paid (Labour Law, article 44)."),
                Told("Choose to be paid, or leave the choice open."),
            )
        case FindingCode.SETTLEMENT:
            return Told("The company does not settle overtime in this way: {settled_by}.", facts), Told("Choose another way.")
        case FindingCode.INSIDE_THE_PLAN:
            return Told("Part of this time is planned work and no overtime."), Told("Begin it when the planned work has ended.")
        case FindingCode.PROTECTED_OVERTIME:
            return (
                Told("The law protects this person from overtime (pregnancy from the seventh month, nursing)."),
                Told("Give no overtime on this day; the approver has to know."),
            )
        case FindingCode.DAY_OVERTIME:
            return (
                Told("That is {minutes} of overtime on this day; the law allows {most_minutes} (Labour Law, article 41).", facts),
                Told("Ask for less if it can be done."),
            )
        case FindingCode.MONTH_OVERTIME:
            return (
                Told("That is {minutes} of overtime in {month}; the law allows {most_minutes} (Labour Law, article 41).", facts),
                Told("Ask for less if it can be done."),
            )
        case _:
            return None


def _rosters(finding: Finding, facts: Facts) -> tuple[Told, Told] | None:  # noqa: C901 - one case a code
    own = finding.facts.get("own", True)
    match finding.code:
        case FindingCode.SAME_SHIFT if finding.field == "shift":
            return Told("This shift is planned for the day already."), Told("Choose another shift or another day.")
        case FindingCode.SAME_SHIFT:
            return Told("There is nothing to swap: both work the same, or one of them is off."), Told("Choose other days or partners.")
        case FindingCode.ON_LEAVE if own:
            return Told("There is approved time away on {day}.", facts), Told("Look whether both can be meant.")
        case FindingCode.ON_LEAVE:
            return Told("The partner is away on {day}.", facts), Told("Choose another day or another partner.")
        case FindingCode.SHORT_REST if own:
            return (
                Told("Only {minutes} of rest would be left around {day}; the company wants {most_minutes}.", facts),
                Told("Choose a shift with more rest if it can be done."),
            )
        case FindingCode.SHORT_REST:
            return (
                Told("The partner would have only {minutes} of rest around {day}; the company wants {most_minutes}.", facts),
                Told("Choose a shift with more rest if it can be done."),
            )
        case FindingCode.SHIFTS_OVERLAP if own:
            return Told("Two shifts would overlap around {day}.", facts), Told("Choose another shift or another day.")
        case FindingCode.SHIFTS_OVERLAP:
            return Told("Two shifts of the partner would overlap around {day}.", facts), Told("Choose another shift or another day.")
        case FindingCode.PROTECTED_NIGHT:
            return (
                Told("This would be night work on {day} of somebody the law protects from it.", facts),
                Told("Choose a shift without work from 22:00 to 06:00."),
            )
        case FindingCode.OTHER_ZONE:
            return Told("The partner works in another time zone."), Told("Look whether the shifts fit.")
        case _:
            return None
