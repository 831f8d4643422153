"""What `clockbridge edge seal`, `rekey` and `drop-old-keys` do: the secret numbers of the settings file, and the key that seals them."""

import os
from pathlib import Path

from clockbridge.language import say
from edge.errors import SettingsError
from edge.seals import seal_text
from edge.secret_file import belongs_like, write_secret
from edge.settings import settings_file
from edge.vault import Vault, drop_old_keys, exchange_key, key_file, make_key


def seal(config: Path | None) -> str:
    """Seal what stands in the clear, making the key where there is none; gives what was done in words."""
    file = settings_file(config)
    folder = file.absolute().parent
    text = _read(file)
    if not key_file(folder).exists():
        key = make_key(folder)
        if os.geteuid() == 0:
            belongs_like(key, file)  # the agent must read it
    sealed, changed = seal_text(text, Vault.open(folder))
    _write(file, sealed)
    if not changed:
        return say("Nothing stood in the clear.", "没有明文的密码。")
    return say(f"Sealed: {', '.join(changed)}.", f"已加密：{'、'.join(changed)}。")


def rekey(config: Path | None) -> str:
    """Put a new key in front of the old one, and seal the settings anew."""
    file = settings_file(config)
    folder = file.absolute().parent
    text = _read(file)
    Vault.open(folder)
    exchange_key(folder)
    sealed, _ = seal_text(text, Vault.open(folder))
    _write(file, sealed)
    return say(
        "There is a new key. Restart the agent, which then hides anew what it keeps; `clockbridge edge drop-old-keys` ends the old one.",
        "已更换密钥。请重新启动程序，使其重新加密所保存的内容；之后用 `clockbridge edge drop-old-keys` 停用旧密钥。",
    )


def drop_old(config: Path | None) -> str:
    """Leave only the key in force."""
    file = drop_old_keys(settings_file(config).absolute().parent)
    return say(f"{file} holds the key in force alone.", f"{file} 中只保留当前密钥。")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        english = f"The settings file {file} cannot be read ({error.strerror})."
        raise SettingsError([(english, f"无法读取设置文件 {file}（{error.strerror}）。")]) from error


def _write(file: Path, text: str) -> None:
    """Its owner's alone from now on: it held what is sealed."""
    try:
        write_secret(file, text.encode())
    except OSError as error:
        english = f"The settings file {file} cannot be written ({error.strerror}): seal it as a user who may."
        raise SettingsError([(english, f"无法写入设置文件 {file}（{error.strerror}）：请由有权限的用户执行。")]) from error
