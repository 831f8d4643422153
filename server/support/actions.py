"""Packing a support bundle."""

import io
import json
import os
import platform
import re
import shutil
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from importlib.metadata import distributions, version
from typing import Any

from server.attendance import actions as attendance
from server.audit.actions import record
from server.audit.model import Actor
from server.fleet import actions as fleet
from server.ingest.actions import read_fleet
from server.ingest.alarms import Alarm, alarms
from server.ingest.overview import EdgeLine, Fleet, TerminalLine
from server.logs import kept_lines
from server.migrations import head_revision
from server.settings import ServerSettings
from server.storage import Database, UnitOfWork
from server.support import store
from server.support.engine import Hiding, sums, told_settings, words_of

SHOWN_SETTINGS = frozenset({"kind", "security", "match", "second_factor", "language", "time_zone"})
SHOWN_FACTS = (
    "driver", "firmware", "platform", "algorithm", "face_algorithm", "users", "users_capacity", "fingers", "fingers_capacity", "faces",
    "faces_capacity", "palms", "palms_capacity", "punches", "punches_capacity",
)  # fmt: skip
"""Of what a terminal says of itself."""
RECENT = timedelta(days=14)
READINGS, TROUBLED = 3, 50
"""Of how many terminals that are not in order the last read receipts are told, and how many of each."""
LOG_BYTES = 256 * 1024
_NO_NAME = re.compile(r"[^A-Za-z0-9-]")
README = """Clockbridge support bundle of a server.

about.json      release, packages, machine, processes
settings.json   settings: numbers, switches and words of ours; of everything else only whether it is set
database.json   kind, release, revision, size, about how many rows each table has
edges.json, terminals.json, alarms.json   the fleet as it is: by names of edges and serial numbers
queues.json     what waits, by state
faults.json     orders that failed in the last 14 days
log.jsonl       warnings and errors of this machine's processes
protocol/       the last protocol logs that edges sent

Names, numbers and logins of people, cards, mail addresses, telephone numbers, network addresses, keys, tokens and texts in quotation
marks are taken out: *** stands where something was. Look through it before you hand it on.
"""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A zip file, and the name it goes by."""

    name: str
    data: bytes


def pack_bundle(database: Database, settings: ServerSettings, by: Actor, now: datetime) -> Bundle:
    """Everything about this server that is nobody's; that somebody took it stands on the trail. Nobody waits while it is packed."""
    with database.writing() as uow:
        record(uow, by, "support.bundle", "server", version("clockbridge"), at=now)
    packed = io.BytesIO()
    with database.reading() as uow, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        hide = Hiding(words_of(store.known_words(uow)), store.kept_words(uow))
        for name, text in _parts(uow, settings, hide, now):
            bundle.writestr(name, text)
    return Bundle(f"clockbridge-server-{now:%Y%m%d-%H%M}.zip", packed.getvalue())


def _parts(uow: UnitOfWork, settings: ServerSettings, hide: Hiding, now: datetime) -> Iterator[tuple[str, str]]:
    seen = read_fleet(uow)
    yield "README.txt", README
    yield "about.json", _json(_about(settings, now))
    yield "settings.json", _json(told_settings(settings.model_dump(mode="json", exclude={"data_dir"}), SHOWN_SETTINGS))
    yield "database.json", _json(store.database_facts(uow) | {"needs": head_revision(), "rows": store.table_sizes(uow)})
    yield "edges.json", _json([_edge(one, hide, now) for one in seen.edges])
    yield "terminals.json", _json([_terminal(one, hide, now) for one in seen.terminals] + _readings(uow, seen, hide, now))
    yield "alarms.json", _json([_alarm(one, hide) for one in alarms(seen, now)])
    yield "queues.json", _json(_queues(uow, hide, now))
    yield "faults.json", _json([_fault(row, hide) for row in store.failed_orders(uow, now - RECENT)])
    yield "log.jsonl", "\n".join(hide.log_line(line) for line in kept_lines(settings.data_dir))
    for row in store.protocol_logs(uow, now - RECENT):
        text = bytes(row.body[-LOG_BYTES:]).decode(errors="replace")
        yield f"protocol/{_NO_NAME.sub('_', hide.sentence(row.serial or 'edge'))}-{row.id}.txt", hide.sentence(text)


def _about(settings: ServerSettings, now: datetime) -> dict[str, Any]:
    told: dict[str, Any] = {
        "release": version("clockbridge"),
        "at": now,
        "python": sys.version,
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "packages": sorted(f"{one.name} {one.version}" for one in distributions()),
    }
    with suppress(OSError):
        told["disk_free"] = shutil.disk_usage(settings.data_dir).free
    with suppress(OSError, ValueError):
        told["processes"] = json.loads((settings.data_dir / "run" / "parts.json").read_text())
    return told


def _edge(one: EdgeLine, hide: Hiding, now: datetime) -> dict[str, Any]:
    return {
        "edge": one.name,
        "state": one.line(now),
        "heard_at": one.heard_at,
        "release": hide.sentence(one.version),
        "queue_depth": one.queue_depth,
        "oldest_at": one.oldest_at,
        "hours_left": one.hours_left,
        "certificate_ends_at": one.certificate_ends_at,
        "clock_set_back": one.clock_set_back,
        "stages": {hide.sentence(name): at for name, at in one.stages.items()},
        "alarms": [hide.sentence(said) for said in one.alarms],
    }


def _terminal(one: TerminalLine, hide: Hiding, now: datetime) -> dict[str, Any]:
    health = one.overview.health
    told = {
        "terminal": one.serial,
        "edge": one.edge.name if one.edge else None,
        "state": one.state(now),
        "seen_at": one.seen_at,
        "drift_ms": one.drift_ms,
        "held": one.held,
        "appended": one.appended,
        "cleared": one.cleared,
        "admitted": one.admitted,
        "quarantined": one.quarantined,
        "counts": one.agreement,
        "missing": one.missing,
        "facts": {name: hide.sentence(str(one.facts[name])) for name in SHOWN_FACTS if one.facts.get(name)},
    }
    return told | {"last_error": hide.sentence(health.last_error)} if health else told


def _readings(uow: UnitOfWork, seen: Fleet, hide: Hiding, now: datetime) -> list[dict[str, Any]]:
    """Of terminals that are not in order, what their edges read last."""
    troubled = [one for one in seen.terminals if one.kind(now) != "ok" or one.missing][:TROUBLED]
    found = ((one, fleet.readings(uow, one.overview.terminal.id, limit=READINGS)) for one in troubled)
    return [
        {
            "terminal": one.serial,
            "readings": [asdict(each) | {"layout": hide.sentence(each.layout), "reason": hide.sentence(each.reason)} for each in readings],
        }
        for one, readings in found
        if readings
    ]


def _alarm(one: Alarm, hide: Hiding) -> dict[str, Any]:
    told = {"kind": one.kind, "severity": one.severity, "since": one.since, "told_at": one.told_at, "text": one.text}
    about = {name: hide.sentence(str(one.facts[name])) for name in ("edge", "terminal", "code", "count") if name in one.facts}
    return told | about


def _queues(uow: UnitOfWork, hide: Hiding, now: datetime) -> dict[str, Any]:
    waiting = attendance.waiting_marks(uow)
    told: dict[str, Any] = {name: sums(_spoken(rows, hide)) for name, rows in store.counted(uow)}
    told["sendings"] = [
        {"way": hide.sentence(row.way), "fault": hide.sentence(row.code), "all": row.rows, "waiting": row.waiting}
        for row in store.sendings(uow)
    ]
    told["days"] = {"waiting": waiting.marks, "oldest_at": waiting.oldest_at, "failing": waiting.failing}
    return told | {"shards with an owner": store.shards(uow, now)}


def _spoken(rows: Iterable[tuple[str, str, int]], hide: Hiding) -> Iterator[tuple[str, str, int]]:
    return ((hide.sentence(what), hide.sentence(state), count) for what, state, count in rows)


def _fault(row: Any, hide: Hiding) -> Mapping[str, Any]:
    return {
        "order": row.id,
        "kind": hide.sentence(row.kind),
        "state": row.state,
        "ended_at": row.ended_at,
        "detail": hide.sentence(row.detail),
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)
