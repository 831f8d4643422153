"""`clockbridge server`: set up, run, look after. Its settings: docs/reference/server-settings.md."""

import os
import sys
from contextlib import closing
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clockbridge.language import say, speaks_chinese
from clockbridge.refusals import refusals, refuse

if TYPE_CHECKING:
    from server.directory.model import ImportFinding
    from server.settings import ServerSettings

app = typer.Typer(
    help="The server: init, run, back up, import and more.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)

Settings = Annotated[Path | None, typer.Option("--settings", help="Settings file; server.toml here when left out.")]


class Purpose(StrEnum):
    """What a terminal is for; one without any is for both ways. The words are those of `server.fleet.model.TerminalRole`."""

    ENTRANCE = "entrance"
    EXIT = "exit"


class ImportKind(StrEnum):
    """What a file holds."""

    SITES = "sites"
    DEPARTMENTS = "departments"
    POSITIONS = "positions"
    PEOPLE = "people"
    CONTRACTS = "contracts"
    BALANCES = "balances"
    ENROLMENTS = "enrolments"
    ROSTERS = "rosters"
    PUNCHES = "punches"
    WORKBOOK = "workbook"


@app.callback()
def server() -> None:
    """The server: init, run, back up, import and more."""


WITH_POWER = ("administrator", "hr", "hr-pay", "it", "auditor")
"""Roles whose accounts give a second factor in a new installation."""


@app.command()
def init(
    settings: Settings = None,
    company: Annotated[str, typer.Option(help="Name of the company, on top of every page.")] = "Clockbridge",
    name: Annotated[list[str] | None, typer.Option(help="Host name or address at which this machine is reached; may be repeated.")] = None,
    database_url: Annotated[str, typer.Option(help="postgresql://user@host/name; an SQLite file when left out.")] = "",
    time_zone: Annotated[str, typer.Option(help="Time zone of the company.")] = "Asia/Shanghai",
    data_dir: Annotated[Path, typer.Option(help="Folder of keys and database; relative to the settings file.")] = Path("data"),
) -> None:
    """Make settings, keys, database and the first account. Touches nothing that is there already."""
    from clockbridge.server_setup import FIRST_LOGIN, Plan, set_up
    from server.settings import DEFAULT_FILE

    file = settings or DEFAULT_FILE
    names = tuple(dict.fromkeys([*(name or []), "localhost", "127.0.0.1"]))
    with refusals():
        made = set_up(file, Plan(data_dir, database_url, company, time_zone=time_zone, names=names, second_factor=WITH_POWER))
    print(say(f"Settings: {file}", f"设置文件：{file}") + ("" if made.wrote_settings else say(" (as it was)", "（未改动）")))
    print(say(f"Keys and certificates: {made.settings.keys_dir}", f"密钥与证书：{made.settings.keys_dir}"))
    print(say("Database: up to date.", "数据库：已就绪。"))
    if made.password:
        print(say(f"Account: {FIRST_LOGIN}", f"账号：{FIRST_LOGIN}"))
        print(say(f"Password: {made.password}", f"密码：{made.password}"))
        print(say("It is shown this once, and must be changed at the first sign-in.", "密码仅显示这一次，首次登录时必须修改。"))
    print(say("Next: `clockbridge server run`", "下一步：`clockbridge server run`"))


@app.command()
def run(settings: Settings = None) -> None:
    """Run broker, ingest workers and pages until Ctrl-C or SIGTERM."""
    from server.main import run as run_server
    from server.settings import settings_file
    from server.wiring import ready_database

    loaded = _load(settings)
    with refusals():
        ready_database(loaded).close()
        run_server(loaded, settings_file(settings).absolute())


@app.command()
def migrate(settings: Settings = None) -> None:
    """Bring the database up to this release, all or nothing. Back up first."""
    from server.migrations import migrate as bring_up
    from server.wiring import build_database

    loaded = _load(settings)
    with refusals(), closing(build_database(loaded)) as database:
        before, after = bring_up(database)
    print(say(f"The database went from {before or 'nothing'} to {after}.", f"数据库已从 {before or '空'} 升级到 {after}。"))


@app.command()
def check(settings: Settings = None) -> None:
    """Look at settings, keys, disk, database, trail and counts; exit 1 when something is wrong."""
    from clockbridge.server_check import look_at

    loaded = _load(settings)
    wrong = 0
    for look in look_at(loaded):
        wrong += bool(look.wrong)
        print(f"{'✗' if look.wrong else '✓'} {look.what}" + (f": {look.wrong}" if look.wrong else ""))
    if wrong:
        raise typer.Exit(1)


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="New file for the copy.")], settings: Settings = None) -> None:
    """Copy the database into one file while the server runs. Keys are files: copy data_dir/keys too, and keep both safe."""
    from server.storage.backup import back_up
    from server.wiring import build_database

    loaded = _load(settings)
    with refusals(), closing(build_database(loaded)) as database:
        size = back_up(database, file)
    print(say(f"{file}: {size:,} bytes. Keys are not in it: {loaded.keys_dir}", f"{file}：{size:,} 字节。密钥不在其中：{loaded.keys_dir}"))


@app.command("support-bundle")
def support_bundle(
    file: Annotated[Path | None, typer.Argument(help="New file for the bundle; named by the moment when left out.")] = None,
    settings: Settings = None,
) -> None:
    """Pack what whoever helps from afar needs: releases, settings, fleet, queues, errors. No people, no secrets."""
    from server.audit.model import COMMAND_LINE
    from server.support.actions import pack_bundle
    from server.wiring import build_database

    loaded = _load(settings)
    with refusals(), closing(build_database(loaded)) as database:
        made = pack_bundle(database, loaded, COMMAND_LINE, datetime.now(UTC))
        target = file or Path(made.name)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as bundle:
            bundle.write(made.data)
    print(
        say(
            f"Written: {target}, {len(made.data):,} bytes. Look through it before you hand it on.",
            f"已写入 {target}，{len(made.data):,} 字节。交出之前请先查看。",
        )
    )


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A copy that `server backup` made.")],
    settings: Settings = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Replace the database by a copy. Stop the server first; what the copy misses the edges send again."""
    from clockbridge.server_setup import restore as put_back
    from server.main import alone

    loaded = _load(settings)
    with refusals(), alone(loaded):
        if not yes:
            typer.confirm(say("Replace the whole database?", "确定替换整个数据库吗？"), abort=True)
        put_back(loaded, file)
    print(say("Restored. Start the server; the edges send what is missing.", "已恢复。请启动服务器，各网关会补发缺少的打卡。"))


@app.command("reset-password")
def reset_password(login: Annotated[str, typer.Argument(help="Login of the account.")], settings: Settings = None) -> None:
    """Give an account a new password, shown once; its sessions end."""
    from server.access.actions import reset_password as reset
    from server.audit.model import COMMAND_LINE
    from server.wiring import ready_database

    loaded = _load(settings)
    with refusals(), closing(ready_database(loaded)) as database:
        password = reset(database, login, COMMAND_LINE, datetime.now(UTC))
    print(say(f"Password: {password}", f"密码：{password}"))
    print(say("It must be changed at the next sign-in.", "下次登录时必须修改。"))


@app.command("add-site")
def add_site(
    code: Annotated[str, typer.Argument(help="Short code of the site, as imports and terminals name it.")],
    name: Annotated[str, typer.Argument(help="What people call it.")],
    settings: Settings = None,
    time_zone: Annotated[str, typer.Option(help="Time zone of the site; the company's when left out.")] = "",
) -> None:
    """Add a place of work."""
    from server.audit.model import COMMAND_LINE
    from server.fleet import actions as fleet
    from server.wiring import ready_database

    loaded = _load(settings)
    with refusals(), closing(ready_database(loaded)) as database, database.writing() as uow:
        fleet.add_site(uow, code, name, time_zone or loaded.time_zone, COMMAND_LINE, datetime.now(UTC))
    print(say(f"Site {code} is there.", f"站点 {code} 已添加。"))


@app.command("add-edge")
def add_edge(
    name: Annotated[str, typer.Argument(help="Name of the edge: a-z, 0-9 and inner hyphens.")],
    out: Annotated[Path, typer.Option(help="Empty or new folder for its kit.")],
    site: Annotated[str, typer.Option(help="Code of its site; not needed with --replace.")] = "",
    settings: Settings = None,
    host: Annotated[str | None, typer.Option(help="Where the edge reaches this server, when not the first of [broker] names.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="New keys for an edge that is known: its box is dead or lost.")] = False,
) -> None:
    """Add an edge and write its kit: settings, keys, certificate. `clockbridge edge run` in that folder starts it."""
    from clockbridge.server_setup import make_kit

    loaded = _load(settings)
    with refusals():
        file = make_kit(loaded, name, site, out, host=host, replace=replace)
    print(say(f"Kit: {file.parent}. Add its terminals to {file}.", f"网关套件：{file.parent}。请在 {file} 中添加考勤机。"))


@app.command("revoke-edge")
def revoke_edge(
    name: Annotated[str, typer.Argument(help="Name of the edge.")],
    reason: Annotated[str, typer.Option(help="Why, for the trail.")],
    settings: Settings = None,
) -> None:
    """Let an edge in no more and take nothing from it: its box was stolen or is no longer ours. Its punches stay."""
    from clockbridge.server_setup import revoke_edge as revoke

    loaded = _load(settings)
    with refusals():
        revoke(loaded, name, reason)
    print(say(f"Edge {name} is revoked. `add-edge --replace` takes it back.", f"网关 {name} 已吊销。用 `add-edge --replace` 可重新启用。"))


@app.command("roll-authority")
def roll_authority(settings: Settings = None) -> None:
    """Make the authority's successor now instead of two years before its end; both are believed until then."""
    from clockbridge.server_setup import roll_authority as roll

    loaded = _load(settings)
    with refusals():
        made = roll(loaded)
    print(
        say(
            f"{made.name} is believed from now on, and signs in a week. Edges are handed it with their next certificates.",
            f"{made.name} 即刻起受信任，一周后开始签发。各网关将在下次换证时收到它。",
        )
    )


@app.command("sign-update")
def sign_update(
    file: Annotated[Path, typer.Argument(help="Package of the edge, as `./dev deb` makes it.")],
    settings: Settings = None,
) -> None:
    """Say with this server's key that its edges may install a package; writes FILE.sig beside it."""
    from clockbridge.edge_update import digest_of
    from protocol.updates import sign_package
    from server.broker.authority import Authority

    loaded, beside = _load(settings), file.with_name(file.name + ".sig")
    with refusals():
        beside.write_text(sign_package(digest_of(file), Authority(loaded.keys_dir).signer()), encoding="ascii")
    print(say(f"Signed: carry {beside} with the package.", f"已签名：请把 {beside} 与安装包放在一起。"))


@app.command("add-terminal")
def add_terminal(
    serial: Annotated[str, typer.Argument(help="Its serial number, as `terminal probe` shows it.")],
    name: Annotated[str, typer.Argument(help="What people call it.")],
    site: Annotated[str, typer.Option(help="Code of its site.")],
    role: Annotated[Purpose | None, typer.Option(help="What it is for, entrance or exit; for both when left out.")] = None,
    settings: Settings = None,
) -> None:
    """Let punches of a terminal in; what came before is in quarantine and can be replayed."""
    from server.audit.model import COMMAND_LINE
    from server.fleet import actions as fleet
    from server.fleet.model import TerminalRole
    from server.wiring import ready_database

    loaded = _load(settings)
    with refusals(), closing(ready_database(loaded)) as database, database.writing() as uow:
        purpose = None if role is None else TerminalRole(role.value)
        fleet.add_terminal(uow, serial, name, site, COMMAND_LINE, datetime.now(UTC), role=purpose)
    print(say(f"Terminal {serial} is there.", f"考勤机 {serial} 已添加。"))


@app.command("import")
def import_file(
    kind: Annotated[ImportKind, typer.Argument(help="What the file holds; workbook: its sheets say it.")],
    file: Annotated[Path, typer.Argument(help="CSV file or workbook (.xlsx); docs/how-to/import-people.md tells its columns.")],
    settings: Settings = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
) -> None:
    """Import a file: the whole of it or nothing. It can be undone on the page of imports."""
    from server.access.model import Permission
    from server.audit.model import COMMAND_LINE
    from server.hr.imports import actions as imports
    from server.wiring import limits_of, ready_database, replays

    loaded, of = _load(settings), "" if kind is ImportKind.WORKBOOK else kind.value
    everything, now = frozenset(str(one) for one in Permission), datetime.now(UTC)
    with refusals(), closing(ready_database(loaded)) as database:
        data = file.read_bytes()
        if dry_run:
            outcome = imports.look_at_once(database, file.name, data, of, everything, COMMAND_LINE, now)
        else:
            enrolled = replays(limits_of(loaded.ingest))
            _, outcome = imports.take_at_once(database, file.name, data, of, everything, enrolled, COMMAND_LINE, now)
    for sheet in outcome.sheets:
        for finding in sheet.findings:
            told = _told_finding(finding)
            print(told if len(outcome.sheets) == 1 else f"{sheet.sheet}: {told}", file=sys.stderr)
    print(
        say(
            f"new {outcome.new}, changed {outcome.changed}, unchanged {outcome.unchanged}",
            f"新增 {outcome.new}，变更 {outcome.changed}，未变 {outcome.unchanged}",
        )
    )
    if outcome.findings:
        refuse(say("Nothing was imported: correct the file and import it again.", "未导入任何数据：请改正文件后重新导入。"))
    if unsure := imports.open_pairs(outcome.pairs, {}):
        told = f"Nothing was imported: {unsure} new people may be here already. Import it on the page, where you can say who is whom."
        refuse(say(told, f"未导入任何数据：{unsure} 名新员工可能已在系统中。请在页面上导入，并确认是不是同一人。"))


def _told_finding(finding: "ImportFinding") -> str:
    """In the language of the command line, as the page of imports tells it."""
    from server.web.language import translator

    tell = translator("zh" if speaks_chinese() else "en")
    problem, remedy = (tell(text, **finding.facts) for text in (finding.problem, finding.remedy))
    place = say(f"row {finding.row}", f"第 {finding.row} 行") + (
        say(f", {finding.column}", f"“{finding.column}”") if finding.column else ""
    )
    return say(f"{place}: {problem}; {remedy}", f"{place}：{problem}；{remedy}")


def _load(settings: Path | None) -> "ServerSettings":
    from server.settings import load_settings

    with refusals():
        return load_settings(settings)
