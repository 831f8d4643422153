"""What a probe's finding means and what to do next, and why something was not written, in both languages."""

from edge.devices.driver import WriteProblem
from edge.devices.zkteco.discovery import Finding

FINDINGS: dict[Finding, tuple[str, str, str, str]] = {
    Finding.TERMINAL: (
        "A terminal that Clockbridge can read.",
        "可以读取的考勤终端。",
        "Read its log once with `clockbridge terminal read`, then add it to the edge's settings.",
        "先用 `clockbridge terminal read` 读一次，再写进边缘网关的设置。",
    ),
    Finding.WRONG_KEY: (
        "A terminal, but the communication key is wrong.",
        "是考勤终端，但通讯密码不对。",
        "Look it up at the terminal (menu: Comm., PC connection, Comm key), then try again with --key.",
        "在终端上查看（菜单：通讯设置、PC 连接、通讯密码），再用 --key 重试。",
    ),
    Finding.BUSY: (
        "Something there closes each connection at once: probably a terminal that another program holds.",
        "对方一接通就断开：多半是终端正被别的程序占用。",
        "End the other program that reads this terminal (attendance software, another edge), wait a minute, try again.",
        "关掉正在读取这台终端的其他程序（考勤软件、另一台边缘网关），等一分钟再试。",
    ),
    Finding.ACCESS_PANEL: (
        "An access control panel (C3/inBio family), which speaks another protocol.",
        "是门禁控制器（C3/inBio 系列），协议不同。",
        "Clockbridge does not read access panels; use the terminal at the door, if there is one.",
        "Clockbridge 不读取门禁控制器；请改用门口的考勤终端。",
    ),
    Finding.PUSH_ONLY: (
        "The pull port is closed, but a web page is open: probably a unit that pushes its punches.",
        "拉取端口关闭，但网页端口开放：多半是主动上传（推送）的机型。",
        "Switch on the pull service (menu: Comm., TCP port 4370), or wait for the push driver.",
        "在终端上打开拉取服务（通讯设置，TCP 端口 4370），或等待推送驱动。",
    ),
    Finding.NO_ZK_ANSWER: (
        "Something is there, but it does not answer as a ZKTeco terminal does.",
        "有设备，但没有按 ZKTeco 协议回答。",
        "Check the address and port; try --udp (or without it), as older units answer on UDP only; end other programs that read it.",
        "检查地址和端口；换用或去掉 --udp 再试，老机型只认 UDP；并关掉正在读取它的其他程序。",
    ),
    Finding.PULL_REFUSED: (
        "A terminal, but it refuses to be read this way, as some new firmware does.",
        "是考勤终端，但拒绝以拉取方式读取，部分新固件会这样。",
        "Look in its menu (Comm.) for a pull service or SDK connection; else it can only push. Send us what `probe --report` prints.",
        "在终端菜单的通讯设置里找拉取服务或 SDK 连接；没有的话它只能推送。请把 `terminal probe --report` 的输出发给我们。",
    ),
    Finding.LINE_BROKEN: (
        "A terminal, but the line to it breaks while it is asked.",
        "是考勤终端，但询问时连接中断。",
        "Try again; if it goes on, check cable, switch and VPN, and whether another program reads it at the same time.",
        "请重试；如果一直这样，检查网线、交换机和 VPN，以及是否有别的程序同时读取。",
    ),
    Finding.PORT_CLOSED: (
        "The machine is there, but the port is closed.",
        "主机在，但端口关闭。",
        "Check the port (4370 is usual) and that the terminal's network service is on.",
        "检查端口（通常是 4370），并确认终端的网络服务已打开。",
    ),
    Finding.NO_ROUTE: (
        "Nothing answers at this address.",
        "这个地址没有任何回应。",
        "Check power, cable and address (terminal menu: Ethernet), and that this machine is on the terminal's network.",
        "检查电源、网线和地址（终端菜单：以太网），并确认本机与终端在同一网络。",
    ),
}

PROBLEMS: dict[WriteProblem, tuple[str, str]] = {
    WriteProblem.FULL: ("The terminal is full: delete somebody first.", "终端已满：请先删除一些用户。"),
    WriteProblem.REFUSED: ("The terminal refuses.", "终端拒绝执行。"),
    WriteProblem.NOT_KEPT: (
        "The terminal acknowledged, but what was read back is something else: try again, or look at the terminal.",
        "终端已应答，但读回的内容不一致：请重试，或到终端上查看。",
    ),
    WriteProblem.READS_ONLY: ("This driver only reads.", "该驱动只能读取。"),
    WriteProblem.UNKNOWN_COMMAND: ("This terminal does not know the command.", "该终端不支持此命令。"),
    WriteProblem.TABLE_UNCLEAR: (
        "The terminal's table cannot be made sense of, so nothing was changed.",
        "无法识别终端的数据表，未作任何更改。",
    ),
    WriteProblem.NO_SUCH_USER: ("The terminal has no such user.", "终端上没有该用户。"),
    WriteProblem.NUMBER: ("This terminal cannot hold such a user number.", "该终端不能保存这样的设备用户号。"),
    WriteProblem.PASSWORD: ("The password is too long for this terminal, or not plain ASCII.", "密码对该终端过长，或含非 ASCII 字符。"),
    WriteProblem.CARD: ("A card number has digits only, up to 4294967295.", "卡号只能是数字，最大 4294967295。"),
    WriteProblem.GROUP: ("A group is a number from 0 to 255.", "组号为 0 到 255 的数字。"),
    WriteProblem.VERIFY: ("A verification style is 0 or 128 to 142.", "验证方式为 0 或 128 到 142。"),
    WriteProblem.ALGORITHM: (
        "The templates are of another algorithm than the terminal's.",
        "特征模板的算法与终端不同。",
    ),
    WriteProblem.TEMPLATE: ("This is no finger, or no template of one.", "手指编号或指纹模板无效。"),
    WriteProblem.MOMENT: ("A terminal's clock shows the years 2000 to 2133.", "终端时钟只能显示 2000 至 2133 年。"),
    WriteProblem.SECONDS: ("A door opens for 0.1 to 25.4 seconds.", "开门时间为 0.1 到 25.4 秒。"),
    WriteProblem.LOG_NOT_READ: ("The log was not read whole, so it is not cleared.", "打卡记录没有完整读取，因此不清除。"),
    WriteProblem.LOG_CHANGED: ("The log is no longer what was read, so it is not cleared.", "打卡记录与读取时不同，因此不清除。"),
}
