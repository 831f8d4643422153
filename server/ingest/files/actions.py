"""Hand a file in, look at it, say whether it is taken. Nothing of it is a punch before somebody says so."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from protocol.attlog.problem import Refusal
from protocol.attlog.survey import Survey
from server.access.model import Permission
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet import actions as fleet
from server.fleet.model import TerminalOverview
from server.ingest.files import store
from server.ingest.files.model import FileState, PunchFile
from server.ingest.files.reading import pack
from server.jobs import actions as jobs
from server.jobs.model import NewJob
from server.storage import UnitOfWork

LOOK, TAKE = "look-at-punch-file", "take-punch-file"
CONTENT_STAYS, FILE_STAYS = timedelta(days=7), timedelta(days=90)
LONGEST_NAME = 200


def hand_in(uow: UnitOfWork, serial: str, name: str, data: bytes, by: Actor, now: datetime) -> int:
    """Keep a file to be looked at by a runner; gives its number. Raises InvalidInputError, RefusedError."""
    found = terminal_of(uow, serial)
    if not data:
        raise InvalidInputError(field="file", reason="choose a file with something in it")
    name = name.replace("\\", "/").rpartition("/")[2].strip()[:LONGEST_NAME] or "attlog.dat"
    values = {
        "terminal_id": found.terminal.id, "name": name, "size": len(data), "sha256": sha256(data).hexdigest(), "content": pack(data),
        "devices": [], "any_device": False, "state": FileState.LOOKING.value, "job_key": "", "survey": None, "reasons": {}, "new": 0,
        "known": 0, "quarantined": 0, "refusal": "", "shown": "", "author": by.name, "at": now, "taken_by": "", "taken_at": None,
    }  # fmt: skip
    key = store.add(uow, values)
    _ask(uow, find_file(uow, key), LOOK, "{name} is looked at", by, now)
    return key


def terminal_of(uow: UnitOfWork, serial: str) -> TerminalOverview:
    """The terminal that a file is from; raises InvalidInputError, and RefusedError for one that belongs to no edge."""
    found = next((one for one in fleet.list_terminals(uow) if str(one.terminal.serial) == serial), None)
    if found is None:
        raise InvalidInputError(field="terminal", reason="choose one that the list offers")
    if found.terminal.edge_id is None:
        raise RefusedError(reason="This terminal belongs to no edge: give it one on its page, and hand the file in again.")
    return found


def look_again(uow: UnitOfWork, file_id: int, devices: Sequence[str], *, any_device: bool, by: Actor, now: datetime) -> None:
    """Look once more, knowing which device numbers are the terminal's. Raises NotFoundError, RefusedError."""
    one = _open(uow, file_id, FileState.REFUSED)
    store.change(uow, file_id, devices=list(devices), any_device=any_device, state=FileState.LOOKING.value, refusal="", shown="")
    _ask(uow, one, LOOK, "{name} is looked at", by, now)


def ask_to_take(uow: UnitOfWork, file_id: int, by: Actor, now: datetime) -> None:
    """Let a runner take in what was looked at. Raises NotFoundError, RefusedError."""
    one = _open(uow, file_id, FileState.LOOKED)
    store.change(uow, file_id, state=FileState.TAKING.value, new=0, known=0, quarantined=0, taken_by=by.name)
    _ask(uow, one, TAKE, "{name} is taken in", by, now)


def drop(uow: UnitOfWork, file_id: int) -> None:
    """Nobody wants it. Raises NotFoundError, RefusedError."""
    _open(uow, file_id, FileState.LOOKED, FileState.REFUSED)
    store.change(uow, file_id, state=FileState.DROPPED.value, content=None)


def find_file(uow: UnitOfWork, file_id: int) -> PunchFile:
    """Raises NotFoundError."""
    found = store.find(uow, file_id)
    if found is None:
        raise NotFoundError(what="file", name=file_id)
    return found


def keep_look(
    uow: UnitOfWork, file_id: int, survey: Survey, refused: tuple[Refusal, str] | None, counts: tuple[int, int], reasons: Mapping[str, int]
) -> None:
    """Keep what a look came to, as long as somebody waits for it. counts: new and known."""
    one = store.find(uow, file_id, hold=True)
    if one is None or one.state is not FileState.LOOKING:
        return
    refusal, shown = refused or ("", "")
    state = FileState.REFUSED if refused else FileState.LOOKED
    new, known = counts
    values = {"survey": msgspec.to_builtins(survey), "reasons": dict(reasons), "new": new, "known": known}
    store.change(uow, file_id, state=state.value, refusal=str(refusal), shown=shown, quarantined=sum(reasons.values()), **values)


def end_taking(uow: UnitOfWork, file_id: int, now: datetime) -> None:
    """All of its rows are stored: the file itself is not needed any more, its digest stays."""
    one = find_file(uow, file_id)
    store.change(uow, file_id, state=FileState.TAKEN.value, content=None, taken_at=now)
    told = {"file": one.name, "sha256": one.sha256, "new": one.new, "known": one.known, "quarantined": one.quarantined}
    record(uow, Actor(one.taken_by), "punch.file", "terminal", one.serial, at=now, after=told)


def tidy(uow: UnitOfWork, now: datetime) -> None:
    """Let go of what is kept for a time only."""
    store.forget(uow, now - CONTENT_STAYS, now - FILE_STAYS)


def _open(uow: UnitOfWork, file_id: int, *states: FileState) -> PunchFile:
    one = store.find(uow, file_id, hold=True)
    if one is None:
        raise NotFoundError(what="file", name=file_id)
    if one.state not in states or not store.content_of(uow, file_id):
        raise RefusedError(reason="This file is not waiting for a decision any more: hand it in again.")
    return one


def _ask(uow: UnitOfWork, one: PunchFile, job: str, title: str, by: Actor, now: datetime) -> None:
    lines = one.survey.lines if one.survey else 1
    work = NewJob(
        job,
        f"{job}:{one.id}:{now.isoformat()}",
        title,
        Permission.CHANGE_FLEET.value,
        {"file": one.id, "lines": lines},
        {"name": one.name},
        f"/terminals/files/{one.id}",
    )
    store.change(uow, one.id, job_key=jobs.enqueue(uow, work, by.name, now).key)
