"""What may be shown of a request and its answer: tables, counts, kinds of rows and verbs, never a field of a row. Pure."""

import re
from collections import Counter

from edge.devices.iclock.protocol.answer import Answer
from edge.devices.iclock.protocol.request import Request

PLAIN = frozenset({"table", "tablename", "type", "count", "stamp", "opstamp", "options", "pushver", "devicetype", "language", "cmdid"})
"""Parameters that name things of the protocol."""
KINDS = 6
_WORD = re.compile(rb"[A-Z]{2,12}", re.ASCII)
_TABLE = r"(?:DATA (?:UPDATE|DELETE|QUERY)|VERIFY SUM) [A-Za-z]{2,16}\b(?!=)"
_VERB = re.compile(rf"C:\d{{1,9}}:(?:{_TABLE}|SET OPTIONS?|[A-Z_]{{2,12}})", re.ASCII)
_COMMAND = re.compile(r"C:\d{1,9}:", re.ASCII)
_SAFE_ANSWER = re.compile(rb"OK(?:: ?\d{1,9})?|later|[a-z]{2,16}=\d{1,9}")


def shown_request(request: Request) -> tuple[str, int, str]:
    """Name, length of the body, and what may be shown."""
    told = " ".join(f"{name}={value[:24]}" for name, value in request.query.items() if name in PLAIN and value.isprintable())
    rows = Counter(_kind(line) for line in request.body.splitlines()[:10_000] if line.strip())
    kinds = ", ".join(f"{kind} ×{count}" for kind, count in rows.most_common(KINDS))
    return f"{request.method} {request.what or '/'}", len(request.body), "; ".join(part for part in (told, kinds) if part)


def _kind(line: bytes) -> str:
    """The word a row begins with, where it is one of the protocol's: a row of punches begins with a number of somebody."""
    first = line.split(b" ", 1)[0].split(b"\t", 1)[0]
    return first.decode() if _WORD.fullmatch(first) else "row"


def shown_answer(answer: Answer) -> tuple[str, int, str]:
    """Status, length of the body, and what may be shown: commands by their verb."""
    body = answer.body
    if _SAFE_ANSWER.fullmatch(body.strip()):
        shown = body.strip().decode()
    elif body.startswith(b"C:"):
        shown = ", ".join(shown_command(line) for line in body.decode(errors="replace").splitlines()[:KINDS])
    else:
        shown = f"{len(body.splitlines())} lines" if body else ""
    return str(answer.status), len(body), shown


def shown_command(line: str) -> str:
    """A command by its number and verb: `C:12:DATA UPDATE USERINFO`."""
    found = _VERB.match(line)
    if found:
        return found[0]
    number = _COMMAND.match(line)
    return f"{number[0] if number else ''}(kept back)"
