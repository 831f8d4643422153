"""Rules as the texts of a form, and back. Names are the paths of the fields; rows of a table have their number or key in the path."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct, ValidationError, convert, to_builtins

from server.attendance.engine.rules.checks import RuleProblem
from server.attendance.engine.rules.fields import OPTIONAL_PARTS, Field, Kind, Table, all_fields
from server.attendance.engine.wording import time_of_day
from server.attendance.model.rules import Rules
from server.roster.model import DayKind

ON = "on"
SWITCH = "on"
"""Last part of the path of a box that turns an optional part on."""
LARGEST = 100_000
LONGEST_TEXT = 40
MOST_ROWS = 20
TIME = re.compile(r"([0-9]{1,2}):([0-5][0-9])")
WANTED: Mapping[Kind, str] = {
    Kind.TIME: "Give a time such as 22:00; 26:00 is two in the morning of the day after.",
    Kind.WEEKDAYS: "Give days of the week by number, such as 1, 2, 5; 1 is Monday.",
    Kind.TEXT: "Use 1 to 40 characters.",
    Kind.CHOICE: "Choose one of the list.",
}
A_NUMBER = "Give a whole number from 0 to 100000."


class Filled(Struct, frozen=True):
    """What a form gives. rules None: it has problems."""

    rules: Rules | None
    problems: tuple[RuleProblem, ...]


def form_of(rules: Rules) -> dict[str, str]:
    """Every value as its field shows it; what is off is empty."""
    form: dict[str, str] = {}
    data = to_builtins(rules)
    for field in all_fields():
        found = _look_up(data, field.path)
        if isinstance(field, Field):
            form[field.path] = written(field, found)
            continue
        for key, row in found.items() if field.keyed else enumerate(found):
            form |= {f"{field.path}.{key}.{column.path}": written(column, row[column.path]) for column in field.columns}
    return form


def rules_of_form(form: Mapping[str, str]) -> Filled:
    """The rules that a form means. Fields that the form lacks are off; nothing else of the form is looked at."""
    data: dict[str, Any] = {"day": {}, "period": {}}
    problems: list[RuleProblem] = []
    for field in all_fields():
        value = _table(field, form, problems) if isinstance(field, Table) else _value(field, field.path, form, problems)
        _put(data, field.path, value)
    for path in OPTIONAL_PARTS:
        _collapse(data, path, problems)
    if problems:
        return Filled(None, tuple(problems))
    try:
        return Filled(convert(data, Rules, strict=False), ())
    except ValidationError as error:
        return Filled(
            None, (RuleProblem(path="day", text="The form has a value that cannot be used: {detail}", facts={"detail": str(error)}),)
        )


def keys_of(table: Table, form: Mapping[str, str]) -> list[str]:
    """The rows of a table that a form has: of a keyed one all, else by number, and one empty row for another."""
    if table.keyed:
        return [kind.value for kind in DayKind]
    numbers = {int(name[len(table.path) + 1 :].split(".")[0]) for name in form if re.match(re.escape(table.path) + r"\.[0-9]{1,2}\.", name)}
    filled = sorted(number for number in numbers if not _empty(table, str(number), form))
    return [str(number) for number in (*filled, next(n for n in range(MOST_ROWS + 1) if n not in filled))][:MOST_ROWS]


def written(field: Field, value: Any) -> str:
    """A value as its field shows it."""
    if value is None or value is False:
        return ""
    if value is True:
        return ON
    if field.kind is Kind.TIME:
        return time_of_day(value)
    if field.kind is Kind.WEEKDAYS:
        return ", ".join(str(day + 1) for day in value)
    return str(value)


def read_time(text: str) -> int | None:
    """Minutes from midnight of a time such as "22:00" or "26:00"; None where it is none."""
    found = TIME.fullmatch(text)
    return int(found[1]) * 60 + int(found[2]) if found and int(found[1]) <= 48 else None


def _value(field: Field, path: str, form: Mapping[str, str], problems: list[RuleProblem]) -> Any:
    text = form.get(path, "").strip()
    if field.kind is Kind.FLAG:
        return bool(text)
    if not text and field.optional:
        return [] if field.kind is Kind.WEEKDAYS else None
    if not text and field.kind not in WANTED:
        return 0
    value = _read(field, text)
    if value is None:
        problems.append(RuleProblem(path=path, text=WANTED.get(field.kind, A_NUMBER)))
    return value


def _read(field: Field, text: str) -> Any:
    """The value of a text; None where it cannot be one."""
    if field.kind is Kind.TEXT:
        return text if 1 <= len(text) <= LONGEST_TEXT else None
    if field.kind is Kind.CHOICE:
        choices: type[StrEnum] | None = field.choices
        return text if choices is not None and text in {one.value for one in choices} else None
    if field.kind is Kind.TIME:
        return read_time(text)
    if field.kind is Kind.WEEKDAYS:
        days = [part.strip() for part in re.split(r"[,，、]", text)]
        return sorted({int(day) - 1 for day in days}) if all(re.fullmatch("[1-7]", day) for day in days) else None
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else LARGEST + 1
    if field.kind is Kind.WEEKDAY:
        return number if number <= 6 else None
    return number if number <= LARGEST else None


def _table(table: Table, form: Mapping[str, str], problems: list[RuleProblem]) -> Any:
    rows = {key: _row(table, key, form, problems) for key in keys_of(table, form) if table.keyed or not _empty(table, key, form)}
    return rows if table.keyed else list(rows.values())


def _row(table: Table, key: str, form: Mapping[str, str], problems: list[RuleProblem]) -> dict[str, Any]:
    return {column.path: _value(column, f"{table.path}.{key}.{column.path}", form, problems) for column in table.columns}


def _empty(table: Table, key: str, form: Mapping[str, str]) -> bool:
    """Whether nothing is written into a row: lists to choose from and boxes always say something."""
    telling = [column for column in table.columns if column.kind not in {Kind.CHOICE, Kind.FLAG}]
    return not any(form.get(f"{table.path}.{key}.{column.path}", "").strip() for column in telling)


def _look_up(data: Any, path: str) -> Any:
    """A value of the rules by its path; of a part that is absent None. `….on`: whether the part is there."""
    *parts, last = path.split(".")
    for part in parts:
        data = None if data is None else data[part]
    if last == SWITCH or data is None:
        return data is not None or None
    return data[int(last)] if isinstance(data, Sequence) else data[last]


def _put(data: dict[str, Any], path: str, value: Any) -> None:
    *parts, last = path.split(".")
    for part in parts:
        data = data.setdefault(part, {})
    data[last] = value


def _collapse(data: dict[str, Any], path: str, problems: list[RuleProblem]) -> None:
    """An optional part that is off becomes None; the night becomes its two ends."""
    area, name = path.split(".")
    part: dict[str, Any] = data[area][name]
    if name == "night":
        begins, ends = part["0"], part["1"]
        if (begins is None) != (ends is None) and not problems:
            problems.append(RuleProblem(path="day.night.1" if ends is None else "day.night.0", text=WANTED[Kind.TIME]))
        data[area][name] = None if begins is None or ends is None else [begins, ends]
        return
    data[area][name] = part if part.pop(SWITCH, None) or part.get("mode") else None
