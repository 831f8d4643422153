"""One ingest worker as a process: `python -m server.worker NAME [SETTINGS]`, started by `server.main` or by `clockbridge worker`."""

import gc
import signal
import sys
from pathlib import Path

from server.logs import set_up_logging
from server.settings import load_settings
from server.wiring import build_worker


def spare_the_collector() -> None:
    """What a worker makes of messages are values without cycles: looking through them for cycles takes a tenth of its time (measured)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def run(name: str, settings_file: Path | None) -> None:
    """Admit until SIGTERM or SIGINT."""
    set_up_logging()
    worker = build_worker(load_settings(settings_file), name)
    spare_the_collector()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()


if __name__ == "__main__":
    run(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else None)
