"""A runner of long work as a process: `python -m server.job_worker NAME [SETTINGS]`, started by `server.main` or `clockbridge worker`."""

import os
import signal
import sys
from pathlib import Path

import structlog

from server.errors import ServerError
from server.logs import set_up_logging
from server.settings import SettingsError, load_settings
from server.wiring import build_runner


def run(name: str, settings_file: Path | None) -> None:
    """Do long work until SIGTERM or SIGINT."""
    set_up_logging()
    runner = build_runner(load_settings(settings_file), name)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: runner.stop())
    runner.run()


def main() -> int:
    """As a child of the supervisor, which starts it again: why it cannot work is one line of the log."""
    try:
        run(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    except (ServerError, SettingsError) as error:
        structlog.get_logger().error("this runner cannot start", runner=sys.argv[1], error=str(error))
        return 2
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # not waiting for a thread in the middle of a shard: that is done again at the next start
