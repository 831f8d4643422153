"""Values of an import: a workbook's sheets, what was found in them, and what they would come to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from server.directory.model import ImportChange, ImportFinding


class ImportState(StrEnum):
    """CHECKING and STORING: a runner is at it. CHECKED: somebody has to look. The other two are ends."""

    CHECKING = "checking"
    CHECKED = "checked"
    STORING = "storing"
    STORED = "stored"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet as texts, the heading first, blank rows as empty lists.

    numeric: places (row and column from 0) that hold a bare number. merged: first places of cells that were merged.
    """

    name: str
    lines: tuple[tuple[str, ...], ...]
    numeric: frozenset[tuple[int, int]] = frozenset()
    merged: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SheetOutcome:
    """What one sheet comes to. kind: of `kinds.KINDS`, "" where nobody can tell."""

    sheet: str
    kind: str
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    findings: tuple[ImportFinding, ...] = ()
    changes: tuple[ImportChange, ...] = ()
    unlisted: int = 0
    """Findings beyond those that are listed."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A new person of a file beside somebody who may be the same. row: as a spreadsheet counts.

    other: the employee number of the other one; other_row: where that one stands in the file, 0 for somebody who is here already.
    reasons: English texts. strong: more than the same sound of a name, so somebody has to say.
    """

    row: int
    number: str
    name: str
    other: str
    other_name: str
    other_row: int
    reasons: tuple[str, ...]
    strong: bool


class Choice(StrEnum):
    """What somebody says of a pair. SAME: the row is about the person who is here, under that number."""

    OTHER = "other"
    SAME = "same"
    LEAVE_OUT = "leave-out"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the whole file comes to; with any finding nothing of it is stored."""

    sheets: tuple[SheetOutcome, ...] = ()
    pairs: tuple[Pair, ...] = ()

    @property
    def findings(self) -> int:
        return sum(len(one.findings) + one.unlisted for one in self.sheets)

    @property
    def new(self) -> int:
        return sum(one.new for one in self.sheets)

    @property
    def changed(self) -> int:
        return sum(one.changed for one in self.sheets)

    @property
    def unchanged(self) -> int:
        return sum(one.unchanged for one in self.sheets)


@dataclass(frozen=True, slots=True)
class Import:
    """One file that somebody handed in. counts: new, changed, unchanged, findings, open (pairs that wait for a word).

    job_key: of the work that it waits for, or waited for last. choices: by pair what somebody said of it.
    permissions: of whoever handed it in.
    """

    id: int
    name: str
    size: int
    sha256: str
    kind: str
    state: ImportState
    job_key: str
    permissions: frozenset[str]
    choices: Mapping[str, str]
    counts: Mapping[str, int]
    author: str
    at: datetime
    checked_at: datetime | None = None
    stored_at: datetime | None = None
    stored_by: str = ""
    undone_at: datetime | None = None
    undone_by: str = ""
    undo_reason: str = ""
    kinds: tuple[str, ...] = field(default=())

    @property
    def under_way(self) -> bool:
        return self.state in {ImportState.CHECKING, ImportState.STORING}
