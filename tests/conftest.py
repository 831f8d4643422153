"""What every test gets: no address beyond this machine, and no skip in CI that nobody saw."""

import os
import shutil
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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

settings.register_profile("busy", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")  # a machine with much to do draws slowly, and that is no fault of an example

_connect = socket.socket.connect
LOOPBACK = ("127.", "::1", "localhost")


def _connect_here_only(self: socket.socket, address):
    if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith((*LOOPBACK, *ALLOWED_HOSTS)):
        raise AssertionError(f"a test may only reach this machine, not {address[0]}")
    return _connect(self, address)


ALLOWED_HOSTS: list[str] = []
"""Hosts in network namespaces that a test made itself."""


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", _connect_here_only)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI a part that is missing is a failure: it may not pass for a success there."""
    report = yield
    if report.skipped and os.environ.get("CLOCKBRIDGE_NO_SKIPS") and not item.get_closest_marker("may_skip"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr}"
    return report
