"""A worker of attendance days as a process: `python -m server.day_worker NAME [SETTINGS]`, started by `server.main` or by
`clockbridge worker --duty days`."""

import gc
import signal
import sys
from pathlib import Path

import structlog

from server.errors import ServerError
from server.logs import set_up_logging
from server.settings import SettingsError, load_settings
from server.wiring import build_day_worker


def spare_the_collector() -> None:
    """Days and what they are made of are values without cycles: looking through them for cycles takes a seventh of the time (measured)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)


def run(name: str, settings_file: Path | None) -> None:
    """Assess days until SIGTERM or SIGINT."""
    set_up_logging()
    worker = build_day_worker(load_settings(settings_file), name)
    spare_the_collector()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()


def main() -> int:
    """As a child of the supervisor, which starts it again: why it cannot work is one line of the log."""
    try:
        run(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    except (ServerError, SettingsError) as error:
        structlog.get_logger().error("this worker cannot start", worker=sys.argv[1], error=str(error))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
