"""The editor's fields as a template draws them: values, units, choices, and what is wrong with each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from server.attendance.engine.rules.changes import choice_word
from server.attendance.engine.rules.checks import RuleProblem, by_path
from server.attendance.engine.rules.fields import GROUPS, WEEKDAYS, Field, Group, Kind, Table
from server.attendance.engine.rules.forms import keys_of
from server.attendance.engine.wording import spoken
from server.roster.model import DayKind

UNITS: Mapping[Kind, str] = {
    Kind.MINUTES: "min",
    Kind.SECONDS: "s",
    Kind.PERCENT: "%",
    Kind.METRES: "m",
    Kind.HALVES: "half days",
}
NUMBERS = frozenset({Kind.MINUTES, Kind.SECONDS, Kind.PERCENT, Kind.METRES, Kind.NUMBER, Kind.HALVES})


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field. shape: "flag", "choice", "number" or "text". choices: (value, word). wrong: sentences about it."""

    path: str
    label: str
    part: str
    help: str
    shape: str
    value: str
    unit: str
    choices: Sequence[tuple[str, str]]
    wrong: Sequence[str]


@dataclass(frozen=True, slots=True)
class TableView:
    """rows: (heading, cells); heading "" where rows have no name of their own."""

    path: str
    label: str
    help: str
    headings: Sequence[str]
    rows: Sequence[tuple[str, Sequence[FieldView]]]
    wrong: Sequence[str]


@dataclass(frozen=True, slots=True)
class GroupView:
    """open: something in it is wrong, or it is what people look at first."""

    key: str
    title: str
    fields: Sequence[FieldView | TableView]
    open: bool


def groups_of(form: Mapping[str, str], problems: Sequence[RuleProblem], tell: Callable[..., str]) -> list[GroupView]:
    """All groups of the editor. problems: those of the form and those of its rules."""
    wrong = {path: [one.told(tell) for one in found] for path, found in by_path(problems).items()}
    return [_group(group, form, wrong, tell) for group in GROUPS]


def _group(group: Group, form: Mapping[str, str], wrong: Mapping[str, Sequence[str]], tell: Callable[..., str]) -> GroupView:
    fields = tuple(
        _table(field, form, wrong, tell) if isinstance(field, Table) else _field(field, field.path, form, wrong, tell)
        for field in group.fields
    )
    paths = [field.path for field in group.fields]
    troubled = any(path == one or path.startswith(f"{one}.") for path in wrong for one in paths)
    return GroupView(group.key, tell(group.title), fields, troubled or group.key == "late")


def _field(field: Field, path: str, form: Mapping[str, str], wrong: Mapping[str, Sequence[str]], tell: Callable[..., str]) -> FieldView:
    shape = {Kind.FLAG: "flag", Kind.CHOICE: "choice", Kind.WEEKDAY: "choice"}.get(field.kind, "text")
    return FieldView(
        path=path,
        label=tell(field.label),
        part=tell(field.part) if field.part else "",
        help=tell(field.help) if field.help else "",
        shape="number" if field.kind in NUMBERS else shape,
        value=form.get(path, ""),
        unit=tell(UNITS[field.kind]) if field.kind in UNITS else "",
        choices=_choices(field, tell),
        wrong=wrong.get(path, ()),
    )


def _choices(field: Field, tell: Callable[..., str]) -> list[tuple[str, str]]:
    off = [("", tell("not rounded"))] if field.optional else []
    if field.kind is Kind.WEEKDAY:
        return [(str(number), tell(name)) for number, name in enumerate(WEEKDAYS)]
    return off + [(one.value, choice_word(field, one.value, tell)) for one in field.choices or ()]


def _table(table: Table, form: Mapping[str, str], wrong: Mapping[str, Sequence[str]], tell: Callable[..., str]) -> TableView:
    rows = []
    for key in keys_of(table, form):
        cells = [_field(column, f"{table.path}.{key}.{column.path}", form, wrong, tell) for column in table.columns]
        rows.append((spoken(tell, DayKind(key)) if table.keyed else "", cells))
    rowwise = [said for path, found in wrong.items() if path == table.path for said in found]
    headings = [tell(column.label) for column in table.columns]
    return TableView(table.path, tell(table.label), tell(table.help) if table.help else "", headings, rows, rowwise)
