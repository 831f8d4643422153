"""A fleet of hundreds of terminals in a database, with everything that can be wrong with some of them; no process behind it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from protocol.identifiers import EdgeId
from protocol.messages import Health, TerminalHealth
from protocol.signing import Verifier
from server.audit.model import Actor
from server.fleet import actions as fleet
from server.fleet.tables import terminal
from server.storage import Database, UnitOfWork

TESTER = Actor("tester")
CITIES = ("上海总部", "苏州工厂", "成都分公司", "广州仓", "武汉研发中心", "西安客服", "沈阳装配", "厦门展厅")
DOORS = ("东门", "西门", "南门", "北门", "一号楼大厅", "食堂", "车间入口", "仓库", "宿舍", "停车场")
LONG = "西北大区综合后勤保障与设备维护管理部三号楼地下二层东侧消防通道旁考勤点"
FIRMWARE = ("Ver 6.60 Apr 28 2017", "Ver 8.0.4.3-20190909", "ZAM170-NF-1.2.7", "Ver 6.70 Oct 9 2019")


def found_fleet(database: Database, terminals: int = 300, edges: int = 24, now: datetime | None = None) -> None:
    """So many terminals behind so many edges, each edge a site of its own; about one in ten has something wrong."""
    moment = now or datetime.now(UTC)
    with database.writing() as uow:
        names = [_site(uow, number, moment) for number in range(edges)]
        sites = {one.code: one for one in fleet.list_sites(uow)}
        zones = {one.site_id: one.id for one in fleet.list_zones(uow)}
        kept = {str(one.edge.name): one.edge.id for one in fleet.list_edges(uow)}
        rows = [_terminal(number, names[number % edges], sites, zones, kept, moment) for number in range(terminals)]
        uow.execute(terminal.insert(), rows)
        for number, name in enumerate(names):
            own = [row for row in rows if row["edge_id"] == kept[name]]
            if number % 12 != 11:  # one edge in twelve has never been heard of
                fleet.record_health(uow, kept[name], _health(number, name, own, moment), moment - _silence(number))
        fleet.record_cut(uow, kept[names[3 % edges]], moment - timedelta(minutes=41))


def _site(uow: UnitOfWork, number: int, now: datetime) -> str:
    code, name = f"s{number:02}", f"edge-s{number:02}"
    fleet.add_site(uow, code, f"{CITIES[number % len(CITIES)]}{number // len(CITIES) + 1}", "Asia/Shanghai", TESTER, now)
    fleet.add_edge(uow, name, code, Verifier((number + 1).to_bytes(32, "big")), TESTER, now)
    return name


def _terminal(number: int, edge: str, sites: dict, zones: dict, kept: dict[str, int], now: datetime) -> dict[str, object]:
    site = sites[edge.removeprefix("edge-")]
    name = LONG if number == 7 else f"{DOORS[number // len(kept) % len(DOORS)]} {number + 1}"
    return {
        "serial": f"CJ9218{number:07}", "name": name, "site_id": site.id, "zone_id": zones[site.id], "edge_id": kept[edge],
        "created_at": now - timedelta(days=90),
    }  # fmt: skip


def _silence(number: int) -> timedelta:
    return timedelta(minutes=9) if number % 12 == 5 else timedelta(seconds=4)


def _health(number: int, name: str, rows: Sequence[dict], now: datetime) -> Health:
    queue = 1_240 if number % 12 == 7 else number % 3
    return Health(
        edge=EdgeId(name),
        at=now - timedelta(seconds=5),
        version="0.1.0",
        queue_depth=queue,
        oldest_at=now - timedelta(minutes=18) if queue > 100 else now - timedelta(seconds=2) if queue else None,
        free_bytes=9_000_000_000,
        hours_left=40.0 if number % 12 == 9 else 2_000.0,
        certificate_ends_at=now + timedelta(days=12 if number % 12 == 2 else 60),
        stages={"connected": now - timedelta(hours=3), "receipt": now - timedelta(seconds=20)},
        alarms=[f"tampered-{rows[0]['serial']}: punches deleted at 2026-11-23 09:00:00"] if number % 12 == 4 and rows else [],
        terminals=[_said(place, number, row, now) for place, row in enumerate(rows)],
    )


def _said(place: int, number: int, row: dict, now: datetime) -> TerminalHealth:
    mixed = place * 31 + number * 7
    held = 4_000 + mixed * 13 % 90_000
    silent = mixed % 29 == 3
    state = "unreachable" if silent else "refused" if mixed % 61 == 5 else ("listening", "polling", "reading")[mixed % 3]
    seen = now - (timedelta(hours=5) if silent else timedelta(seconds=mixed % 50))
    return TerminalHealth(
        serial=str(row["serial"]),
        name=str(row["name"]),
        address=f"10.{number}.0.{place + 10}:4370",
        state=state,
        last_read_at=seen,
        last_event_at=seen - timedelta(minutes=mixed % 300),
        complete_at=seen,
        complete_sequence=held,
        drift_ms=94_000 if mixed % 37 == 8 else mixed % 1_500,
        held=held if mixed % 41 == 4 else 0,
        appended=37 if mixed % 41 == 4 else 0,
        cleared=0,
        last_error="no route to the terminal" if silent else "",
        stages={"connected": seen, "read": seen},
        facts={
            "driver": "zkteco", "firmware": FIRMWARE[mixed % 4], "platform": "ZMM220_TFT", "mac": f"00:17:61:{number:02x}:{place:02x}:01",
            "algorithm": "zk-10", "users": str(mixed * 17 % 2_900), "users_capacity": "3000", "fingers": str(mixed * 29 % 5_500),
            "fingers_capacity": "6000", "faces": str(mixed % 800), "faces_capacity": "1500", "punches_capacity": "100000",
        },
    )  # fmt: skip
