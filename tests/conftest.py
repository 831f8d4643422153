"""What every test gets: no address beyond this machine, a day that does not turn, and no skip in CI that nobody saw."""

import os
import shutil
import socket
import tempfile
import time
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import accumulate
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings

TESTS = Path(__file__).parent
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 6 << 30


def _work_in_memory() -> None:
    """Keep the files of tests in memory where there is plenty: on a disk a PostgreSQL database takes ten times as long to make.

    Whoever set TMPDIR is left alone. The benches and the long run, which measure disks, do not pass here.
    """
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free >= MEMORY_NEEDED and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # what was worked out before is forgotten


_work_in_memory()

IN_CI = "CLOCKBRIDGE_NO_SKIPS" in os.environ

# A machine with much to do draws and works slowly, and that is no fault of an example. In CI the same examples come every time, for what
# it says shall be about the change; new ones are drawn wherever else the tests run, and by ./dev soak fuzz.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=IN_CI)
settings.load_profile("busy")

_connect = socket.socket.connect
LOOPBACK = ("127.", "::1", "localhost")


def _connect_here_only(self: socket.socket, address):
    if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith((*LOOPBACK, *ALLOWED_HOSTS)):
        raise AssertionError(f"a test may only reach this machine, not {address[0]}")
    return _connect(self, address)


ALLOWED_HOSTS: list[str] = []
"""Hosts in network namespaces that a test made itself."""


WHOLE = ("chaos", "clockbridge", "deploy", "journeys")
"""Folders whose tests start many processes, take long and mostly wait."""
FIRST_PART = 0.8


def pytest_collection_modifyitems(items):
    """Deal the long files out among the others: few of them need the machine at once then, and none comes last and is waited for.

    The order within a file stays. xdist's own order puts files of few tests last, which are the longest.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    long = [tests for file, tests in files.items() if file.relative_to(TESTS).parts[0] in WHOLE]
    short = [tests for file, tests in files.items() if file.relative_to(TESTS).parts[0] not in WHOLE]
    before = accumulate(map(len, short), initial=0)
    places = [(FIRST_PART * place / len(long), tests) for place, tests in enumerate(long)]
    places += [(done / sum(map(len, short)), tests) for done, tests in zip(before, short, strict=False)]
    items[:] = [test for _, tests in sorted(places, key=itemgetter(0)) for test in tests]


DAYS_OF = (UTC, ZoneInfo("Asia/Shanghai"))
"""Whose days tests and what they test take for today."""
LONG_TEST = timedelta(minutes=5)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol():
    """Begin no test that may last until the day turns before it has: today is one day in all of it, for the test and for the server.

    How a day turns is tested with clocks that are set.
    """
    while (left := min(map(_left_of_day, DAYS_OF))) < LONG_TEST:
        time.sleep(left.total_seconds())
    return (yield)


def _left_of_day(zone: tzinfo) -> timedelta:
    now = datetime.now(zone).replace(tzinfo=None)  # neither zone has summer time
    return datetime.combine(now.date() + timedelta(days=1), datetime.min.time()) - now


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", _connect_here_only)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI a part that is missing is a failure: it may not pass for a success there."""
    report = yield
    if report.skipped and IN_CI and not item.get_closest_marker("may_skip"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr}"
    return report
