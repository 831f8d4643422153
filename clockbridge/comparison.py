"""Two reads of one terminal side by side, and what their differences mean."""

from collections import Counter
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

    if isinstance(theirs, DriverError):
        count = ((say("punches", "打卡数"), str(len(ours.punches)), "–"),)
        return Comparison(count, (say(f"pyzk could not read it: {theirs}", f"pyzk 无法读取：{theirs}"),), same=False)
    mine = Counter((punch.user, punch.wall) for punch in ours.punches)
    other = Counter((punch.user, punch.wall) for punch in theirs.punches)
    only_mine, only_other = mine - other, other - mine
    rows = (
        (say("punches", "打卡数"), str(mine.total()), str(other.total())),
        (say("only here", "仅此一方有"), str(only_mine.total()), str(only_other.total())),
        (say("doubtful", "存疑"), str(ours.receipt.doubtful), str(theirs.receipt.doubtful)),
        (say("complete", "完整"), str(ours.receipt.complete), str(theirs.receipt.complete)),
        (say("layout", "记录格式"), str(ours.receipt.layout), str(theirs.receipt.layout)),
    )
    if not only_mine and not only_other:
        return Comparison(rows, (say("Both read the same punches.", "两者读到的打卡完全相同。"),), same=True)
    sentences = []
    if only_other and _looks_invented(list(only_other)):
        sentences.append(
            say(
                "Some of pyzk's punches lie in years nobody punched in: it reads this terminal's rows in a wrong length.",
                "pyzk 读到的部分打卡年份不合理：它用错了记录长度。",
            )
        )
    if only_mine and not only_other:
        sentences.append(
            say(
                "pyzk misses punches: it trusts the terminal's count, or lost a packet.",
                "pyzk 少读了打卡：它相信终端自报的数目，或丢了数据包。",
            )
        )
    if only_other and not sentences:
        sentences.append(
            say(
                "They differ; a punch may have been made between the two reads. Compare again.",
                "两者不同；可能两次读取之间有人打卡，请再比较一次。",
            )
        )
    for title, some in ((say("only ours", "仅我方"), only_mine), (say("only pyzk", "仅 pyzk"), only_other)):
        sentences += [f"  {title}: {show_wall(wall)}" for _, wall in list(some)[:5]]
    return Comparison(rows, tuple(sentences), same=False)


def _looks_invented(punches: list[tuple[str, WallTime]]) -> bool:
    return any((moment := wall_moment(wall)) is None or not 2005 <= moment.year <= 2040 for _, wall in punches)
