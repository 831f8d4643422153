"""What `clockbridge edge` does with terminals that push: commands for them, and the loss proof. The agent may run beside it, or later."""

import time
from datetime import datetime

from clockbridge.language import say
from edge.collect.push.approvals import Approvals
from edge.collect.push.file import push_file
from edge.collect.push.memory import Memory
from edge.collect.push.proof import ask_counts, last_days
from edge.collect.push.queue import Line, Queue
from edge.devices.iclock.protocol.commands import CommandError, check_command
from edge.devices.iclock.protocol.dialect import Dialect
from edge.errors import EdgeError
from edge.settings import EdgeSettings, PushSettings, PushTerminal
from protocol.identifiers import TerminalSerial

STATES = {"waiting": "等待", "sent": "已发送", "checking": "核对中", "done": "完成", "failed": "失败", "expired": "过期"}


class PushCommandError(EdgeError):
    """A wish that cannot be granted."""


def tell(settings: EdgeSettings, serial: str, text: str, hours: int) -> str:
    """Queue a command; gives a sentence. Raises EdgeError."""
    push = _push(settings)
    terminal = _approved(push, serial)
    try:
        checked = check_command(text, dangerous=push.dangerous_commands)
        with push_file(settings.push_file) as file:
            number = Queue(file).add(TerminalSerial(terminal.serial), checked, int(time.time()), hours * 3600)
    except CommandError as problem:
        raise PushCommandError(f"{problem}.", f"该指令不能发送（{problem}）。") from problem
    return say(
        f"Command {number} waits for terminal {serial}; see it with `clockbridge edge commands`.",
        f"指令 {number} 等待考勤机 {serial}；用 `clockbridge edge commands` 查看。",
    )


def prove(settings: EdgeSettings, serial: str, days: int) -> str:
    """Queue the counts of these days; gives a sentence. Raises EdgeError."""
    terminal = _approved(_push(settings), serial)
    with push_file(settings.push_file) as file:
        memory = Memory(file)
        memory.open()
        dialect = Dialect(terminal.dialect or memory.of(TerminalSerial(serial)).dialect)
        today = datetime.now(settings.zone).date()
        ask_counts(Queue(file), TerminalSerial(serial), dialect, last_days(today, days), int(time.time()))
    return say(
        f"Terminal {serial} is asked for its counts of {days} days; the result stands in `clockbridge edge status`.",
        f"已向考勤机 {serial} 索取 {days} 天的计数；结果见 `clockbridge edge status`。",
    )


def commands(settings: EdgeSettings, serial: str | None) -> list[str]:
    """The newest commands, a line each. Raises EdgeError."""
    _push(settings)
    with push_file(settings.push_file) as file:
        lines = Queue(file).lines(TerminalSerial(serial) if serial else None)
    return [_show(line) for line in lines]


def _show(line: Line) -> str:
    detail = f"  ({line.detail})" if line.detail else ""
    return f"{line.number:>6}  {line.serial:16}  {say(line.state, STATES[line.state]):8}  ×{line.times}  {line.text!r}{detail}"


def _push(settings: EdgeSettings) -> PushSettings:
    if settings.push is None:
        raise PushCommandError("The settings have no section [push].", "设置中没有 [push] 部分。")
    return settings.push


def _approved(push: PushSettings, serial: str) -> PushTerminal:
    terminal = Approvals(push.terminals).find(TerminalSerial(serial))
    if terminal is None:
        raise PushCommandError(
            f"No terminal {serial} stands under push.terminals in the settings.", f"设置的 push.terminals 中没有考勤机 {serial}。"
        )
    return terminal
