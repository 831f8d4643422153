"""What `clockbridge edge status` shows: the status file in words, in the language of whoever reads it."""

from datetime import datetime
from typing import Any

from clockbridge.language import say
from edge.status import Life

STATES = {
    "starting": "启动中",
    "reading": "读取中",
    "listening": "实时接收",
    "polling": "定时读取",
    "unreachable": "无法连接",
    "refused": "被拒绝",
    "wrong-terminal": "不是此考勤机",
    "outbox-full": "待发队列已满",
    "folder": "投放文件夹",
    "failed": "失败",
}
STAGES = {
    "line": "连接服务器",
    "batch": "发送批次",
    "receipt": "收到回执",
    "order": "执行命令",
    "connect": "连接考勤机",
    "clock": "读取时钟",
    "read": "读取日志",
    "event": "实时打卡",
    "append": "写入队列",
}
ALARMS = {
    "outbox-full": ("The outbox is full: terminals keep their punches.", "待发队列已满：打卡记录留在考勤机上。"),
    "outbox-damaged": ("The outbox was damaged and has been saved as far as it could be read.", "待发队列曾损坏，可读的部分已抢救。"),
    "clock-off": ("A terminal's clock is wrong.", "考勤机时钟不准。"),
    "read-incomplete": ("A terminal's log could not be read completely.", "考勤机日志未能完整读取。"),
    "log-undecodable": ("A terminal's log has rows of an unknown form: choose its layout.", "考勤机日志的记录格式未知：请指定 layout。"),
    "file-refused": ("A USB export was refused.", "一个 U 盘导出文件被拒绝。"),
    "push-port": ("The port for terminals that push cannot be had.", "推送端口无法打开。"),
    "push-waiting": (
        "A terminal that nobody approved wants to push: name it under push.terminals if it is ours.",
        "有未经批准的考勤机要推送数据：如属本单位，请写入 push.terminals。",
    ),
    "push-moved": ("A terminal pushes from another address than before.", "一台考勤机改从其他地址推送。"),
    "tampered": ("Records were changed at a terminal.", "有人在考勤机上改动了记录。"),
    "proof-gap": (
        "A terminal holds punches that are not here: they are asked for.",
        "考勤机中有本网关未收到的打卡：正在重新索取。",
    ),
    "terminal-alarm": ("A terminal raised an alarm.", "考勤机发出警报。"),
    "owner-failed": ("A task of this program failed and was started again.", "程序的一个任务出错后已重新启动。"),
    "epoch-closed": ("The queue was set back and goes on under a new epoch.", "队列曾被回退，现以新纪元继续。"),
    "hole": ("The server lacks rows that are no longer here: terminals are read again.", "服务器缺少此处已无的数据：正在重新读取考勤机。"),
    "refused": ("The server refuses what this edge sends: make a new kit.", "服务器拒绝本网关的数据：请生成新的套件。"),
    "not-our-server": (
        "Messages came that server.verify_key does not vouch for: put the server.pub of this server's kit here.",
        "收到无法用 server.verify_key 验证的消息：请换上该服务器套件中的 server.pub。",
    ),
}
"""By how their code begins; the detail stands behind."""
ADVICE = {
    "unreachable": (
        "does not answer: check its power and cable, and host and port in the settings",
        "没有应答：请检查电源和网线，以及设置中的 host 和 port",
    ),
    "refused": (
        "refuses: write its communication key as `key` into the settings, or end the program that holds it (`clockbridge terminal probe`)",
        "拒绝连接：请在设置中用 `key` 填写通讯密码，或结束占用它的程序（可用 `clockbridge terminal probe` 查明）",
    ),
    "wrong-terminal": (
        "is another terminal than the settings say: correct host or expected_serial",
        "不是设置中的那台考勤机：请改正 host 或 expected_serial",
    ),
    "outbox-full": (
        "is left alone until there is room: bring the line to the server back, or free disk space",
        "暂不读取，直到有空间：请恢复与服务器的连接，或释放磁盘空间",
    ),
    "failed": ("cannot be read: look into the agent's log", "无法读取：请查看程序日志"),
}
"""By the state of a terminal that is not well: what it does, and the next step."""
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
        console.print(f"! {alarm_words(alarm)}", style="bold red", highlight=False, markup=False)
    table = Table(*(say(english, chinese) for english, chinese in zip(COLUMNS, COLUMNS_CHINESE, strict=True)))
    for terminal in status["terminals"]:
        table.add_row(*_row(terminal))
    console.print(table)
    for line in _push_lines(status["push"]):
        console.print(line, highlight=False, markup=False)
    for terminal in status["terminals"]:
        for line in _lines(terminal):
            console.print(line, highlight=False, markup=False)


def alarm_words(alarm: str) -> str:
    """An alarm of the agent in a person's words, its own behind them; a later release's as it is."""
    code, _, detail = alarm.partition(": ")
    for start, (english, chinese) in ALARMS.items():
        if code == start or code.startswith(f"{start}-"):
            rest = ": ".join(part for part in (code.removeprefix(start).removeprefix("-"), detail) if part)
            return say(english, chinese) + (f" ({rest})" if rest else "")
    return alarm


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
        *((say(f"last {stage}", f"最近{STAGES.get(stage, stage)}"), _moment(at)) for stage, at in sorted(status["stages"].items())),
    ]


def _row(terminal: dict[str, Any]) -> tuple[str, ...]:
    drift, state = terminal.get("drift_ms"), terminal["state"]
    return (
        terminal["serial"] or terminal["name"],
        say(state, STATES.get(state, state)),
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
        lines.append(f"{name}: " + " · ".join(f"{say(stage, STAGES.get(stage, stage))} {_moment(at)}" for stage, at in stages))
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


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _moment(text: str | None) -> str:
    """An instant on this machine's clock, to the second."""
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S}" if text else "–"
