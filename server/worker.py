"""One worker as a process: `python -m server.worker DUTY NAME [SETTINGS]`, started by `server.main` or by `clockbridge worker`."""

import gc
import os
import signal
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import structlog

from server.errors import ServerError
from server.logs import set_up_logging
from server.settings import ServerSettings, SettingsError, load_settings
from server.wiring import build_day_worker, build_runner, build_worker


class Duty(StrEnum):
    """What a worker does: take messages in, assess attendance days, or do work that is longer than a request."""

    MESSAGES = "messages"
    DAYS = "days"
    JOBS = "jobs"


class Worker(Protocol):
    """`run` returns after `stop`."""

    def run(self) -> None: ...
    def stop(self) -> None: ...


BUILDERS: Mapping[Duty, Callable[[ServerSettings, str], Worker]] = {
    Duty.MESSAGES: build_worker,
    Duty.DAYS: build_day_worker,
    Duty.JOBS: build_runner,
}


def spare_the_collector() -> None:
    """What a worker makes of messages and days are values without cycles: looking through them for cycles takes a tenth of its time and
    more (measured)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)


def run(duty: Duty, name: str, settings_file: Path | None) -> None:
    """Work until SIGTERM or SIGINT."""
    settings = load_settings(settings_file)
    set_up_logging(settings.data_dir)
    worker = BUILDERS[duty](settings, name)
    spare_the_collector()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()


def main() -> int:
    """As a child of the supervisor, which starts it again: why it cannot work is one line of the log."""
    duty, name, *file = sys.argv[1:]
    try:
        run(Duty(duty), name, Path(file[0]) if file else None)
    except (ServerError, SettingsError) as error:
        structlog.get_logger().error("this worker cannot start", worker=name, error=str(error))
        return 2
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # not waiting for a thread in the middle of a shard: that is done again at the next start
