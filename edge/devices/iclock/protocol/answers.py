"""What a terminal is told when it comes. Templates and photos are not asked for: there is no place for them yet."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from edge.devices.iclock.protocol.answer import LATER, Answer, text
from edge.devices.iclock.protocol.dialect import Dialect, at_least_two
from edge.devices.iclock.protocol.zone import packed_seconds, zone_offset, zone_value

TRANSFER_TIMES = "00:00;14:05"
MAX_POST = 1_048_576
_WANTED = "TransData AttLog\tOpLog\tEnrollUser\tChgUser"
_WANTED_OLD = "1101100000"


@dataclass(frozen=True, slots=True)
class House:
    """What is the same for all terminals of an edge. now: aware, UTC. trusted: whether this machine's clock may be believed.

    tells_time: whether terminals may have the time from it.
    """

    zone: ZoneInfo
    now: datetime
    trusted: bool
    tells_time: bool = False
    delay: int = 10
    error_delay: int = 30


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the terminal that asks. stamps: the last one it told for each table, in its own words.

    registered, code: of the security dialect. fixed: a person has set the dialect, whatever the terminal announces.
    """

    serial: str
    dialect: Dialect
    fixed: bool = False
    version: str = ""
    stamps: dict[str, str] | None = None
    registered: bool = False
    code: str = ""

    @property
    def session(self) -> str:
        return self.code[::-1]


def greet(known: Known, house: House) -> Answer:
    """The answer to a handshake."""
    if known.dialect is Dialect.ATTENDANCE:
        return text(attendance_options(known, house))
    return text(security_options(known, house)) if known.registered else text("OK")


def attendance_options(known: Known, house: House) -> str:
    """Options of the attendance dialect; the stamps' names depend on the version."""
    newer = at_least_two(known.version)
    names = ("ATTLOGStamp", "OPERLOGStamp", "ATTPHOTOStamp") if newer else ("Stamp", "OpStamp", "PhotoStamp")
    stamps = known.stamps or {}
    lines = [
        f"GET OPTION FROM: {known.serial}",
        *(f"{name}={stamps.get(table, '0')}" for name, table in zip(names, ("attlog", "operlog", "attphoto"), strict=True)),
        f"ErrorDelay={house.error_delay}",
        f"Delay={house.delay}",
        f"TransTimes={TRANSFER_TIMES}",
        "TransInterval=1",
        f"TransFlag={_WANTED if newer else _WANTED_OLD}",
        f"TimeZone={zone_value(house.zone, house.now)}",
        "Realtime=1",
        f"Encrypt={'None' if newer else '0'}",
    ]
    if newer:
        lines += ["ServerVer=2.4.1", "PushProtVer=2.4.1", "SupportPing=1", f"MaxPostSize={MAX_POST}"]
    return "\n".join(lines) + "\n"


def security_options(known: Known, house: House) -> str:
    """Options of the security dialect."""
    lines = [
        "registry=ok",
        f"RegistryCode={known.code}",
        "ServerVersion=3.1.2",
        "ServerName=Clockbridge",
        "PushProtVer=3.1.2",
        f"ErrorDelay={house.error_delay}",
        f"RequestDelay={house.delay}",
        f"TransTimes={TRANSFER_TIMES}",
        "TransInterval=1",
        "TransTables=User Transaction",
        "Realtime=1",
        f"SessionID={known.session}",
        "TimeoutSec=10",
    ]
    return "\r\n".join(lines) + "\r\n"


def register(known: Known) -> Answer:
    """The answer to a registration, with the cookie that some firmware sends back."""
    return Answer(body=f"RegistryCode={known.code}".encode(), cookie=f"PHPSESSID={known.session}; path=/")


def time_of_day(house: House) -> Answer:
    """The answer to a unit of the security dialect that asks for the time: universal time, packed, and the zone."""
    if not house.tells_time:
        return LATER
    return text(f"DateTime={packed_seconds(house.now.replace(tzinfo=None))},ServerTZ={zone_offset(house.zone, house.now)}")
