"""The demo without a person: history, live punches, one of everything cut or killed, and the counts must become equal again."""

import asyncio
import time
from collections.abc import Callable, Sequence

from clockbridge.demo.running import LIVE_RATE, RunningDemo
from clockbridge.demo.scene import Deed, TerminalCounts
from clockbridge.language import say

LIVE_PUNCHES = 50
STEP_SECONDS = 240.0
"""Longest wait for one step; a machine that needs more has a fault and not only a slow disk."""
BREAKS: tuple[tuple[str, Deed], ...] = (
    ("line-hq", Deed.CUT),
    ("edge-plant", Deed.KILL),
    ("broker", Deed.KILL),
    ("ingest-1", Deed.KILL),
    ("web-1", Deed.KILL),
    ("CBDEMO02", Deed.KILL),
    ("server", Deed.KILL),
)
MENDS: tuple[tuple[str, Deed], ...] = (
    ("server", Deed.START),
    ("CBDEMO02", Deed.START),
    ("edge-plant", Deed.START),
    ("line-hq", Deed.JOIN),
)
BETWEEN_SECONDS = 1.0


class CheckError(Exception):
    """A step did not come to its end; the message says which, with the counts."""


async def check(demo: RunningDemo, tell: Callable[[str], None]) -> str:
    """Run all steps and give the line with the counts; raises CheckError."""
    began = time.monotonic()
    await asyncio.to_thread(demo.set_rate, 0)  # while people punch, a slow machine is never quite up to date
    tell(say("reading three months of history …", "正在读取三个月的历史打卡……"))
    counts = await _until(demo, say("history", "历史打卡"), _all_equal)
    first = _held(counts)
    await asyncio.to_thread(demo.set_rate, LIVE_RATE)
    tell(
        say(f"{first:,} punches are there; waiting for {LIVE_PUNCHES} live ones …", f"已有 {first:,} 条；等待 {LIVE_PUNCHES} 条实时打卡……")
    )
    await _until(demo, say("live punches", "实时打卡"), lambda counts: _received(counts) >= first + LIVE_PUNCHES)
    for key, deed in BREAKS:
        await _do(demo, key, deed, tell)
        await asyncio.sleep(BETWEEN_SECONDS)
    for key, deed in MENDS:
        await _do(demo, key, deed, tell)
    await _until(demo, say("terminals back", "考勤机恢复"), lambda counts: _held(counts) > 0)
    await asyncio.to_thread(demo.set_rate, 0)
    tell(say("waiting for equal counts …", "等待各处数目相等……"))
    counts = await _until(demo, say("equal counts", "数目相等"), _all_equal)
    if _held(counts) < first + LIVE_PUNCHES:
        raise CheckError(say("the terminals hold fewer punches than before: ", "考勤机中的打卡变少了：") + _told(counts))
    return _line(counts, time.monotonic() - began)


async def _do(demo: RunningDemo, key: str, deed: Deed, tell: Callable[[str], None]) -> None:
    """Do it as soon as it can be done: a process that died a moment ago comes back first."""
    until = time.monotonic() + STEP_SECONDS
    while True:
        try:
            told = demo.do(key, deed)
        except KeyError:
            if time.monotonic() > until:
                raise CheckError(say(f"{key} did not come back", f"{key} 没有恢复")) from None
            await asyncio.sleep(0.2)
        else:
            tell(say(told.en, told.zh))
            return


async def _until(demo: RunningDemo, step: str, wanted: Callable[[Sequence[TerminalCounts]], bool]) -> Sequence[TerminalCounts]:
    until = time.monotonic() + STEP_SECONDS
    while True:
        counts = await asyncio.to_thread(demo.counts)
        if wanted(counts):
            return counts
        if time.monotonic() > until:
            missed = say(f"{step}: not reached in {STEP_SECONDS:.0f} s; ", f"{step}：{STEP_SECONDS:.0f} 秒内未达到；")
            raise CheckError(missed + _told(counts))
        await asyncio.sleep(0.3)


def _all_equal(counts: Sequence[TerminalCounts]) -> bool:
    return all(count.equal and count.held for count in counts)


def _held(counts: Sequence[TerminalCounts]) -> int:
    """All that the terminals hold; 0 while one cannot be asked."""
    held = [count.held for count in counts]
    return 0 if None in held else sum(number or 0 for number in held)


def _received(counts: Sequence[TerminalCounts]) -> int:
    return sum(count.received or 0 for count in counts)


def _told(counts: Sequence[TerminalCounts]) -> str:
    return ", ".join(f"{one.serial} held={one.held} appended={one.appended} received={one.received}" for one in counts)


def _line(counts: Sequence[TerminalCounts], seconds: float) -> str:
    quarantined = sum(count.quarantined or 0 for count in counts)
    appended = sum(count.appended or 0 for count in counts)
    held, received, admitted = _held(counts), _received(counts), _received(counts) - quarantined
    return say(
        f"ok: held {held} = appended {appended} = received {received} ({admitted} admitted + {quarantined} quarantined) "
        f"on {len(counts)} terminals, {seconds:.0f} s",
        f"通过：考勤机 {held} = 待发队列 {appended} = 服务器 {received}（收入 {admitted} + 隔离 {quarantined}），"
        f"共 {len(counts)} 台考勤机，{seconds:.0f} 秒",
    )
