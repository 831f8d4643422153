"""The process that pyzk runs in: one JSON request on standard input, one JSON answer on standard output.

Request: {"action": "describe" | "clock" | "log", "host", "port", "udp", "key", "timeout"}.
Answer: {"ok": true, ...} or {"ok": false, "kind": "missing" | "unreachable" | "refused" | "broken", "error": text}.
The terminal is never disabled and its log never cleared. This is the only file of the product that imports pyzk.
"""

import json
import sys
from datetime import UTC, datetime
from typing import Any

WALL = "%Y-%m-%d %H:%M:%S"
READ_ATTENDANCE = 13


def main() -> None:
    """Serve one request and end."""
    request = json.loads(sys.stdin.buffer.read())
    try:
        answer = _serve(request)
    except Exception as problem:  # noqa: BLE001 - pyzk fails in many ways; the process boundary turns them into words
        answer = _failed("broken", problem)
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()


def _serve(request: dict[str, Any]) -> dict[str, Any]:
    try:
        from zk import ZK
        from zk.exception import ZKErrorConnection, ZKErrorResponse, ZKNetworkError
    except ImportError:
        return _failed("missing", "pyzk is not installed")
    terminal = ZK(
        request["host"],
        port=request["port"],
        timeout=request["timeout"],
        password=request["key"],
        force_udp=request["udp"],
        ommit_ping=True,
    )
    try:
        terminal.connect()
    except ZKErrorResponse as problem:
        return _failed("refused", problem)
    except (ZKNetworkError, ZKErrorConnection, OSError) as problem:
        return _failed("unreachable", problem)
    try:
        return {"ok": True, **_ACTIONS[request["action"]](terminal)}
    except (ZKNetworkError, OSError) as problem:
        return _failed("unreachable", problem)
    finally:
        _leave(terminal)


def _failed(kind: str, problem: object) -> dict[str, Any]:
    text = f"{type(problem).__name__}: {problem}" if isinstance(problem, Exception) else str(problem)
    return {"ok": False, "kind": kind, "error": text}


def _leave(terminal: Any) -> None:
    try:
        terminal.disconnect()
    except Exception as problem:  # noqa: BLE001 - the answer is known already
        sys.stderr.write(f"pyzk could not say goodbye: {problem}\n")


def _describe(terminal: Any) -> dict[str, Any]:
    facts = {
        "serial": terminal.get_serialnumber(),
        "name": terminal.get_device_name(),
        "platform": terminal.get_platform(),
        "firmware": terminal.get_firmware_version(),
        "mac": terminal.get_mac(),
    }
    terminal.read_sizes()
    return {**facts, "users": terminal.users, "records": terminal.records}


def _clock(terminal: Any) -> dict[str, Any]:
    before = datetime.now(UTC)
    shown = terminal.get_time()
    return {"wall": shown.strftime(WALL), "before": before.isoformat(), "after": datetime.now(UTC).isoformat()}


def _log(terminal: Any) -> dict[str, Any]:
    terminal.read_sizes()
    declared = terminal.records
    users = [[user.uid, user.user_id, user.name] for user in terminal.get_users()]
    punches = [
        [str(punch.user_id), punch.timestamp.strftime(WALL), punch.status, punch.punch, punch.uid] for punch in terminal.get_attendance()
    ]
    unread = 0 if declared else max(0, len(terminal.read_with_buffer(READ_ATTENDANCE)[0]) - 4)  # pyzk reads nothing where the count is 0
    terminal.read_sizes()
    return {"users": users, "punches": punches, "declared_before": declared, "declared_after": terminal.records, "unread": unread}


_ACTIONS = {"describe": _describe, "clock": _clock, "log": _log}


if __name__ == "__main__":
    main()
