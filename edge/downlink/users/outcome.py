"""What became of a user at a terminal, and when it is to be looked at again. Pure."""

from dataclasses import dataclass

from protocol.messages import UserState
from protocol.wanted import Biometrics, WantedUser

SHORTEST, LONGEST = 60, 6 * 3600
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Outcome:
    """templates: those known to be there, such as "finger-6". again_after: seconds after which it is looked at again in any case."""

    user: str
    revision: int
    state: UserState
    templates: tuple[str, ...] = ()
    reason: str = ""
    again_after: int | None = None


def next_look(outcome: Outcome, tries: int, now: int) -> int | None:
    """When: after a failure later and later; after a refusal in a day, because firmware and drivers change; else where it says so."""
    if outcome.again_after is not None:
        return now + outcome.again_after
    match outcome.state:
        case UserState.FAILED:
            return now + int(min(SHORTEST * 2 ** min(tries, 12), LONGEST))
        case UserState.REFUSED:
            return now + DAY
        case _:
            return None


def good(user: WantedUser, templates: tuple[str, ...] = (), reason: str = "") -> Outcome:
    """It is as wanted. Of those whose templates are carried, new ones are looked for each day."""
    state = UserState.THERE if user.present else UserState.GONE
    carries = user.present and user.biometrics is Biometrics.CARRY
    return Outcome(user.user, user.revision, state, templates, reason, DAY if carries else None)
