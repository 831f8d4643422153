"""How every process of the server logs: one JSON object a line on standard error, and what went wrong also in a small file.

`<data_dir>/log/recent.jsonl` has the last warnings and errors of this machine's processes, for a support bundle; the whole log is what
the system keeps of standard error.
"""

import json
import logging
import os
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import structlog

KEPT_FOLDER, KEPT_FILE = "log", "recent.jsonl"
KEPT_BYTES = 128 * 1024
"""Of one file; there are two, the one before it ends in `.1`."""
LONGEST_LINE = 8 * 1024
KEPT_LEVELS = frozenset({"warning", "error", "critical"})


def set_up_logging(data_dir: Path | None = None) -> None:
    """One JSON object a line on standard error; no personal data is ever an argument of a log line. data_dir: where to keep the last."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    kept = None if data_dir is None else _Kept(data_dir / KEPT_FOLDER / KEPT_FILE)
    if kept is not None:
        logging.getLogger().addHandler(kept)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            *([] if kept is None else [kept.note]),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


def kept_lines(data_dir: Path) -> list[str]:
    """The last warnings and errors, the oldest first; none where none can be read."""
    file = data_dir / KEPT_FOLDER / KEPT_FILE
    found: list[list[str]] = []
    for one in (_before(file), file):
        with suppress(OSError):
            found.append(one.read_text("utf-8", errors="replace").splitlines())
    return list(chain.from_iterable(found))


class _Kept(logging.Handler):
    """Warnings and errors of this process, added to the file. It never fails: a log that cannot be kept is no reason to stop."""

    def __init__(self, file: Path) -> None:
        super().__init__(logging.WARNING)
        self._file = file

    def note(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """A processor of structlog that passes everything on."""
        if event.get("level") in KEPT_LEVELS:
            self._add(event)
        return event

    def emit(self, record: logging.LogRecord) -> None:
        """What other packages tell by the standard library."""
        told = {"event": record.getMessage(), "level": record.levelname.lower(), "logger": record.name}
        if record.exc_info:
            told["exception"] = logging.Formatter().formatException(record.exc_info)
        self._add(told | {"timestamp": datetime.now(UTC).isoformat()})

    def _add(self, event: MutableMapping[str, Any]) -> None:
        line = json.dumps(dict(event), ensure_ascii=False, default=str)
        data = (line if len(line) <= LONGEST_LINE else json.dumps({"event": line[:LONGEST_LINE]}, ensure_ascii=False)).encode() + b"\n"
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # one write at the end of the file: several processes add to it
            descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, data)
                full = os.fstat(descriptor).st_size > KEPT_BYTES
            finally:
                os.close(descriptor)
            if full:
                self._file.replace(_before(self._file))


def _before(file: Path) -> Path:
    return file.with_name(f"{file.name}.1")
