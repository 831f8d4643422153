"""`clockbridge edge`: the agent beside the terminals. Its settings: docs/reference/edge-settings.md."""

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import structlog
import typer

from clockbridge.language import say, speaks_chinese
from edge.errors import EdgeError
from edge.settings import EdgeSettings, load_settings, look_at_settings, settings_file

if TYPE_CHECKING:
    from edge.support import RecentLog

app = typer.Typer(help="The agent beside the terminals.", no_args_is_help=True, rich_markup_mode=None, add_completion=False)

NOT_RUNNING, CANNOT_RUN = 1, 2
Config = Annotated[Path | None, typer.Option("--config", help="Settings file; edge.toml here when left out.")]


@app.callback()
def edge() -> None:
    """The agent beside the terminals."""


@app.command()
def enrol(
    server: Annotated[str, typer.Option(help="Address of the server's pages, as the page of the edge shows it.")],
    token: Annotated[str, typer.Option(help="The token that the page of the edge shows once.")],
    out: Annotated[Path, typer.Option(help="Folder of the edge; here when left out.")] = Path(),
) -> None:
    """Make this box an edge: makes its keys here, and gets certificate and settings from the server. May be repeated."""
    from edge import enrolling
    from edge.web import Web
    from protocol.enrolment import read_token
    from protocol.errors import DecodeError

    try:
        read = read_token(token)
    except DecodeError:
        print(say("This is no whole token: copy the line again.", "令牌不完整：请重新复制整行命令。"), file=sys.stderr)
        raise typer.Exit(CANNOT_RUN) from None
    try:
        done = enrolling.enrol(Web(server, chinese=speaks_chinese()), read, out)
    except EdgeError as error:
        _refuse(error)
    except OSError as error:
        print(say(f"{error.filename or out}: {error.strerror}.", f"{error.filename or out}：{error.strerror}。"), file=sys.stderr)
        raise typer.Exit(CANNOT_RUN) from error
    print(say(f"This box is the edge {done.edge}. Its settings: {done.settings}", f"本机已成为网关 {done.edge}。设置文件：{done.settings}"))
    if done.clock_off is not None and abs(done.clock_off) > enrolling.CLOCK_OFF:
        minutes = round(abs(done.clock_off).total_seconds() / 60)
        fast = done.clock_off.total_seconds() > 0
        print(
            say(
                f"This machine's clock is {minutes} min {'fast' if fast else 'slow'}: set it (NTP) before you start the edge.",
                f"本机时钟{'快' if fast else '慢'}了 {minutes} 分钟：启动网关前请先校准（NTP）。",
            )
        )
    print(say("Next: `clockbridge edge run`", "下一步：`clockbridge edge run`"))


@app.command()
def run(config: Config = None) -> None:
    """Read terminals and hand punches over, until Ctrl-C or SIGTERM."""
    from edge import main
    from edge.support import RecentLog

    _settle(config)
    settings, recent = _load(config), RecentLog()
    set_up_logging(recent)
    if settings.in_clear:
        structlog.get_logger(__name__).warning("keys_in_clear", settings=settings.in_clear, mend="clockbridge edge seal")
    try:
        asyncio.run(main.run(settings, recent))
    except EdgeError as error:
        _refuse(error)


@app.command()
def check(config: Config = None) -> None:
    """Check the settings and the files of the kit, and say what is wrong with them; touches nothing."""
    from edge.kit import open_kit

    settings = _load(config)
    try:
        open_kit(settings)
    except EdgeError as error:
        _refuse(error)
    pushing = len(settings.push.terminals) if settings.push else 0
    print(
        say(
            f"Edge {settings.edge}: {len(settings.terminals)} terminals, {pushing} that push, {len(settings.drop_folders)} drop folders, "
            f"server {settings.server.host}:{settings.server.port}. The settings are good.",
            f"网关 {settings.edge}：{len(settings.terminals)} 台考勤机，{pushing} 台推送考勤机，{len(settings.drop_folders)} 个投放文件夹，"
            f"服务器 {settings.server.host}:{settings.server.port}。设置无误。",
        )
    )
    if settings.in_clear:
        where = ", ".join(settings.in_clear)
        print(
            say(
                f"In the clear: {where}. `clockbridge edge seal` seals them.",
                f"明文密码：{where}。请用 `clockbridge edge seal` 加密。",
            )
        )


@app.command()
def status(config: Config = None, as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False) -> None:
    """Show what the agent wrote last: terminals, drift, queue, stages. Ends with 1 when it does not run, with 2 when it never did."""
    from clockbridge.edge_status import life_sentence, show
    from edge.status import Life, life_of, read_status

    settings = _look(config)
    found = read_status(settings.status_file)
    if found is None:
        sentence = say(
            f"There is no status that can be read in {settings.status_file}: the agent has never run with these settings. "
            "Start it with `clockbridge edge run`.",
            f"{settings.status_file} 中没有可读的状态：程序尚未用此设置运行过。请用 `clockbridge edge run` 启动。",
        )
        print(sentence, file=sys.stderr)
        raise typer.Exit(CANNOT_RUN)
    life = life_of(found, datetime.now(UTC))
    if as_json:
        print(json.dumps(found | {"life": life}, ensure_ascii=False, indent=1))
    else:
        show(found)
    if life is not Life.RUNNING:
        print(life_sentence(life, found), file=sys.stderr)
        raise typer.Exit(NOT_RUNNING)
    if not as_json:
        print(life_sentence(life, found))


@app.command()
def tell(
    serial: Annotated[str, typer.Argument(help="Serial number of a terminal that pushes.")],
    command: Annotated[str, typer.Argument(help="What to tell it, such as INFO or CHECK.")],
    hours: Annotated[int, typer.Option(min=1, max=720, help="Hours in which it is sent; then it expires.")] = 24,
    config: Config = None,
) -> None:
    """Queue a command for a terminal that pushes; it is sent until the terminal tells what became of it."""
    from clockbridge import edge_push

    settings = _look(config)
    try:
        print(edge_push.tell(settings, serial, command, hours))
    except EdgeError as error:
        _refuse(error)


@app.command()
def commands(
    serial: Annotated[str, typer.Option(help="Of this terminal only.")] = "",
    config: Config = None,
) -> None:
    """Show the newest commands of terminals that push, and what became of them."""
    from clockbridge import edge_push

    settings = _look(config)
    try:
        for line in edge_push.commands(settings, serial or None):
            print(line)
    except EdgeError as error:
        _refuse(error)


@app.command()
def prove(
    serial: Annotated[str, typer.Argument(help="Serial number of a terminal that pushes.")],
    days: Annotated[int, typer.Option(min=1, max=400, help="Today and so many days before it.")] = 31,
    config: Config = None,
) -> None:
    """Compare a pushing terminal's own counts of punches with what the edge has, and ask for what is missing."""
    from clockbridge import edge_push

    settings = _look(config)
    try:
        print(edge_push.prove(settings, serial, days))
    except EdgeError as error:
        _refuse(error)


@app.command()
def update(
    file: Annotated[Path, typer.Argument(help="Package, with its signature beside it (FILE.sig).")],
    older: Annotated[bool, typer.Option("--older", help="Take it also when it is older than what runs.")] = False,
    config: Config = None,
) -> None:
    """Install a package that this edge's server has signed; the version before comes back when it does not come up."""
    from clockbridge import edge_update

    settings = _look(config)
    _say_or_refuse(lambda: edge_update.update(settings, file, older=older))


@app.command()
def seal(config: Config = None) -> None:
    """Seal communication keys and passwords that stand in the settings file in the clear; makes the key for it where there is none."""
    from clockbridge import edge_secrets

    _say_or_refuse(lambda: edge_secrets.seal(config))


@app.command()
def rekey(config: Config = None) -> None:
    """Exchange the key that secrets at rest are hidden under; what the old one hid still shows."""
    from clockbridge import edge_secrets

    _say_or_refuse(lambda: edge_secrets.rekey(config))


@app.command()
def drop_old_keys(config: Config = None) -> None:
    """Remove keys that were exchanged; do it after the agent has run with the new one."""
    from clockbridge import edge_secrets

    _say_or_refuse(lambda: edge_secrets.drop_old(config))


@app.command(name="import-file")
def import_file(
    file: Annotated[Path, typer.Argument(help="A log that a terminal exported to a USB stick (`…_attlog.dat`).")],
    terminal: Annotated[
        str, typer.Option(help="Serial number of the terminal; where the file's name begins with it, it need not be said.")
    ] = "",
    device: Annotated[list[str] | None, typer.Option(help="Take the lines of this device number only; may be given several times.")] = None,
    any_device: Annotated[bool, typer.Option("--any-device", help="All device numbers in the file are this terminal's.")] = False,
    new: Annotated[bool, typer.Option("--new", help="The terminal is not known to this edge yet.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only say what would be taken in, and what is wrong, line by line.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
    config: Config = None,
) -> None:
    """Take in a file that a terminal exported. Ends with 1 where lines are wrong or odd, with 2 where nothing of it is taken."""
    import msgspec

    from clockbridge import edge_files

    settings = _load(config)
    set_up_logging()
    try:
        one = edge_files.import_file(settings, file, terminal, device or [], any_device=any_device, new=new, only_look=check)
    except EdgeError as error:
        _refuse(error)
    print(msgspec.json.format(msgspec.json.encode(one)).decode() if as_json else "\n".join(edge_files.told(one)))
    if one.refusal:
        raise typer.Exit(CANNOT_RUN)
    if one.survey and one.survey.problems:
        raise typer.Exit(1)


@app.command()
def page_password(config: Config = None) -> None:
    """Make a new password for the edge's own page and show it once; an older one is worth nothing from then on."""
    from edge.status_page.door import make_password

    settings = _load(config)
    print(make_password(settings.page_password_file))
    where = f"http://{settings.page.host}:{settings.page.port}"
    told = (f"Whoever opens {where} is asked for it. It is shown only now.", f"打开 {where} 时需要输入此密码。密码只显示这一次。")
    print(say(*told), file=sys.stderr)


@app.command()
def files(config: Config = None) -> None:
    """Show the newest files that were handed in, and what became of them."""
    from clockbridge import edge_files

    for line in edge_files.files(_load(config)):
        print(line)


@app.command()
def protocol_log(
    serial: Annotated[str, typer.Argument(help="Serial number of a terminal that the agent reads or that pushes to it.")],
    config: Config = None,
) -> None:
    """Show what a terminal and the edge said to each other last: times, commands, lengths; nothing of people and no keys."""
    from clockbridge import edge_support

    settings = _load(config)
    try:
        print(edge_support.protocol_log(settings, serial), end="")
    except EdgeError as error:
        _refuse(error)


@app.command()
def support_bundle(
    target: Annotated[Path, typer.Argument(help="File to write, such as bundle.zip.")],
    config: Config = None,
) -> None:
    """Write a file for whoever helps: state, settings, log and protocol logs of this edge, without people, templates and keys."""
    from clockbridge import edge_support

    settings = _load(config)
    try:
        size = edge_support.support_bundle(settings, target)
    except EdgeError as error:
        _refuse(error)
    print(say(f"{target}: {size:,} bytes. Look into it before you send it.", f"{target}：{size:,} 字节。发送前请先查看其内容。"))


def set_up_logging(recent: "RecentLog | None" = None) -> None:
    """One JSON object a line on standard error; no personal data is ever an argument of a log line. recent: keeps the last ones, too."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            *([recent] if recent else []),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


def _settle(config: Path | None) -> None:
    """Finish what a power cut left of an enrolment or a renewal, before the files are looked at."""
    from edge.enrolling import settle

    settle(settings_file(config))


def _load(config: Path | None) -> EdgeSettings:
    try:
        return load_settings(config)
    except EdgeError as error:
        _refuse(error)


def _look(config: Path | None) -> EdgeSettings:
    try:
        return look_at_settings(config)
    except EdgeError as error:
        _refuse(error)


def _say_or_refuse(work: Callable[[], str]) -> None:
    try:
        print(work())
    except EdgeError as error:
        _refuse(error)


def _refuse(error: EdgeError) -> NoReturn:
    print(error.told(chinese=speaks_chinese()), file=sys.stderr)
    raise typer.Exit(CANNOT_RUN)
