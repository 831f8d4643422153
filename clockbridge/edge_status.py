"""What `clockbridge edge status` shows: the status file in words, in the language of whoever reads it."""

from datetime import datetime
from typing import Any

from clockbridge.language import say, speaks_chinese
from edge.status import Life
from edge.words import ADVICE, STAGES, STATES, alarm_in_words

COLUMNS = ("serial", "state", "drift", "held", "appended", "cleared", "last read", "last error")
COLUMNS_CHINESE = ("序列号", "状态", "时钟偏差", "考勤机内", "已取", "已清除", "最近读取", "最近错误")


def life_sentence(life: Life, status: dict[str, Any]) -> str:
    """Whether the agent runs, and what to do when it does not."""
    process, at = status["process"], _moment(status["at"])
    match life:
        case Life.RUNNING:
            return say(f"The agent runs (process {process}).", f"程序正在运行（进程 {process}）。")
        case Life.SILENT:
            return say(
                f"The agent (process {process}) is there but has written nothing since {at}: restart it, and look into its log.",
                f"程序（进程 {process}）存在，但自 {at} 起没有写入任何状态：请重新启动它，并查看其日志。",
            )
        case Life.STOPPED:
            return say(
                f"The agent does not run: this is its last word, of {at}. Start it with `clockbridge edge run`.",
                f"程序没有在运行：以上是它 {at} 的最后状态。请用 `clockbridge edge run` 启动。",
            )


def show(status: dict[str, Any]) -> None:
    """Print it for people."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for label, value in _facts(status):
        console.print(f"{label}: {value}", highlight=False)
    for alarm in status["alarms"]:
        console.print(f"! {alarm_in_words(alarm, chinese=speaks_chinese())}", style="bold red", highlight=False, markup=False)
    table = Table(*(say(english, chinese) for english, chinese in zip(COLUMNS, COLUMNS_CHINESE, strict=True)))
    for terminal in status["terminals"]:
        table.add_row(*_row(terminal))
    console.print(table)
    for line in _push_lines(status["push"]):
        console.print(line, highlight=False, markup=False)
    for terminal in status["terminals"]:
        for line in _lines(terminal):
            console.print(line, highlight=False, markup=False)


def _facts(status: dict[str, Any]) -> list[tuple[str, object]]:
    line = say("up", "已连接") if status["line_up"] else say("down", "未连接")
    trouble = status["line_trouble"]
    hours = status["hours_left"]
    return [
        (say("edge", "网关"), status["edge"]),
        (say("as of", "时间"), _moment(status["at"])),
        (say("line to the server", "与服务器的连接"), line),
        *([(say("why", "原因"), say(trouble["english"], trouble["chinese"]))] if trouble and not status["line_up"] else []),
        (say("punches waiting", "待发打卡"), f"{status['queue_depth']:,}"),
        (say("oldest waiting since", "最早一条"), _moment(status["oldest_at"])),
        (say("hours left if cut off", "断线还可保存（小时）"), "–" if hours is None else hours),
        (say("certificate ends", "证书到期"), _moment(status["certificate_ends_at"])),
        *((say(f"last {stage}", f"最近{_stage(stage)}"), _moment(at)) for stage, at in sorted(status["stages"].items())),
    ]


def _row(terminal: dict[str, Any]) -> tuple[str, ...]:
    drift, state = terminal.get("drift_ms"), terminal["state"]
    return (
        terminal["serial"] or terminal["name"],
        say(*STATES.get(state, (state, state))),
        "–" if drift is None else f"{drift / 1000:+.1f} s",
        _count(terminal.get("held")),
        _count(terminal.get("appended", 0) + terminal.get("doubtful", 0)),
        _count(terminal.get("cleared")),
        _moment(terminal.get("last_read_at")),
        terminal.get("last_error", ""),
    )


def _lines(terminal: dict[str, Any]) -> list[str]:
    """What a table has no room for: what to do about it, and when each stage succeeded last."""
    name, advice = terminal["serial"] or terminal["name"], ADVICE.get(terminal["state"])
    lines = []
    if advice:
        error = f" ({terminal['last_error']})" if terminal.get("last_error") else ""
        lines.append(f"! {name} " + say(*advice) + error)
    stages = sorted(terminal.get("stages", {}).items(), key=lambda stage: str(stage[1]))
    if stages:
        lines.append(f"{name}: " + " · ".join(f"{_stage(stage)} {_moment(at)}" for stage, at in stages))
    return lines


def _push_lines(push: dict[str, Any] | None) -> list[str]:
    """The door for terminals that push: its port, who waits there, and what came that nobody knows."""
    if not push:
        return []
    port = push["port"] or "–"
    told = say("tells the time", "下发时间") if push["clock_told"] else say("does not tell the time", "不下发时间")
    waiting = push["waiting"]
    lines = [say(f"push: port {port}, {told}, {push['refused']} refused", f"推送：端口 {port}，{told}，拒绝 {push['refused']} 次")]
    lines += [
        say(f"  waits for approval: {one['serial']} from {one['source']}", f"  等待批准：{one['serial']}，来自 {one['source']}")
        for one in waiting
    ]
    lines += [
        say(
            f"  loss proof: {serial}: {one['days']} days compared, {one['missing']} missing, last {_moment(one['last'])}",
            f"  完整性核对：{serial}：已核对 {one['days']} 天，缺 {one['missing']} 条，最近 {_moment(one['last'])}",
        )
        for serial, one in push["proofs"].items()
    ]
    unknown = ", ".join(f"{what} ×{count}" for what, count in sorted(push["unknown"].items()))
    return lines + ([say(f"  not known: {unknown}", f"  未知内容：{unknown}")] if unknown else [])


def _stage(name: str) -> str:
    return say(*STAGES.get(name, (name, name)))


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _moment(text: str | None) -> str:
    """An instant on this machine's clock, to the second."""
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S}" if text else "–"
