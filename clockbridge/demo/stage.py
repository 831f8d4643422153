"""Everything the demo needs before anything runs: a server with a company in it, edge kits, the terminals' pasts."""

import secrets
import socket
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from clockbridge.demo import company, terminals
from clockbridge.demo.asked import MENDED, ask_for_things
from clockbridge.demo.careers import careers_of
from clockbridge.demo.company import Person
from clockbridge.demo.duties import add_pay_group, days_off, make_rosters, make_rules
from clockbridge.demo.granted import grant_the_past
from clockbridge.demo.handed_in import hand_in_a_workbook
from clockbridge.demo.hiring import Staff, hire_everybody
from clockbridge.demo.history import OUT, PastPunch, punches_of
from clockbridge.demo.records import keep_records
from clockbridge.demo.signins import WORKER, give_sign_ins
from clockbridge.demo.terminals import CAPTURED_PUNCHES, F19, TERMINALS, ZEM500, DemoTerminal
from clockbridge.server_setup import Plan, make_kit, set_up
from protocol.identifiers import EdgeId
from server.access.actions import generate_password, hash_password
from server.attendance import actions as attendance
from server.audit.model import Actor
from server.fleet import actions as fleet
from server.settings import ServerSettings
from server.storage import UnitOfWork
from server.wiring import build_database

DEMO = Actor("demo")
ZONE = ZoneInfo("Asia/Shanghai")
HISTORY_DAYS = 90
USB_DAYS = 30
USB_PEOPLE = 12
PORTS = range(20_000, 32_768)

TERMINAL_BLOCK = """
[[terminals]]
name = "{name}"
host = "127.0.0.1"
port = {port}
transport = "{transport}"
key = {key}
poll_seconds = 5
expected_serial = "{serial}"
"""

FOLDER_BLOCK = """
[[drop_folders]]
path = "usb"
terminal_serial = "{serial}"
poll_seconds = 1
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """What was made. password: the administrator's; given: of the accounts of `signins`. ports: of the terminals, by serial number.

    usb_held: distinct punches in the USB export.
    """

    folder: Path
    settings: ServerSettings
    settings_file: Path
    password: str
    given: str
    ports: dict[str, int]
    usb_held: int

    def past_of(self, terminal: DemoTerminal) -> Path:
        return self.folder / f"{terminal.serial}.jsonl"

    def kit_of(self, site: company.Site) -> Path:
        return self.folder / site.edge / "edge.toml"


def set_the_stage(folder: Path, web_port: int, relay_ports: dict[str, int], broker_port: int, now: datetime) -> Stage:
    """Make it all in an empty folder. relay_ports: where each site's edge finds the broker, by site code."""
    settings_file = folder / "server.toml"
    plan = Plan(company="云桥科技", web_port=web_port, broker_port=broker_port, workers=2)
    made = set_up(settings_file, plan)
    assert made.password is not None, "the folder was empty"
    people, given = company.hire(), generate_password()
    everybody = (*TERMINALS, ZEM500, F19)
    ports = {terminal.serial: free_port() for terminal in everybody}
    punches = _fill(made.settings, folder, people, given, relay_ports, ports, now)
    usb_held = _write_pasts(folder, people, punches, now)
    return Stage(folder, made.settings, settings_file, made.password, given, ports, usb_held)


def _fill(
    settings: ServerSettings,
    folder: Path,
    people: Sequence[Person],
    given: str,
    relays: dict[str, int],
    ports: dict[str, int],
    now: datetime,
) -> list[PastPunch]:
    """Everything the server knows from the beginning; returns the punches that terminals hold, which go by the company's calendar."""
    database = build_database(settings)
    with database.writing() as uow:
        for site in company.SITES:
            fleet.add_site(uow, site.code, site.name, "Asia/Shanghai", DEMO, now)
    for site in company.SITES:
        kit = make_kit(settings, site.edge, site.code, folder / site.edge)
        _complete_kit(kit, site.code, settings.broker.port, relays[site.code], ports)
    with database.writing() as uow:
        for terminal in (*TERMINALS, ZEM500, F19):
            _add_terminal(uow, terminal.serial, terminal.name, terminal.site, now)
        _add_terminal(uow, terminals.USB_SERIAL, terminals.USB_NAME, terminals.USB_SITE, now)
        usb = next(one.terminal.id for one in fleet.list_terminals(uow) if one.terminal.serial == terminals.USB_SERIAL)
        attendance.accept_silence(uow, usb, now, DEMO, now, "离线考勤机，每月用 U 盘导出一次")
        group = add_pay_group(uow, DEMO, now)
        staff = hire_everybody(uow, people, careers_of(people, now.astimezone(ZONE).date()), group, DEMO, now)
        punches, forgotten = _make_attendance(uow, staff, now)
        give_sign_ins(uow, staff.keys, {one.employee_number: one.name for one in people}, hash_password(given), DEMO, now)
        keep_records(uow, staff, DEMO, now)
        ask_for_things(uow, staff, forgotten, DEMO, now)
        hand_in_a_workbook(uow, DEMO, now)
    database.close()
    return punches


def _add_terminal(uow: UnitOfWork, serial: str, name: str, site_code: str, now: datetime) -> None:
    edge = next(site.edge for site in company.SITES if site.code == site_code)
    fleet.add_terminal(uow, serial, name, site_code, DEMO, now, edge=EdgeId(edge))


def _make_attendance(uow: UnitOfWork, staff: Staff, now: datetime) -> tuple[list[PastPunch], date]:
    """The punches that terminals hold, and the day of which two people have none out."""
    until = now.astimezone(ZONE).replace(tzinfo=None)
    first = until.date() - timedelta(days=HISTORY_DAYS)
    since = {key: staff.since(key) for key in staff.people}
    make_rosters(uow, staff.people, since, DEMO, now)
    make_rules(uow, staff.units, first, DEMO, now)
    calendar = days_off(uow, {first.year, until.year})
    here = {one.user: since[key] for key, one in staff.people.items()}
    punches = [one for one in punches_of(staff.people.values(), until, calendar, HISTORY_DAYS) if one.at.date() >= here[one.user]]
    forgetful = {number.removeprefix("CB") for number in (WORKER, MENDED)}
    forgotten = _last_full_day(punches, forgetful, until.date())
    punches = [one for one in punches if not (one.user in forgetful and one.at.date() == forgotten and one.state == OUT)]
    grant_the_past(uow, staff.people, punches, calendar, ZONE, {key: max(first, day) for key, day in since.items()}, DEMO, now)
    return punches, forgotten


def _last_full_day(punches: Sequence[PastPunch], users: set[str], before: date) -> date:
    """The last day before another on which all of these came and went."""
    seen = Counter(one.at.date() for one in {(one.user, one.at.date(), one.state): one for one in punches if one.user in users}.values())
    return max(day for day, times in seen.items() if day < before and times == 2 * len(users))


def _complete_kit(kit: Path, site: str, broker_port: int, relay_port: int, ports: dict[str, int]) -> None:
    """Lead the edge through the relay, which can be cut, and name its terminals."""
    text = "health_seconds = 1\n" + kit.read_text(encoding="utf-8").replace(f"port = {broker_port}", f"port = {relay_port}", 1)
    for terminal in (*TERMINALS, ZEM500, F19):
        if terminal.site == site:
            text += TERMINAL_BLOCK.format(
                name=terminal.name, port=ports[terminal.serial], transport=terminal.transport, key=terminal.key, serial=terminal.serial
            )
    if site == terminals.USB_SITE:
        text += FOLDER_BLOCK.format(serial=terminals.USB_SERIAL)
    kit.write_text(text, encoding="utf-8")


def _write_pasts(folder: Path, people: Sequence[Person], punches: Sequence[PastPunch], now: datetime) -> int:
    until = now.astimezone(ZONE).replace(tzinfo=None)
    for terminal in TERMINALS:
        terminals.write_past(folder / f"{terminal.serial}.jsonl", terminal, terminals.users_of(terminal, people), punches)
    for terminal in (ZEM500, F19):
        terminals.write_captured(folder / f"{terminal.serial}.jsonl", terminal)
    edge = next(site.edge for site in company.SITES if site.code == terminals.USB_SITE)
    drop = folder / edge / "usb"
    drop.mkdir()
    at_hq = [person for person in people if person.site == terminals.USB_SITE][:USB_PEOPLE]
    recent = [punch for punch in punches if punch.at > until - timedelta(days=USB_DAYS)]
    return terminals.write_usb(drop / "1_attlog.dat", at_hq, recent)


def captured_event() -> tuple[str, str]:
    """User and time of the event that the F19 was captured sending."""
    from protocol.instants import show_wall

    punch = CAPTURED_PUNCHES[F19.serial]
    return punch.user, show_wall(punch.wall)


def free_port() -> int:
    """A port on which nobody listens, for TCP and UDP alike, and which no other process is given as long as this one lives.

    None of those that the system gives to outgoing lines: it stays free. Whoever takes one holds a name on this machine that tells so.
    """
    while True:
        port = secrets.choice(PORTS)
        with (
            suppress(OSError),
            socket.socket() as stream,
            socket.socket(type=socket.SOCK_DGRAM) as datagram,
            socket.socket(socket.AF_UNIX) as sign,
        ):
            stream.bind(("127.0.0.1", port))
            datagram.bind(("127.0.0.1", port))
            sign.bind(f"\0clockbridge-port-{port}")
            sign.detach()  # held until we end; the kernel frees the name then
            return port
