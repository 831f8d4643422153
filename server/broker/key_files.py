"""Files of keys: written whole or not at all, and the private keys that everything rests on sealed with the vault's key.

A sealed file is one line: a mark, then base64 of what the vault made of the PEM, bound to the file's name. Sealed are the keys that only we
use: the authority's, and the one that signs receipts. Those that a broker or TLS reads from a file (broker, pages, workers) cannot be.
"""

import base64
import binascii
import os
from pathlib import Path

from server.errors import ServerError
from server.storage import Vault, VaultError
from server.storage.vault import KEY_FILE, read_vault

MARK = b"clockbridge-sealed-1 "
PLAIN = b"-----BEGIN "


class AuthorityError(ServerError):
    """Keys are missing, not readable or not good; `reason` says what to do."""

    status = 503
    code = "keys"
    message = "{reason}"


def write_secret(path: Path, data: bytes) -> None:
    """Write a file that only we may read, whole or not at all, durable before it is seen."""
    write_whole(path, data, 0o600)


def write_whole(path: Path, data: bytes, mode: int) -> None:
    """The same with these rights, whatever the umask says."""
    partial = path.with_name(path.name + ".new")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def write_sealed(path: Path, pem: bytes) -> None:
    """Write a private key that only this installation's vault opens; raises VaultError, or AuthorityError where it has no key."""
    sealed = _vault_beside(path).seal_bytes(pem, _place(path))
    write_secret(path, MARK + base64.b64encode(sealed) + b"\n")


def read_sealed(path: Path) -> bytes:
    """The PEM in a file; also in one that an earlier release left unsealed. Raises OSError, VaultError or AuthorityError."""
    held = path.read_bytes()
    if not held.startswith(MARK):
        return held
    try:
        return _vault_beside(path).open_bytes(base64.b64decode(held.removeprefix(MARK).strip(), validate=True), _place(path))
    except (VaultError, binascii.Error) as error:
        raise AuthorityError(
            reason="{file} cannot be opened with {key}: the two do not belong together, or one is damaged. "
            "Put the folder of keys back from your copy of it; nothing new was made.",
            file=path,
            key=KEY_FILE,
        ) from error


def is_plain(path: Path) -> bool:
    """Whether a private key lies there for everybody to read who has the file."""
    try:
        return path.read_bytes().startswith(PLAIN)
    except OSError:
        return False


def damaged(file: Path) -> AuthorityError:
    """What to say of a file that is not what it should be."""
    return AuthorityError(reason="{file} is missing or damaged. Put the folder of keys back from your copy of it.", file=file)


def _vault_beside(path: Path) -> Vault:
    vault = read_vault(path.parent)
    if vault is None:
        raise AuthorityError(
            reason="The key {file}, which seals the server's private keys, is missing: put back your copy of it. Nothing new was made.",
            file=path.with_name(KEY_FILE),
        )
    return vault


def _place(path: Path) -> str:
    """A sealed key that was copied over another one's file does not open."""
    return f"keys/{path.name}"
