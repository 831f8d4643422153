"""Counts of distinct punches, told by each station for itself: terminal, outbox, server."""

import json
import socket
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from clockbridge.demo.scene import TerminalCounts

ANSWER_SECONDS = 2.0


def ask_terminal(control_port: int | None, command: str, seconds: float = ANSWER_SECONDS) -> dict[str, Any] | None:
    """One command to a simulator's door; None when it is closed, or does not answer within `seconds`."""
    if control_port is None:
        return None
    try:
        with socket.create_connection(("127.0.0.1", control_port), seconds) as line:
            line.sendall(command.encode() + b"\n")
            with line.makefile("rb") as answer:
                found: dict[str, Any] = json.loads(answer.readline())
    except (OSError, ValueError):
        return None
    return found if found.get("ok") else None


def appended_of(status_files: Iterable[Path]) -> dict[str, int]:
    """What each edge's outbox ever took of each terminal, as the edges wrote it last."""
    found: dict[str, int] = {}
    for file in status_files:
        try:
            status = json.loads(file.read_bytes())
        except (OSError, ValueError):
            continue
        for terminal in status["terminals"]:
            found[terminal["serial"]] = terminal.get("appended", 0) + terminal.get("doubtful", 0)
    return found


SERVER_COUNTS = """
SELECT terminal.serial, coalesce(terminal_tally.admitted, 0), coalesce(waiting.rows, 0)
FROM terminal LEFT JOIN terminal_tally ON terminal_tally.terminal_id = terminal.id
LEFT JOIN (SELECT terminal_serial, count(*) AS rows FROM quarantine WHERE state <> 'replayed' GROUP BY terminal_serial) AS waiting
    ON waiting.terminal_serial = terminal.serial
"""


def received_of(database: Path) -> dict[str, tuple[int, int]]:
    """(admitted, quarantined) of each terminal, from the server's database as it is on the disk, also when no server runs."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=ANSWER_SECONDS)) as connection:
            return {serial: (admitted, waiting) for serial, admitted, waiting in connection.execute(SERVER_COUNTS)}
    except sqlite3.Error:
        return {}


def put_together(
    names: Mapping[str, tuple[str, str]],
    held: Mapping[str, int | None],
    appended: Mapping[str, int],
    received: Mapping[str, tuple[int, int]],
) -> list[TerminalCounts]:
    """One line for each terminal; names: (name, site) by serial number."""
    return [
        TerminalCounts(serial, name, site, held.get(serial), appended.get(serial), *received.get(serial, (None, None)))
        for serial, (name, site) in names.items()
    ]
