"""A runner whose only kind of work writes down who is greeted: `python -m tests.server.jobs.runner_process NAME DB CARRIER`."""

import os
import signal
import sys
import time
from pathlib import Path

from sqlalchemy import text

from server.jobs.kinds import JobKind, Schedule
from server.jobs.model import Shard
from server.jobs.runner import Runner
from server.storage import Database

GREETED = "CREATE TABLE IF NOT EXISTS greeted (job_id BIGINT, person BIGINT, runner TEXT)"


def greeting(name: str) -> JobKind:
    """Four people a shard; who has the number `held` is only greeted once there is a file `gate`. A negative person cannot be greeted."""

    def split(_uow, arguments):
        people = arguments["people"]
        return [Shard(len(some), {"people": some}) for some in (people[start : start + 4] for start in range(0, len(people), 4))]

    def work(_uow, job, arguments, progress):
        for number, person in enumerate(arguments["people"]):
            if person < 0:
                raise ZeroDivisionError
            while person == job.arguments.get("held") and not Path(job.arguments["gate"]).exists():
                time.sleep(0.02)
            progress(number + 1)
        rows = [{"job": job.id, "person": person, "runner": name} for person in arguments["people"]]
        return lambda uow: uow.execute(text("INSERT INTO greeted VALUES (:job, :person, :runner)"), rows)

    def finish(uow, job):
        uow.execute(text("INSERT INTO greeted VALUES (:job, 0, 'the end')"), {"job": job.id})

    return JobKind("greet", split, work, finish)


def greet_by_the_clock(uow, _at):
    uow.execute(text("INSERT INTO greeted VALUES (0, 0, 'the clock')"))


def main() -> None:
    name, url, carrier = sys.argv[1:4]
    schedules = [Schedule("every-second", "* * * * * *", "Asia/Shanghai", greet_by_the_clock)] if "clock" in name else []
    runner = Runner(Database(url), [greeting(name)], schedules, name, carrier)
    signal.signal(signal.SIGTERM, lambda *_: runner.stop())
    runner.run()
    os._exit(0)


if __name__ == "__main__":
    main()
