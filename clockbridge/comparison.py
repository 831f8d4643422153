"""Two reads of one terminal side by side, and what their differences mean."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edge.devices.driver import DriverError, LogRead
from protocol.instants import WallTime, show_wall, wall_moment


@dataclass(frozen=True, slots=True)
class Comparison:
    """Table rows (name, ours, theirs), sentences for a person, and whether both read the same."""

    rows: tuple[tuple[str, str, str], ...]
    sentences: tuple[str, ...]
    same: bool


def compare_reads(ours: LogRead, theirs: LogRead | DriverError, *, chinese: bool) -> Comparison:
    """Compare as multisets of person and second; codes differ between readers and are left out."""

    def say(english: str, text: str) -> str:
        return text if chinese else english

    def yes(answer: bool) -> str:
        return say("yes", "是") if answer else say("no", "否")

    notes = [say(*note) for note in _notes_on_ours(ours)]
    if isinstance(theirs, DriverError):
        count = ((say("punches", "打卡数"), str(len(ours.punches)), "–"),)
        return Comparison(count, (say(f"pyzk could not read it: {theirs}", f"pyzk 无法读取：{theirs}"), *notes), same=False)
    mine = Counter((punch.user, punch.wall) for punch in ours.punches)
    other = Counter((punch.user, punch.wall) for punch in theirs.punches)
    only_mine, only_other = mine - other, other - mine
    rows = (
        (say("punches", "打卡数"), str(mine.total()), str(other.total())),
        (say("only here", "仅此一方有"), str(only_mine.total()), str(only_other.total())),
        (say("doubtful", "存疑"), str(ours.receipt.doubtful), str(theirs.receipt.doubtful)),
        (say("complete", "完整"), yes(ours.receipt.complete), yes(theirs.receipt.complete)),
        (say("layout", "记录格式"), str(ours.receipt.layout), str(theirs.receipt.layout)),
    )
    if theirs.receipt.reason:
        notes.append(say(f"pyzk's read is not certain: {theirs.receipt.reason}.", f"pyzk 的读取不可靠：{theirs.receipt.reason}。"))
    if not only_mine and not only_other:
        return Comparison(rows, (say("Both read the same punches.", "两者读到的打卡完全相同。"), *notes), same=True)
    sentences = [say(*_why(list(only_mine), list(only_other))), *notes]
    for title, some in ((say("only ours", "仅我方"), only_mine), (say("only pyzk", "仅 pyzk"), only_other)):
        sentences += [f"  {title}: {show_wall(wall)}" for _, wall in list(some)[:5]]
    return Comparison(rows, tuple(sentences), same=False)


def _notes_on_ours(ours: LogRead) -> Iterator[tuple[str, str]]:
    """What is odd about the terminal by our own read, whatever pyzk makes of it; in both languages."""
    receipt = ours.receipt
    held = len(ours.punches) + len(ours.doubtful)
    if not receipt.complete:
        yield f"Our own read is not complete: {receipt.reason}.", f"我方读取不完整：{receipt.reason}。"
    elif receipt.layout is None and ours.doubtful:
        yield f"Our own read decodes nothing: {receipt.reason}.", f"我方无法解码：{receipt.reason}。"
    elif receipt.declared_count is not None and receipt.declared_count != held:
        yield (
            f"The terminal says that it holds {receipt.declared_count} punches and holds {held}; pyzk relies on what it says.",
            f"终端自报 {receipt.declared_count} 条打卡，实有 {held} 条；pyzk 依赖自报数。",
        )
    if ours.doubtful and receipt.layout is not None:
        yield (
            f"{len(ours.doubtful)} rows make no sense (impossible date, or no number): we keep them aside, pyzk fails or passes them on.",
            f"{len(ours.doubtful)} 条记录不合理（日期不可能，或没有编号）：我方隔离保存，pyzk 会出错或照样输出。",
        )


def _why(only_mine: Sequence[tuple[str, WallTime]], only_other: Sequence[tuple[str, WallTime]]) -> tuple[str, str]:
    """The likeliest reason that two reads differ; in both languages."""
    if _looks_invented(only_other):
        return (
            "Some of pyzk's punches lie in years nobody punched in: it reads this terminal's rows in a wrong length or kind.",
            "pyzk 读到的部分打卡年份不合理：它用错了记录长度或格式。",
        )
    if only_mine and not only_other:
        return (
            "pyzk misses punches: it trusts the terminal's count, or lost a packet.",
            "pyzk 少读了打卡：它相信终端自报的数目，或丢了数据包。",
        )
    if {wall for _, wall in only_mine} == {wall for _, wall in only_other}:
        return (
            "They agree on the times and not on who punched: the user list differs between the two reads, or does not name a row.",
            "两者时间一致但人员不同：两次读取的用户表不同，或有记录无法对应到用户。",
        )
    return (
        "They differ; a punch may have been made between the two reads. Compare again.",
        "两者不同；可能两次读取之间有人打卡，请再比较一次。",
    )


def _looks_invented(punches: Sequence[tuple[str, WallTime]]) -> bool:
    return any((moment := wall_moment(wall)) is None or not 2005 <= moment.year <= 2040 for _, wall in punches)
