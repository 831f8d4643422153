"""What an edge tells of itself, in words for people: (English, Chinese). The command line and the edge's own page say the same."""

from protocol.edge_words import CHINESE, in_chinese

Words = tuple[str, str]

STATES: dict[str, Words] = {
    "starting": ("starting", "启动中"),
    "reading": ("reading", "读取中"),
    "listening": ("listening", "实时接收"),
    "polling": ("polling", "定时读取"),
    "unreachable": ("unreachable", "无法连接"),
    "refused": ("refused", "被拒绝"),
    "wrong-terminal": ("wrong-terminal", "不是此考勤机"),
    "outbox-full": ("outbox-full", "待发队列已满"),
    "folder": ("folder", "投放文件夹"),
    "failed": ("failed", "失败"),
}
STAGES: dict[str, Words] = {
    "line": ("line", "连接服务器"),
    "batch": ("batch", "发送批次"),
    "receipt": ("receipt", "收到回执"),
    "order": ("order", "执行命令"),
    "connect": ("connect", "连接考勤机"),
    "clock": ("clock", "读取时钟"),
    "read": ("read", "读取日志"),
    "event": ("event", "实时打卡"),
    "append": ("append", "写入队列"),
}
ALARMS: dict[str, Words] = {
    "outbox-full": ("The outbox is full: terminals keep their punches.", "待发队列已满：打卡记录留在考勤机上。"),
    "outbox-damaged": ("The outbox was damaged and has been saved as far as it could be read.", "待发队列曾损坏，可读的部分已抢救。"),
    "clock-off": ("A terminal's clock is wrong.", "考勤机时钟不准。"),
    "read-incomplete": ("A terminal's log could not be read completely.", "考勤机日志未能完整读取。"),
    "log-undecodable": ("A terminal's log has rows of an unknown form: choose its layout.", "考勤机日志的记录格式未知：请指定 layout。"),
    "file-refused": ("A USB export was refused.", "一个 U 盘导出文件被拒绝。"),
    "push-port": ("The port for terminals that push cannot be had.", "推送端口无法打开。"),
    "push-waiting": (
        "A terminal that nobody approved wants to push: if it is ours, add it on the server's page New terminals.",
        "有未经批准的考勤机要推送数据：如属本单位，请在服务器的“新考勤机”页面添加。",
    ),
    "push-moved": ("A terminal pushes from another address than before.", "一台考勤机改从其他地址推送。"),
    "tampered": ("Records were changed at a terminal.", "有人在考勤机上改动了记录。"),
    "update-refused": (
        "An update did not come up: the version before runs again. Nothing is lost.",
        "更新版本未能启动：已恢复运行原版本，数据没有丢失。",
    ),
    "proof-gap": (
        "A terminal holds punches that are not here: they are asked for.",
        "考勤机中有本网关未收到的打卡：正在重新索取。",
    ),
    "terminal-alarm": ("A terminal raised an alarm.", "考勤机发出警报。"),
    "page-closed": (
        "The edge's page is set to be seen from the network and has no password: make one with `clockbridge edge page-password`.",
        "网关页面设置为可从网络访问，但没有密码：请用 `clockbridge edge page-password` 生成。",
    ),
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
ADVICE: dict[str, Words] = {
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

BRACKETS = ((" (", ": ", ")"), ("（", "：", "）"))


def alarm_in_words(alarm: str, *, chinese: bool) -> str:
    """An alarm of the agent in a person's words, its own behind them; a later release's as it is."""
    code, _, detail = alarm.partition(": ")
    for start, words in ALARMS.items():
        if code == start or code.startswith(f"{start}-"):
            tail = code.removeprefix(start).removeprefix("-")
            rest = [part for part in (CHINESE.get(tail, tail) if chinese else tail, _shown(detail, chinese=chinese)) if part]
            opening, between, closing = BRACKETS[chinese]
            return f"{words[chinese]}{opening}{between.join(rest)}{closing}" if rest else words[chinese]
    return alarm


def _shown(detail: str, *, chinese: bool) -> str:
    """A measured drift as seconds, a sentence in the reader's language."""
    name, _, ms = detail.partition("=")
    if name == "drift_ms" and ms.lstrip("-").isdecimal():
        return f"{int(ms) / 1000:+.1f} {'秒' if chinese else 's'}"
    return in_chinese(detail) if chinese else detail
