"""How a simulated terminal is set up. Constructing the options starts nothing."""

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edge.devices.control import MAX_DRIFT

RECORD_SIZES = ("8a", "8b", "16", "40", "49")
USER_SIZES = (28, 72)
ALGORITHMS = ("9", "10")
MAX_RATE = 10_000
MAX_PUNCHES = 5_000_000
"""Beyond what the largest terminal holds; a million take about 150 MB of memory."""


class SimulatorError(Exception):
    """The simulator cannot start as it was asked to; the message says what to change."""


@dataclass(frozen=True, slots=True)
class SimulatorOptions:
    """Everything that can be chosen; the same options and seed give the same terminal.

    port: TCP and UDP at once; 0 takes a free one. key: 0 = none, up to 6 digits on real terminals.
    punches: generated ones, the newest shortly before the start. from_file: JSON lines or a USB export,
    instead of generated users and punches.
    rate: live punches per second. clock_drift: seconds its clock is ahead. zone: IANA name of the wall time, None = this machine's.
    state: file that keeps users and log through a crash; when it exists already, nothing is generated.
    restart_seconds: how long a restart takes. fingers: templates each user begins with. faces: how many it says it has.
    """

    host: str = "127.0.0.1"
    port: int = 0
    users: int = 20
    punches: int = 0
    from_file: Path | None = None
    rate: float = 0
    key: int = 0
    record_size: str = "40"
    user_size: int = 72
    clock_drift: float = 0
    serial: str = "CBSIM0001"
    name: str = "Clockbridge simulator"
    seed: int = 1
    faults: tuple[str, ...] = ()
    state: Path | None = None
    zone: str | None = None
    restart_seconds: float = 1
    algorithm: str = "10"
    fingers: int = 0
    faces: int = 0
    users_capacity: int = 65_535
    fingers_capacity: int = 10_000

    def __post_init__(self) -> None:
        """Refuse what no terminal can be; raises SimulatorError."""
        serial = self.serial
        rules = (
            (self.record_size in RECORD_SIZES, f"a record size is one of {', '.join(RECORD_SIZES)}"),
            (self.user_size in USER_SIZES, "a user size is 28 or 72"),
            (0 <= self.key < 2**32, "a key is 0 (none) to 4294967295"),
            (0 <= self.users_capacity <= 65_535, "a terminal holds 0 to 65535 users"),
            (0 <= self.users <= self.users_capacity, f"this terminal holds 0 to {self.users_capacity} users"),
            (self.algorithm in ALGORITHMS, f"an algorithm is one of {', '.join(ALGORITHMS)}"),
            (0 <= self.fingers <= 10, "a user has 0 to 10 fingers"),
            (self.fingers * self.users <= self.fingers_capacity, f"this terminal holds {self.fingers_capacity} fingers"),
            (self.faces >= 0, "faces are 0 or more"),
            (self.users or self.from_file or not self.punches, "punches need at least one user"),
            (serial.isascii() and serial.isprintable() and 0 < len(serial) <= 24, "a serial number is 1 to 24 printable ASCII characters"),
            (self.zone is None or _is_zone(self.zone), f"{self.zone!r} is no time zone; write one such as Asia/Shanghai"),
            (abs(self.clock_drift) <= MAX_DRIFT, "a clock drifts by ten years at most"),
            (0 <= self.rate <= MAX_RATE, f"a rate is 0 to {MAX_RATE} punches per second"),
            (0 <= self.punches <= MAX_PUNCHES, f"a terminal begins with 0 to {MAX_PUNCHES} punches"),
        )
        for holds, sentence in rules:
            if not holds:
                raise SimulatorError(sentence)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
