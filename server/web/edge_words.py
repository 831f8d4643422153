"""What an edge says of its work, in the reader's words: sentences that the catalogue has, and figures with what they count."""

import re
from collections.abc import Callable

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
_FIGURE = re.compile(r"([a-z_]+)(?:: |=)(-?\d+)")
_ADMINISTRATORS = re.compile(r"(\d+) new administrators")
_AT = re.compile(r"(.+) at (\d{4}-\d\d-\d\d.*)")
_CODE = re.compile(r"[a-z]+(?:-[a-z]+)+")


def told(said: str, words: Callable[..., str]) -> str:
    """An edge's answer: "users: 12" as a count, "full" or "the terminal refused it: busy" in words; what nobody knows as it is."""
    if (known := words(said)) != said:
        return known
    figures = [_FIGURE.fullmatch(part) for part in said.split(", ")]
    if all(found and found[1] in FIGURES for found in figures):
        return ", ".join(words(FIGURES[found[1]], n=int(found[2])) for found in figures if found)
    if found := _ADMINISTRATORS.fullmatch(said):
        return words("{n} new {n:administrator|administrators}", n=int(found[1]))
    if "; " in said:
        return "; ".join(told(part, words) for part in said.split("; "))
    if (at := _AT.fullmatch(said)) and (known := words(at[1])) != at[1]:
        return words("{what} at {time}", what=known, time=at[2])
    head, _, rest = said.partition(": ")
    if rest and (known := words(head)) != head:
        return f"{known}: {told(rest, words)}"
    return said.replace("-", " ") if _CODE.fullmatch(said) else said
