"""What is wrong with a line or a file, for people: (English, Chinese), what it is and what to do."""

from protocol.attlog.problem import Problem, Refusal

Words = tuple[str, str]

PROBLEMS: dict[Problem, tuple[Words, Words]] = {
    Problem.FOREIGN: (
        ("it is no punch: no user number and time stand in it", "不是打卡记录：没有用户号和时间"),
        ("nothing, where it is a heading or a sum; else export the log again", "若为标题或合计行可忽略；否则请重新导出"),
    ),
    Problem.BINARY: (
        ("it holds binary data", "含有二进制数据"),
        (
            "export the log as text; a stick that is wearing out also does this: use another one",
            "请以文本格式导出；U 盘损坏也会如此，请换一个",
        ),
    ),
    Problem.TOO_LONG: (
        ("it is longer than any punch", "长度超过任何打卡记录"),
        ("export the log again, onto another stick", "请换一个 U 盘重新导出"),
    ),
    Problem.ENCODING: (
        ("its user number is neither UTF-8 nor GB18030", "用户号既不是 UTF-8 也不是 GB18030"),
        ("save the file as UTF-8, or set the terminal's language and export again", "请将文件另存为 UTF-8，或在考勤机上设置语言后重新导出"),
    ),
    Problem.NO_USER: (
        ("it names no user", "没有用户号"),
        ("look at the terminal's own record of that time", "请在考勤机上查看该时间的记录"),
    ),
    Problem.LONG_USER: (
        ("its user number is longer than any terminal's", "用户号比任何考勤机的都长"),
        ("export the log again", "请重新导出"),
    ),
    Problem.NO_TIME: (
        ("its time is not written year-month-day hours:minutes:seconds", "时间不是“年-月-日 时:分:秒”的写法"),
        ("set the terminal's date format to YYYY-MM-DD and export again", "请将考勤机的日期格式设为 YYYY-MM-DD 后重新导出"),
    ),
    Problem.NO_SECONDS: (
        ("its time has no seconds", "时间没有秒"),
        ("export from the terminal itself: another program has cut the seconds off", "请直接从考勤机导出：其他程序去掉了秒"),
    ),
    Problem.TWELVE_HOURS: (
        ("its time counts to twelve only", "时间是十二小时制"),
        ("set the terminal to 24 hours and export again", "请将考勤机设为 24 小时制后重新导出"),
    ),
    Problem.DAY_FIRST: (
        ("nobody can tell its day from its month", "无法分辨日和月"),
        ("set the terminal's date format to YYYY-MM-DD and export again", "请将考勤机的日期格式设为 YYYY-MM-DD 后重新导出"),
    ),
    Problem.CUT: (
        ("the file ends in the middle of it", "文件在此行中间结束"),
        ("export the log again, and wait until the terminal says that it is done", "请重新导出，并等考勤机提示完成后再拔出 U 盘"),
    ),
    Problem.OTHER_DEVICE: (
        ("it is of another device number", "属于其他设备号"),
        ("take it in as a file of that terminal", "请作为那台考勤机的文件导入"),
    ),
    Problem.IMPOSSIBLE: (
        ("no calendar has its date or time", "日历上没有这个日期或时间"),
        ("it waits in quarantine at the server; look at the terminal's battery", "已放入服务器的隔离区；请检查考勤机的电池"),
    ),
    Problem.FUTURE: (
        ("it lies more than a day ahead", "时间比现在晚一天以上"),
        ("it waits in quarantine at the server; set the terminal's clock", "已放入服务器的隔离区；请校准考勤机时钟"),
    ),
    Problem.PAST: (
        ("it is older than 400 days", "早于 400 天之前"),
        ("it waits in quarantine at the server, where it can be let in", "已放入服务器的隔离区，可在那里放行"),
    ),
}

REFUSALS: dict[Refusal, tuple[Words, Words]] = {
    Refusal.EMPTY: (("The file is empty", "文件是空的"), ("Export the log again.", "请重新导出。")),
    Refusal.NO_LOG: (
        ("No line of it is a punch", "其中没有一行是打卡记录"),
        (
            "Choose the file whose name ends in _attlog.dat; a binary log of an old terminal cannot be read.",
            "请选择名称以 _attlog.dat 结尾的文件；老式考勤机的二进制日志无法读取。",
        ),
    ),
    Refusal.USER_LIST: (
        ("This is the terminal's list of users, not its log", "这是考勤机的用户名单，不是打卡日志"),
        ("Choose the file whose name ends in _attlog.dat.", "请选择名称以 _attlog.dat 结尾的文件。"),
    ),
    Refusal.OTHER_TERMINAL: (
        ("It is of another terminal", "它属于另一台考勤机"),
        ("Choose that terminal, or rename the file where its name is wrong.", "请选择那台考勤机；如文件名有误，请改名。"),
    ),
    Refusal.SEVERAL_DEVICES: (
        ("It holds punches of several device numbers", "其中有多个设备号的打卡记录"),
        ("Say which device number is this terminal's, or that all of them are.", "请指明哪个设备号属于这台考勤机，或确认全部都是。"),
    ),
    Refusal.MOSTLY_DOUBTFUL: (
        ("More of its lines are no punches than are", "不是打卡记录的行多于打卡记录"),
        ("Export the log again; the first lines of the list say what is wrong.", "请重新导出；列表中前几行说明了问题。"),
    ),
    Refusal.TOO_LARGE: (
        ("It is larger than any terminal's log", "它比任何考勤机的日志都大"),
        ("Choose another file.", "请选择其他文件。"),
    ),
    Refusal.UNREADABLE: (("It cannot be read", "无法读取"), ("Copy it from the stick again.", "请从 U 盘重新复制。")),
    Refusal.UNKNOWN_TERMINAL: (
        ("No such terminal is known here", "这里没有这台考勤机"),
        ("Choose one of the list, or say that it is a new one.", "请从列表中选择，或说明它是新的。"),
    ),
}


def problem_words(problem: Problem, *, chinese: bool) -> tuple[str, str]:
    """What is wrong, and what to do."""
    what, mend = PROBLEMS[problem]
    return what[chinese], mend[chinese]


def refusal_words(refusal: Refusal, shown: str, *, chinese: bool) -> str:
    """Two sentences: what is wrong, with what shows it, and what to do."""
    what, mend = REFUSALS[refusal]
    if chinese:
        return f"{what[1]}{f'（{shown}）' if shown else ''}。{mend[1]}"
    return f"{what[0]}{f' ({shown})' if shown else ''}. {mend[0]}"
