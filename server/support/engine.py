r"""Taking people and secrets out of text, before it leaves the house. Pure.

What a support bundle holds is chosen piece by piece. Only sentences that programs wrote (lines of the log, errors of terminals) cannot be
chosen: out of them goes, in this order, whatever a database was told or says of a row, what stands behind a word such as `password` or
`user`, everything in quotation marks, addresses, everything that is not ASCII (names here are Chinese), long numbers and long words of
letters and digits, and every word of letters and digits that is a name, a number or a login of this installation.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

KEPT_BACK = "***"
_ROWS = re.compile(r"\[parameters:[^\n]*|DETAIL:[^\n]*|\[SQL:[^\n]*")
_TELLS = (
    "password|passwd|secret|token|key|pin|user|login|actor|card|name|mail|phone|mobile|tel|address|host|ip|person|people|employee|"
    "identity|bank|account|authorization|cookie|session|code|salt|template|body|raw"
)
_PAIR = re.compile(rf"(?i)\b([\w-]*(?:{_TELLS})s?)(['\"]?\s*[:=]\s*)(\"[^\"\n]*\"|'[^'\n]*'|[^\s,;&)}}\]]+)")
_SECRET = re.compile(r"(?i)\b([\w-]*(?:password|passwd|secret|token|cookie|authorization)s?['\"]?\s*[:=]\s*)[^\n,;]+")
"""What is told behind such a word may be of several words."""
_QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|`[^`\n]*`")
_PATTERNS = (
    re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE),
    re.compile(r"[^\s@<>]+@[^\s@<>]+"),
    re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"),
    re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE),
    re.compile(r"[^\x00-\x7f]+"),
)
_LONG = re.compile(r"(?<![\w.])[A-Za-z_]*\d{6,}\w*|\b(?=[A-Za-z+/_=-]*\d)[\w+/=-]{20,}|\b[A-Za-z+/=]{32,}")
_TOKEN = re.compile(r"[\w.-]*\w")
_PART = re.compile(r"[^\W_]+")
_FRAME = re.compile(r'^\s*File "([^"]*)", line (\d+), in (\S+)\s*$')
PATH_PARTS = 3
PLAIN_KEYS = frozenset({"level", "timestamp", "logger"})
"""Of a line of the log, what is ours word for word."""
SHORTEST_WORD = 3


class Hiding:
    """`sentence` and `log_line` give what is left. known: what people here are called and numbered; kept: serial numbers and alike."""

    def __init__(self, known: Iterable[str], kept: Collection[str] = ()) -> None:
        self._kept = frozenset(kept)
        self._known = frozenset(one for one in known if len(one) >= SHORTEST_WORD) - self._kept

    def sentence(self, text: str) -> str:
        """Text that a program wrote, also over several lines."""
        return "\n".join(self._line(line) for line in _ROWS.sub(KEPT_BACK, text).split("\n"))

    def log_line(self, line: str) -> str:
        """A line of the log, JSON again; what is no JSON object is taken as a sentence."""
        try:
            told = json.loads(line)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            return self.sentence(line)
        return json.dumps({self.sentence(name): self._value(name, value) for name, value in told.items()}, ensure_ascii=False)

    def _value(self, name: str, value: Any) -> Any:
        if name in PLAIN_KEYS and isinstance(value, str):
            return self._tokens(value)
        if value is None or isinstance(value, bool | float):
            return value
        if re.search(_TELLS, name, re.IGNORECASE) and value not in self._kept:
            return KEPT_BACK
        if isinstance(value, int):
            return value if len(str(abs(value))) < 6 and str(value) not in self._known else KEPT_BACK
        return self.sentence(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))

    def _line(self, line: str) -> str:
        if frame := _FRAME.match(line):
            path = "/".join(frame[1].split("/")[-PATH_PARTS:])
            return self._tokens(f"  {path}:{frame[2]} {frame[3]}")
        line = _SECRET.sub(rf"\1{KEPT_BACK}", line)
        line = _PAIR.sub(lambda found: found[0] if found[3] in self._kept else f"{found[1]}{found[2]}{KEPT_BACK}", line)
        line = _QUOTED.sub(lambda found: found[0] if found[0][1:-1] in self._kept else KEPT_BACK, line)
        for pattern in _PATTERNS:
            line = pattern.sub(KEPT_BACK, line)
        return self._tokens(_LONG.sub(lambda found: found[0] if found[0] in self._kept else KEPT_BACK, line))

    def _tokens(self, line: str) -> str:
        return _TOKEN.sub(self._token, line)

    def _token(self, found: re.Match[str]) -> str:
        token = found[0]
        if token in self._kept:
            return token
        if token in self._known:
            return KEPT_BACK
        return _PART.sub(lambda part: KEPT_BACK if part[0] in self._known else part[0], token)


def words_of(values: Iterable[str | None]) -> set[str]:
    """What `Hiding` knows people by: each value whole, and each word of it."""
    found = {value.strip() for value in values if value}
    return found | {word for value in found for word in value.split()}


def told_settings(settings: Mapping[str, Any], shown: Collection[str]) -> dict[str, Any]:
    """Settings by section: numbers and switches as they are, texts only of the names in `shown`, of all others whether they are set."""
    return {name: _told(name, value, shown) for name, value in settings.items()}


def _told(name: str, value: Any, shown: Collection[str]) -> Any:
    if isinstance(value, Mapping):
        return told_settings(value, shown)
    if value is None or isinstance(value, bool | int | float):
        return value
    if name in shown:
        return value
    return "(set)" if value else ""


def sums(rows: Iterable[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    """(what, state, count) as counts by state, by what."""
    found: dict[str, dict[str, int]] = {}
    for what, state, count in rows:
        found.setdefault(what, {})[state] = count
    return found
