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
SENTENCES = (
    "{declared} bytes were announced and {came} came",
    "the table says it has {told} bytes of rows and {came} came",
    "{behind} bytes stand behind the table's end",
    "part at byte {place} failed {failed} times",
    "{bytes} bytes are no whole number of rows of the layout {layout}, which was chosen",
    "the rows are of the layout {layouts}, not of {layout}, which was chosen",
    "the layouts {layouts} are equally likely; choose one for this terminal",
    "{day}: {n} missing",
    "version {version}: {reason}",
    "{version} did not come up at {at}: {reason}; {instead} runs",
    "The server cannot answer now ({status}); nothing is lost. Try again in a minute.",
    "{address} answers {status} and is no Clockbridge server: copy the line again from the page of the edge.",
    "{address} cannot be reached ({problem}): check address, cable, network and firewall, then try again.",
    "The certificate of {address} is not in force by this machine's clock ({problem}): set the clock first.",
)
"""What alarms of edges say in more words, as `edge` writes it, with what stands in it."""
_FIGURE = re.compile(r"([a-z_]+)(?:: |=)(-?\d+)")
_ADMINISTRATORS = re.compile(r"(\d+) new administrators")
_AT = re.compile(r"(.+) at (\d{4}-\d\d-\d\d.*)")
_CODE = re.compile(r"[a-z]+(?:-[a-z]+)+")
_LONG = {"at", "layouts", "problem", "reason"}
"""What may have blanks in it."""


def _shape(text: str) -> re.Pattern[str]:
    def place(name: re.Match[str]) -> str:
        return f"(?P<{name[1]}>{'.' if name[1] in _LONG else '[^ ]'}+?)"

    return re.compile(re.sub(r"\\{(\w+)\\}", place, re.escape(text)))


_SHAPES = {text: _shape(text) for text in SENTENCES}


def told(said: str, words: Callable[..., str]) -> str:
    """An edge's answer: "users: 12" as a count, "full" or "the terminal refused it: busy" in words; what nobody knows as it is."""
    if (known := words(said)) != said:
        return known
    for text, shape in _SHAPES.items():
        if found := shape.fullmatch(said):
            return words(text, **{name: told(value, words) for name, value in found.groupdict().items()})
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
