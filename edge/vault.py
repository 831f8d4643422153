"""Secrets at rest: what an edge hides on its disk, under a key that never lies in a database.

A hidden value is drawn so (AES-256-GCM; what it is about is authenticated with it, so that one copied to another place does not open):

    0       1          5           17
    | 0x01  | key name | nonce     | sealed data and tag

The key lies in the service manager's folder of credentials where there is one ($CREDENTIALS_DIRECTORY/vault.key), else in `vault.key`
beside the settings, its owner's alone. The file holds one key a line, 64 hex digits each: the first hides, all of them show. So a key is
exchanged by putting a new one in front, and the old one goes when nothing is hidden under it any more.
"""

import os
from hashlib import sha256
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edge.errors import VaultError
from edge.secret_file import write_secret

KEY_FILE = "vault.key"
CREDENTIALS = "CREDENTIALS_DIRECTORY"
MARK_FILE = "vault.id"
KEY_BYTES, NAME_BYTES, NONCE_BYTES = 32, 4, 12
VERSION = b"\x01"
_START = len(VERSION) + NAME_BYTES + NONCE_BYTES


class Vault:
    """Hides with the first of some keys and shows with any of them; threads may share it."""

    def __init__(self, *keys: bytes) -> None:
        assert keys
        assert all(len(key) == KEY_BYTES for key in keys)
        self._ciphers = {_name(key): AESGCM(key) for key in reversed(keys)}
        self._current = _name(keys[0])

    @classmethod
    def open(cls, folder: Path) -> Self:
        """With the key of the settings in this folder; raises VaultError where there is none, or one that cannot serve."""
        file = key_file(folder)
        try:
            text = file.read_text("ascii")
        except FileNotFoundError as error:
            raise _missing(file) from error
        except (OSError, UnicodeDecodeError) as error:
            raise _unreadable(file, error) from error
        if file.parent == folder and file.stat().st_mode & 0o077:
            raise VaultError(
                f"{file} can be read by others than its owner: chmod 600 {file}, and exchange the key with `clockbridge edge rekey`.",
                f"{file} 可被其他用户读取：请执行 chmod 600 {file}，并用 `clockbridge edge rekey` 更换密钥。",
            )
        return cls(*_keys(file, text))

    @classmethod
    def of_agent(cls, folder: Path, data_dir: Path) -> Self:
        """As `open`; makes the key at an agent's first start.

        What the agent hid lies in `data_dir`, which remembers whose key that was: a key that is missing or another one later is an error,
        not a reason to begin anew.
        """
        mark = data_dir / MARK_FILE
        known = mark.read_text("ascii").strip() if mark.exists() else ""
        if not known and not key_file(folder).exists():
            make_key(folder)
        vault = cls.open(folder)
        if known and known not in vault.names:
            raise _another(key_file(folder))
        if known != vault.names[0]:
            data_dir.mkdir(parents=True, exist_ok=True)
            mark.write_text(vault.names[0] + "\n", "ascii")
        return vault

    @property
    def names(self) -> list[str]:
        """Of its keys, the one in force first; they tell keys apart and give nothing away."""
        return [self._current.hex(), *(name.hex() for name in self._ciphers if name != self._current)]

    def hide(self, plain: bytes, about: str) -> bytes:
        """about: what it is and whose, such as "template/A1/0101/3"; it shows only there."""
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + self._current + nonce + self._ciphers[self._current].encrypt(nonce, plain, about.encode())

    def show(self, hidden: bytes, about: str) -> bytes:
        """Raises VaultError for what was hidden under another key, for another place, or changed since."""
        cipher = self._ciphers.get(hidden[len(VERSION) : len(VERSION) + NAME_BYTES])
        if hidden[: len(VERSION)] != VERSION or len(hidden) <= _START:
            raise VaultError("A hidden value is damaged: enter it again.", "一个加密值已损坏：请重新填写。")
        if cipher is None:
            raise VaultError(
                "A value was hidden under a key that is not here: put the right vault.key back, or enter the value again.",
                "一个加密值所用的密钥不在此处：请放回正确的 vault.key，或重新填写该值。",
            )
        try:
            return cipher.decrypt(hidden[_START - NONCE_BYTES : _START], hidden[_START:], about.encode())
        except InvalidTag as error:
            raise VaultError(
                "A hidden value belongs elsewhere or was changed: enter it again where it stands.",
                "一个加密值不属于此处或被改动过：请在原处重新填写。",
            ) from error

    def is_old(self, hidden: bytes) -> bool:
        """Whether it was hidden under an earlier key: hide it anew, so that the old key can go."""
        return hidden[len(VERSION) : len(VERSION) + NAME_BYTES] != self._current


def key_file(folder: Path) -> Path:
    """Where the key of the settings in this folder is, or would be."""
    credential = Path(os.environ.get(CREDENTIALS, "/nonexistent")) / KEY_FILE
    return credential if credential.is_file() else folder / KEY_FILE


def make_key(folder: Path) -> Path:
    """A new key in this folder, which must have none; raises VaultError where it cannot be written."""
    file = folder / KEY_FILE
    if file.exists():
        raise VaultError(f"There is a key already: {file}.", f"已有密钥：{file}。")
    return _write(file, [os.urandom(KEY_BYTES)])


def exchange_key(folder: Path) -> Path:
    """Put a new key in front of the file's; what it hid still shows."""
    file = folder / KEY_FILE
    if key_file(folder) != file:
        raise VaultError(
            f"The key comes from {key_file(folder)}: exchange it there, the new one in the first line.",
            f"密钥来自 {key_file(folder)}：请在该处更换，新密钥写在第一行。",
        )
    return _write(file, [os.urandom(KEY_BYTES), *_present(folder)])


def drop_old_keys(folder: Path) -> Path:
    """Leave only the key in force; what is still hidden under others does not show any more."""
    return _write(key_file(folder), _present(folder)[:1])


def _present(folder: Path) -> list[bytes]:
    Vault.open(folder)
    file = key_file(folder)
    return _keys(file, file.read_text("ascii"))


def _write(file: Path, keys: list[bytes]) -> Path:
    try:
        write_secret(file, "".join(f"{key.hex()}\n" for key in keys).encode())
    except OSError as error:
        raise VaultError(
            f"The key {file} cannot be written ({error.strerror}): make it as a user who may, with `clockbridge edge seal`.",
            f"无法写入密钥 {file}（{error.strerror}）：请由有权限的用户执行 `clockbridge edge seal` 生成。",
        ) from error
    return file


def _keys(file: Path, text: str) -> list[bytes]:
    try:
        keys = [bytes.fromhex(line) for line in text.split()]
    except ValueError:
        keys = []
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise VaultError(
            f"{file} holds no key (64 hex digits a line): put your copy of it back.",
            f"{file} 中不是密钥（每行 64 个十六进制数字）：请放回其备份。",
        )
    return keys


def _name(key: bytes) -> bytes:
    return sha256(b"clockbridge vault key " + key).digest()[:NAME_BYTES]


def _missing(file: Path) -> VaultError:
    return VaultError(
        f"There is no key {file}: put your copy of it back; where nothing is sealed yet, `clockbridge edge seal` makes one.",
        f"没有密钥文件 {file}：请放回其备份；若尚未加密过任何内容，可用 `clockbridge edge seal` 生成。",
    )


def _unreadable(file: Path, error: Exception) -> VaultError:
    said = getattr(error, "strerror", None) or error
    return VaultError(f"The key {file} cannot be read ({said}).", f"无法读取密钥 {file}（{said}）。")


def _another(file: Path) -> VaultError:
    return VaultError(
        f"{file} is another key than the one this edge's data was hidden under: put the right one back. "
        f"If it is lost, remove {MARK_FILE}, wanted.sqlite and setup.sealed from data_dir: the server sends them again.",
        f"{file} 不是加密本网关数据所用的密钥：请放回正确的密钥。若已丢失，请删除 data_dir 中的 {MARK_FILE}、wanted.sqlite "
        "和 setup.sealed：服务器会重新下发。",
    )
