"""What a kind of sheet is made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from server.access.model import Permission
from server.audit.model import Actor
from server.directory.actions.imports import Column
from server.directory.model import ImportReport
from server.hr.imports.engine.sheets import Lines
from server.storage import Part, UnitOfWork

Parts = Mapping[str, Part]
Take = Callable[[UnitOfWork, Lines, Actor, datetime], ImportReport]
"""Takes a sheet in; with any finding it has stored nothing. Repeated, it changes nothing."""


def whole_tables(_lines: Lines) -> Parts:
    """A sheet may be about any row of its tables."""
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of sheet. title: an English text, sheets: what a sheet of it is called, English and Chinese first.

    days: its columns of days. permissions: what its sheet needs, beside the right to import; column_needs: what single columns need.
    sample: rows by language, as long as the columns. tables: those of which an undo puts rows back; none where it cannot be undone.
    beside: other tables that taking it in writes. parts: by table the rows that a sheet can be about, where a table is too large for all.
    look: what comes to the same findings and changes without writing, where taking it in writes what cannot be copied.
    """

    name: str
    title: str
    sheets: tuple[str, ...]
    columns: Sequence[Column]
    take: Take
    sample: Mapping[str, Sequence[Sequence[str]]]
    days: frozenset[str] = frozenset()
    permissions: frozenset[Permission] = frozenset()
    column_needs: Mapping[str, Permission] = field(default_factory=dict)
    tables: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    parts: Callable[[Lines], Parts] = whole_tables
    look: Take | None = None

    @property
    def undoable(self) -> bool:
        return bool(self.tables)

    def heading(self, language: str) -> list[str]:
        """The columns' headings in a language."""
        return [column.headings[1 if language == "zh" else 0] for column in self.columns]
