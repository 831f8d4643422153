"""What a page costs the server with a million punches behind it, beside a constant JSON answer of the same process.

The real application, asked in its own process by an account that may see everything; pages take turns, so that noise hits all alike.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from clockbridge.server_setup import Plan, set_up
from protocol.identifiers import EdgeId, TerminalUser
from protocol.instants import pack_moment
from protocol.signing import Signer
from server.attendance import actions as attendance
from server.attendance.model import NewPunch
from server.directory import actions as directory
from server.fleet import actions as fleet
from server.storage import Database, to_microseconds
from server.wiring import build_pages
from tests.bench.asking import ask, rows_of
from tests.bench.machine import scratch
from tests.bench.row import Row
from tests.support.company import FIRST_DAY, TESTER

PUNCHES, PEOPLE, DEPARTMENTS, SITES, TERMINALS_A_SITE = 1_000_000, 2_000, 20, 2, 5
CHUNK = 50_000
ZONE = ZoneInfo("Asia/Shanghai")


def run() -> list[Row]:
    with scratch() as folder:
        settings = set_up(folder / "server.toml", Plan()).settings
        database = Database(settings.resolved_database_url)
        pages = _fill(database)
        app = build_pages(settings)
        taken = ask(app, database, pages)
        database.close()
    return rows_of(taken)


def _fill(database: Database) -> dict[str, str]:
    """Half a year and more of a company where everybody punches twice a day, until today; gives what is asked, by its name."""
    now = datetime.now(UTC)
    terminals: list[list[int]] = []
    with database.writing() as uow:
        units = [directory.add_department(uow, f"D{number}", f"部门{number}", TESTER, now).id for number in range(DEPARTMENTS)]
        zones, sites = [], []
        for number in range(SITES):
            site = fleet.add_site(uow, f"site-{number}", f"厂区{number}", "Asia/Shanghai", TESTER, now)
            fleet.add_edge(uow, EdgeId(f"edge-{number}"), site.code, Signer.from_seed(bytes([number]) * 32).verifier, TESTER, now)
            names = [f"PAGE{number}{place}" for place in range(TERMINALS_A_SITE)]
            terminals.append(
                [fleet.add_terminal(uow, name, name, site.code, TESTER, now, edge=EdgeId(f"edge-{number}")).id for name in names]
            )
            sites.append(site)
            zones.append(fleet.own_zone(uow, site))
        for number in range(PEOPLE):
            place = number % SITES
            unit = units[number % DEPARTMENTS]
            person = directory.add_person(
                uow, f"P{number:04}", f"员工{number:04}", TESTER, now, department_id=unit, site_id=sites[place].id
            )
            directory.enrol(uow, person.id, zones[place].id, str(1001 + number), FIRST_DAY, TESTER, now)
    _punch(database, terminals, now.astimezone(ZONE).date())
    return {
        "/": "/",
        "/punches": "/punches",
        "/punches, a page further on": "/punches?after=" + f"{pack_moment(now.replace(tzinfo=None) - timedelta(days=90))}-1",
        "/punches, one person's name": "/punches?text=员工0123",
        "/punches, a part of many names": "/punches?text=员工",
        "/punches, a name that nobody has": "/punches?text=nobody",
        "/punches, a department": f"/punches?department={units[3]}",
        "/punches, a terminal": f"/punches?terminal={terminals[0][0]}",
        "/terminals": "/terminals",
    }


def _punch(database: Database, terminals: list[list[int]], today: date) -> None:
    days = PUNCHES // (PEOPLE * 2)
    chunk: list[NewPunch] = []
    sequence = 0
    for day in (today - timedelta(days=ago) for ago in reversed(range(days))):
        for hour in (8, 18):
            for number in range(PEOPLE):
                sequence += 1
                moment = datetime(day.year, day.month, day.day, hour) + timedelta(seconds=number)
                chunk.append(_new_punch(moment, terminals[number % SITES][number // SITES % TERMINALS_A_SITE], number, sequence))
        if len(chunk) >= CHUNK:
            _record(database, chunk)
            chunk = []
    _record(database, chunk)


def _record(database: Database, chunk: list[NewPunch]) -> None:
    with database.writing() as uow:
        attendance.record_punches(uow, chunk, datetime.now(UTC))


def _new_punch(moment: datetime, terminal: int, number: int, sequence: int) -> NewPunch:
    received = to_microseconds(moment.replace(tzinfo=ZONE))
    user, body = TerminalUser(str(1001 + number)), bytes(300)
    return NewPunch(pack_moment(moment), terminal, user, received, 120, 1, 0, "zk-pull", number % SITES + 1, 1, sequence, False, body)
