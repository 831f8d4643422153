"""Reads a USB export as if it were a terminal's log, with a receipt. Which terminal it is from, a person must say."""

import re
from datetime import UTC, datetime
from pathlib import Path

from edge.devices.attlog.export import LAYOUT, parse_export
from edge.devices.driver import LogRead, ReadReceipt
from protocol.identifiers import TerminalSerial

MAX_BYTES = 256 * 1024 * 1024
"""More than any terminal holds (a million punches are about 45 MB); keeps a wrong file from filling the memory."""

_NAME = re.compile(r"(?P<terminal>[A-Za-z0-9]+)_attlog\.(?:dat|txt)", re.IGNORECASE)
_DEVICE_NUMBER_DIGITS = 3


class AttlogError(Exception):
    """The file cannot be read, or is of another terminal; the message says what to do."""


def read_attlog(source: Path | bytes, terminal: TerminalSerial) -> LogRead:
    """Read an export of the terminal with this serial number; raises AttlogError.

    Complete means that the file was read to its end and does not end in the middle of a line; doubtful lines are in the result.
    """
    started = datetime.now(UTC)
    if not terminal.strip():
        raise AttlogError("say which terminal the file is from: the device number in it is not the serial number")
    data = source if isinstance(source, bytes) else _load(source, terminal)
    export = parse_export(data)
    distinct = len({(punch.user, punch.wall) for punch in export.punches})
    receipt = ReadReceipt(
        declared_count=None,
        declared_bytes=len(data),
        received_bytes=len(data),
        decoded=len(export.punches),
        doubtful=len(export.doubtful),
        repeated=len(export.punches) - distinct,
        record_size=None,
        layout=LAYOUT,
        complete=not export.cut,
        reason="the last line is cut: export the log again" if export.cut else None,
        started_at=started,
        finished_at=datetime.now(UTC),
    )
    return LogRead(export.punches, export.doubtful, receipt)


def terminal_named_in(name: str) -> TerminalSerial | None:
    """Serial number that a file name carries; None for a device number (up to three digits) or another form of name."""
    found = _NAME.fullmatch(name)
    if not found:
        return None
    text = found["terminal"]
    return None if text.isdigit() and len(text) <= _DEVICE_NUMBER_DIGITS else TerminalSerial(text)


def _load(path: Path, terminal: TerminalSerial) -> bytes:
    named = terminal_named_in(path.name)
    if named is not None and named.upper() != terminal.upper():
        raise AttlogError(f"{path.name} names terminal {named}, not {terminal}: choose the right terminal, or rename the file")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise AttlogError(f"{path} is larger than any terminal's log")
        return path.read_bytes()
    except OSError as problem:
        raise AttlogError(f"{path} cannot be read: {problem.strerror}") from problem
