"""The sheet of leave balances: what somebody has left on a day."""

from datetime import date, datetime

from server.access.model import Permission
from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.actions.imports import Column
from server.directory.model import ImportReport
from server.hr.imports.actions.kinds.kind import Kind
from server.hr.imports.actions.kinds.rows import Rows
from server.hr.imports.engine.sheets import Lines
from server.hr.leave import actions as leave
from server.hr.leave.model import Unit
from server.storage import UnitOfWork

COLUMNS = (
    Column("employee_number", ("employee number", "工号", "员工编号"), needed=True),
    Column("kind", ("kind of leave", "假期类型", "假别", "假种"), needed=True),
    Column("balance", ("balance", "余额", "剩余", "剩余天数"), needed=True),
    Column("day", ("as of", "截至日期", "日期"), needed=True),
    Column("last_day", ("usable until", "有效期至", "有效期")),
)
REASON = "import"


def take_balances(uow: UnitOfWork, lines: Lines, by: Actor, now: datetime) -> ImportReport:
    """Set opening balances, in days or in hours as the kind of leave is counted."""
    rows = Rows(uow, lines, COLUMNS)
    work = rows.work
    kinds = [one for one in leave.leave_types(uow, directory.today_of(uow, now)) if one.limited]
    words = {word.casefold(): one for one in kinds for word in (one.code, one.terms.name_en, one.terms.name_zh)}
    seen: dict[tuple[int, str], int] = {}
    for row, who in rows.people("kind", "balance", "day"):
        kind, amount = rows.one_of(row, "kind", words), rows.number(row, "balance")
        day, last = rows.day(row, "day"), rows.day(row, "last_day")
        if kind is None or amount is None or day is None:
            continue
        if (who.id, kind.code) in seen:
            work.find(row, "kind", "the same is in row {other}", "delete one of the rows", other=seen[who.id, kind.code])
            continue
        seen[who.id, kind.code] = row.number
        minutes = int((amount * (60 if kind.unit is Unit.HOUR else kind.terms.standard_day_minutes)).to_integral_value())
        if leave.balance_on(uow, who.id, kind.code, day).available == minutes:
            work.note(row, who.employee_number, {"kind": kind.code}, {})
            continue

        def open_it(one: int = who.id, code: str = kind.code, left: int = minutes, on: date = day, until: date | None = last) -> None:
            leave.set_opening(uow, one, code, left, on, REASON, by, now, last_day=until)

        if rows.attempt(row, "balance", open_it):
            work.note(row, who.employee_number, None, {"kind": kind.code, "balance": str(amount), "day": day, "last_day": last})
    return work.report()


KIND = Kind(
    "balances",
    "Leave balances",
    ("Leave balances", "假期余额", "年假余额"),
    COLUMNS,
    take_balances,
    {
        "en": (("0001", "annual", "7.5", "2026-12-31", ""), ("0002", "annual", "5", "2026-12-31", "")),
        "zh": (("0001", "年休假", "7.5", "2026-12-31", ""), ("0002", "年休假", "5", "2026-12-31", "")),
    },
    days=frozenset({"day", "last_day"}),
    permissions=frozenset({Permission.CHANGE_LEAVE}),
    beside=("leave_movement", "leave_settings"),
)
