"""Values of what was found in an import."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.errors import filled


@dataclass(frozen=True, slots=True)
class ImportFinding:
    """Something wrong with a file. row: as a spreadsheet counts, the header is 1. column: its header as written; "" for the row.

    problem, remedy: English texts and at once keys of the translation, with `{names}` of the facts.
    """

    row: int
    column: str
    problem: str
    remedy: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        place = f"row {self.row}, {self.column}" if self.column else f"row {self.row}"
        return f"{place}: {filled(self.problem, self.facts)}; {filled(self.remedy, self.facts)}"


@dataclass(frozen=True, slots=True)
class ImportChange:
    """What one row of a file comes to. key: the code or number. before: None for something new, else what the change replaces."""

    row: int
    key: str
    before: Mapping[str, object] | None
    after: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or in a dry run would do; with any finding nothing is stored.

    entry: number of its row in the trail once it is stored.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    findings: tuple[ImportFinding, ...] = ()
    changes: tuple[ImportChange, ...] = ()
    stored: bool = False
    entry: int | None = None
