"""Setting up a server and what belongs to it: settings file, keys, database, first account, edge kits. Each step may be repeated."""

import os
import shutil
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace as replace_fields
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from edge.enrolling import files_of
from edge.identity import Identity, request_of
from protocol.identifiers import EdgeId
from server.access import actions as access
from server.access.model import AccountFilter, Role
from server.access.store import accounts
from server.audit.model import COMMAND_LINE
from server.broker.authority import Authority
from server.broker.key_files import write_secret
from server.broker.members import Member
from server.errors import RefusedError
from server.fleet import actions as fleet
from server.ingest.leases import at_work
from server.migrations import migrate, require_known
from server.provisioning import actions as provisioning
from server.settings import ServerSettings, load_settings
from server.storage import Database, StorageError, VaultError, remember_key, remembered_key
from server.storage.backup import put_back
from server.storage.vault import KEY_FILE, new_vault_key, read_vault
from server.wiring import build_database, entrance_of, ready_database

FIRST_LOGIN = "admin"

SETTINGS_TEXT = """\
# Settings of a Clockbridge server. Every one of them: docs/reference/server-settings.md
data_dir = "{data_dir}"
{database}language = "{language}"
time_zone = "{time_zone}"

[company]
name = "{company}"

[broker]
kind = "{broker}"            # auto, amqtt, mosquitto or external
{broker_host}port = {broker_port}
names = [{names}]    # at which edges reach this machine; the first one stands in edge kits

[web]
host = "{web_host}"
port = {web_port}
tls = {tls}                # must be true where host is not this machine alone
names = [{names}]
{second_factor}
[ingest]
workers = {workers}
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new server's settings file says."""

    data_dir: Path = Path("data")
    database_url: str = ""
    company: str = "Clockbridge"
    language: str = "zh"
    time_zone: str = "Asia/Shanghai"
    names: Sequence[str] = ("localhost", "127.0.0.1")
    broker: str = "auto"
    broker_host: str = ""
    broker_port: int = 8883
    web_host: str = "127.0.0.1"
    web_port: int = 8000
    tls: bool = False
    workers: int = 1
    second_factor: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """What `set_up` did; password is None when there were accounts before."""

    settings: ServerSettings
    wrote_settings: bool
    made_keys: bool
    password: str | None


def set_up(file: Path, plan: Plan) -> Made:
    """Make what is not there yet, and touch nothing that is. Raises SettingsError, AuthorityError, StorageError or OSError."""
    with ExitStack() as undoing:  # of what this call made, when something behind it fails: the next try begins at the beginning
        wrote = not file.exists()
        if wrote:
            undoing.callback(file.unlink, missing_ok=True)
            _write_settings(file, plan)
        settings = load_settings(file)
        if not settings.data_dir.exists():
            undoing.callback(shutil.rmtree, settings.data_dir, ignore_errors=True)
            settings.data_dir.mkdir(parents=True, mode=0o700)
        if not settings.keys_dir.exists():
            undoing.callback(shutil.rmtree, settings.keys_dir, ignore_errors=True)
            settings.keys_dir.mkdir(parents=True, mode=0o700)
        with closing(build_database(settings)) as database:
            migrate(database)
            _keep_vault_key(settings, database, undoing)
        made_keys = _make_keys(settings)  # which the vault's key seals
        with closing(build_database(settings)) as database:
            password = _first_account(database)
        undoing.pop_all()
    return Made(settings, wrote, made_keys, password)


def _make_keys(settings: ServerSettings) -> bool:
    """All keys where there are none, and certificates of our own that somebody removed to have them anew; whether all were made."""
    authority, names = Authority(settings.keys_dir), [*settings.broker.names, *settings.web.names]
    if authority.ready:
        authority.seal()
        authority.complete(names)
        return False
    authority.create(names, os.urandom(32))
    return True


def _keep_vault_key(settings: ServerSettings, database: Database, undoing: ExitStack) -> None:
    """The key of personal data, made where the database has never had one. Raises VaultError when it is lost, or not the database's."""
    vault, file = read_vault(settings.keys_dir), settings.keys_dir / KEY_FILE
    if vault is None:
        with database.reading() as uow:
            if remembered_key(uow) is not None:
                raise VaultError(reason="The key of personal data {file} is missing: put back your copy of it.", file=file)
        write_secret(file, new_vault_key())
        undoing.callback(file.unlink, missing_ok=True)
        vault = read_vault(settings.keys_dir)
        assert vault is not None, "written above"
    with database.writing() as uow:
        remember_key(uow, vault.fingerprint)


def _first_account(database: Database) -> str | None:
    """The password of the first account, made where there is none yet."""
    with database.reading() as uow:
        if accounts(uow, AccountFilter(), after="", limit=1):
            return None
    password = access.generate_password()
    hashed = access.hash_password(password)
    with database.writing() as uow:
        roles = frozenset({Role.ADMINISTRATOR})
        access.create_account(uow, FIRST_LOGIN, FIRST_LOGIN, hashed, roles, COMMAND_LINE, datetime.now(UTC))
    return password


def restore(settings: ServerSettings, file: Path) -> None:
    """Put a backup in the database's place and bring it up to this release. Raises ServerError, and then the database is as it was."""
    with closing(build_database(settings)) as database:
        _require_nobody_at_work(database)
        put_back(database, file, require_known)
        migrate(database)


def _require_nobody_at_work(database: Database) -> None:
    """Workers of this or another machine; a database that cannot be read is the very thing to be replaced."""
    try:
        with database.reading() as uow:
            names = at_work(uow, datetime.now(UTC))
    except (StorageError, DBAPIError):
        return
    if names:
        raise RefusedError(reason="The worker {names} is at work: stop it first and try again after 10 seconds.", names=", ".join(names))


def make_kit(settings: ServerSettings, edge: str, site: str, folder: Path, *, host: str | None = None, replace: bool = False) -> Path:
    """Add an edge to a site and write what its box needs into `folder`; gives the settings file in it.

    replace: the edge is known and gets a new key and certificate, and its old ones are worth nothing any more. Raises ServerError,
    with no kit left behind.
    """
    if folder.exists() and any(folder.iterdir()):
        raise RefusedError(reason="There is something in {folder} already; choose an empty folder for the kit.", folder=folder)
    made_folder = not folder.exists()
    try:
        _write_kit(settings, edge, site, folder, host or settings.broker.names[0], replace=replace)
    except BaseException:
        for file in folder.glob("*"):
            file.unlink()
        if made_folder:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder / "edge.toml"


def _write_kit(settings: ServerSettings, edge: str, site: str, folder: Path, host: str, *, replace: bool) -> None:
    """What a box does that enrols, done here for one that cannot reach the pages."""
    entrance, now = replace_fields(entrance_of(settings), host=host), datetime.now(UTC)
    entrance.authority.signer()
    with closing(ready_database(settings)) as database, database.writing() as uow:
        found = fleet.find_edge(uow, EdgeId(edge)) if replace else fleet.add_edge(uow, edge, site, None, COMMAND_LINE, now)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        identity = Identity.in_folder(folder)
        signer, request = identity.waiting_signer(), request_of(identity.waiting_key())
        provisioning.adopt_issued(uow, entrance.authority, now)
        enrolled = provisioning.make_kit(uow, entrance, found, request, signer.verifier, COMMAND_LINE, now)
        provisioning.write_revocations(uow, entrance.authority, now)
        identity.commit(enrolled.certificate.encode(), files_of(enrolled, settings.web.address, with_settings=True))


def revoke_edge(settings: ServerSettings, edge: str, reason: str) -> None:
    """Take nothing more from an edge, and let its certificates in nowhere; a new token or kit takes it back. Raises ServerError."""
    authority, now = Authority(settings.keys_dir), datetime.now(UTC)
    with closing(ready_database(settings)) as database, database.writing() as uow:
        provisioning.adopt_issued(uow, authority, now)
        provisioning.revoke_edge(uow, EdgeId(edge), COMMAND_LINE, now, reason)
        provisioning.write_revocations(uow, authority, now)


def roll_authority(settings: ServerSettings) -> Member:
    """Make the authority's successor now. Raises ServerError."""
    authority, now = Authority(settings.keys_dir), datetime.now(UTC)
    with closing(ready_database(settings)) as database, database.writing() as uow:
        provisioning.note_authorities(uow, authority, now)
        made = authority.succeed(now)
        provisioning.note_authorities(uow, authority, now, COMMAND_LINE)
    return made


def _write_settings(file: Path, plan: Plan) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = SETTINGS_TEXT.format(
        data_dir=_quoted(str(plan.data_dir)),
        database=f'database_url = "{_quoted(plan.database_url)}"\n' if plan.database_url else "",
        language=plan.language,
        time_zone=plan.time_zone,
        company=_quoted(plan.company),
        broker=plan.broker,
        broker_host=f'host = "{_quoted(plan.broker_host)}"\n' if plan.broker_host else "",
        broker_port=plan.broker_port,
        names=", ".join(f'"{_quoted(name)}"' for name in plan.names),
        web_host=plan.web_host,
        web_port=plan.web_port,
        tls=str(plan.tls).lower(),
        workers=plan.workers,
        second_factor=f"second_factor = {list(plan.second_factor)}\n".replace("'", '"') if plan.second_factor else "",
    )
    write_secret(file, text.encode())  # a database's address may hold a password


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
