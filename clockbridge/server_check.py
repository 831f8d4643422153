"""What `clockbridge server check` looks at: everything that can be wrong before or while a server runs, and what to do about it."""

import shutil
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from clockbridge.audit import told_break
from clockbridge.language import say
from clockbridge.refusals import told
from server.attendance import actions as attendance
from server.audit.actions import verify
from server.broker.authority import Authority, Role, require_fitting
from server.broker.key_files import AuthorityError
from server.broker.members import wants_successor
from server.broker.mosquitto import find_mosquitto
from server.errors import ServerError
from server.fleet import actions as fleet
from server.jobs import actions as jobs
from server.settings import ServerSettings
from server.storage import Database
from server.wiring import ready_database

CERTIFICATE_NEAR = timedelta(days=30)
DISK_LEFT_BYTES = 1024**3
BROKER_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that was looked at. wrong: in words, with what to do; empty when it is well."""

    what: str
    wrong: str = ""


def look_at(settings: ServerSettings) -> Iterator[Look]:
    """Look at everything, one after the other; never raises for what it finds."""
    yield Look(say("settings", "设置"))
    yield from _keys(settings)
    yield from _broker(settings)
    yield from _disk(settings)
    try:
        with closing(ready_database(settings)) as database:
            yield Look(say("database", "数据库"))
            yield from _contents(database)
    except ServerError as error:
        yield Look(say("database", "数据库"), told(error))


def _keys(settings: ServerSettings) -> Iterator[Look]:
    authority = Authority(settings.keys_dir)
    try:
        authority.signer()
        endings = authority.endings()
        authority.revoked()
        for name in ("broker", "web"):
            authority.require_sound(name)
        if settings.web.certificate and settings.web.private_key:
            require_fitting(settings.web.certificate, settings.web.private_key)
    except AuthorityError as error:
        yield Look(say("keys", "密钥"), told(error))
        return
    open_ones = ", ".join(file.name for file in authority.unsealed())
    wrong = say(
        f"{open_ones} of an earlier release lie unsealed. Run `clockbridge server init`, or start the server, which seals them.",
        f"早期版本的 {open_ones} 尚未加密。请运行 `clockbridge server init` 或启动服务器，即会加密。",
    )
    yield Look(say("keys", "密钥"), wrong if open_ones else "")
    near = [one for one in endings if one.ends_at < datetime.now(UTC) + CERTIFICATE_NEAR]
    ends = ", ".join(f"{one.name} {one.ends_at:%Y-%m-%d}" for one in near)
    wrong = say(
        f"near their end: {ends}. A running server renews them 60 days before; start it, and read its log where it runs.",
        f"即将到期：{ends}。服务器运行时会提前 60 天自动更新；请启动服务器，若已在运行请查看其日志。",
    )
    yield Look(say("certificates", "证书"), wrong if near else "")
    newest = authority.members()[0]
    wrong = say(
        f"the authority ends on {newest.ends_at:%Y-%m-%d} and has no successor. A running server makes one; "
        "or run `clockbridge server roll-authority`.",
        f"签发机构将于 {newest.ends_at:%Y-%m-%d} 到期，且没有后继。服务器运行时会自动生成；或运行 `clockbridge server roll-authority`。",
    )
    yield Look(say("authority", "签发机构"), wrong if wants_successor([newest], datetime.now(UTC)) else "")


def _broker(settings: ServerSettings) -> Iterator[Look]:
    missing = settings.broker.kind == "mosquitto" and find_mosquitto() is None
    wrong = say(
        "mosquitto is not installed: `apt install mosquitto`, or set [broker] kind to amqtt.",
        "未安装 mosquitto：请执行 `apt install mosquitto`，或把 [broker] kind 设为 amqtt。",
    )
    yield Look(say("broker", "消息代理"), wrong if missing else _why_not_reached(settings) if settings.broker.kind == "external" else "")


def _why_not_reached(settings: ServerSettings) -> str:
    """Whether somebody else's broker answers there, and is one that we trust and that trusts us."""
    authority = Authority(settings.keys_dir)
    host, port = settings.broker.connect_host, settings.broker.port
    try:
        tail = authority.tool("tail", Role.TAIL)
        context = ssl.create_default_context(cafile=tail.authority)
        context.load_cert_chain(tail.certificate, tail.key)
        with socket.create_connection((host, port), BROKER_SECONDS) as line, context.wrap_socket(line, server_hostname=host):
            return ""
    except AuthorityError as error:
        return told(error)
    except OSError as error:
        why = error.strerror or str(error)
        return say(
            f"{host}, port {port}, cannot be used ({why}). Start the broker, or correct [broker] in the settings.",
            f"无法使用 {host} 端口 {port}（{why}）。请启动消息代理，或更正设置中的 [broker]。",
        )


def _disk(settings: ServerSettings) -> Iterator[Look]:
    try:
        free = shutil.disk_usage(settings.data_dir).free
    except OSError as error:
        yield Look(say("disk", "磁盘"), f"{settings.data_dir}: {error.strerror}")
        return
    gib = free / 1024**3
    wrong = say(f"only {gib:.1f} GB are left in {settings.data_dir}: make room.", f"{settings.data_dir} 只剩 {gib:.1f} GB：请清理空间。")
    yield Look(say("disk", "磁盘"), wrong if free < DISK_LEFT_BYTES else "")


def _contents(database: Database) -> Iterator[Look]:
    with database.reading() as uow:
        broken = verify(uow).broken
        yield Look(say("audit trail", "审计链"), "" if broken is None else say(*told_break(broken)))
        waiting = jobs.unattended(uow, datetime.now(UTC))
        wrong = say(
            f"{waiting} wait and no runner works: set workers under [jobs], or start `clockbridge worker --duty jobs`.",
            f"有 {waiting} 个任务在等待，但没有执行进程：请在 [jobs] 中设置 workers，或运行 `clockbridge worker --duty jobs`。",
        )
        yield Look(say("long work", "后台任务"), wrong if waiting else "")
        counted = attendance.counted_anew(uow)
        tallied = {key: tally.admitted for key, tally in attendance.tallies(uow).items()}
        names = {one.terminal.id: one.terminal.serial for one in fleet.list_terminals(uow)}
    differing = [names[key] for key in sorted(counted.keys() | tallied.keys()) if counted.get(key, 0) != tallied.get(key, 0)]
    serials = ", ".join(differing)
    wrong = say(f"counts of these terminals differ from their punches: {serials}", f"这些考勤机的计数与打卡不符：{serials}")
    yield Look(say("counts of punches", "打卡计数"), wrong if differing else "")
