"""How the trail is read: what a row changed, field by field, in the reader's words. Nothing here asks a database.

Values of pay are not for everybody who reads trails: a field is one by its name (`PAY_FIELDS`, or money in fen), wherever it stands.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from server.audit.model import AuditRow

Words = Callable[..., str]

PAY_FIELDS = frozenset({"bank_account", "pay", "salary"})
FEN = "_fen"
MASKED = "****"
MOST_PARTS = 8
"""Of a list or a mapping that are shown one by one; of a longer one only how many, because an import's row holds the whole file."""
CODED = frozenset(
    {
        "employment_event", "kind", "hours_system", "protection", "ground", "subject", "ready_made", "purpose", "access", "looked_at",
        "roles", "role", "state", "verdict", "event", "way", "then", "unit", "cause", "kinds", "outcome",
    }
)  # fmt: skip
"""Fields whose values are words of ours also in English; in Chinese every word that is known is told."""
NAMES = frozenset({"edge", "host", "site", "zone", "login", "account"})
"""Fields whose values are what somebody called a thing: never translated, though they may look like a word of ours."""
OF_PEOPLE = frozenset({"person", "contact", "account"})
"""Objects whose name is a person's; Chinese has another word for the name of a thing."""
_WORD = re.compile(r"[a-z]+(?:[-_. ][a-z]+)*")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of the row as a reader sees it. name: "" where the row has one value without a name; before: "" where there was none."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads. words: their translator. see_pay: whether values of pay are shown."""

    words: Words
    chinese: bool
    zone: ZoneInfo
    see_pay: bool

    def code(self, word: str) -> str:
        """A word of ours for programs as a person reads it, as the macro of the pages does."""
        plain = word.replace(".", ": ").replace("-", " ").replace("_", " ")
        if not self.chinese:
            return plain
        told = self.words(word)
        return told if told != word else self.words(plain)

    def field(self, name: str, subject_kind: str) -> str:
        """What a field of an object is called."""
        return self.words("Name") if self.chinese and name == "name" and subject_kind not in OF_PEOPLE else self.code(name)


def masked(value: Any, name: str = "") -> Any:
    """The value without what is pay in it."""
    if value is not None and (name in PAY_FIELDS or name.endswith(FEN)):
        return MASKED
    if isinstance(value, Mapping):
        return {key: masked(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [masked(one, name) for one in value]
    return value


def _masked_parts(value: Any, name: str = "") -> Any:
    """As `masked`, but for collections of which a reader is told no more than how many they are: going through them took most of a page."""
    if isinstance(value, dict | list) and len(value) > MOST_PARTS and not (name in PAY_FIELDS or name.endswith(FEN)):
        return value
    if isinstance(value, dict):
        return {key: _masked_parts(one, key) for key, one in value.items()}
    return [_masked_parts(one, name) for one in value] if isinstance(value, list) else masked(value, name)


def _masked_fields(value: Any) -> Any:
    """The fields of a row, however many they are."""
    return {key: _masked_parts(one, key) for key, one in value.items()} if isinstance(value, dict) else _masked_parts(value)


def says(row: AuditRow, text: str, *, see_pay: bool) -> bool:
    """Whether a text is part of what a reader of the row may see."""
    before, after = (row.before, row.after) if see_pay else (masked(row.before), masked(row.after))
    wanted = text.casefold()
    return any(wanted in part.casefold() for part in (row.actor, row.subject, row.reason, *_texts(before), *_texts(after)))


def changes(row: AuditRow, reader: Reader) -> tuple[FieldChange, ...]:
    """What the row changed: the fields that differ; all of them where nothing was before, or nothing is after."""
    before, after = (row.before, row.after) if reader.see_pay else (_masked_fields(row.before), _masked_fields(row.after))
    if not isinstance(before, Mapping | None) or not isinstance(after, Mapping | None):
        return (FieldChange("", _said(before, reader), _said(after, reader)),)
    was, now = dict(before or {}), dict(after or {})
    told = [name for name in (was | now) if was.get(name) != now.get(name)] or list(was | now)
    return tuple(
        FieldChange(
            reader.field(name, row.subject_kind),
            _said(was.get(name), reader, name) if name in was else "",
            _said(now[name], reader, name) if name in now else "–",
        )
        for name in told
    )


def sentence(row: AuditRow, reader: Reader) -> str:
    """What the row changed in one line, for a file."""
    return "; ".join(
        (f"{one.name}: " if one.name else "") + (f"{one.before} → {one.after}" if one.before else one.after) for one in changes(row, reader)
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value
    elif value is not None:
        yield str(value)


def _said(value: Any, reader: Reader, name: str = "") -> str:
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return reader.words("yes") if value else reader.words("no")
    if isinstance(value, Mapping | list) and len(value) > MOST_PARTS:
        return reader.words("{n} {n:entry|entries}", n=len(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{reader.code(key)} {_said(one, reader, key)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(_said(one, reader, name) for one in value)
    if name == "looked_at":
        return ", ".join(reader.code(one) for one in str(value).split(", "))
    return _told(value, reader, name) if isinstance(value, str) else str(value)


def _told(text: str, reader: Reader, name: str) -> str:
    if _INSTANT.fullmatch(text):
        return f"{datetime.fromisoformat(text).astimezone(reader.zone):%Y-%m-%d %H:%M:%S}"
    if name in CODED and _WORD.fullmatch(text):
        return reader.code(text)
    if not reader.chinese or name in NAMES or not _WORD.fullmatch(text):
        return text
    known = reader.code(text)
    return known if known != text.replace(".", ": ").replace("-", " ").replace("_", " ") else text
