"""What changes from one version of rules to another, field by field, in words."""

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from server.attendance.engine.rules.fields import CHOICES, GROUPS, WEEKDAYS, Field, Kind, Table, full_label
from server.attendance.engine.rules.forms import form_of, keys_of
from server.attendance.engine.wording import Tell, days_of_halves, duration, rate, spoken
from server.attendance.model.rules import Rules


class RuleChange(Struct, frozen=True):
    """One field that differs, everything in the reader's language. key: of its group; before, after: "—" where it is off."""

    key: str
    label: str
    before: str
    after: str


def compare_rules(before: Rules, after: Rules, tell: Tell) -> list[RuleChange]:
    """Every field that differs, in the order of the form."""
    old, new = form_of(before), form_of(after)
    return [change for group in GROUPS for field in group.fields for change in _changes(group.key, field, old, new, tell)]


def shown(field: Field, text: str, tell: Tell) -> str:
    """A value of a form as a person reads it."""
    if field.kind is Kind.FLAG:
        return tell("yes") if text else tell("no")
    return _SHOWN.get(field.kind, _as_written)(field, text, tell) if text else "—"


def _as_written(_field: Field, text: str, _tell: Tell) -> str:
    return text


def _weekdays(_field: Field, text: str, tell: Tell) -> str:
    return tell(", ").join(tell(WEEKDAYS[int(number) - 1]) for number in text.split(", "))


def choice_word(field: Field, value: str, tell: Tell) -> str:
    """How one value of a list reads."""
    words = CHOICES.get(field.choices, {}) if field.choices is not None else {}
    return tell(words[value]) if value in words else spoken(tell, value)


_SHOWN: Mapping[Kind, Callable[[Field, str, Tell], str]] = {
    Kind.MINUTES: lambda _field, text, tell: duration(tell, int(text)),
    Kind.SECONDS: lambda _field, text, tell: tell("{seconds} s", seconds=text),
    Kind.PERCENT: lambda _field, text, _tell: rate(int(text)),
    Kind.METRES: lambda _field, text, tell: tell("{metres} m", metres=text),
    Kind.HALVES: lambda _field, text, tell: tell("{days} d", days=days_of_halves(int(text))),
    Kind.WEEKDAY: lambda _field, text, tell: tell(WEEKDAYS[int(text)]),
    Kind.WEEKDAYS: _weekdays,
    Kind.CHOICE: choice_word,
}


def _changes(key: str, field: Field | Table, old: dict[str, str], new: dict[str, str], tell: Tell) -> Iterator[RuleChange]:
    if isinstance(field, Field):
        before, after = (shown(field, form.get(field.path, ""), tell) for form in (old, new))
        if before != after:
            yield RuleChange(key, full_label(field, tell), before, after)
    elif field.keyed:
        for row in keys_of(field, new):
            for column in field.columns:
                path = f"{field.path}.{row}.{column.path}"
                before, after = (shown(column, form.get(path, ""), tell) for form in (old, new))
                if before != after:
                    yield RuleChange(key, tell("{part}: {field}", part=spoken(tell, row), field=tell(column.label)), before, after)
    else:
        before, after = (_rows(field, form, tell) for form in (old, new))
        if before != after:
            yield RuleChange(key, tell(field.label), before, after)


def _rows(table: Table, form: dict[str, str], tell: Tell) -> str:
    """All rows of a table in one text."""
    rows = [
        tell(", ").join(
            tell("{field} {value}", field=tell(column.label), value=shown(column, form[path], tell))
            for column in table.columns
            if (path := f"{table.path}.{key}.{column.path}") in form and form[path]
        )
        for key in keys_of(table, form)
    ]
    return "; ".join(row for row in rows if row) or "—"
