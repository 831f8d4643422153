"""What a person may set: the file edge.toml, and environment variables over it (`CLOCKBRIDGE_EDGE_SERVER__PORT=8884`).

Relative paths in the file count from the file's folder. Everything is checked at start; nothing is read later. The list for people is
docs/reference/edge-settings.md, held to these classes by a test.
"""

import json
import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as UnreadableEnvironmentError

from edge.errors import SettingsError
from edge.seals import blank_seals, clear_secrets, open_seals
from protocol.errors import IdentifierError
from protocol.identifiers import check_edge_id

PREFIX = "CLOCKBRIDGE_EDGE_"
DEFAULT_FILE = Path("edge.toml")
REFERENCE = "docs/reference/edge-settings.md"

Port = Annotated[int, Field(ge=1, le=65535)]


class _BothLanguagesError(ValueError):
    """A finding of our own, in both languages."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.chinese = chinese


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class ServerAddress(_Section):
    host: str
    """Name or address of the server's broker; it must stand in the broker's certificate."""
    port: Port = 8883
    """Port of the broker (MQTT over TLS)."""
    ca: Path = Path("ca.crt")
    """The authority that the broker's certificate must come from (PEM)."""
    certificate: Path = Path("edge.crt")
    """This edge's certificate (PEM)."""
    key: Path = Path("edge.key")
    """The private key of `certificate` (PEM)."""
    verify_key: Path = Path("server.pub")
    """The key that receipts and orders must be signed with (Ed25519, PEM)."""
    signing_key: Path = Path("signing.key")
    """This edge's own key, which seals what it sends (Ed25519, PEM)."""
    web: str = ""
    """Address of the server's pages (`https://…`), where the certificate is renewed; empty where it cannot be reached from here."""


class OutboxSettings(_Section):
    max_megabytes: int = Field(default=2048, ge=1, le=1_000_000)
    """Largest size of the outbox; never more than 60 % of the disk it lies on. One million punches take about 300 MB."""
    keep_days: int = Field(default=30, ge=0, le=3650)
    """How long rows stay after their receipt, so that a server restored from a backup gets them again."""


class TerminalSettings(_Section):
    name: str = Field(min_length=1, max_length=100)
    """What people call it; each terminal has its own name."""
    driver: Literal["zkteco", "pyzk"] = "zkteco"
    """`zkteco` is our own; `pyzk` reads with the library of that name in a process of its own, by polling only."""
    host: str = Field(min_length=1)
    """Name or address of the terminal."""
    port: Port = 4370
    """Port of the terminal."""
    transport: Literal["tcp", "udp"] = "tcp"
    """Some older units speak `udp` only."""
    key: int = Field(default=0, ge=0, le=2**32 - 1, repr=False)
    """Communication key (password) of the terminal; 0 for none. `clockbridge edge seal` writes it as `sealed:…`."""
    poll_seconds: float = Field(default=60, ge=0.1, le=86_400)
    """Seconds between two readings of its log, beside the live events."""
    expected_serial: str = Field(default="", max_length=64)
    """Serial number it must have; another one is an alarm and nothing is collected. Empty takes any."""
    layout: Literal["", "8a", "8b", "16", "40", "49"] = ""
    """Bytes of a punch, where they cannot be told from the log (`zkteco` only); empty lets each read decide."""


class DropFolder(_Section):
    path: Path
    """Folder that is watched for USB exports (`*_attlog.dat`); what was taken is moved into `taken` in it."""
    terminal_serial: str = Field(min_length=1, max_length=64)
    """Serial number of the terminal whose exports are put there."""
    poll_seconds: float = Field(default=10, ge=0.1, le=86_400)
    """Seconds between two looks."""
    device_numbers: list[Annotated[str, Field(pattern=r"^[0-9]{1,3}$")]] = []
    """Device numbers that this terminal writes into its exports; lines of others are left out. Empty takes a file with one number only."""


class PushTerminal(_Section):
    serial: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{2,31}$")
    """Serial number of a terminal that may push; naming it here is its approval."""
    name: str = Field(default="", max_length=100)
    """What people call it; its serial number when left out."""
    source: str = Field(default="", max_length=64)
    """Address it must come from. Empty pins it to the first address it is heard from; `any` takes every one and only tells a change."""
    dialect: Literal["", "attendance", "security"] = ""
    """Where a unit announces the wrong one of the two dialects; empty believes it."""


class PushSettings(_Section):
    host: str = "0.0.0.0"  # noqa: S104 - terminals are elsewhere; the page says to bind it to their network
    """Address to listen on: the one this machine has in the terminals' network."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8081
    """Port that is set in the terminals as the server's."""
    terminals: list[PushTerminal] = []
    delay_seconds: int = Field(default=10, ge=1, le=600)
    """Seconds between two questions of a terminal whether there are commands."""
    max_body_kilobytes: int = Field(default=4096, ge=64, le=65_536)
    """Largest body that is taken; terminals are told to send at most 1024."""
    max_connections: int = Field(default=1000, ge=1, le=20_000)
    """Connections at once, a quarter of them for one address; further ones are closed, and their terminals come again."""
    requests_per_minute: int = Field(default=600, ge=10, le=100_000)
    """Requests of one address in a minute; further ones are told to come later."""
    send_date: bool = True
    """Whether terminals set their clocks by this machine's; it never tells the time while it has reason to doubt its own clock."""
    proof_minutes: int = Field(default=30, ge=1, le=1440)
    """Minutes between two comparisons of today's and yesterday's punches with the terminal's own count (attendance dialect)."""
    proof_days: int = Field(default=31, ge=2, le=400)
    """Days that are compared each night; what is missing is asked for."""
    dangerous_commands: bool = False
    """Whether SHELL, PutFile and GetFile may be sent: they reach into a terminal's system."""


class StationSettings(_Section):
    serial: str = Field(min_length=1, max_length=64, pattern="^[!-~]+$")
    """What stands as serial number in its punches: give each station another one, and never change it."""
    name: str = Field(min_length=1, max_length=100)
    """What people call it; it stands on the page at the door."""
    direction: Literal["none", "in", "out"] = "none"
    """What a punch here means; `none` where people come and go by the same door."""
    fingerprint: str = ""
    """Serial port of a fingerprint module (`/dev/serial/by-id/…`); empty where there is none."""
    fingerprint_baud: int = Field(default=0, ge=0, le=115_200)
    """Speed of the module; 0 tries all."""
    fingerprint_password: int = Field(default=0, ge=0, le=2**32 - 1, repr=False)
    """Password of the module; 0 for none. `clockbridge edge seal` writes it as `sealed:…`."""
    card_reader: str = ""
    """Serial port of an RDM6300; empty where there is none."""
    card_keyboard: str = ""
    """Device of a reader that types (`/dev/input/by-id/…-event-kbd`); empty where there is none."""
    card_format: Literal["decimal", "facility", "hex", "reversed"] = "decimal"
    """How that reader types a number, and how numbers are given to `clockbridge station card`."""
    relay: str = ""
    """Serial port of the door's USB relay; empty where there is none."""
    relay_channel: int = Field(default=1, ge=0, le=8)
    """Which of its channels opens the door; 0 where it has a beeper only."""
    beeper_channel: int = Field(default=0, ge=0, le=8)
    """Which of its channels has a beeper or a lamp: short for whoever is known, long for others; 0 where there is none."""
    pulse_seconds: float = Field(default=3, ge=0.1, le=30)
    """How long the door is open for somebody who is known."""
    page_host: str = "127.0.0.1"
    """Address of the page for the tablet. It shows names: this machine alone unless you say otherwise; empty for no page."""
    page_port: int = Field(default=8470, ge=0, le=65535)
    """Port of that page."""
    language: Literal["zh", "en"] = "zh"
    """Language of that page."""


class PageSettings(_Section):
    host: str = "127.0.0.1"
    """Address of the edge's own page, empty for none. Beyond this machine it needs a password (`clockbridge edge page-password`)."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8471
    """Port of that page."""
    language: Literal["zh", "en"] = "zh"
    """Language of that page for whoever has not chosen one on it."""


class EdgeSettings(BaseSettings):
    """All settings of an edge; frozen. Build it with `load_settings`, or directly in tests."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=PREFIX, env_nested_delimiter="__", use_attribute_docstrings=True
    )

    edge: str
    """Name of this edge, as the server knows it: 1 to 63 of a-z, 0-9 and inner hyphens."""
    data_dir: Path = Path("data")
    """Folder of the outbox and of status.json; one for each edge, on a local disk."""
    time_zone: str = "Asia/Shanghai"
    """Zone that the terminals' clocks should show."""
    health_seconds: float = Field(default=15, ge=0.5, le=3600)
    """Seconds between two health messages when nothing changes."""
    protocol_log_entries: int = Field(default=50, ge=0, le=10_000)
    """Frames and requests of each terminal that are remembered for whoever looks for a fault, without what is in them; 0 for none."""
    server: ServerAddress
    outbox: OutboxSettings = OutboxSettings()
    terminals: list[TerminalSettings] = []
    drop_folders: list[DropFolder] = []
    push: PushSettings | None = None
    station: StationSettings | None = None
    page: PageSettings = PageSettings()

    _folder: Path = PrivateAttr(default=Path())
    _in_clear: tuple[str, ...] = PrivateAttr(default=())

    @property
    def folder(self) -> Path:
        """Of the settings file: what belongs to it lies there, and the key of the vault."""
        return self._folder

    @property
    def in_clear(self) -> tuple[str, ...]:
        """Where a secret number stands unsealed in the file."""
        return self._in_clear

    @field_validator("edge")
    @classmethod
    def _edge_name(cls, name: str) -> str:
        try:
            return check_edge_id(name)
        except IdentifierError as error:
            raise _BothLanguagesError(error.reason, f"{name!r} 不是网关名称：请用 1 至 63 个 a-z、0-9 和中间的连字符") from error

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise _BothLanguagesError(
                f"{name!r} is no time zone; a right one is Asia/Shanghai", f"{name!r} 不是时区；正确的例子是 Asia/Shanghai"
            ) from error
        return name

    @model_validator(mode="after")
    def _each_terminal_once(self) -> Self:
        for what, chinese, key in _UNIQUE:
            values = [key(terminal) for terminal in self.terminals]
            for value in sorted({value for value in values if values.count(value) > 1}):
                raise _BothLanguagesError(f"two terminals have the {what} {value}", f"两台考勤机的{chinese}都是 {value}")
        serials = [terminal.serial for terminal in self.push.terminals] if self.push else []
        for serial in sorted({one for one in serials if serials.count(one) > 1}):
            raise _BothLanguagesError(f"two terminals that push have the serial number {serial}", f"两台推送考勤机的序列号都是 {serial}")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def outbox_file(self) -> Path:
        return self.data_dir / "outbox.db"

    @property
    def station_file(self) -> Path:
        return self.data_dir / "station.db"

    @property
    def push_file(self) -> Path:
        return self.data_dir / "push.db"

    @property
    def page_password_file(self) -> Path:
        return self.data_dir / "page.password"

    @property
    def asked_folder(self) -> Path:
        return self.data_dir / "asked"

    @property
    def files_folder(self) -> Path:
        return self.data_dir / "files"

    @property
    def status_file(self) -> Path:
        return self.data_dir / "status.json"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the interface's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the interface's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the interface's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment stands over what the file says."""
        return env_settings, init_settings


_UNIQUE: tuple[tuple[str, str, Callable[[TerminalSettings], str]], ...] = (
    ("name", "名称", lambda terminal: terminal.name),
    ("address", "地址", lambda terminal: f"{terminal.host}:{terminal.port}"),
)


def load_settings(file: Path | None = None) -> EdgeSettings:
    """Read and check the settings; raises SettingsError with all that is wrong at once, also files that are missing."""
    file = settings_file(file)
    written = _read(file)
    in_clear = tuple(clear_secrets(written))
    wrong = open_seals(written, file.absolute().parent)
    if wrong:
        raise SettingsError([(f"{file}: {english}", f"{file}：{chinese}") for english, chinese in wrong])
    settings = _with_files(file, _checked(file, written))
    settings._in_clear = in_clear  # noqa: SLF001 - it was built here
    return settings


def look_at_settings(file: Path | None = None) -> EdgeSettings:
    """As `load_settings`, for a user who may not have the key: what is sealed stands as 0."""
    file = settings_file(file)
    return _with_files(file, read_settings(file))


def read_settings(file: Path) -> EdgeSettings:
    """As `look_at_settings`, where the files that the settings name may be missing."""
    written = _read(file)
    blank_seals(written)
    return _checked(file, written)


def settings_file(file: Path | None = None) -> Path:
    """The one that is named, or the environment's, or edge.toml here."""
    return file or Path(os.environ.get(f"{PREFIX}SETTINGS") or DEFAULT_FILE)


def _checked(file: Path, written: dict[str, Any]) -> EdgeSettings:
    try:
        settings = EdgeSettings(**written)
    except ValidationError as error:
        raise SettingsError([_finding(file, found) for found in error.errors()]) from error
    except UnreadableEnvironmentError as error:
        raise SettingsError([_of_environment()]) from error
    return _from_folder(settings, file.absolute().parent)


def _with_files(file: Path, settings: EdgeSettings) -> EdgeSettings:
    """Raises SettingsError where a file of the kit is missing."""
    missing = [
        (
            f"{file}: server.{name}: there is no file {path}; it comes with the edge's kit (`clockbridge server add-edge`).",
            f"{file}：server.{name}：找不到文件 {path}；它在网关的套件中（`clockbridge server add-edge`）。",
        )
        for name, path in _server_files(settings.server).items()
        if not path.is_file()
    ]
    if missing:
        raise SettingsError(missing)
    return settings


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        english = f"There is no settings file {file}. The server makes one: `clockbridge server add-edge`; name it with --config FILE."
        chinese = f"找不到设置文件 {file}。它由服务器生成：`clockbridge server add-edge`；用 --config FILE 指定它。"
        raise SettingsError([(english, chinese)]) from error
    except OSError as error:
        english = f"The settings file {file} cannot be read ({error.strerror}). Give this user the right to read it."
        raise SettingsError([(english, f"无法读取设置文件 {file}（{error.strerror}）。请授予该用户读取权限。")]) from error
    except ValueError as error:
        english = f"The settings file {file} is no valid TOML: {error}. Mend that place."
        raise SettingsError([(english, f"设置文件 {file} 不是有效的 TOML：{error}。请改正该处。")]) from error


def _of_environment() -> tuple[str, str]:
    """Which variable holds a section or list that is no JSON; the library names the field alone."""
    names = [f"{PREFIX}{name}" for name in ("SERVER", "OUTBOX", "TERMINALS", "DROP_FOLDERS", "PUSH")]
    wrong = ", ".join(name for name in names if not _is_json(os.environ.get(name, "null")))
    return (
        f"The environment variable {wrong} is no JSON: lists and sections are written as JSON there; see {REFERENCE}.",
        f"环境变量 {wrong} 不是 JSON：列表和分组须写成 JSON；见 {REFERENCE}。",
    )


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _finding(file: Path, found: Any) -> tuple[str, str]:
    where = ".".join(str(part) for part in found["loc"]) or "settings"
    if found["type"] == "extra_forbidden":
        return (
            f"{file}: there is no setting {where}; look for the right name in {REFERENCE}.",
            f"{file}：没有设置项 {where}；正确的名称见 {REFERENCE}。",
        )
    if found["type"] == "missing":
        return f"{file}: the setting {where} is missing; see {REFERENCE}.", f"{file}：缺少设置项 {where}；见 {REFERENCE}。"
    said = found["msg"].removeprefix("Value error, ")
    chinese = getattr(found.get("ctx", {}).get("error"), "chinese", f"允许的值见 {REFERENCE}（{said}）")
    return f"{file}: {where} cannot be used: {said}; see {REFERENCE}.", f"{file}：{where} 的值不可用：{chinese}。"


def _server_files(server: ServerAddress) -> dict[str, Path]:
    return {name: getattr(server, name) for name in ("ca", "certificate", "key", "verify_key", "signing_key")}


def _from_folder(settings: EdgeSettings, folder: Path) -> EdgeSettings:
    server = settings.server.model_copy(update={name: folder / path.expanduser() for name, path in _server_files(settings.server).items()})
    drops = [drop.model_copy(update={"path": folder / drop.path.expanduser()}) for drop in settings.drop_folders]
    placed = settings.model_copy(update={"data_dir": folder / settings.data_dir.expanduser(), "server": server, "drop_folders": drops})
    placed._folder = folder  # noqa: SLF001 - it was built here
    return placed
