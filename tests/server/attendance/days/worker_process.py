"""A worker of days in a process of its own, for tests that kill it: `python worker_process.py URL NAME SECONDS_SINCE_1970`."""

import sys
from datetime import UTC, datetime

from server.attendance.jobs import DayWorker
from server.storage import Database


def main(url: str, name: str, now: str) -> None:
    database = Database(url)
    print("ready", flush=True)
    DayWorker(database, name, lambda: datetime.fromtimestamp(int(now), UTC)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
