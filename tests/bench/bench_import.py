"""What an import of 10,000 people costs, from the workbook to the last row, and undoing it. Goal: 20 s; an import makes no sign-ins.

Processor time of this process, because the machine is shared.
"""

import io
import time
from datetime import UTC, date, datetime

from xlsxwriter import Workbook

from server.access.model import Permission
from server.hr.imports import actions as imports, jobs
from server.migrations import migrate
from server.storage import Database
from server.storage.vault import KEY_BYTES, Vault
from tests.bench.machine import scratch
from tests.bench.row import Row
from tests.support.company import TESTER, found_company
from tests.support.jobs import do_all

PEOPLE, GOAL_S = 10_000, 20
EVERYTHING = frozenset(str(one) for one in Permission)
HEADING = ("工号", "姓名", "部门", "站点", "考勤号", "生效日期", "入职日期", "上级工号", "手机号", "出生日期", "性别")
SURNAMES, NAMES = "赵钱孙李周吴郑王冯陈褚卫", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂"


def run(people: int = PEOPLE) -> list[Row]:
    with scratch() as folder:
        database = Database(f"sqlite:///{folder / 'bench.sqlite'}", Vault(bytes(KEY_BYTES)))
        database.make_file()
        migrate(database)
        found_company(database)
        begun = time.process_time()
        with database.writing() as uow:
            key = imports.receive(uow, "staff.xlsx", _workbook(people), "", EVERYTHING, TESTER, datetime.now(UTC))
        do_all(database, jobs.kinds(database, imports.nothing_enrolled))
        looked = time.process_time()
        with database.writing() as uow:
            imports.ask_to_store(uow, key, TESTER, datetime.now(UTC))
        do_all(database, jobs.kinds(database, imports.nothing_enrolled))
        stored = time.process_time()
        with database.reading() as uow:
            counts = imports.find_import(uow, key).counts
            assert counts["new"] == people, counts
        with database.writing() as uow:
            imports.undo(uow, key, "bench", TESTER, datetime.now(UTC))
        undone = time.process_time()
        database.close()
    return [
        Row(
            f"a workbook of {people:,} people, looked at (processor time)",
            looked - begun,
            "s",
            "goal",
            GOAL_S,
            GOAL_S / (looked - begun),
            1,
        ),
        Row("the same stored", stored - looked, "s", "goal", GOAL_S, GOAL_S / (stored - looked), 1),
        Row("the same undone", undone - stored, "s", "goal", GOAL_S, GOAL_S / (undone - stored), 1),
    ]


def _workbook(people: int) -> bytes:
    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet("员工"), book.add_format({"num_format": "yyyy/m/d"})
        sheet.write_row(0, 0, HEADING)
        for one in range(people):
            name = SURNAMES[one % 12] + NAMES[one // 12 % 22] + NAMES[one // 264 % 22]
            manager = f"N{one // 20:05}" if one >= 20 else ""
            cells = (f"N{one:05}", name, "RND" if one % 2 else "PROD", "hq", 10_000 + one)
            sheet.write_row(one + 1, 0, cells)
            sheet.write_datetime(one + 1, 5, date(2026, 1, 5), day)
            sheet.write_row(
                one + 1,
                6,
                (f"2024年{one % 12 + 1}月1日", manager, f"138{one:08}", f"19{60 + one % 40}/1/{one % 28 + 1}", "男" if one % 2 else "女"),
            )
    return buffer.getvalue()
