"""The sheet of contracts."""

from datetime import datetime

from server.access.model import Permission
from server.audit.model import Actor
from server.directory.actions.imports import Column
from server.directory.model import ImportReport
from server.hr.imports.actions.kinds.kind import Kind
from server.hr.imports.actions.kinds.rows import Rows
from server.hr.imports.engine.sheets import Lines
from server.hr.staff import actions as staff
from server.hr.staff.model import ContractKind, ContractTerms
from server.storage import UnitOfWork

COLUMNS = (
    Column("employee_number", ("employee number", "工号", "员工编号"), needed=True),
    Column("kind", ("kind of contract", "合同类型", "合同期限类型"), needed=True),
    Column("first_day", ("first day", "合同开始日期", "开始日期", "生效日期"), needed=True),
    Column("last_day", ("last day", "合同结束日期", "结束日期", "到期日期")),
    Column("signed_on", ("signed on", "签订日期")),
    Column("signing_order", ("signing order", "第几次签订", "签订次数")),
    Column("probation_until", ("probation until", "试用期至", "试用期结束日期")),
    Column("task", ("task", "工作任务"), most=200),
)
WORDS = {
    word.casefold(): kind
    for kind, words in {
        ContractKind.FIXED: ("fixed", "固定期限", "固定"),
        ContractKind.OPEN_ENDED: ("open-ended", "无固定期限", "无固定"),
        ContractKind.TASK: ("task", "以完成一定工作任务为期限", "任务"),
    }.items()
    for word in words
}


def take_contracts(uow: UnitOfWork, lines: Lines, by: Actor, now: datetime) -> ImportReport:
    """Enter contracts; one that is there with the same kind and days stays as it is."""
    rows = Rows(uow, lines, COLUMNS)
    work = rows.work
    for row, who in rows.people("kind", "first_day"):
        kind = rows.one_of(row, "kind", WORDS)
        first, last, signed, probation = (rows.day(row, name) for name in ("first_day", "last_day", "signed_on", "probation_until"))
        order = rows.number(row, "signing_order")
        if order is not None and (order != int(order) or not 1 <= order <= 100):
            work.find(row, "signing_order", "{cell} is no number", "write 1, 2 or another whole number", cell=order)
        if kind is None or first is None or any(one.row == row.number for one in work.findings):
            continue
        held = [one for one in staff.contracts_of(uow, who.id) if one.in_force]
        shown = {"kind": kind.value, "first_day": first, "last_day": last}
        if any((one.terms.kind, one.terms.first_day, one.terms.last_day) == (kind, first, last) for one in held):
            work.note(row, who.employee_number, shown, {})
            continue
        counted = int(order) if order is not None else staff.next_signing_order(held)
        terms = ContractTerms(kind, first, last, probation, signed, counted, task=row.get("task") or "")

        def enter(one: int = who.id, what: ContractTerms = terms) -> None:
            staff.add_contract(uow, one, what, by, now)

        if rows.attempt(row, "first_day", enter):
            work.note(row, who.employee_number, None, shown | {"signing_order": counted})
    return work.report()


KIND = Kind(
    "contracts",
    "Contracts",
    ("Contracts", "合同", "劳动合同"),
    COLUMNS,
    take_contracts,
    {
        "en": (("0001", "open-ended", "2024-03-01", "", "2024-02-20", "1", "", ""),
               ("0002", "fixed", "2026-01-01", "2028-12-31", "2025-12-20", "1", "2026-03-31", "")),
        "zh": (("0001", "无固定期限", "2024-03-01", "", "2024-02-20", "1", "", ""),
               ("0002", "固定期限", "2026-01-01", "2028-12-31", "2025-12-20", "1", "2026-03-31", "")),
    },
    days=frozenset({"first_day", "last_day", "signed_on", "probation_until"}),
    permissions=frozenset({Permission.CHANGE_STAFF}),
    tables=("contract",),
)  # fmt: skip
