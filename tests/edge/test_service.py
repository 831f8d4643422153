"""What the service manager hears: from a real socket, of an agent's service beside a real outbox."""

import asyncio
import os
import socket
import threading

import pytest

from edge import service
from edge.errors import OutboxDiskError
from edge.service import Manager, Refused, Service, Versions
from tests.edge.collect.conftest import until


class Line:
    up = False


class Book:
    waiting, alarms = 3, 0

    def __init__(self):
        self.raised = []

    def alarm(self, code, detail=""):
        self.raised.append((code, detail))


@pytest.fixture
def ear(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(60)
        yield listening


@pytest.fixture
def manager(ear):
    return Manager(ear.getsockname(), watchdog_seconds=0.15)


async def running(made, ear, work):
    task = asyncio.create_task(made.run())
    try:
        return await work(lambda: asyncio.to_thread(lambda: ear.recv(4096).decode()))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_given_an_agent_at_work_then_the_manager_hears_that_it_is_ready_lives_and_stops(outbox, ear, manager):
    async def work(heard):
        return [await heard(), await heard()]

    first, second = asyncio.run(running(Service(outbox, Line(), Book(), manager, Versions()), ear, work))

    assert first == "READY=1\nSTATUS=line down, 3 punches waiting, 0 alarms"
    assert second.startswith("WATCHDOG=1\n")
    rest = ear.recv(4096).decode()
    while rest.startswith("WATCHDOG=1"):
        rest = ear.recv(4096).decode()
    assert rest == "STOPPING=1"


def test_given_an_outbox_that_does_not_come_back_then_the_watchdog_is_fed_no_more_and_again_once_it_does(outbox, ear, manager, monkeypatch):
    stuck, answers, answer = threading.Event(), threading.Event(), outbox.answer
    answers.set()

    def answer_unless_stuck():
        if not answers.is_set():
            stuck.set()
            assert answers.wait(60)
        answer()

    monkeypatch.setattr(outbox, "answer", answer_unless_stuck)

    async def work(heard):
        assert (await heard()).startswith("READY=1")
        answers.clear()
        await until(stuck.is_set)
        ear.setblocking(False)
        with pytest.raises(BlockingIOError):
            while True:
                ear.recv(4096)
        await asyncio.sleep(0.2)
        with pytest.raises(BlockingIOError):
            ear.recv(4096)
        ear.settimeout(60)
        answers.set()
        assert (await heard()).startswith("WATCHDOG=1")

    asyncio.run(running(Service(outbox, Line(), Book(), manager, Versions()), ear, work))


def test_given_a_disk_that_fails_then_the_agent_counts_as_alive_because_it_says_so_itself(outbox, ear, manager, monkeypatch):
    def fail():
        raise OutboxDiskError("the disk failed", "磁盘故障")

    monkeypatch.setattr(outbox, "answer", fail)

    async def work(heard):
        return [await heard(), await heard()]

    assert [one.split("\n")[0] for one in asyncio.run(running(Service(outbox, Line(), Book(), manager, Versions()), ear, work))] == [
        "READY=1",
        "WATCHDOG=1",
    ]


def test_given_a_version_on_trial_whose_forerunner_had_the_line_then_it_is_ready_only_with_the_line(outbox, ear, manager, monkeypatch):
    monkeypatch.setattr(service, "TRIAL_SECONDS", 0.0)
    monkeypatch.setattr(service, "READY_SECONDS", 0.01)
    line, book = Line(), Book()
    refused = Refused("1.9", "1.0", "2026-11-27T04:00:00+00:00", "not ready in 3 starts")

    async def work(heard):
        await asyncio.sleep(0.1)
        ear.setblocking(False)
        with pytest.raises(BlockingIOError):
            ear.recv(4096)
        ear.settimeout(60)
        line.up = True
        return await heard()

    assert asyncio.run(running(Service(outbox, line, book, manager, Versions(False, True, refused)), ear, work)).startswith("READY=1")
    assert book.raised == []  # the version that was refused is told by the one that came back, not by the next


def test_given_a_refused_version_then_the_one_that_came_back_raises_the_alarm(outbox, ear, manager):
    book, refused = Book(), Refused("2.0", "1.0", "2026-11-27T04:00:00+00:00", "not ready in 3 starts")

    async def work(heard):
        await heard()

    asyncio.run(running(Service(outbox, Line(), book, manager, Versions(refused=refused)), ear, work))

    assert book.raised == [("update-refused", "2.0 did not come up at 2026-11-27T04:00:00+00:00: not ready in 3 starts; 1.0 runs")]


def test_given_the_managers_variables_then_they_are_taken_and_no_child_inherits_them(monkeypatch):
    for name, value in {"NOTIFY_SOCKET": "@ear", "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}.items():
        monkeypatch.setenv(name, value)

    assert Manager.of_environment() == Manager("@ear", 60.0)
    assert Manager.of_environment() == Manager()
    monkeypatch.setenv("WATCHDOG_USEC", "1000000")
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert Manager.of_environment().watchdog_seconds == 0
    Manager("/nonexistent/ear").tell("READY=1")  # nobody hears it, and nothing fails
