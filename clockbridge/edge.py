"""`clockbridge edge`: the agent beside the terminals. Its settings: docs/reference/edge-settings.md."""

import asyncio
import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import structlog
import typer

from clockbridge.language import say, speaks_chinese
from edge.errors import EdgeError
from edge.settings import EdgeSettings, load_settings

app = typer.Typer(help="The agent beside the terminals.", no_args_is_help=True, rich_markup_mode=None, add_completion=False)

CANNOT_RUN = 2
Config = Annotated[Path | None, typer.Option("--config", help="Settings file; edge.toml here when left out.")]


@app.callback()
def edge() -> None:
    """The agent beside the terminals."""


@app.command()
def run(config: Config = None) -> None:
    """Read terminals and hand punches over, until Ctrl-C or SIGTERM."""
    from edge import main

    settings = _load(config)
    set_up_logging()
    try:
        asyncio.run(main.run(settings))
    except EdgeError as error:
        _refuse(error)


@app.command()
def check(config: Config = None) -> None:
    """Check the settings and say what is wrong with them; touches nothing."""
    settings = _load(config)
    print(
        say(
            f"Edge {settings.edge}: {len(settings.terminals)} terminals, {len(settings.drop_folders)} drop folders, "
            f"server {settings.server.host}:{settings.server.port}. The settings are good.",
            f"网关 {settings.edge}：{len(settings.terminals)} 台考勤机，{len(settings.drop_folders)} 个投放文件夹，"
            f"服务器 {settings.server.host}:{settings.server.port}。设置无误。",
        )
    )


@app.command()
def status(config: Config = None, as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False) -> None:
    """Show what the running agent wrote last: terminals, drift, queue, last success of each stage."""
    from edge.health import STALE_AFTER, read_status

    settings = _load(config)
    found = read_status(settings.status_file)
    if found is None:
        sentence = say(
            f"The agent has never run with these settings: there is no {settings.status_file}. Start it with `clockbridge edge run`.",
            f"程序尚未用此设置运行过：没有 {settings.status_file}。请用 `clockbridge edge run` 启动。",
        )
        print(sentence, file=sys.stderr)
        raise typer.Exit(CANNOT_RUN)
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _show(found)
    if datetime.now(UTC) - datetime.fromisoformat(found["at"]) > STALE_AFTER:
        print(say("The agent does not run: this is its last word.", "程序没有在运行：以上是它最后的状态。"), file=sys.stderr)
        raise typer.Exit(1)


def set_up_logging() -> None:
    """One JSON object a line on standard error; no personal data is ever an argument of a log line."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


def _show(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    line = say("up", "已连接") if found["line_up"] else say("down", "未连接")
    facts = (
        (say("edge", "网关"), found["edge"]),
        (say("as of", "时间"), found["at"]),
        (say("line to the server", "与服务器的连接"), line),
        (say("punches waiting", "待发打卡"), f"{found['queue_depth']:,}"),
        (say("oldest waiting since", "最早一条"), found["oldest_at"] or "–"),
        (say("hours left if cut off", "断线还可保存（小时）"), found["hours_left"] if found["hours_left"] is not None else "–"),
        (say("certificate ends", "证书到期"), found["certificate_ends_at"] or "–"),
        *((say(f"last {stage}", f"最近 {stage}"), at) for stage, at in sorted(found["stages"].items())),
    )
    for label, value in facts:
        console.print(f"{label}: {value}", highlight=False)
    for alarm in found["alarms"]:
        console.print(f"! {alarm}", style="bold red", highlight=False)
    columns = ("serial", "state", "drift", "held", "appended", "cleared", "last read", "last error")
    chinese = ("序列号", "状态", "时钟偏差", "考勤机内", "已取", "已清除", "最近读取", "最近错误")
    table = Table(*(say(english, text) for english, text in zip(columns, chinese, strict=True)))
    for terminal in found["terminals"]:
        drift = terminal.get("drift_ms")
        table.add_row(
            terminal["serial"] or terminal["name"],
            terminal["state"],
            "–" if drift is None else f"{drift / 1000:+.1f} s",
            _count(terminal.get("held")),
            _count(terminal.get("appended", 0) + terminal.get("doubtful", 0)),
            _count(terminal.get("cleared")),
            str(terminal.get("last_read_at") or "–"),
            terminal.get("last_error", ""),
        )
    console.print(table)


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _load(config: Path | None) -> EdgeSettings:
    try:
        return load_settings(config)
    except EdgeError as error:
        _refuse(error)


def _refuse(error: EdgeError) -> NoReturn:
    print(error.told(chinese=speaks_chinese()), file=sys.stderr)
    raise typer.Exit(CANNOT_RUN)
