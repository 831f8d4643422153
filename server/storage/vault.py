"""The vault: personal data sealed with a key that lies beside the database, never in it.

Sealed is what one version byte, a 12-byte nonce and AES-256-GCM over the data make; the place it belongs to is authenticated with it,
so that a value copied into somebody else's row does not open. An index is HMAC-SHA256 over field and text, with a key of its own: equal
texts of a field are found by it and nothing else is learnt from it. Keys of both are derived from the file's by HKDF.
"""

import hmac
import os
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.storage.errors import VaultError

KEY_BYTES = 32
KEY_FILE = "personal-data.key"
VERSION = b"\x01"
NONCE_BYTES = 12


class Vault:
    """Seals and opens with one key of 32 bytes; threads may share it."""

    def __init__(self, key: bytes) -> None:
        assert len(key) == KEY_BYTES
        self._cipher = AESGCM(_derived(key, b"seal"))
        self._index_key = _derived(key, b"index")
        self._secrets_key = _derived(key, b"secrets")
        self.fingerprint = sha256(_derived(key, b"fingerprint")).hexdigest()[:16]
        """Tells keys apart and gives nothing away; the database remembers it."""

    def seal(self, text: str, place: str) -> bytes:
        """place: where the value stands for good, such as "identity/17/id-number"."""
        return self.seal_bytes(text.encode(), place)

    def open(self, sealed: bytes, place: str) -> str:
        """Raises VaultError for what was sealed with another key or for another place, or changed since."""
        return self.open_bytes(sealed, place).decode()

    def seal_bytes(self, data: bytes, place: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, data, place.encode())

    def open_bytes(self, sealed: bytes, place: str) -> bytes:
        """As `open`, for what is no text."""
        start = len(VERSION) + NONCE_BYTES
        if sealed[: len(VERSION)] != VERSION or len(sealed) <= start:
            raise VaultError(reason="A sealed value is damaged: put back a backup that has it.")
        try:
            return self._cipher.decrypt(sealed[len(VERSION) : start], sealed[start:], place.encode())
        except InvalidTag as error:
            told = "A sealed value cannot be opened: the key is another one, or the value was changed. Put back the database's own key."
            raise VaultError(reason=told) from error

    def index(self, text: str, field: str) -> bytes:
        """32 bytes by which a text is found exactly; write it in one form (case, spaces) first."""
        return hmac.digest(self._index_key, f"{field}\0{text}".encode(), "sha256")

    def secret(self, purpose: str) -> bytes:
        """32 bytes for a purpose, always the same: a key of another kind than this one's, which needs no file of its own."""
        return _derived(self._secrets_key, purpose.encode())


def read_vault(folder: Path) -> Vault | None:
    """The vault of an installation; None where there is no key yet. Raises VaultError for a file that is no key.

    The key lies in the service manager's folder of credentials where it gives us one, else in the folder of keys.
    """
    file = _given(KEY_FILE) or folder / KEY_FILE
    try:
        text = file.read_text("ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise VaultError(reason="The key {file} cannot be read ({detail}).", file=file, detail=error) from error
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise VaultError(reason="The file {file} holds no key: put back your copy of it.", file=file)
    return Vault(key)


def _given(name: str) -> Path | None:
    """The file of this name that systemd handed us (LoadCredential=, or LoadCredentialEncrypted= for one bound to this machine)."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return file if folder and (file := Path(folder) / name).is_file() else None


def new_vault_key() -> bytes:
    """What the key file of a new installation holds."""
    return os.urandom(KEY_BYTES).hex().encode() + b"\n"


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"clockbridge personal data " + purpose).derive(key)
