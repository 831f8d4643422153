"""A small company in a database: one site with an edge and two terminals, people with enrolments."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from protocol.identifiers import EdgeId, TerminalUser
from protocol.instants import WallTime
from protocol.signing import Verifier
from server.attendance.model import NewPunch
from server.audit.model import Actor
from server.directory.actions import add_department, add_person, enrol
from server.fleet.actions import add_edge, add_site, add_terminal, own_zone
from server.storage import Database, to_microseconds

TESTER = Actor("tester", "request-1")
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
FIRST_DAY = date(2020, 1, 1)


@dataclass(frozen=True)
class Company:
    """Ids by what they are called: terminals T1 and T2, people by employee number."""

    site: int
    zone: int
    edge: int
    terminals: dict[str, int]
    departments: dict[str, int]
    people: dict[str, int]


def found_company(database: Database, people: int = 3) -> Company:
    """People A1, A2, … with the terminal users 1, 2, …; odd ones in department RND, even ones in PROD."""
    with database.writing() as uow:
        site = add_site(uow, "hq", "上海总部", "Asia/Shanghai", TESTER, NOW)
        edge = add_edge(uow, "edge-hq", "hq", Verifier(bytes(32)), TESTER, NOW)
        terminals = {name: add_terminal(uow, name, f"门 {name}", "hq", TESTER, NOW, edge=EdgeId("edge-hq")).id for name in ("T1", "T2")}
        zone = own_zone(uow, site)
        units = {code: add_department(uow, code, name, TESTER, NOW).id for code, name in (("RND", "研发部"), ("PROD", "生产部"))}
        found = {}
        for number in range(1, people + 1):
            unit = units["RND" if number % 2 else "PROD"]
            name = ("王伟", "李娜", "张敏")[number - 1] if number <= 3 else f"员工{number}"
            person = add_person(uow, f"A{number}", name, TESTER, NOW, department_id=unit, site_id=site.id)
            enrol(uow, person.id, zone.id, str(number), FIRST_DAY, TESTER, NOW)
            found[person.employee_number] = person.id
    return Company(site.id, zone.id, edge.id, terminals, units, found)


def new_punch(
    company: Company, wall: int, user: str, sequence: int, *, terminal: str = "T1", epoch: int = 1, live: bool = False
) -> NewPunch:
    """A punch as ingest hands it over."""
    return NewPunch(
        wall=WallTime(wall),
        terminal_id=company.terminals[terminal],
        terminal_user=TerminalUser(user),
        received_us=to_microseconds(NOW),
        drift_ms=-1500,
        verify=1,
        state=0,
        source="zk-live",
        edge_id=company.edge,
        epoch_id=epoch,
        sequence=sequence,
        live=live,
        body=b'{"n":%d}' % sequence,
    )
