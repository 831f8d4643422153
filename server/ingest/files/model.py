"""Values of a file that was handed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from protocol.attlog.problem import Refusal
from protocol.attlog.survey import Survey


class FileState(StrEnum):
    """LOOKING and TAKING: a runner is at it. LOOKED: somebody has to say. The others are ends."""

    LOOKING = "looking"
    LOOKED = "looked"
    TAKING = "taking"
    TAKEN = "taken"
    REFUSED = "refused"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class PunchFile:
    """devices: device numbers that are the terminal's, empty for none in particular.

    new, known, quarantined: rows, as looked at or as taken. reasons: of those for the quarantine, how many by reason.
    """

    id: int
    terminal_id: int
    serial: str
    name: str
    size: int
    sha256: str
    devices: tuple[str, ...]
    any_device: bool
    state: FileState
    job_key: str
    survey: Survey | None
    reasons: Mapping[str, int]
    new: int
    known: int
    quarantined: int
    refusal: Refusal | None
    shown: str
    author: str
    at: datetime
    taken_by: str
    taken_at: datetime | None

    @property
    def under_way(self) -> bool:
        return self.state in {FileState.LOOKING, FileState.TAKING}
