"""What the engine works with while it reads one day: a punch on its way to a use, and a stay made of two of them."""

from msgspec import Struct

from server.attendance.model.days import PunchUse, TimedPunch
from server.attendance.model.grants import Heading
from server.attendance.model.rules import DayRules, Direction


class Entry(Struct, gc=False):
    """A punch as far as it has been read. at: seconds cut off where the rules cut them; counted_at: after rounding as well.

    reason: why it is not used, a code of `engine.steps`. inferred: its heading was not said by a label.
    """

    punch: TimedPunch
    at: int
    counted_at: int
    heading: Heading | None = None
    inferred: bool = False
    part: int | None = None
    shift: int | None = None
    reason: str = ""

    def use(self) -> PunchUse:
        punch = self.punch
        return PunchUse(
            punch_id=punch.id,
            at=punch.at,
            heading=self.heading,
            counted_at=self.counted_at,
            part=self.part,
            shift=self.shift,
            reason=self.reason,
            grant_id=punch.grant_id,
        )


class Stay(Struct, gc=False):
    """From an IN to an OUT. arrived, left: as punched; start, end: as counted. assumed: the OUT was not punched."""

    arrived: int
    left: int
    start: int
    end: int
    part: int | None = None
    shift: int | None = None
    assumed: bool = False


def said_heading(punch: TimedPunch, rules: DayRules) -> Heading | None:
    """What somebody said about the direction and the rules believe: the label, the terminal's role, or a correction."""
    direction = rules.direction
    if punch.grant_id is not None or direction is Direction.AUTO or direction is Direction.LABEL:
        return punch.label
    return punch.role if direction is Direction.ROLE else None
