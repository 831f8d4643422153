"""mosquitto with our rules: its configuration and access file, written anew at each start."""

import os
import shutil
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
    write_secret(files.access, _access(authority).encode())
    lines = {
        "per_listener_settings": "false",
        "allow_anonymous": "false",
        "persistence": "false",
        "acl_file": files.access,
        "set_tcp_nodelay": "true",
        "max_inflight_messages": 200,
        "max_queued_messages": 1000,
        "message_size_limit": 4 * 1024 * 1024,
        "max_keepalive": 120,
        "log_dest": "stderr",
        "log_type error\nlog_type": "warning",
        "connection_messages": "false",
        "listener": f"{port} {host}",
        "cafile": broker.authority,
        "certfile": broker.certificate,
        "keyfile": broker.key,
        "crlfile": authority.folder / "revoked.crl",
        "require_certificate": "true",
        "use_identity_as_username": "true",
        "use_username_as_clientid": "true",
    }
    if os.geteuid() == 0:  # it would change to a user who may not read our keys
        lines = {"user": "root", **lines}
    text = "# Written by Clockbridge at each start; changes are lost.\n" + "".join(f"{name} {value}\n" for name, value in lines.items())
    write_secret(files.configuration, text.encode())
    return files


def _access(authority: Authority) -> str:
    """Edges by pattern; workers and tools by name, from the certificates that were made for them."""
    rules = ["# Written by Clockbridge at each start; changes are lost.", "pattern write up/+/%u/#", "pattern read dn/%u/#"]
    for file in sorted(authority.folder.glob("*.crt")):
        subject = x509.load_pem_x509_certificate(file.read_bytes()).subject
        name = str(subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
        unit = subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)[0].value
        if unit == Role.INGEST:
            rules += ["", f"user {name}", "topic read up/#", "topic write dn/#"]
        if unit == Role.TAIL:
            rules += ["", f"user {name}", "topic read up/#", "topic read dn/#"]
    return "\n".join(rules) + "\n"
