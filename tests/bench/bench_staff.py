"""What the list of the staff and a person's page cost the server with 10,000 people behind them, a third of whom changed their terms."""

import csv
import io
import random
from datetime import UTC, date, datetime, timedelta

from clockbridge.server_setup import Plan, set_up
from server.directory import actions as directory
from server.fleet import actions as fleet
from server.storage import Database
from server.wiring import build_pages
from tests.bench.asking import ask, rows_of
from tests.bench.machine import scratch
from tests.bench.row import Row
from tests.support.company import TESTER

PEOPLE, DEPARTMENTS, POSITIONS, SITES = 10_000, 60, 30, 4
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文辉力亮"
FIRST = date(2012, 1, 2)
COLUMNS = ("工号", "姓名", "部门编码", "站点编码", "岗位编码", "入职日期", "上级工号", "用工形式", "离职日期", "异动日期")


def run(people: int = PEOPLE) -> list[Row]:
    with scratch() as folder:
        settings = set_up(folder / "server.toml", Plan()).settings
        database = Database(settings.resolved_database_url)
        pages = _fill(database, people)
        taken = ask(build_pages(settings), database, pages)
        database.close()
    return rows_of(taken)


def _fill(database: Database, people: int) -> dict[str, str]:
    """A company where one in ten has left and one in three was transferred; gives what is asked, by its name."""
    now, chance = datetime.now(UTC), random.Random(7)
    today = now.date()
    with database.writing() as uow:
        for number in range(SITES):
            fleet.add_site(uow, f"site-{number}", f"厂区{number}", "Asia/Shanghai", TESTER, now)
        units: list[int] = []
        for number in range(DEPARTMENTS):
            above = units[number // 6] if number >= 6 else None
            units.append(directory.add_department(uow, f"D{number}", f"部门{number}", TESTER, now, parent_id=above).id)
        posts = [directory.add_position(uow, f"P{number}", f"岗位{number}", TESTER, now).id for number in range(POSITIONS)]
    rows = [_hired(number, chance, today) for number in range(people)]
    moved = [_moved(row, chance, today) for row in rows if not row[8] and chance.random() < 1 / 3]
    for table in (rows, moved):
        with database.writing() as uow:
            report = directory.import_people(uow, _file(table), TESTER, now)
            assert report.stored, report.findings[:3]
    recent = today - timedelta(days=400)
    return {
        "/people, 10,000 of them": "/people",
        "/people, everybody who ever was": "/people?state=all",
        "/people, by first day, the latest first": "/people?order=hired-last",
        "/people, a page further on by number": "/people?order=number&after=1-E05000",
        "/people, a name by its sound": "/people?text=wangwei",
        "/people, by initials": "/people?text=zmm",
        "/people, a name that nobody has": "/people?text=nobody",
        "/people, a department with those below": f"/people?department={units[0]}",
        "/people, several filters at once": f"/people?department={units[1]}&position={posts[3]}&kind=regular&hired_from={recent}",
        "/people, who left": "/people?state=left&order=hired-last",
        "/people, who manages them": "/people?manager=12",
        "/people, as of two years ago": f"/people?day={today - timedelta(days=730)}",
        "/departments": "/departments",
        "/org, by department": "/org",
        "/org, by manager, two levels open": "/org?by=manager&open=1,2,13,14",
        "a person's page": "/people/77",
        "a person's timeline": "/people/77/employment",
    }


def _hired(number: int, chance: random.Random, today: date) -> list[str]:
    name = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))
    first = FIRST + timedelta(days=chance.randrange((today - FIRST).days - 60))
    left = str(first + timedelta(days=chance.randrange(1, (today - first).days))) if chance.random() < 0.1 else ""
    kind = chance.choice(("全日制", "全日制", "全日制", "派遣", "实习"))
    manager = f"E{number // 12:05}" if number >= 12 else ""
    unit, post = f"D{chance.randrange(DEPARTMENTS)}", f"P{chance.randrange(POSITIONS)}"
    return [f"E{number:05}", name, unit, f"site-{chance.randrange(SITES)}", post, str(first), manager, kind, left, ""]


def _moved(row: list[str], chance: random.Random, today: date) -> list[str]:
    first = date.fromisoformat(row[5])
    day = first + timedelta(days=chance.randrange(1, (today - first).days))
    return [*row[:2], f"D{chance.randrange(DEPARTMENTS)}", row[3], f"P{chance.randrange(POSITIONS)}", "", "", "", "", str(day)]


def _file(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    return text.getvalue().encode()
