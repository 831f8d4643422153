"""What whoever helps from afar needs of an edge: what was said to a terminal, and a bundle about everything. Nothing of people, no keys.

Two ways to it: an order of the server, and a command on this machine, which asks the agent by a file in a folder of `data_dir` and
gets its answer beside it.
"""

import asyncio
import io
import json
import platform
import re
import sqlite3
import sys
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import msgspec

from edge.collect.files.room import FileRoom, Handed
from edge.collect.push.file import push_file
from edge.collect.push.queue import Queue
from edge.devices.iclock.shown import shown_command
from edge.errors import EdgeError, OutboxError
from edge.health import VERSION, HealthBook
from edge.outbox import Outbox
from edge.settings import EdgeSettings

LARGEST = 2 * 1024 * 1024
"""What the result of an order may carry."""
LOG_LINES = 1000
POLL_SECONDS = 1.0
FILES, COMMANDS = 50, 200
KEPT_BACK = "***"
SECRET_FIELDS = frozenset({"key", "fingerprint_password"})
_NAMED = re.compile(r"[A-Za-z0-9_-]{1,64}")


class RecentLog:
    """The last lines of the agent's own log; a processor of structlog that passes everything on."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=LOG_LINES)

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        self._lines.append(json.dumps(dict(event), ensure_ascii=False, default=str))
        return event

    def text(self) -> str:
        return "\n".join(list(self._lines))


Hidden = Callable[[], Iterable[str]]
"""Names, card numbers and keys that this edge knows, so that none of them goes out; called in a thread."""


class Support:
    """`protocol_log` and `support_bundle` block for a moment and belong into a thread; `run` answers commands of this machine."""

    def __init__(self, settings: EdgeSettings, outbox: Outbox, book: HealthBook, recent: RecentLog, hidden: Hidden) -> None:
        self._settings, self._outbox, self._book, self._recent, self._hidden = settings, outbox, book, recent, hidden

    def protocol_log(self, serial: str) -> bytes:
        """What this terminal and the edge said to each other last, as text; empty where nobody followed it."""
        return (self._book.protocol.text(serial) or "").encode()[-LARGEST:]

    async def support_bundle(self) -> bytes:
        """A zip file about the edge, of at most `LARGEST` bytes."""
        try:
            health = msgspec.to_builtins(await self._book.health())
        except OutboxError as error:
            health = {"trouble": error.english}
        return await asyncio.to_thread(self._pack, health)

    def _pack(self, health: dict[str, Any]) -> bytes:
        hide = _Hiding((*_secrets(self._settings), *self._hidden()))
        parts = {
            "about.json": _json(_about(self._settings)),
            "settings.json": _json(_settings_shown(self._settings)),
            "health.json": _json(health),
            "outbox.json": _json(_outbox(self._outbox)),
            "push.json": _json(self._book.push_status()),
            "commands.txt": "\n".join(_commands(self._settings)),
            "files.json": _json([_file(one) for one in FileRoom(self._settings.files_folder).all()[:FILES]]),
            "log.txt": self._recent.text(),
        }
        logs = {f"protocol/{serial}.txt": self._book.protocol.text(serial) or "" for serial in self._book.protocol.serials()}
        return _zipped({name: hide(text) for name, text in (parts | logs).items()})

    # Asked on this machine -----------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Answer what is asked in the folder until cancelled."""
        folder = self._settings.asked_folder
        while True:
            with suppress(OSError):
                for path in await asyncio.to_thread(lambda: sorted(folder.glob("*.asked"))):
                    await self._answer(path)
            await asyncio.sleep(POLL_SECONDS)

    async def _answer(self, path: Path) -> None:
        what, _, serial = path.stem.partition(".")
        answer = b""
        if what == "support-bundle":
            answer = await self.support_bundle()
        elif what == "protocol-log" and _NAMED.fullmatch(serial):
            answer = await asyncio.to_thread(self.protocol_log, serial)
        await asyncio.to_thread(_put, path, answer)


def _put(path: Path, answer: bytes) -> None:
    new = path.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_bytes(answer)
    path.unlink(missing_ok=True)  # whoever has the answer may ask the same once more
    new.replace(path.with_suffix(".answer"))


class _Hiding:
    """Takes out every key and every name that this edge knows, wherever it may have got to."""

    def __init__(self, secrets: Iterable[str]) -> None:
        words = {word for word in secrets if len(word) > 1}
        longest_first = sorted(words, key=len, reverse=True)
        self._any = re.compile("|".join(_whole(word) for word in longest_first)) if words else None

    def __call__(self, text: str) -> str:
        return self._any.sub(KEPT_BACK, text) if self._any else text


def _whole(word: str) -> str:
    """A key of digits is no part of a longer number; a name may stand anywhere."""
    return rf"(?<!\d){re.escape(word)}(?!\d)" if word.isdigit() else re.escape(word)


def _secrets(settings: EdgeSettings) -> list[str]:
    return [str(settings.station.fingerprint_password)] if settings.station else []


def _about(settings: EdgeSettings) -> dict[str, Any]:
    return {
        "edge": settings.edge,
        "release": VERSION,
        "at": datetime.now(UTC).isoformat(),
        "python": sys.version,
        "system": platform.platform(),
        "sqlite": sqlite3.sqlite_version,
        "packages": sorted(f"{one.name} {one.version}" for one in distributions()),
    }


def _settings_shown(settings: EdgeSettings) -> Any:
    return _without_secrets(settings.model_dump(mode="json"))


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: KEPT_BACK if name in SECRET_FIELDS and not _is_path(one) else _without_secrets(one) for name, one in value.items()}
    return [_without_secrets(one) for one in value] if isinstance(value, list) else value


def _is_path(value: object) -> bool:
    """`server.key` names a file; what is in it is the secret."""
    return isinstance(value, str) and value.endswith((".key", ".pem"))


def _outbox(outbox: Outbox) -> dict[str, Any]:
    state = {"epoch": outbox.epoch, "mark": outbox.mark, "low": outbox.low, "high": outbox.high, "healings": outbox.healings}
    with suppress(OutboxError):
        size = outbox.size()
        state |= {"used": size.used, "cap": size.cap, "disk_free": size.disk_free}
    return state | {"terminals": {serial: outbox.counts(serial) for serial in outbox.terminals()}}


def _commands(settings: EdgeSettings) -> Iterator[str]:
    """Commands for terminals that push, by their verbs."""
    if not settings.push_file.exists():
        return
    with suppress(EdgeError), push_file(settings.push_file) as file:
        for line in Queue(file).lines(most=COMMANDS):
            yield f"{line.number} {line.serial} {line.state} x{line.times} {shown_command(f'C:{line.number}:{line.text}')}"


def _file(one: Handed) -> dict[str, Any]:
    """A file without what stands in its lines."""
    survey = one.survey
    counts = {"lines": survey.lines, "punches": survey.punches, "problems": survey.problems, "devices": survey.devices} if survey else {}
    told = {"terminal": one.terminal, "state": one.state, "by": one.by, "at": one.at.isoformat(), "size": one.size}
    return told | counts | {"refusal": one.refusal, "appended": one.appended, "quarantined": one.quarantined}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)


def _zipped(parts: dict[str, str]) -> bytes:
    """All parts, each with its end where all of it would be too much."""
    share = LARGEST
    while True:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, text in parts.items():
                bundle.writestr(name, text.encode(errors="replace")[-share:])
        if len(packed.getvalue()) <= LARGEST:
            return packed.getvalue()
        share //= 2
