"""What to try in the demo, step by step: as whom, what, and where. The control page shows it with links."""

from dataclasses import dataclass

from clockbridge.demo.scene import Words


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing to try. login: the account to sign in with. address: the page where it begins."""

    login: str
    title: Words
    does: Words
    address: str


TOUR = (
    Stop(
        "worker",
        Words("Ask for a correction", "申请补卡"),
        Words(
            "Yesterday or the day before has no punch out. My day offers the correction: three taps, best on a phone.",
            "最近一个工作日缺下班卡。在“我的一天”点“申请更正”，三步完成，适合用手机试。",
        ),
        "/me",
    ),
    Stop(
        "supervisor",
        Words("Approve it", "审批"),
        Words(
            "It waits among others, some of them for a colleague on leave. One tap approves; then open the day: it is right and says why.",
            "它和其他申请一起等待审批，其中有替休假同事代审的。点一下即通过；再看那一天：已经更正并说明原因。",
        ),
        "/approvals",
    ),
    Stop(
        "hr",
        Words("Mend an import", "改正导入"),
        Words(
            "A list of new people has mistakes. Each names its cell and the mend; take the file marked, mend it, hand it in again.",
            "一份新员工名单里有几处错误，每处都标出单元格和改法；下载标注文件，改好后重新导入。",
        ),
        "/imports",
    ),
    Stop(
        "hr",
        Words("Say whose number it is", "认领设备用户号"),
        Words(
            "Somebody was hired and punches, but whose number is that? Accept the suggestion: the punches kept back become days.",
            "有新员工已在打卡，但还没有登记号码。接受建议，隔离的打卡就会变成考勤。",
        ),
        "/enrolments",
    ),
    Stop(
        "hr",
        Words("See what waits in the records", "档案待办"),
        Words(
            "Contracts and probations that end, certificates that expire, a birthday, records that lack something.",
            "即将到期的合同和试用期、证件、生日，以及缺资料的档案。",
        ),
        "/staff/waiting",
    ),
    Stop(
        "hr",
        Words("Look at the company as of a date", "按日期看组织"),
        Words(
            "The chart of managers and departments; go back two months, and two people are elsewhere.",
            "按上级或部门展开的组织图；把日期改到两个月前，有两个人在别的部门。",
        ),
        "/org",
    ),
    Stop(
        "hr",
        Words("Change who approves", "修改审批流程"),
        Words(
            "Leave of more than three days goes to HR, too. Ask the flow who would approve something before you publish a change.",
            "三天以上的请假还要人事审批。发布修改前，可先试算由谁审批。",
        ),
        "/flows",
    ),
    Stop(
        "auditor",
        Words("Follow the trail", "查看审计留痕"),
        Words(
            "Every change and every look at an ID number: who, when, before, after and why.",
            "每次修改、每次查看证件号码：谁、何时、改前、改后、原因。",
        ),
        "/audit",
    ),
    Stop(
        "it",
        Words("See the whole fleet at one glance", "一眼看清全部设备"),
        Words(
            "Every site, edge and terminal as a table or tiles. Cut a network below: one edge needs you, and its terminals turn grey.",
            "所有站点、网关和考勤机，表格或图块。在下面断开一个站点的网络：只有一个网关要处理，它的考勤机变灰。",
        ),
        "/fleet",
    ),
    Stop(
        "it",
        Words("Look after terminals without names", "维护设备，看不到姓名"),
        Words(
            "IT sees terminals, edges and terminal numbers, and nobody's name. Cut a network below and watch the board.",
            "IT 只看到终端、网关和设备用户号，看不到姓名。在下面断开网络，再看看板。",
        ),
        "/board",
    ),
)
