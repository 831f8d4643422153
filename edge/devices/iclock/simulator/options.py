"""How a simulated terminal that pushes is set up. Constructing the options starts nothing."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edge.devices.iclock.protocol.request import SERIAL

MAX_RATE = 1000
KINDS = ("none", "visible", "near", "pieces", "palm")
"""Of faces; the last is a unit that takes palms instead."""


class PushSimulatorError(Exception):
    """The simulator cannot start as it was asked to; the message says what to change."""


@dataclass(frozen=True, slots=True)
class PushOptions:
    """host, port: of the edge it pushes to. dialect: "attendance" or "security". punches: it begins with, one a minute before now.

    zone: IANA name of the zone its clock begins in; it takes over what the server tells. poll_seconds: between two questions for
    commands, None as the server says. faces: none, visible, near, pieces or palm, see `faces.OPTIONS`. The same options and seed give the
    same terminal.
    """

    host: str = "127.0.0.1"
    port: int = 8081
    serial: str = "CBPUSH001"
    dialect: str = "attendance"
    users: int = 20
    punches: int = 0
    rate: float = 0
    clock_drift: float = 0
    zone: str = "Asia/Shanghai"
    seed: int = 1
    faults: tuple[str, ...] = ()
    poll_seconds: float | None = None
    faces: str = "none"

    def __post_init__(self) -> None:
        """Refuse what no terminal can be; raises PushSimulatorError."""
        rules = (
            (self.dialect in ("attendance", "security"), "a dialect is attendance or security"),
            (bool(SERIAL.fullmatch(self.serial)), "a serial number is 3 to 32 letters, digits, hyphens and underscores"),
            (0 <= self.users <= 10_000, "a terminal holds 0 to 10000 users"),
            (0 <= self.punches <= 500_000, "a terminal begins with 0 to 500000 punches"),
            (self.users > 0 or not (self.punches or self.rate), "punches need at least one user"),
            (0 <= self.rate <= MAX_RATE, f"a rate is 0 to {MAX_RATE} punches per second"),
            (self.faces in KINDS, f"faces are {', '.join(KINDS)}"),
            (self.faces != "pieces" or self.dialect == "attendance", "faces in pieces are of the attendance dialect"),
            (_is_zone(self.zone), f"{self.zone!r} is no time zone; write one such as Asia/Shanghai"),
        )
        for holds, sentence in rules:
            if not holds:
                raise PushSimulatorError(sentence)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
