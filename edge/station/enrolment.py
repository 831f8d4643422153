"""Taking a finger, step by step, as a function of what happens. Pure: whoever owns the module does what `step` says and tells what came.

consent ─► first ─► lift ─► second ─► store ─► done
             ▲        poor or different: told, and again; after five poor ones it ends
"""

from dataclasses import dataclass
from enum import StrEnum

ATTEMPTS = 5
GOOD_SCORE = 60
"""Two pictures of one finger that fit worse than this are of one finger that will often not be found later."""


class Step(StrEnum):
    CONSENT = "consent"
    FIRST = "first"
    LIFT = "lift"
    SECOND = "second"
    STORE = "store"
    DONE = "done"
    REFUSED = "refused"
    KNOWN = "known-finger"
    FULL = "full"
    POOR = "too-poor"
    GIVEN_UP = "given-up"


OVER = frozenset({Step.DONE, Step.REFUSED, Step.KNOWN, Step.FULL, Step.POOR, Step.GIVEN_UP})


class Advice(StrEnum):
    """Why a picture was not good enough."""

    NONE = ""
    MESSY = "messy"
    FEW_POINTS = "few-points"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Enrolment:
    step: Step
    advice: Advice = Advice.NONE
    poor: int = 0
    """Pictures so far that were not good enough."""

    @property
    def over(self) -> bool:
        return self.step in OVER

    def answered(self, *, agrees: bool) -> "Enrolment":
        if self.step is not Step.CONSENT:
            return self
        return Enrolment(Step.FIRST if agrees else Step.REFUSED)

    def pictured(self) -> "Enrolment":
        """A good picture was taken."""
        following = {Step.FIRST: Step.LIFT, Step.SECOND: Step.STORE}.get(self.step)
        return Enrolment(following, poor=self.poor) if following else self

    def lifted(self) -> "Enrolment":
        return Enrolment(Step.SECOND, poor=self.poor) if self.step is Step.LIFT else self

    def was_poor(self, advice: Advice) -> "Enrolment":
        """Different pictures, or two that fit badly, begin with the first one again."""
        if self.over:
            return self
        poor = self.poor + 1
        if poor >= ATTEMPTS:
            return Enrolment(Step.POOR, advice, poor)
        return Enrolment(Step.FIRST if advice is Advice.DIFFERENT else self.step, advice, poor)

    def ended(self, step: Step) -> "Enrolment":
        return self if self.over else Enrolment(step)


def begin(*, has_agreed: bool) -> Enrolment:
    return Enrolment(Step.FIRST if has_agreed else Step.CONSENT)
