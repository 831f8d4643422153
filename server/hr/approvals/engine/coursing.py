"""The state machine of a course: what can be done in which state, and what an answer makes of a step.

| state     | approve, refuse, send back, hand over, escalate, remind | resubmit | withdraw  | comment |
|-----------|----------------------------------------------------------|----------|-----------|---------|
| open      | yes                                                      | no       | withdrawn | yes     |
| sent back | no                                                       | open     | withdrawn | yes     |
| approved  | no                                                       | no       | no        | yes     |
| refused   | no                                                       | no       | no        | yes     |
| withdrawn | no                                                       | no       | no        | yes     |
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from server.errors import RefusedError
from server.hr.approvals.model import CourseState, Seat, SeatState, Verdict

REMIND_PAUSE = timedelta(hours=1)


class Act(StrEnum):
    """What can be tried with a course."""

    APPROVE = "approve"
    REFUSE = "refuse"
    SEND_BACK = "send-back"
    WITHDRAW = "withdraw"
    RESUBMIT = "resubmit"
    REMIND = "remind"
    HAND_OVER = "hand-over"
    ESCALATE = "escalate"
    COMMENT = "comment"


_WHILE_OPEN = frozenset(Act) - {Act.RESUBMIT}
ALLOWED: Mapping[CourseState, frozenset[Act]] = {
    CourseState.OPEN: _WHILE_OPEN,
    CourseState.SENT_BACK: frozenset({Act.WITHDRAW, Act.RESUBMIT, Act.COMMENT}),
    CourseState.APPROVED: frozenset({Act.COMMENT}),
    CourseState.REFUSED: frozenset({Act.COMMENT}),
    CourseState.WITHDRAWN: frozenset({Act.COMMENT}),
}
_CLOSED: Mapping[CourseState, str] = {
    CourseState.OPEN: "This is being decided now. It can be handed in again when it was sent back.",
    CourseState.SENT_BACK: "This was sent back to the person who asked, who has to hand it in again first.",
    CourseState.APPROVED: "This is approved already. To take it back, ask for it to be cancelled.",
    CourseState.REFUSED: "This is refused already. Ask again if something has changed.",
    CourseState.WITHDRAWN: "This was withdrawn by the person who asked.",
}
ANSWERED: Mapping[Verdict, SeatState] = {
    Verdict.APPROVE: SeatState.APPROVED,
    Verdict.REFUSE: SeatState.REFUSED,
    Verdict.SEND_BACK: SeatState.SENT_BACK,
}


def require_allowed(state: CourseState, act: Act) -> None:
    """Raises RefusedError, which says what can be done instead."""
    if act not in ALLOWED[state]:
        raise RefusedError(reason=_CLOSED[state])


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer makes of the step's seats (by id, those that change). outcome: of the step; None while others must still agree."""

    seats: Mapping[int, SeatState]
    outcome: Verdict | None


def answer(seats: Sequence[Seat], mine: Collection[int], verdict: Verdict, *, all_must: bool) -> Answered:
    """Let the seats `mine` (ids) answer. seats: of the step in this round. One no, or one "back", is enough in every kind of step."""
    open_ids = [seat.id for seat in seats if seat.state is SeatState.OPEN]
    others = [one for one in open_ids if one not in mine]
    said = {one: ANSWERED[verdict] for one in open_ids if one in mine}
    if verdict is Verdict.APPROVE and all_must and others:
        return Answered(said, None)
    return Answered(said | dict.fromkeys(others, SeatState.SPARED), verdict)


def require_step_back(step: int, to_step: int | None) -> None:
    """to_step: an earlier step to go back to; None: to the requester. Raises RefusedError."""
    if to_step is not None and not 0 <= to_step < step:
        raise RefusedError(reason="It can be sent back to an earlier step or to the person who asked, not to this step or a later one.")


def require_pause(reminded_at: datetime | None, now: datetime) -> None:
    """Raises RefusedError where somebody was reminded less than an hour ago."""
    if reminded_at is not None and now - reminded_at < REMIND_PAUSE:
        minutes = (REMIND_PAUSE - (now - reminded_at)).seconds // 60 + 1
        raise RefusedError(reason="They were reminded less than an hour ago. You can remind them again in {minutes} min.", minutes=minutes)
