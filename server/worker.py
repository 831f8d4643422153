"""One ingest worker as a process: `python -m server.worker NAME [SETTINGS]`, started by `server.main` or by `clockbridge worker`."""

import logging
import signal
import sys
from pathlib import Path

import structlog

from server.settings import load_settings
from server.wiring import build_worker


def set_up_logging() -> None:
    """One JSON object a line on standard error; no personal data is ever an argument of a log line."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


def run(name: str, settings_file: Path | None) -> None:
    """Admit until SIGTERM or SIGINT."""
    set_up_logging()
    worker = build_worker(load_settings(settings_file), name)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()


if __name__ == "__main__":
    run(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else None)
