"""All that pages of clock-in points can show, in one database: nothing on them is empty. No process stands behind it."""

from contextlib import closing
from datetime import datetime, time, timedelta
from pathlib import Path

import msgspec

from clockbridge.server_setup import Plan, set_up
from protocol.counting import count_days
from protocol.identifiers import EdgeId
from protocol.instants import pack_moment
from protocol.messages import (
    Counted,
    CountedDay,
    Health,
    Knocking,
    OrderKind,
    OrderOutcome,
    OrderResult,
    Refusal,
    Reported,
    Scanned,
    UserReport,
    UserState,
)
from server.access.actions import create_account, hash_password
from server.access.model import Role
from server.dispatch.areas import actions as areas
from server.dispatch.areas.model import Rule
from server.dispatch.orders import actions as orders
from server.dispatch.orders.model import Targets
from server.fleet import actions as fleet
from server.ingest.files import actions as punch_files, jobs as file_jobs
from server.ingest.reconciliation.actions import hear
from server.ingest.reconciliation.jobs import ReconciliationWorker
from server.ingest.sift import Limits
from server.ingest.store import add_refused
from server.ingest.watch import actions as watch
from server.ingest.watch.model import Passes, Quiet, Receiver, ReceiverKind, RuleTerms
from server.notify import actions as notify
from server.notify.model import HookForm
from server.provisioning import actions as provisioning
from server.settings import ServerSettings
from server.storage import Database
from server.wiring import build_database, build_office, entrance_of, hand_over_again
from tests.server.provisioning.conftest import Box
from tests.support.areas import DutifulEdge, area_of, settle
from tests.support.company import TESTER, Company, found_company
from tests.support.fleets import found_fleet
from tests.support.jobs import do_all
from tests.support.sending import SendingEdge, row

PASSWORD = "four plain words here"
HQ, NEW_EDGE, WAITING_EDGE = EdgeId("edge-hq"), EdgeId("edge-branch"), EdgeId("edge-waiting")
RULE = RuleTerms(
    "值班电话与夜间值守", frozenset({"edge-cut", "rows-lost"}), frozenset({1, 2}), True,
    (Receiver(ReceiverKind.ROLE, "it"), Receiver(ReceiverKind.MAIL, "duty@example.com")), 5, 60, 30,
    (Receiver(ReceiverKind.MAIL, "boss@example.com"),), Quiet(time(22), time(7), weekends=True), Passes.URGENT, True,
)  # fmt: skip
WRONG_LINES = (
    b"1\t2026-11-23 09:01:00\t1\t0\t1\t0\r\n9\t2026-11-23 09:00:00\t1\t0\t1\t0\r\n"  # the second is nobody's whom we know
    b"rubbish\r\n2\t2026-02-30 08:00:00\t1\t0\t1\t0\r\n"
)
ADDRESSES = (
    "/fleet", "/fleet?view=map", "/terminals", "/terminals/1", "/terminals/5", "/terminals/1/users", "/terminals/1/readings",
    "/terminals/1/raw", "/terminals/1/settings", "/terminals/files", "/terminals/files/1", "/terminals/files/2", "/areas",
    "/areas/1", "/areas/1/change", "/areas/faces", "/orders", "/orders/1", "/orders/new?kind=unlock&group=all", "/discovery",
    "/discovery/add?edge=edge-hq&key=NEW7", "/clocks", "/sites", "/edges", "/edges/edge-hq", "/edges/new?site=hq",
    "/edges/edge-branch/identity", "/alarms", "/alarms/history", "/alarms/rules", "/alarms/rules/1", "/alarms/webhooks",
    "/support", "/quarantine", "/quarantine?view=rows", "/quarantine/refused", "/quarantine/refused/1",
)  # fmt: skip
"""The pages that IT works on."""


def found_full_fleet(folder: Path, now: datetime) -> ServerSettings:
    """A server in the folder, its database full and its accounts named as their roles."""
    settings = set_up(folder / "server.toml", Plan(company="测试公司")).settings
    with closing(build_database(settings)) as database:
        company = found_company(database, 40)
        edge = SendingEdge(database, now=now)
        edge.send(*(row(str(number), f"{now:%Y-%m-%d} 00:{number:02}:00", number=number) for number in range(1, 45)))
        found_fleet(database, 30, 12, now)
        _accounts(database, now)
        _people_on_terminals(database, company, now)
        _orders(database, company, now)
        _comparison(database, company, now)
        _files(database, now)
        _identities(database, settings, now)
        _alarms(database, settings, now)
    return settings


def _accounts(database: Database, now: datetime) -> None:
    hashed = hash_password(PASSWORD)
    with database.writing() as uow:
        for role in Role:
            create_account(uow, role.value, role.value, hashed, frozenset({role}), TESTER, now, must_change=False)


def _people_on_terminals(database: Database, company: Company, now: datetime) -> None:
    with database.writing() as uow:
        gate = area_of(company, Rule(department_id=company.departments["RND"]), Rule(person_id=company.people["A2"]), code="gate")
        areas.add_area(uow, gate, TESTER, now)
        areas.add_area(uow, area_of(company, Rule(site_id=company.site), code="canteen", terminals=["T2"]), TESTER, now)
        areas.set_right(uow, company.people["A1"], administrator=True, verify="", group="2", password="1234", by=TESTER, now=now)
    settle(database, now)
    edge = DutifulEdge(database, company.edge)
    edge.connect(now)
    edge.full = frozenset({"T1"})
    edge.round(now)
    users = [UserReport(str(one), UserState.THERE, 1, ["finger-6", "face"]) for one in range(1, 30, 2)]
    edge.hear(Reported(edge=HQ, terminal="T1", at=now, users=[*users, UserReport("998", UserState.STRANGER, 0, ["finger-1"])]), now)


def _orders(database: Database, company: Company, now: datetime) -> None:
    courier, one, both = orders.OrderCourier(), (company.terminals["T1"],), tuple(company.terminals.values())
    with database.writing() as uow:
        read = orders.give_order(uow, OrderKind.READ_OPTIONS, Targets("门 T1、门 T2", both), {}, TESTER, now)
        orders.give_order(uow, OrderKind.REBOOT, Targets("门 T1", one), {}, TESTER, now, reason="屏幕没有反应")
        scan = orders.give_order(uow, OrderKind.SCAN, Targets(HQ, edges=(HQ,)), {"subnet": "10.0.0.0/24"}, TESTER, now)
        part, told = orders.parts_of(uow, read, now)[0], {"~OEMVendor": "ZKTeco Inc.", "~Platform": "ZMM220_TFT", "LockCount": "1"}
        courier.hear(uow, company.edge, OrderResult(edge=HQ, order=part.name, at=now, outcome=OrderOutcome.DONE, found=told), now)
        (part,) = orders.parts_of(uow, scan, now)
        met = {"10.0.0.9": Scanned("NEW7", facts={"firmware": "6.60"}), "10.0.0.8": Scanned(trouble="wrong-key")}
        found = {address: msgspec.json.encode(each).decode() for address, each in met.items()}
        courier.hear(uow, company.edge, OrderResult(edge=HQ, order=part.name, at=now, outcome=OrderOutcome.DONE, found=found), now)
        knocking = [Knocking("CJDE231", "10.0.0.77", now, now, {"model": "SpeedFace"})]
        fleet.record_health(uow, company.edge, Health(edge=HQ, at=now, version="0.1.0", queue_depth=0, knocking=knocking), now)


def _comparison(database: Database, company: Company, now: datetime) -> None:
    """Of two days' punches: one of yesterday, which the edge listed, is not here, and two came back."""
    yesterday, day_before = now - timedelta(days=1), now - timedelta(days=2)
    listed = count_days([(pack_moment(yesterday.replace(tzinfo=None, microsecond=0)), "77")], [yesterday.date()])
    all_of_it = [CountedDay(day_before.date(), 2, "1" * 16), *listed]
    for counted in (all_of_it, [CountedDay(day_before.date(), 0, "0" * 16), *all_of_it[1:]]):
        said = Counted(edge=HQ, terminal="T1", at=now, first=day_before.date(), last=yesterday.date(), days=counted)
        with database.writing() as uow:
            hear(uow, company.edge, said, now)
        ReconciliationWorker(database, hand_over_again, lambda: now).round()


def _files(database: Database, now: datetime) -> None:
    with database.writing() as uow:
        punch_files.hand_in(uow, "T1", "1_attlog.dat", WRONG_LINES, TESTER, now)
        punch_files.hand_in(uow, "T2", "holiday-photos.jpg", b"\xff\xd8\xff\xe0" * 90, TESTER, now)
    do_all(database, file_jobs.kinds(Limits()))


def _identities(database: Database, settings: ServerSettings, now: datetime) -> None:
    """A box that has its certificates, one whose token was used a second time, one that is waited for."""
    entrance = entrance_of(settings)
    with database.writing() as uow:
        for name in (NEW_EDGE, WAITING_EDGE):
            fleet.add_edge(uow, name, "hq", None, TESTER, now)
        offered = provisioning.offer_token(uow, NEW_EDGE, timedelta(days=1), TESTER, now)
        provisioning.offer_token(uow, WAITING_EDGE, timedelta(days=1), TESTER, now)
        provisioning.enrol(uow, entrance, Box(1).asks(offered.secret, now), "10.0.0.7", now)
        provisioning.enrol(uow, entrance, Box(2).asks(offered.secret, now), "10.0.0.66", now)


def _alarms(database: Database, settings: ServerSettings, now: datetime) -> None:
    with database.writing() as uow:
        notify.add_webhook(uow, "值班群", "https://qyapi.weixin.qq.com/x?key=1", HookForm.WECOM, "", (), TESTER, now)
        watch.put_rule(uow, None, RULE, TESTER, now)
        add_refused(uow, HQ, Refusal.BAD_SIGNATURE, "", "up/3/edge-hq/batch", b"nonsense" * 40, now)
        watch.watch(uow, build_office(settings), now)
