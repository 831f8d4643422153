"""What settings of a terminal must be, and which measurements of its clock and reads of its log are worth keeping. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from protocol.messages import LastRead
from server.errors import InvalidInputError
from server.fleet.model import DriftPoint, Reading, TerminalDriver, TerminalSettings

TRANSPORTS = ("tcp", "udp")
LAYOUTS = ("", "8a", "8b", "16", "40", "49")
DIALECTS = ("", "attendance", "security")
LARGEST_KEY = 2**32 - 1
JUMP_MS = 500
"""A drift that changed by more is news."""
POINT_EVERY = timedelta(hours=1)
OFF_MS, RIGHT_MS = 2_000, 1_000
"""A clock that was off by more than the first and is now right by the second was set in between: none gains that by itself."""
COUNTED = (
    "declared", "declared_bytes", "received_bytes", "decoded", "doubtful", "repeated", "held", "appended", "complete", "layout", "reason",
)  # fmt: skip
"""Fields that a read as it was told and one as it is kept have alike."""


def checked_settings(typed: Mapping[str, str]) -> TerminalSettings:
    """Settings from what somebody typed, by the names of their fields; raises InvalidInputError. What is left out is by default."""
    driver = _one_of(typed, "driver", [one.value for one in TerminalDriver], TerminalDriver.ZKTECO.value)
    host = typed.get("host", "").strip()
    if driver != TerminalDriver.PUSH.value and not host:
        raise InvalidInputError(field="address", reason="give the terminal's address in the site's network, such as 192.168.1.201")
    if len(host) > 200 or any(letter.isspace() for letter in host):
        raise InvalidInputError(field="address", reason="use a name or an address without spaces")
    return TerminalSettings(
        driver=TerminalDriver(driver),
        host=host,
        port=_whole(typed, "port", 4370, 1, 65535),
        transport=_one_of(typed, "transport", TRANSPORTS, "tcp"),
        poll_seconds=_whole(typed, "poll_seconds", 60, 1, 86_400),
        layout=_one_of(typed, "layout", LAYOUTS, ""),
        source=typed.get("source", "").strip()[:64],
        dialect=_one_of(typed, "dialect", DIALECTS, ""),
    )


def checked_key(typed: str) -> int | None:
    """A communication key that somebody typed; None where nothing was. Raises InvalidInputError, which never shows it."""
    if not typed.strip():
        return None
    if not typed.strip().isdecimal() or not 0 <= int(typed) <= LARGEST_KEY:
        raise InvalidInputError(field="communication key", reason="use the digits that are set at the terminal, or 0 where there is none")
    return int(typed)


def next_point(last: DriftPoint | None, at: datetime, drift_ms: int) -> DriftPoint | None:
    """What to keep of a measurement; None where it says nothing new. last: the one that was kept before."""
    if last is None:
        return DriftPoint(at, drift_ms, corrected=False)
    if at <= last.at or (abs(drift_ms - last.drift_ms) <= JUMP_MS and at - last.at < POINT_EVERY):
        return None
    return DriftPoint(at, drift_ms, corrected=abs(last.drift_ms) > OFF_MS and abs(drift_ms) < RIGHT_MS)


def next_reading(last: Reading | None, told: LastRead) -> Reading | None:
    """What to keep of a read; None for one that was told before. One that brought nothing new is counted with the one before it."""
    if last is not None and last.last_at == told.finished_at:
        return None
    lasted = max(int((told.finished_at - told.started_at) / timedelta(milliseconds=1)), 0)
    counts = {name: getattr(told, name) for name in COUNTED}
    if last is not None and not told.appended and told.finished_at > last.last_at and _says(last, counts):
        return replace(last, last_at=told.finished_at, times=last.times + 1, milliseconds=lasted)
    return Reading(first_at=told.finished_at, last_at=told.finished_at, times=1, milliseconds=lasted, **counts)


def _says(last: Reading, counts: Mapping[str, object]) -> bool:
    """Whether the reading before says these counts as well; how many of them were new then does not matter."""
    return all(getattr(last, name) == value for name, value in counts.items() if name != "appended")


def _one_of(typed: Mapping[str, str], field: str, allowed: Collection[str], default: str) -> str:
    value = typed.get(field, default).strip()
    if value not in allowed:
        raise InvalidInputError(field=field, reason="choose one of {allowed}", allowed=", ".join(one for one in allowed if one))
    return value


def _whole(typed: Mapping[str, str], field: str, default: int, least: int, most: int) -> int:
    text = typed.get(field, "").strip() or str(default)
    if not text.isdecimal() or not least <= int(text) <= most:
        raise InvalidInputError(field=field, reason="use a whole number from {least} to {most}", least=least, most=most)
    return int(text)
