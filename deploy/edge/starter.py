#!/usr/bin/python3
"""The starter: chooses which version of the edge runs on this box, and goes back to the one before when a new one does not come up.

    starter.py keep             before a package is exchanged: keep the version that runs
    starter.py installed VERSION    behind it: put the new version on trial
    starter.py choose           before each start (ExecStartPre=+)
    starter.py came-up          behind a start that became ready (ExecStartPost=+)
    starter.py try-again        put a refused version on trial once more

A version on trial has three starts to say that it is ready; then the one before is put back and the refusal is noted for the agent, which
tells the server. An outbox is copied before a version of another outbox schema first opens it, and put back with the version before; what
the refused version wrote is set aside, never deleted.

It runs as root and needs nothing but Python, so that it works however broken a version is. /opt/clockbridge/current points at the version
in force: versions/V as installed, or kept/V, links to files whose package was exchanged.
"""

import contextlib
import json
import os
import shutil
import sqlite3
import sys
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(os.environ.get("CLOCKBRIDGE_ROOT", "/opt/clockbridge"))
STATE = Path(os.environ.get("CLOCKBRIDGE_STATE", "/var/lib/clockbridge"))
NOTES = STATE / "versions.json"
DATA = STATE / "edge"
STARTS = 3
BLANK = {"current": "", "before": "", "proven": False, "starts": 0, "expects_line": False, "refused": None}


def main(words):
    notes = read()
    match words:
        case ["keep"]:
            keep(notes)
        case ["installed", version]:
            installed(notes, version)
        case ["choose"]:
            choose(notes)
        case ["came-up"]:
            came_up(notes)
        case ["try-again"]:
            try_again(notes)
        case _:
            print(__doc__)
            return 2
    return 0


def keep(notes):
    """Link the files of the version in force where the exchange of its package does not reach them."""
    place = notes["current"]
    if not place.startswith("versions/") or not (ROOT / place).is_dir():
        return
    kept = f"kept/{place.removeprefix('versions/')}"
    shutil.rmtree(ROOT / kept, ignore_errors=True)
    (ROOT / "kept").mkdir(exist_ok=True)
    shutil.copytree(ROOT / place, ROOT / kept, symlinks=True, copy_function=os.link)
    if notes["before"] == place:
        notes["before"] = kept
    notes["current"] = kept
    write(notes)
    point(kept)


def installed(notes, version):
    place = f"versions/{version}"
    if notes["proven"] and notes["current"] not in ("", place):
        notes["before"], notes["expects_line"] = notes["current"], had_line()
    notes |= {"current": place, "proven": False, "starts": 0}
    if notes["before"] == place:
        notes["before"] = ""
    write(notes)
    point(place)


def choose(notes):
    if not notes["proven"] and notes["before"]:
        if notes["starts"] >= STARTS:
            go_back(notes)
        else:
            if notes["starts"] == 0:
                copy_outbox(notes)
            notes["starts"] += 1
        write(notes)
    if notes["current"]:
        point(notes["current"])


def go_back(notes):
    refused, before = notes["current"], notes["before"]
    reason = f"not ready in {STARTS} starts" + (" (it must reach the server, as the version before did)" if notes["expects_line"] else "")
    put_back_outbox(notes)
    notes["refused"] = {"version": name(refused), "instead": name(before), "at": now(), "reason": reason, "place": refused}
    notes |= {"current": before, "before": "", "proven": True, "starts": 0}
    print(f"clockbridge: {name(refused)} was {reason}: {name(before)} runs again.", file=sys.stderr)


def came_up(notes):
    if notes["proven"]:
        return
    notes |= {"proven": True, "starts": 0, "refused": None}
    write(notes)
    for folder in (ROOT / "kept").glob("*"):
        if str(folder.relative_to(ROOT)) not in (notes["before"], notes["current"]):
            shutil.rmtree(folder, ignore_errors=True)


def try_again(notes):
    refused = notes["refused"]
    if not refused or not (ROOT / refused["place"]).is_dir():
        sys.exit("clockbridge: no version was refused.")
    notes |= {"before": notes["current"], "expects_line": had_line(), "current": refused["place"], "proven": False, "starts": 0}
    notes["refused"] = None
    write(notes)
    point(notes["current"])


# The outbox -----------------------------------------------------------------------------------------------------------------------


def schema(place):
    """Number of the outbox schema that a version writes; it stands in a file of its own, so that nothing of the version need run."""
    try:
        return int((ROOT / place / "outbox-schema").read_text())
    except (OSError, ValueError):
        return 0


def copy_outbox(notes):
    """SQLite's own copy, whole at one moment; nobody has the file open between stop and start."""
    outbox, copy = DATA / "outbox.db", STATE / "outbox-before.db"
    if schema(notes["current"]) == schema(notes["before"]) or not outbox.exists():
        return
    copy.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(outbox)) as old, contextlib.closing(sqlite3.connect(copy)) as new:
        old.backup(new)
    shutil.copystat(outbox, copy)
    owner = outbox.stat()
    os.chown(copy, owner.st_uid, owner.st_gid)


def put_back_outbox(notes):
    """Only where the refused version changed the schema: else the outbox goes on as it is, with all that came meanwhile."""
    outbox, copy = DATA / "outbox.db", STATE / "outbox-before.db"
    if copy.exists() and outbox.exists() and user_version(outbox) > schema(notes["before"]):
        aside = DATA / f"outbox.of-{name(notes['current'])}.db"
        for suffix in ("-wal", ""):
            part = outbox.with_name(outbox.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
        outbox.with_name(outbox.name + "-shm").unlink(missing_ok=True)
        owner = copy.stat()
        shutil.copyfile(copy, outbox)
        os.chown(outbox, owner.st_uid, owner.st_gid)
        outbox.chmod(0o600)
    copy.unlink(missing_ok=True)


def user_version(file):
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


# Small things ---------------------------------------------------------------------------------------------------------------------


def read():
    try:
        return BLANK | json.loads(NOTES.read_text())
    except (OSError, ValueError):
        return dict(BLANK)


def write(notes):
    """Whole or not at all, and on the disk: after a power cut the count of starts is still right."""
    NOTES.parent.mkdir(parents=True, exist_ok=True)
    new = NOTES.with_suffix(".new")
    with new.open("w") as file:
        json.dump(notes, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    new.chmod(0o644)
    new.replace(NOTES)


def point(place):
    new = ROOT / "current.new"
    new.unlink(missing_ok=True)
    new.symlink_to(place)
    new.replace(ROOT / "current")


def had_line():
    """Whether the version in force has the server on the line just now."""
    try:
        return bool(json.loads((DATA / "status.json").read_text())["line_up"])
    except (OSError, ValueError, KeyError):
        return False


def name(place):
    return place.partition("/")[2]


def now():
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
