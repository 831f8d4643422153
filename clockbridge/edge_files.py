"""What `clockbridge edge import-file` and `files` do. While the agent has the outbox the file is handed to it, else it is taken in here."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from clockbridge.language import say, speaks_chinese
from edge.collect.files.desk import FileWork
from edge.collect.files.room import FileRoom, FileState, Handed
from edge.errors import EdgeError, OutboxLockedError
from edge.outbox import Outbox
from edge.outbox.file import Limits
from edge.settings import EdgeSettings
from protocol.attlog.survey import odd_count, serial_named_in
from protocol.attlog.words import problem_words, refusal_words
from protocol.identifiers import EdgeId

STATES = {
    FileState.WAITING: ("waits", "等待"),
    FileState.LOOKING: ("is looked at", "检查中"),
    FileState.LOOKED: ("was looked at", "已检查"),
    FileState.TAKING: ("is taken in", "导入中"),
    FileState.TAKEN: ("was taken in", "已导入"),
    FileState.REFUSED: ("was refused", "已拒绝"),
}
LISTED = 20
LOOK_SECONDS = 0.2
SILENT_SECONDS = 60.0


class FileCommandError(EdgeError):
    """A wish that cannot be granted."""


def import_file(
    settings: EdgeSettings, path: Path, terminal: str, devices: list[str], *, any_device: bool, new: bool, only_look: bool
) -> Handed:
    """Take a file in, or only look at it; gives what became of it. Raises EdgeError."""
    terminal = terminal or serial_named_in(path.name) or ""
    if not terminal:
        raise FileCommandError(
            "Say with --terminal which terminal the file is from: the device number in it is no serial number.",
            "请用 --terminal 指明文件来自哪台考勤机：文件中的设备号不是序列号。",
        )
    said = {"devices": devices, "any_device": any_device, "new_terminal": new, "only_look": only_look}
    room = FileRoom(settings.files_folder)
    try:
        with path.open("rb") as source:
            one = room.hand_in(source, path.name, terminal, "command", **said)
    except OSError as error:
        raise FileCommandError(f"{path} cannot be read: {error.strerror}.", f"无法读取 {path}：{error.strerror}。") from error
    limits = Limits(settings.outbox.max_megabytes, settings.outbox.keep_days)
    try:
        with Outbox(settings.outbox_file, EdgeId(settings.edge), limits) as outbox:
            FileWork(settings, outbox).work(one)
    except OutboxLockedError:
        return _wait_for(room, one)
    finally:
        if only_look:
            room.path_of(one.id).unlink(missing_ok=True)
    return one


def _wait_for(room: FileRoom, one: Handed) -> Handed:
    """Until the agent has done it; says how far it is to whoever sits at a terminal."""
    heard, last = time.monotonic(), one
    while True:
        found = room.find(one.id) or last
        if found.over:
            return found
        if found != last:
            heard, last = time.monotonic(), found
            _progress(found)
        if time.monotonic() - heard > SILENT_SECONDS:
            why = say(*found.trouble) if found.trouble else say("the agent is busy or silent", "程序繁忙或无响应")
            raise FileCommandError(
                f"The agent has not taken the file in yet ({why}); it will, and `clockbridge edge files` shows when.",
                f"程序尚未导入该文件（{why}）；之后会自动导入，用 `clockbridge edge files` 查看。",
            )
        time.sleep(LOOK_SECONDS)


def _progress(one: Handed) -> None:
    if sys.stderr.isatty():
        share = f"{one.done / one.size:4.0%}" if one.size else ""
        print(f"\r{say(*STATES[one.state])} {share} ", end="", file=sys.stderr, flush=True)


def files(settings: EdgeSettings) -> list[str]:
    """The newest files, a line each."""
    return [_line(one) for one in FileRoom(settings.files_folder).all()[:LISTED]]


def _line(one: Handed) -> str:
    at = (one.ended_at or one.at).astimezone()
    counts = say(f"{one.appended:,} new", f"新增 {one.appended:,}") if one.state is FileState.TAKEN else ""
    why = refusal_words(one.refusal, one.shown, chinese=speaks_chinese()) if one.refusal else ""
    return f"{at:%Y-%m-%d %H:%M:%S}  {one.name}  {one.terminal}  {say(*STATES[one.state])}  {counts}{why}".rstrip()


def told(one: Handed) -> Iterator[str]:
    """What became of a file, line by line: the sums, then each line that is wrong or odd."""
    if one.refusal:
        yield say("Nothing of it is taken. ", "没有导入任何内容。") + refusal_words(one.refusal, one.shown, chinese=speaks_chinese())
    survey = one.survey
    if survey is None:
        return
    if survey.punches:
        yield say(
            f"{one.name}: {survey.punches:,} punches of terminal {one.terminal}, {survey.first} to {survey.last}.",
            f"{one.name}：考勤机 {one.terminal} 的 {survey.punches:,} 条打卡，{survey.first} 至 {survey.last}。",
        )
    if one.state is FileState.LOOKED:
        yield say(f"{survey.new or 0:,} of them are new; nothing was taken in.", f"其中 {survey.new or 0:,} 条是新的；没有导入任何内容。")
    if one.state is FileState.TAKEN:
        yield say(f"{one.appended:,} of them were new and are taken in.", f"其中 {one.appended:,} 条是新的，已导入。")
    if survey.doubtful or odd_count(survey):
        yield say(
            f"Lines that are no punches: {survey.doubtful:,}; with a time that cannot be: {odd_count(survey):,}. They go into quarantine.",
            f"不是打卡记录的行：{survey.doubtful:,}；时间不可能的：{odd_count(survey):,}。它们会进入隔离区。",
        )
    for found in survey.findings:
        what, mend = problem_words(found.problem, chinese=speaks_chinese())
        yield say(f"  line {found.line}: {what}; {mend}: {found.shown}", f"  第 {found.line} 行：{what}；{mend}：{found.shown}")
    if survey.unlisted:
        yield say(f"  and {survey.unlisted:,} more", f"  另有 {survey.unlisted:,} 行")
