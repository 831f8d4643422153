"""Bodies into lines and fields. They may have CRLF, a TAB at the end, blanks around numbers, and names in UTF-8 or GB18030."""

from collections.abc import Iterator

PIECE = 4096
"""Bytes of one doubtful piece; a longer line becomes several, so that each fits into a message."""
LINES = 200_000
"""Lines of one body that are looked at; a body within its limit has fewer."""


def lines_of(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of each line that is not blank, without its end."""
    offset = 0
    for whole in body.split(b"\n"):
        line = whole.rstrip(b"\r")
        if line.strip(b" \t\0"):
            yield offset, line
        offset += len(whole) + 1


def text_of(line: bytes) -> str | None:
    """A line as text; None where no encoding that terminals use fits."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def pairs_of(text: str, between: str = "\t") -> dict[str, str]:
    """`name=value` fields; names in small letters without `~`, the first of equal ones counts, what has no `=` is left out."""
    found: dict[str, str] = {}
    for part in text.split(between):
        name, equals, value = part.partition("=")
        if equals and name.strip():
            found.setdefault(name.strip().lstrip("~").lower(), value.strip())
    return found


def number_of(text: str | None, most: int = 2**31) -> int | None:
    """A whole number from 0 on; None for anything else."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= 12):
        return None
    value = int(text)
    return value if value <= most else None
