"""What a person may set: a TOML file, and environment variables over it (`CLOCKBRIDGE_SERVER_WEB__PORT=8443`).

Relative paths in the file count from the file's folder. Everything is checked at start; nothing is read later. The list for people is
docs/reference/server-settings.md, held to these classes by a test.
"""

import ipaddress
import os
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "CLOCKBRIDGE_SERVER_"
FILE_VARIABLE = f"{PREFIX}SETTINGS"
DEFAULT_FILE = Path("server.toml")

Port = Annotated[int, Field(ge=1, le=65535)]


REFERENCE = "docs/reference/server-settings.md"


class SettingsError(Exception):
    """The settings cannot be used; `findings` has one clear sentence, in English and Chinese, for each thing that is wrong."""

    def __init__(self, findings: Sequence[tuple[str, str]]) -> None:
        self.findings = tuple(findings)
        super().__init__(self.told(chinese=False))

    def told(self, *, chinese: bool) -> str:
        """All findings, a line each."""
        return "\n".join(finding[chinese] for finding in self.findings)


class _BothLanguagesError(ValueError):
    """A finding of our own, in both languages."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.chinese = chinese


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_safe(address: str) -> bool:
    """Whether what is sent there cannot be read on the way: HTTPS, or this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or "")))


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class CompanySettings(_Section):
    name: str = "Clockbridge"
    """Name of the company, on top of every page."""


class BrokerSettings(_Section):
    kind: Literal["auto", "amqtt", "mosquitto", "external"] = "auto"
    """`auto` is amqtt, which needs nothing to be installed; `mosquitto` has to be; `external` starts none."""
    host: str = "0.0.0.0"  # noqa: S104 - edges come from other machines; every one needs a certificate
    """Address our own broker listens at; for `external`, where it is."""
    port: Port = 8883
    """Port of the broker (MQTT over TLS)."""
    names: list[str] = ["localhost", "127.0.0.1"]
    """Host names and addresses at which edges reach the broker: they stand in its certificate, the first one in edge kits."""
    files: Path | None = None
    """For `external`: a folder into which the server writes what a mosquitto reads, and keeps it up to date."""
    reload: list[str] = []
    """For `files`: the command, word by word, that makes the broker read them; left out where a watcher of files does."""

    @model_validator(mode="after")
    def _an_external_one_is_somewhere(self) -> Self:
        if self.kind == "external" and self._listens_everywhere:
            raise _BothLanguagesError(
                "an external broker needs the address where it is: set host under [broker]",
                "外部消息代理需要地址：请在 [broker] 中设置 host",
            )
        return self

    @model_validator(mode="after")
    def _files_are_for_an_external_one(self) -> Self:
        if (self.files and self.kind != "external") or (self.reload and not self.files):
            raise _BothLanguagesError(
                "files and reload are for an external broker, and reload needs files: correct them under [broker]",
                "files 和 reload 仅用于外部消息代理，且 reload 需要 files：请更正 [broker]",
            )
        return self

    @property
    def _listens_everywhere(self) -> bool:
        return self.host in ("0.0.0.0", "::", "")  # noqa: S104 - compared

    @property
    def connect_host(self) -> str:
        """Where our own processes reach the broker."""
        return "127.0.0.1" if self._listens_everywhere else self.host


class WebSettings(_Section):
    host: str = "127.0.0.1"
    """Address the pages are served at."""
    port: Port = 8000
    """Port of the pages."""
    processes: int = Field(default=1, ge=0, le=64)
    """Web processes on this machine; 0 where other machines serve the pages."""
    tls: bool = False
    """HTTPS with the certificate that `server init` makes; plain HTTP is allowed on a loopback address only."""
    names: list[str] = ["localhost", "127.0.0.1"]
    """Host names and addresses of the pages: they stand in the certificate."""
    certificate: Path | None = None
    """A certificate (PEM) of your own instead; needs `private_key`."""
    private_key: Path | None = None
    """The private key (PEM) of `certificate`."""
    address: str = ""
    """Address of the pages as people reach them, such as `https://clockbridge.example.com`: those who sign in elsewhere come back to it."""
    second_factor: list[Literal["administrator", "hr", "hr-pay", "supervisor", "it", "auditor", "employee"]] = []
    """Roles whose accounts give a second factor at every sign-in; `server init` names those with power."""

    @field_validator("address")
    @classmethod
    def _an_address(cls, address: str) -> str:
        if address and not _is_safe(address):
            raise _BothLanguagesError("an address begins with https://", "地址应以 https:// 开头")
        return address.rstrip("/")

    @model_validator(mode="after")
    def _plain_http_only_on_loopback(self) -> Self:
        if not self.tls and not _is_loopback(self.host):
            raise _BothLanguagesError(
                f"plain HTTP is only allowed on a loopback address, not on {self.host}: set tls = true or host = 127.0.0.1",
                f"明文 HTTP 只允许用于本机回环地址，不能用于 {self.host}：请设置 tls = true 或 host = 127.0.0.1",
            )
        if (self.certificate is None) != (self.private_key is None):
            raise _BothLanguagesError(
                "certificate and private_key belong together: set both or none", "certificate 与 private_key 必须成对：请同时设置或都不设置"
            )
        return self


class IngestSettings(_Section):
    workers: int = Field(default=1, ge=0, le=16)
    """Ingest workers on this machine; 0 where other machines do it."""
    future_minutes: int = Field(default=1440, ge=0, le=525_600)
    """A punch whose time is further ahead than this, against when the edge received it, goes to quarantine."""
    past_days: int = Field(default=400, ge=1, le=36_500)
    """A punch whose time is longer ago than this, against when the edge received it, goes to quarantine."""


class EdgesSettings(_Section):
    renew_expired: bool = True
    """Whether an edge that was away until its certificate had ended may renew it by its signature; if not, it needs a new token."""


class AttendanceSettings(_Section):
    workers: int = Field(default=1, ge=0, le=16)
    """Workers of attendance days on this machine; 0 where other machines do it."""


class JobsSettings(_Section):
    workers: int = Field(default=1, ge=0, le=16)
    """Runners of long work (recalculation, trying rules) on this machine; 0 where other machines do it."""


class MailSettings(_Section):
    host: str = ""
    """The mail server that takes our letters; empty: notices are in the app only."""
    port: Port = 587
    """Its port: 587 for `starttls`, mostly 465 for `tls`."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the line to it is made safe; `none` is allowed on a loopback address only."""
    user: str = ""
    """Name to sign in with; empty where it asks for none."""
    password: SecretStr | None = None
    """Password of `user`; better as CLOCKBRIDGE_SERVER_MAIL__PASSWORD than in the file."""
    sender: str = ""
    """Mail address the letters come from, such as `Clockbridge <clockbridge@example.com>`."""
    pages: str = ""
    """Address of the pages as people reach them, such as `https://clockbridge.example.com`, for links in letters."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.host and "@" not in self.sender:
            raise _BothLanguagesError(
                "letters need an address they come from: set sender under [mail]", "邮件需要发件地址：请在 [mail] 中设置 sender"
            )
        if self.host and self.security == "none" and not _is_loopback(self.host):
            raise _BothLanguagesError(
                f"mail without encryption is only allowed to this machine, not to {self.host}: set security to starttls or tls",
                f"不加密的邮件只允许发往本机，不能发往 {self.host}：请将 security 设为 starttls 或 tls",
            )
        return self

    @field_validator("pages")
    @classmethod
    def _an_address(cls, address: str) -> str:
        if address and not address.startswith(("https://", "http://")):
            raise _BothLanguagesError("an address begins with https://", "地址应以 https:// 开头")
        return address.rstrip("/")


class AlarmSettings(_Section):
    webhook_hosts: list[str] = []
    """Hosts inside your own network that webhooks may tell, such as `chat.example.lan`; all others must be public and have HTTPS."""


class OidcSettings(_Section):
    issuer: str = ""
    """Issuer of the provider, exactly as its discovery names it (`https://login.example.com/realms/main`); empty: no such sign-in."""
    client_id: str = ""
    """What the provider calls us."""
    client_secret: SecretStr | None = None
    """Our secret there; better as CLOCKBRIDGE_SERVER_OIDC__CLIENT_SECRET than in the file. Empty for a public client."""
    client_secret_file: Path | None = None
    """A file that holds the secret instead, and nothing else."""
    label: str = ""
    """What stands on the button, such as `Company account`."""
    scopes: list[str] = ["openid", "profile", "email"]
    """What is asked for."""
    match: Literal["none", "employee-number", "mail"] = "none"
    """By what an account is found at the first sign-in; `none`: people link it themselves. Roles with power are never matched."""
    claim: str = ""
    """The claim that holds it; empty takes `employee_number`, or `email`, which must come with `email_verified`."""
    trust_mfa: bool = False
    """Whether a second factor that was given there (`mfa` in `amr`) stands in for ours."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.issuer and not self.client_id:
            raise _BothLanguagesError("the provider knows us by a name: set client_id", "身份提供方需要客户端标识：请设置 client_id")
        if self.issuer and not _is_safe(self.issuer):
            raise _BothLanguagesError("the issuer begins with https://", "issuer 应以 https:// 开头")
        return self

    @property
    def claim_name(self) -> str:
        return self.claim or ("email" if self.match == "mail" else "employee_number")


class WeComSettings(_Section):
    corp_id: str = ""
    """The company's ID (企业 ID) at WeCom; empty: no such sign-in. Not tried with the real service."""
    agent_id: str = ""
    """The app's AgentId."""
    secret: SecretStr | None = None
    """The app's Secret; better as CLOCKBRIDGE_SERVER_WECOM__SECRET than in the file."""
    secret_file: Path | None = None
    """A file that holds the secret instead, and nothing else."""
    match: Literal["none", "employee-number"] = "none"
    """`employee-number` where the company gives members their employee number as account (userid); `none`: people link it themselves."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.corp_id and not (self.agent_id and (self.secret or self.secret_file)):
            raise _BothLanguagesError(
                "an app at WeCom needs agent_id and a secret: set both", "企业微信应用需要 agent_id 和密钥：请同时设置"
            )
        return self


class DingTalkSettings(_Section):
    client_id: str = ""
    """The app's Client ID (AppKey) at DingTalk; empty: no such sign-in. Not tried with the real service."""
    client_secret: SecretStr | None = None
    """The app's Client Secret; better as CLOCKBRIDGE_SERVER_DINGTALK__CLIENT_SECRET than in the file."""
    client_secret_file: Path | None = None
    """A file that holds the secret instead, and nothing else."""
    corp_id: str = ""
    """The company's CorpId: nobody of another one is let in."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.client_id and not (self.corp_id and (self.client_secret or self.client_secret_file)):
            raise _BothLanguagesError("an app at DingTalk needs corp_id and a secret: set both", "钉钉应用需要 corp_id 和密钥：请同时设置")
        return self


class FeishuSettings(_Section):
    app_id: str = ""
    """The app's App ID at Feishu; empty: no such sign-in. Not tried with the real service."""
    app_secret: SecretStr | None = None
    """The app's App Secret; better as CLOCKBRIDGE_SERVER_FEISHU__APP_SECRET than in the file."""
    app_secret_file: Path | None = None
    """A file that holds the secret instead, and nothing else."""
    tenant_key: str = ""
    """The company's tenant key: nobody of another one is let in."""
    match: Literal["none", "employee-number"] = "none"
    """`employee-number`: by the number (工号) that the company keeps at Feishu; `none`: people link it themselves."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.app_id and not (self.tenant_key and (self.app_secret or self.app_secret_file)):
            raise _BothLanguagesError(
                "an app at Feishu needs tenant_key and a secret: set both", "飞书应用需要 tenant_key 和密钥：请同时设置"
            )
        return self


class ServerSettings(BaseSettings):
    """All settings of a server; frozen. Build it with `load_settings`, or directly in tests."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=PREFIX, env_nested_delimiter="__", use_attribute_docstrings=True
    )

    data_dir: Path
    """Folder of keys, the SQLite database and what the processes need; only the server's user may read it."""
    database_url: str = ""
    """`postgresql://user@host/name`; empty takes an SQLite file in `data_dir`."""
    language: Literal["zh", "en"] = "zh"
    """Language of the pages before somebody chooses one."""
    time_zone: str = "Asia/Shanghai"
    """Zone of the company, where a site says nothing else."""
    company: CompanySettings = CompanySettings()
    broker: BrokerSettings = BrokerSettings()
    web: WebSettings = WebSettings()
    ingest: IngestSettings = IngestSettings()
    edges: EdgesSettings = EdgesSettings()
    attendance: AttendanceSettings = AttendanceSettings()
    jobs: JobsSettings = JobsSettings()
    mail: MailSettings = MailSettings()
    alarms: AlarmSettings = AlarmSettings()
    oidc: OidcSettings = OidcSettings()
    wecom: WeComSettings = WeComSettings()
    dingtalk: DingTalkSettings = DingTalkSettings()
    feishu: FeishuSettings = FeishuSettings()

    @model_validator(mode="after")
    def _who_signs_in_elsewhere_comes_back(self) -> Self:
        if (self.oidc.issuer or self.wecom.corp_id or self.dingtalk.client_id or self.feishu.app_id) and not self.web.address:
            raise _BothLanguagesError(
                "whoever signs in elsewhere must find the way back: set address under [web]",
                "从外部登录后需要返回地址：请在 [web] 中设置 address",
            )
        return self

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        return known_zone(name)

    @property
    def database_file(self) -> Path:
        """The SQLite file, where that is used."""
        return self.data_dir / "clockbridge.db"

    @property
    def resolved_database_url(self) -> str:
        return self.database_url or f"sqlite:///{quote(str(self.database_file))}"

    @property
    def carrier_url(self) -> str:
        """Where the queues of long work lie: a file of their own beside an SQLite database, else within the database."""
        own = f"sqlite:///{quote(str(self.data_dir / 'jobs.db'))}"
        return self.database_url if self.database_url.startswith("postgresql") else own

    @property
    def keys_dir(self) -> Path:
        return self.data_dir / "keys"

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


def known_zone(name: str) -> str:
    """Accept the name of a time zone; raises ValueError with what would be right."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise _BothLanguagesError(
            f"{name!r} is no time zone; a right one is Asia/Shanghai", f"{name!r} 不是时区；正确的例子是 Asia/Shanghai"
        ) from error
    return name


def settings_file(path: Path | None) -> Path:
    """The file that counts: the one given, else the one the environment names, else server.toml in the current folder."""
    return path or Path(os.environ.get(FILE_VARIABLE) or DEFAULT_FILE)


def load_settings(path: Path | None = None) -> ServerSettings:
    """Read and check the settings; raises SettingsError with a sentence for each finding."""
    file = settings_file(path)
    written = _read(file)
    try:
        settings = ServerSettings(**written)
    except ValidationError as error:
        raise SettingsError([_sentences(file, finding) for finding in error.errors()]) from error
    return _from_folder(settings, file.absolute().parent)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        english = f"There is no settings file {file}. Make one with `clockbridge server init`, or name it: --settings FILE."
        chinese = f"找不到设置文件 {file}。请用 `clockbridge server init` 生成，或用 --settings FILE 指定它。"
        raise SettingsError([(english, chinese)]) from error
    except OSError as error:
        english = f"The settings file {file} cannot be read ({error.strerror}). Give this user the right to read it."
        raise SettingsError([(english, f"无法读取设置文件 {file}（{error.strerror}）。请授予该用户读取权限。")]) from error
    except ValueError as error:
        english = f"The settings file {file} is no valid TOML: {error}. Mend that place."
        raise SettingsError([(english, f"设置文件 {file} 不是有效的 TOML：{error}。请改正该处。")]) from error


def _sentences(file: Path, finding: Any) -> tuple[str, str]:
    where = ".".join(str(part) for part in finding["loc"]) or "settings"
    if finding["type"] == "extra_forbidden":
        return (
            f"{file}: there is no setting {where}; look for the right name in {REFERENCE}.",
            f"{file}：没有设置项 {where}；正确的名称见 {REFERENCE}。",
        )
    if finding["type"] == "missing":
        return f"{file}: the setting {where} is missing.", f"{file}：缺少设置项 {where}。"
    said = finding["msg"].removeprefix("Value error, ")
    chinese = getattr(finding.get("ctx", {}).get("error"), "chinese", f"允许的值见 {REFERENCE}（{said}）")
    return f"{file}: {where} cannot be used: {said}.", f"{file}：{where} 的值不可用：{chinese}。"


SECRETS = {"oidc": "client_secret", "wecom": "secret", "dingtalk": "client_secret", "feishu": "app_secret"}
"""What may lie in a file of its own, by section; the setting that names the file is called so, too, with `_file` behind."""


def _from_folder(settings: ServerSettings, folder: Path) -> ServerSettings:
    web = settings.web.model_copy(
        update={name: folder / value for name in ("certificate", "private_key") if (value := getattr(settings.web, name)) is not None}
    )
    broker = settings.broker.model_copy(update={"files": settings.broker.files and folder / settings.broker.files})
    found = {section: _with_secret(getattr(settings, section), section, name, folder) for section, name in SECRETS.items()}
    return settings.model_copy(update={"data_dir": folder / settings.data_dir.expanduser(), "web": web, "broker": broker, **found})


def _with_secret(held: _Section, section: str, name: str, folder: Path) -> _Section:
    """A section with the secret out of its file, where it names one and the environment does not say otherwise."""
    file: Path | None = getattr(held, f"{name}_file")
    if file is None or getattr(held, name) is not None:
        return held
    try:
        return held.model_copy(update={name: SecretStr((folder / file).read_text("utf-8").strip())})
    except (OSError, UnicodeDecodeError) as error:
        english = f"{section}.{name}_file: the file {file} cannot be read. Give this user the right to read it."
        raise SettingsError([(english, f"{section}.{name}_file：无法读取文件 {file}。请授予该用户读取权限。")]) from error
