"""`clockbridge terminal`: look at one terminal, and change a little on it (`terminal_changes`). Reading disables and clears nothing."""

import asyncio
import csv
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from clockbridge import terminal_changes
from clockbridge.language import say, speaks_chinese
from clockbridge.terminal_address import UNREACHABLE, Host, Key, Udp, address_of, refuse, sentence_of
from edge.devices.driver import DriverError, LogRead, TerminalAddress, TerminalPunch
from edge.devices.zkteco.discovery import Finding, ProbeResult, explain, probe as look
from edge.devices.zkteco.driver import ZkDriver
from edge.devices.zkteco.records import PUNCH_LAYOUTS
from protocol.instants import show_wall

app = typer.Typer(help="Look at a terminal, and change a little on it.", no_args_is_help=True, rich_markup_mode=None, add_completion=False)

NOT_COMPLETE = 3


class Format(StrEnum):
    """How punches are printed."""

    JSONL = "jsonl"
    CSV = "csv"


@app.command("probe")
def probe_command(
    host: Host,
    udp: Udp = False,
    key: Key = 0,
    report: Annotated[bool, typer.Option("--report", help="Print a report without personal data, to send to us.")] = False,
) -> None:
    """Find out what stands at an address, and what to do next. Ends with 0 for a terminal that can be read, else 2."""
    result = asyncio.run(look(address_of(host, udp, key)))
    print(json.dumps(_report(result), ensure_ascii=False, indent=1) if report else "\n".join(_told(result)))
    if result.finding is not Finding.TERMINAL:
        raise typer.Exit(UNREACHABLE)


@app.command()
def read(
    host: Host,
    udp: Udp = False,
    key: Key = 0,
    form: Annotated[Format, typer.Option("--format", help="One JSON object a line, or CSV.")] = Format.JSONL,
    layout: Annotated[str | None, typer.Option(help=f"Bytes of a punch, when they cannot be told: {', '.join(PUNCH_LAYOUTS)}.")] = None,
) -> None:
    """Print every punch of a terminal's log; the read's receipt goes to standard error.

    Ends with 0 when the read is complete, 3 when it is not or something in it is doubtful, 2 when the terminal is unreachable or refuses.
    """
    if layout is not None and layout not in PUNCH_LAYOUTS:
        refuse(say(f"There is no layout {layout}; there are: ", f"没有 {layout} 这种格式，可选：") + ", ".join(PUNCH_LAYOUTS))
    found = _read(address_of(host, udp, key), layout)
    try:
        _print_punches(found.punches, form)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough, as `head` does; the receipt is told all the same
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        _print_receipt(found)
        refuse(say(f"The punches cannot be written: {error.strerror}.", f"打卡记录写不出去：{error.strerror}。"))
    _print_receipt(found)
    if not found.receipt.complete or found.receipt.doubtful:
        raise typer.Exit(NOT_COMPLETE)


@app.command()
def compare(
    hosts: Annotated[list[str], typer.Argument(metavar="HOST[:PORT]...", help="One or more terminals, one after the other.")],
    udp: Udp = False,
    key: Key = 0,
    seconds: Annotated[float, typer.Option(min=1, help="How long pyzk may wait for an answer.")] = 30,
) -> None:
    """Read with our driver and with pyzk (in a process of its own), side by side, and explain the differences.

    Ends with 0 when both read the same, 3 when they differ, 2 when ours cannot read the terminal.
    """
    from clockbridge.comparison import compare_reads
    from edge.devices.pyzk import read_with_pyzk

    same = True
    for address in [address_of(host, udp, key) for host in hosts]:
        ours = _read(address)
        try:
            theirs: LogRead | DriverError = asyncio.run(read_with_pyzk(address, seconds))
        except DriverError as error:
            theirs = error
        comparison = compare_reads(ours, theirs, chinese=speaks_chinese())
        table = Table("", "Clockbridge", "pyzk", title=str(address))
        for row in comparison.rows:
            table.add_row(*row)
        Console().print(table)
        print("\n".join(comparison.sentences))
        same &= comparison.same
    if not same:
        raise typer.Exit(NOT_COMPLETE)


app.command(name="users")(terminal_changes.users)
app.command(name="options")(terminal_changes.options)
app.command(name="set-clock")(terminal_changes.set_clock)
app.command(name="unlock")(terminal_changes.unlock)
app.command(name="restart")(terminal_changes.restart)


def _read(address: TerminalAddress, layout: str | None = None) -> LogRead:
    """Read a log; ends the program with UNREACHABLE and a sentence when that is not possible."""
    found = asyncio.run(_read_or_explain(address, layout))
    if isinstance(found, ProbeResult):
        refuse(f"{sentence_of(found.finding)} ({found.detail})")
    return found


async def _read_or_explain(address: TerminalAddress, layout: str | None) -> LogRead | ProbeResult:
    try:
        async with ZkDriver(address, layout) as driver:
            return await driver.read_log()
    except DriverError as error:
        return await explain(address, error)


def _told(result: ProbeResult) -> Iterable[str]:
    yield f"{result.address}: {sentence_of(result.finding)}"
    if result.facts:
        facts = result.facts
        labels = (
            (say("serial number", "序列号"), facts.serial),
            (say("model", "型号"), facts.name),
            (say("platform", "平台"), facts.platform),
            (say("firmware", "固件"), facts.firmware),
            (say("users", "用户数"), _of(facts.users, facts.users_capacity)),
            (say("fingers", "指纹数"), _of(facts.fingers, facts.fingers_capacity)),
            (say("fingerprint algorithm", "指纹算法"), facts.algorithm),
            (say("faces", "人脸数"), _of(facts.faces, facts.faces_capacity)),
            (say("punches it says it holds", "自报打卡数"), _of(facts.punches, facts.punches_capacity)),
        )
        yield from (f"  {label}: {value}" for label, value in labels if value not in {"", None})
        if facts.punches == 0 and not facts.users:
            yield say(
                "  It says that it holds nothing. One set up for access control (menu: Device Type, A&C) may say so wrongly: read its log.",
                "  它自报没有任何数据。设为门禁模式（菜单：设备类型 A&C）的终端可能误报：请读取一次日志。",
            )
        if not facts.serial:
            yield say(
                "  It tells no serial number: name one for it (expected_serial) in the edge's settings.",
                "  它没有报告序列号：请在边缘网关设置里用 expected_serial 指定。",
            )
    if result.clock:
        yield f"  {say('its clock shows', '终端时钟')}: {show_wall(result.clock.wall)}"
    if result.detail and result.finding is not Finding.TERMINAL:
        yield f"  {say('detail for support', '供支持人员参考')}: {result.detail}"


def _of(count: int | None, capacity: int | None) -> str | int | None:
    """A count, with what there is room for where that is told."""
    return count if count is None or capacity is None else f"{count} / {capacity}"


def _report(result: ProbeResult) -> dict[str, Any]:
    """What we need to know of a unit; no address, key, user or name of a person is in it."""
    facts = asdict(result.facts) if result.facts else {}
    if facts.get("serial"):
        facts["serial"] = facts["serial"][:3] + "…"
    facts.pop("mac", None)
    return {"finding": result.finding, "transport": result.address.transport, "detail": result.detail, **facts}


def _print_punches(punches: Iterable[TerminalPunch], form: Format) -> None:
    rows = (
        {
            "terminal_user": punch.user,
            "terminal_time": show_wall(punch.wall),
            "verify": punch.verify,
            "state": punch.state,
            "doubt": punch.doubt,
            "raw": punch.raw.hex(),
        }
        for punch in punches
    )
    if form is Format.JSONL:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False))
        return
    writer = csv.DictWriter(sys.stdout, ["terminal_user", "terminal_time", "verify", "state", "doubt", "raw"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _print_receipt(found: LogRead) -> None:
    receipt = found.receipt
    facts = {
        "complete": receipt.complete,
        "declared": receipt.declared_bytes,
        "received": receipt.received_bytes,
        "decoded": receipt.decoded,
        "doubtful": receipt.doubtful,
        "repeated": receipt.repeated,
        "count_told_by_terminal": receipt.declared_count,
        "layout": receipt.layout,
        "reason": receipt.reason,
    }
    print(json.dumps(facts, ensure_ascii=False), file=sys.stderr)
    for doubt in found.doubtful[:20]:
        print(json.dumps({"offset": doubt.offset, "reason": doubt.reason, "raw": doubt.raw.hex()[:160]}), file=sys.stderr)
