"""Decoding a terminal's log of 100,000 punches, beside pyzk 0.9 on the same bytes, each in a process of its own."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from edge.devices.zkteco.records import encode_record
from protocol.instants import pack_moment
from tests.bench.row import Row

RECORDS = 100_000

OURS = """
import json, sys, time
from datetime import datetime
from edge.devices.zkteco.layouts import decode_log
body = open(sys.argv[1], "rb").read()
started = time.perf_counter()
decoded = decode_log(body, {}, datetime(2026, 11, 23))
print(json.dumps([time.perf_counter() - started, len(decoded.punches), decoded.punches[-1].user]))
"""

# pyzk decodes only what it reads itself, so its two ways to the network are answered from memory; what is timed is its own decoding.
THEIRS = """
import json, struct, sys, time
from zk.base import ZK
body = open(sys.argv[1], "rb").read()
terminal = ZK("127.0.0.1")
terminal.records = len(body) // 40
terminal.read_sizes = lambda: None
terminal.get_users = lambda: []
terminal.read_with_buffer = lambda *_: (struct.pack("<I", len(body)) + body, len(body) + 4)
started = time.perf_counter()
found = terminal.get_attendance()
print(json.dumps([time.perf_counter() - started, len(found), found[-1].user_id]))
"""


def run() -> list[Row]:
    body = Path(".dev") / "bench-log.bin"
    body.parent.mkdir(exist_ok=True)
    body.write_bytes(_log())
    try:
        ours, theirs = _time(OURS, body), _time(THEIRS, body)
    finally:
        body.unlink()
    return [
        Row(
            work="decode a log of 100,000 records of 40 bytes",
            measured=ours,
            unit="s",
            limit="pyzk 0.9 on the same bytes",
            limit_measured=theirs,
            ratio=theirs / ours,
            at_least=20,
            note="times faster",
        )
    ]


def _log() -> bytes:
    start = datetime(2026, 8, 1, 8)
    walls = (pack_moment(start + timedelta(seconds=place * 31)) for place in range(RECORDS))
    return b"".join(encode_record("40", place % 500 + 1, str(1000 + place % 500), wall, 1, place % 2) for place, wall in enumerate(walls))


def _time(program: str, body: Path) -> float:
    seconds, count, last = json.loads(
        subprocess.run([sys.executable, "-c", program, body], check=True, capture_output=True, text=True).stdout
    )
    assert (count, last) == (RECORDS, str(1000 + (RECORDS - 1) % 500)), "both must decode the same punches"
    return seconds
