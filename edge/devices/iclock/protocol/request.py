"""One request of a terminal, whatever its path looks like.

Firmware writes `/iclock/cdata`, `/iclock/cdata.aspx`, `/iclock/iclock/cdata`: all three are "cdata" here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

PARAMETERS = 64
"""More than any firmware sends; a request with more keeps the first ones."""
SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,31}", re.ASCII)
"""Serial numbers in the field are 8 to 16 letters and digits; anything else is nobody's."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request. what: the last word of its path, in small letters. query: names in small letters, the first value of each counts."""

    method: str
    what: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def serial(self) -> str | None:
        """Serial number it claims; None where it claims none that could be one."""
        claimed = self.query.get("sn", "")
        return claimed if SERIAL.fullmatch(claimed) else None

    @property
    def table(self) -> str:
        """The table it is about, in small letters: security push writes `table=tabledata&tablename=user`."""
        table = self.query.get("table", "").lower()
        return self.query.get("tablename", "").lower() if table == "tabledata" else table


def read_request(method: str, target: str, body: bytes = b"") -> Request:
    """Make sense of a request line; never fails, because what nobody knows is counted and shown."""
    path, _, query = target.partition("?")
    words = [word.lower().removesuffix(".aspx") for word in path.split("/") if word]
    known = [word for word in words if word != "iclock"]
    return Request(method.upper(), "/".join(known)[:64], _parameters(query), body)


def _parameters(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split("&", PARAMETERS)[:PARAMETERS]:
        name, _, value = part.partition("=")
        if name:
            found.setdefault(unquote(name).lower(), unquote(value).strip())
    return found
