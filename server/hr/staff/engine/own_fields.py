"""What is typed into HR's own fields, in its one written form."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from server.errors import InvalidInputError
from server.hr.staff.model import FieldKind, OwnField

LONGEST_TEXT = 500
MOST_CHOICES, LONGEST_CHOICE, LONGEST_NAME = 50, 60, 60
YES, NO = "yes", "no"


def checked_value(field: OwnField, text: str) -> str:
    """A value in its written form, "" for none; whose an employee number is, is looked at elsewhere. Raises InvalidInputError."""
    text = text.strip()
    return _FORMS[field.kind](field, text) if text else ""


def checked_choices(kind: FieldKind, lines: str) -> tuple[str, ...]:
    """The choices, one a line, none twice; none for other kinds. Raises InvalidInputError."""
    if kind is not FieldKind.CHOICE:
        return ()
    found = tuple(dict.fromkeys(" ".join(line.split()) for line in lines.splitlines() if line.strip()))
    if not 2 <= len(found) <= MOST_CHOICES or any(len(one) > LONGEST_CHOICE for one in found):
        told = "write {fewest} to {most} choices, one a line, each of at most {length} characters"
        raise InvalidInputError(field="choices", reason=told, fewest=2, most=MOST_CHOICES, length=LONGEST_CHOICE)
    return found


def checked_name(name: str) -> str:
    """Raises InvalidInputError."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidInputError(field="name", reason="use 1 to {most} characters", most=LONGEST_NAME)
    return name


def _text(field: OwnField, text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise InvalidInputError(field=field.name, reason="use at most {most} characters", most=LONGEST_TEXT)
    return text


def _number(field: OwnField, text: str) -> str:
    try:
        found = Decimal(text.replace(",", "").replace("，", ""))
    except InvalidOperation as error:
        raise InvalidInputError(field=field.name, reason="give a number such as 12 or 12.5") from error
    if not found.is_finite() or len(found.as_tuple().digits) > 18 or not re.fullmatch(r"[-+\d.,，]{1,24}", text):
        raise InvalidInputError(field=field.name, reason="give a number such as 12 or 12.5")
    return f"{found:f}"


def _date(field: OwnField, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise InvalidInputError(field=field.name, reason="give a date such as 2026-11-23") from error


def _choice(field: OwnField, text: str) -> str:
    if text not in field.choices:
        raise InvalidInputError(field=field.name, reason="choose one that the list offers")
    return text


def _yes_no(field: OwnField, text: str) -> str:
    if text not in {YES, NO}:
        raise InvalidInputError(field=field.name, reason="choose one that the list offers")
    return text


_FORMS: Mapping[FieldKind, Callable[[OwnField, str], str]] = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.CHOICE: _choice,
    FieldKind.YES_NO: _yes_no,
    FieldKind.PERSON: _text,
}
