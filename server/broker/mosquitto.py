"""mosquitto with our rules: configuration and access file, for our own child and for one that somebody else runs."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from server.broker.authority import Authority, Role
from server.broker.key_files import write_secret

PLACES = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"


def find_mosquitto() -> str | None:
    """The program, also where a user's PATH leaves out the system's; None when it is not installed."""
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:{PLACES}")


@dataclass(frozen=True, slots=True)
class MosquittoFiles:
    """What was written."""

    configuration: Path
    access: Path


def write_configuration(folder: Path, authority: Authority, host: str, port: int) -> MosquittoFiles:
    """Write configuration and access rules into `folder` (0700). Repeating it changes nothing."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = MosquittoFiles(folder / "mosquitto.conf", folder / "mosquitto.acl")
    broker = authority.bundle("broker")
    write_secret(files.access, access_rules(authority).encode())
    lines = {
        "persistence": "false",
        "log_dest": "stderr",
        "log_type error\nlog_type": "warning",
        "connection_messages": "false",
        "max_keepalive": 120,
        **_rules(files.access, f"{port} {host}"),
        "cafile": broker.authority,
        "certfile": broker.certificate,
        "keyfile": broker.key,
        "crlfile": authority.folder / "revoked.crl",
        **_IDENTITY,
    }
    if os.geteuid() == 0:  # it would change to a user who may not read our keys
        lines = {"user": "root", **lines}
    write_secret(files.configuration, _text(lines))
    return files


def outside_files(authority: Authority, folder: Path, port: int) -> dict[str, bytes]:
    """What a mosquitto of somebody else reads from a folder, by name, but for the list of revoked certificates."""
    broker = authority.bundle("broker")
    lines = {
        **_rules(folder / "access", str(port)),
        "cafile": folder / "authority.crt",
        "certfile": folder / "broker.crt",
        "keyfile": folder / "broker.key",
        "crlfile": folder / "revoked.crl",
        **_IDENTITY,
    }
    return {
        "access": access_rules(authority).encode(),
        "authority.crt": authority.trusted(),
        "broker.crt": broker.certificate.read_bytes(),
        "broker.key": broker.key.read_bytes(),
        "clockbridge.conf": _text(lines),
    }


_IDENTITY = {"require_certificate": "true", "use_identity_as_username": "true", "use_username_as_clientid": "true"}


def _rules(access: Path, listener: str) -> dict[str, object]:
    return {
        "per_listener_settings": "false",
        "allow_anonymous": "false",
        "acl_file": access,
        "set_tcp_nodelay": "true",
        "max_inflight_messages": 200,
        "max_queued_messages": 1000,
        "message_size_limit": 4 * 1024 * 1024,
        "listener": listener,
    }


def _text(lines: Mapping[str, object]) -> bytes:
    return ("# Written by Clockbridge; changes are lost.\n" + "".join(f"{name} {value}\n" for name, value in lines.items())).encode()


def access_rules(authority: Authority) -> str:
    """Edges by pattern; workers and tools by name, from the certificates that were made for them."""
    rules = ["# Written by Clockbridge; changes are lost.", "pattern write up/+/%u/#", "pattern read dn/%u/#"]
    for file in sorted(authority.folder.glob("*.crt")):
        subject = x509.load_pem_x509_certificate(file.read_bytes()).subject
        name = str(subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
        unit = subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)[0].value
        if unit == Role.INGEST:
            rules += ["", f"user {name}", "topic read up/#", "topic write dn/#"]
        if unit == Role.TAIL:
            rules += ["", f"user {name}", "topic read up/#", "topic read dn/#"]
    return "\n".join(rules) + "\n"
