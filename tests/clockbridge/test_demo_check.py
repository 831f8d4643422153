"""`demo --check`: breaks one of everything, and says no when the counts do not become equal."""

import asyncio
from itertools import chain, repeat

import pytest

from clockbridge.demo import check as checking
from clockbridge.demo.check import LIVE_PUNCHES, CheckError, check
from clockbridge.demo.scene import Deed, TerminalCounts, Words


def counts(held, appended=None, admitted=None):
    return [TerminalCounts("A1", "gate", "hq", held, held if appended is None else appended, held if admitted is None else admitted, 0)]


class Demo:
    """A running demo that only counts: gives one list of counts after the other, and remembers what was done to it."""

    def __init__(self, *told, refuse=()):
        self.told, self.done, self.refuse = chain(told, repeat(told[-1])), [], list(refuse)

    def counts(self):
        return next(self.told)

    def do(self, key, deed):
        if key in self.refuse:
            self.refuse.remove(key)
            raise KeyError(key)
        self.done.append((key, deed))
        return Words(f"{deed} {key}", f"{deed} {key}")

    def set_rate(self, rate):
        self.done.append(("rate", rate))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(checking, "STEP_SECONDS", 60)
    monkeypatch.setattr(checking, "BETWEEN_SECONDS", 0)
    monkeypatch.setenv("LC_ALL", "C")


def run(demo):
    return asyncio.run(check(demo, lambda _text: None))


def test_given_equal_counts_after_everything_was_broken_then_one_line_with_the_counts():
    demo = Demo(counts(100), counts(100 + LIVE_PUNCHES))

    line = run(demo)

    assert line.startswith("ok: held 150 = appended 150 = received 150 (150 admitted + 0 quarantined) on 1 terminals")


def test_given_a_chinese_environment_then_the_line_is_chinese(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    assert run(Demo(counts(100), counts(100 + LIVE_PUNCHES))).startswith(
        "通过：考勤机 150 = 待发队列 150 = 服务器 150（收入 150 + 隔离 0）"
    )


def test_given_a_check_then_network_edge_broker_and_server_are_each_broken_once_and_come_back():
    demo = Demo(counts(100), counts(100 + LIVE_PUNCHES))

    run(demo)

    broken = [key for key, deed in demo.done if deed in (Deed.CUT, Deed.KILL)]
    mended = [key for key, deed in demo.done if deed in (Deed.JOIN, Deed.START)]
    assert {"line-hq", "edge-plant", "broker", "server"} <= set(broken)
    assert len(broken) == len(set(broken))
    assert {"line-hq", "edge-plant", "server"} <= set(mended)


def test_given_a_process_that_is_just_coming_back_when_it_shall_be_killed_then_it_is_waited_for():
    demo = Demo(counts(100), counts(100 + LIVE_PUNCHES), refuse=["web-1"])

    run(demo)

    assert ("web-1", Deed.KILL) in demo.done


@pytest.mark.parametrize(
    ("told", "step"),
    [
        ([counts(100, admitted=99)], "history"),
        ([counts(100), counts(100 + LIVE_PUNCHES - 1)], "live punches"),
        ([counts(100), counts(200), counts(200, admitted=199)], "equal counts"),
        ([counts(100), counts(200), counts(200), counts(120)], "fewer punches"),
    ],
    ids=["history is missing", "too few live ones", "one was lost", "a terminal forgot"],
)
def test_given_a_step_that_does_not_end_well_then_it_is_named_with_the_counts(told, step, monkeypatch):
    monkeypatch.setattr(checking, "STEP_SECONDS", 0.1)

    with pytest.raises(CheckError, match=rf"{step}.*A1 held="):
        run(Demo(*told))


def test_given_a_part_that_never_comes_back_then_it_is_named(monkeypatch):
    monkeypatch.setattr(checking, "STEP_SECONDS", 0.1)

    with pytest.raises(CheckError, match="broker did not come back"):
        run(Demo(counts(100), counts(100 + LIVE_PUNCHES), refuse=["broker"] * 100))
