"""Which sentence an edge said, and that sentence in the reader's words."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from protocol.edge_words.edge import EDGE
from protocol.edge_words.orders import ORDERS
from protocol.edge_words.parts import PARTS
from protocol.edge_words.pull import PULL
from protocol.edge_words.push import PUSH

_BETWEEN = {"; ": "；", ", ": "、", ": ": "："}
CHINESE: Mapping[str, str] = EDGE | PULL | PUSH | PARTS | ORDERS | _BETWEEN
"""By the English sentence; `{names}` stand for what differs each time."""
FIGURES = {
    "addresses": "{n} {n:address|addresses} asked",
    "found": "{n} {n:terminal|terminals} found",
    "terminals": "{n} {n:terminal|terminals}",
    "users": "{n} {n:user|users}",
    "punches": "{n} {n:punch|punches}",
    "rows": "{n} {n:row|rows} that the edge still had",
    "days": "{n} {n:day|days}",
    "missing": "{n} missing",
    "drift_ms": "drift of the clock now, in ms: {n}",
}
"""By the name that an edge gives a figure."""
ADMINISTRATORS = "{n} new {n:administrator|administrators}"
MOMENT = "{what} at {time}"
_FIGURE = re.compile(r"([a-z_]+)(?:: |=)(-?\d+)")
_ADMINISTRATORS = re.compile(r"(\d+) new administrators")
_AT = re.compile(r"(.+) at (\d{4}-\d\d-\d\d.*)")
_CODE = re.compile(r"[a-z]+(?:-[a-z]+)+")
_KNOWN = 4096
Words = Callable[..., str]
"""A translator: the text, and the facts that stand in it by name."""


def told(said: str, words: Words) -> str:
    """An edge's answer: "users: 12" as a count, "full" or "the terminal refused it: busy" in words; what nobody knows as it is."""
    if (found := _said_in(said, words)) is not None:
        return found
    if "; " in said:
        return words("; ").join(told(part, words) for part in said.split("; "))
    head, _, rest = said.partition(": ")
    if rest and (head in CHINESE or words(head) != head):
        return _uncoded(words(head)) + words(": ") + told(rest, words)
    return _uncoded(said)


def _uncoded(said: str) -> str:
    """A code as words, where the reader's language has none for it."""
    return said.replace("-", " ") if _CODE.fullmatch(said) else said


def in_chinese(said: str) -> str:
    """The same for a Chinese reader who has no other catalogue."""
    return told(said, _chinese)


def _chinese(text: str, **facts: object) -> str:
    translated = CHINESE.get(text, text)
    return translated.format(**facts) if facts else translated


def _said_in(said: str, words: Words) -> str | None:
    """None for what is no sentence of an edge."""
    if (known := words(said)) != said:
        return known
    several = [_said_in(part, words) for part in said.split("; ")] if "; " in said else [None]
    if None not in several:
        return words("; ").join(filter(None, several))
    if found := _sentence(said):
        text, facts = found
        return words(text, **{name: _fact(value, words) for name, value in facts})
    figures = [_FIGURE.fullmatch(part) for part in said.split(", ")]
    if all(found and found[1] in FIGURES for found in figures):
        return words(", ").join(words(FIGURES[found[1]], n=int(found[2])) for found in figures if found)
    if number := _ADMINISTRATORS.fullmatch(said):
        return words(ADMINISTRATORS, n=int(number[1]))
    if (at := _AT.fullmatch(said)) and (known := words(at[1])) != at[1]:
        return words(MOMENT, what=known, time=at[2])
    return None


def _fact(value: str, words: Words) -> str:
    """What stands in a sentence: a sentence of its own, some of our words, or a name."""
    if (found := _said_in(value, words)) is not None:
        return found
    return words(", ").join(words(part) for part in value.split(", "))


@lru_cache(_KNOWN)
def _sentence(said: str) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    for text, shape in _SHAPES:
        if found := shape.fullmatch(said):
            return text, tuple(found.groupdict().items())
    return None


def _shape(text: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(text)))


def _length_said(text: str) -> int:
    return len(re.sub(r"\{\w+\}", "", text))


_OURS = {*FIGURES.values(), ADMINISTRATORS, MOMENT}
_SHAPES = tuple((text, _shape(text)) for text in sorted(CHINESE, key=_length_said, reverse=True) if "{" in text and text not in _OURS)
"""Those that say most first: "row 7 is missing" is also a "row" of something."""
