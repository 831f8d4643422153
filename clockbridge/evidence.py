"""`clockbridge evidence`: a person's punches and days with their proof, and checking such a file: docs/how-to/verify-evidence.md."""

import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clockbridge.language import say
from clockbridge.refusals import refusals, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.ingest.evidence import Finding

app = typer.Typer(
    help="A person's punches and days as evidence, and checking it.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)

NOT_PROVEN = 1
SIGNATURE = "the server's signature"
FirstDay = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day, by the dates that the terminals showed.")]
LastDay = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day, itself included.")]


@app.callback()
def evidence() -> None:
    """A person's punches and days as evidence, and checking it."""


@app.command()
def export(
    person: Annotated[str, typer.Argument(help="Employee number.")],
    file: Annotated[Path, typer.Argument(help="New file for the evidence.")],
    since: FirstDay,
    until: LastDay,
    settings: Annotated[Path | None, typer.Option("--settings", help="Settings file; server.toml here when left out.")] = None,
) -> None:
    """Write a person's punches and days, from the first to the last day, with all that proves and explains them, signed by the server."""
    from server.audit.model import COMMAND_LINE
    from server.broker.authority import Authority
    from server.ingest.actions import hand_out_month
    from server.settings import load_settings
    from server.wiring import ready_database

    with refusals():
        loaded = load_settings(settings)
        signer = Authority(loaded.keys_dir).signer()
        with closing(ready_database(loaded)) as database, database.writing() as uow:
            data = hand_out_month(uow, signer, person, since.date(), until.date(), COMMAND_LINE, datetime.now(UTC))
        with file.open("xb") as target:
            target.write(data)
    print(say(f"{file}: check it with `clockbridge evidence verify {file}`.", f"{file}：用 `clockbridge evidence verify {file}` 验证。"))


EvidenceFile = Annotated[Path, typer.Argument(help="A file that `evidence export` or a page wrote.")]


@app.command()
def verify(
    file: EvidenceFile,
    server_key: Annotated[str, typer.Option(help="Id of the server's key as you know it from elsewhere; else it is only told.")] = "",
) -> None:
    """Check all of a file by itself, without a server: signature, chain, and each day worked out again; exit 1 when not proven."""
    from server.ingest.evidence import verify_evidence

    findings = _found(file, verify_evidence)
    _tell_failures(findings)
    days = [one for one in findings if one.row.startswith("day ")]
    punches = [one for one in findings if one.row.startswith("{")]
    _tell_punches(punches)
    if days:
        same = sum(one.proven for one in days)
        english = f"{same} of {len(days)} days come out the same when worked out again."
        print(say(english, f"{len(days)} 个考勤日中有 {same} 个重新核算后结果一致。"))
    decided = [one for one in findings if one.row.startswith("difference ")]
    if decided:
        same = sum(one.proven for one in decided)
        english = f"{same} of {len(decided)} decided differences come out the same when worked out again."
        print(say(english, f"{len(decided)} 条已处理的差异中有 {same} 条重新核算后结果一致。"))
    signed = next((one for one in findings if SIGNATURE in one.row), None)
    if signed is not None and signed.proven:
        print(say(f"Signed: {signed.row}.", f"签名有效：{signed.row}。"))
    if server_key and (signed is None or f"(key {server_key})" not in signed.row):
        refuse(say(f"It is not signed by the key {server_key}.", f"文件不是由密钥 {server_key} 签名的。"))
    if any(not one.proven for one in findings):
        raise typer.Exit(NOT_PROVEN)


@app.command()
def check(file: EvidenceFile) -> None:
    """Check only the punches of a file, by the file alone; exit 1 when one is not proven."""
    from server.ingest.evidence import check_evidence

    findings = _found(file, check_evidence)
    _tell_failures(findings)
    _tell_punches(findings)
    if any(not one.proven for one in findings):
        raise typer.Exit(NOT_PROVEN)


def _found(file: Path, look: "Callable[[bytes], list[Finding]]") -> "list[Finding]":
    try:
        return look(file.read_bytes())
    except OSError as error:
        refuse(f"{file}: {error.strerror}. " + say("Name a file that is there.", "请给出存在的文件。"))
    except ValueError as error:
        refuse(f"{file}: " + say(f"{error}.", f"这不是 Clockbridge 的证据文件：{error}。"))


def _tell_failures(findings: "list[Finding]") -> None:
    for finding in findings:
        if not finding.proven:
            print(f"{finding.reason}: {finding.row}", file=sys.stderr)


def _tell_punches(findings: "list[Finding]") -> None:
    proven = sum(finding.proven for finding in findings)
    print(say(f"{proven} of {len(findings)} punches are proven.", f"{len(findings)} 条打卡中有 {proven} 条得到证明。"))
