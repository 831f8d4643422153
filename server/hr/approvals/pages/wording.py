"""Words of approvals for people: kinds, states, why somebody is asked, and the lines of a history."""

from collections.abc import Callable, Mapping

from server.hr.approvals.model import CANCEL, KIND_NAMES, CourseState, EntryKind, SeatState, Told, Why

Tell = Callable[..., str]

COURSE_STATES: Mapping[CourseState, tuple[str, str]] = {
    CourseState.OPEN: ("attention", "waiting for approval"),
    CourseState.SENT_BACK: ("attention", "sent back"),
    CourseState.APPROVED: ("ok", "approved"),
    CourseState.REFUSED: ("wrong", "rejected"),
    CourseState.WITHDRAWN: ("off", "withdrawn"),
}
SEAT_STATES: Mapping[SeatState, tuple[str, str]] = {
    SeatState.OPEN: ("attention", "is asked"),
    SeatState.APPROVED: ("ok", "approved"),
    SeatState.REFUSED: ("wrong", "rejected"),
    SeatState.SENT_BACK: ("attention", "sent back"),
    SeatState.SPARED: ("off", "no longer needed"),
    SeatState.PASSED_OVER: ("off", "agreed before"),
    SeatState.COPIED: ("off", "gets a copy"),
    SeatState.HANDED_OVER: ("off", "handed over"),
}
WHYS: Mapping[Why, str] = {
    Why.MANAGER: "manager",
    Why.HEAD: "head of department",
    Why.ROLE: "by role",
    Why.NAMED: "named in the flow",
    Why.NEXT_ABOVE: "next above",
    Why.DEPUTY: "deputy for the top",
    Why.HR: "HR, because nobody is above",
    Why.HANDED_OVER: "taken over",
    Why.ESCALATED: "next above, because time was up",
}
ENTRIES: Mapping[EntryKind, str] = {
    EntryKind.SUBMITTED: "{who} asked",
    EntryKind.APPROVED: "{who} approved",
    EntryKind.REFUSED: "{who} rejected",
    EntryKind.SENT_BACK: "{who} sent it back",
    EntryKind.WITHDRAWN: "{who} withdrew it",
    EntryKind.RESUBMITTED: "{who} handed it in again",
    EntryKind.REMINDED: "{who} sent a reminder",
    EntryKind.ESCALATED: "The time was up: {to} is asked now",
    EntryKind.HANDED_OVER: "{who} handed it over to {to}",
    EntryKind.COMMENTED: "{who} commented",
    EntryKind.TIME_UP: "The time of step {step} was up",
    EntryKind.COULD_NOT: "The time was up, but it could not be settled: {fault}",
}
FOR_OTHERS: Mapping[EntryKind, str] = {
    EntryKind.APPROVED: "{who} approved for {for_whom}",
    EntryKind.REFUSED: "{who} rejected for {for_whom}",
    EntryKind.SENT_BACK: "{who} sent it back for {for_whom}",
}
BY_ITSELF = "The system"


def kind_name(kind: str, tell: Tell, names: Mapping[str, str]) -> str:
    """A kind for people. names: of kinds narrower than ours, in the reader's language."""
    if kind in names:
        return names[kind]
    head, _, rest = kind.rpartition(".")
    if rest == CANCEL and head:
        return tell("Cancel: {what}", what=kind_name(head, tell, names))
    if kind in KIND_NAMES:
        return tell(KIND_NAMES[kind])
    return f"{kind_name(head, tell, names)} · {rest}" if head else kind


def told(text: str | Told, tell: Tell) -> str:
    """A text of another area in the reader's language, its facts that are texts too; a plain one is somebody's own words."""
    if not isinstance(text, Told):
        return text
    return tell(text.text, **{name: told(fact, tell) if isinstance(fact, Told) else fact for name, fact in text.facts.items()})


def told_fault(fault: Mapping[str, object], tell: Tell) -> str:
    """Why something could not be done, as `ServerError.told` says it."""
    facts = fault.get("facts")
    known = dict(facts) if isinstance(facts, Mapping) else {}
    if "reason" in known:
        known["reason"] = tell(str(known.pop("reason")), **known)
    if "what" in known:
        known["what"] = tell(str(known["what"]))
    return tell(str(fault.get("text", "")), **known)
