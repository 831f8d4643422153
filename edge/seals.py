"""Communication keys and passwords in edge.toml: numbers in the clear, or `sealed:…` under the key of the vault.

`clockbridge edge seal` exchanges the one for the other in place. A sealed number is bound to the name of its terminal, so that it does
not open beside another one.
"""

import base64
import copy
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.errors import SettingsError, VaultError
from edge.vault import Vault

PREFIX = "sealed:"
_NUMBER = re.compile(r"[0-9][0-9_]*")
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.]+)\s*\]\]?\s*(#.*)?$")


@dataclass(frozen=True, slots=True)
class Secret:
    """A place in the settings that may hold a secret number. where: as findings name it; about: what its seal is bound to."""

    table: dict[str, Any]
    name: str
    where: str
    about: str

    @property
    def value(self) -> Any:
        return self.table.get(self.name, 0)

    @property
    def sealed(self) -> bool:
        return isinstance(self.value, str) and self.value.startswith(PREFIX)

    @property
    def in_clear(self) -> bool:
        return type(self.value) is int and self.value != 0

    def seal(self, vault: Vault) -> None:
        self.table[self.name] = PREFIX + base64.urlsafe_b64encode(vault.hide(str(self.value).encode(), self.about)).decode()

    def unseal(self, vault: Vault) -> None:
        """Raises VaultError."""
        self.table[self.name] = int(vault.show(self.hidden, self.about))

    @property
    def hidden(self) -> bytes:
        try:
            return base64.urlsafe_b64decode(self.value.removeprefix(PREFIX))
        except ValueError:
            return b""


def open_seals(written: dict[str, Any], folder: Path) -> list[tuple[str, str]]:
    """Put the numbers in the place of their seals; gives what is wrong, in English and Chinese."""
    findings, sealed = [], [secret for secret in _secrets(written) if secret.sealed]
    try:
        vault = Vault.open(folder) if sealed else None
    except VaultError as error:
        return [(error.english, error.chinese)]
    for secret in sealed:
        try:
            assert vault is not None
            secret.unseal(vault)
        except VaultError as error:
            findings.append((f"{secret.where}: {error.english}", f"{secret.where}：{error.chinese}"))
    return findings


def blank_seals(written: dict[str, Any]) -> None:
    """For whoever only looks: no terminal is spoken to with these settings."""
    for secret in _secrets(written):
        if secret.sealed:
            secret.table[secret.name] = 0


def clear_secrets(written: dict[str, Any]) -> list[str]:
    """Where a secret number stands in the clear."""
    return [secret.where for secret in _secrets(written) if secret.in_clear]


def seal_text(text: str, vault: Vault) -> tuple[str, list[str]]:
    """The text of a settings file with every secret number sealed under the key in force, and where; raises SettingsError or VaultError.

    Everything else stays as it was written, comments and all. What is sealed under an earlier key is sealed anew.
    """
    wanted = copy.deepcopy(tomllib.loads(text))
    changed = []
    for secret in _secrets(wanted):
        if secret.sealed and vault.is_old(secret.hidden):
            secret.unseal(vault)
            secret.seal(vault)
        elif secret.in_clear:
            secret.seal(vault)
            changed.append(secret.where)
    sealed = _rewritten(text, wanted)
    if tomllib.loads(sealed) != wanted:
        lines = "\n".join(f'{secret.where} = "{secret.value}"' for secret in _secrets(wanted) if secret.sealed)
        raise SettingsError(
            [
                (
                    f"The settings are written in a way that cannot be changed in place. Write these by hand:\n{lines}",
                    f"设置的写法无法就地修改，请手工写入：\n{lines}",
                )
            ]
        )
    return sealed, changed


def _secrets(written: dict[str, Any]) -> Iterator[Secret]:
    """In what may be no settings at all: whoever checks them says so."""
    terminals = written.get("terminals")
    for place, terminal in enumerate(terminals if isinstance(terminals, list) else []):
        if isinstance(terminal, dict):
            yield Secret(terminal, "key", f"terminals.{place}.key", f"key of terminal {terminal.get('name')}")
    station = written.get("station")
    if isinstance(station, dict):
        yield Secret(station, "fingerprint_password", "station.fingerprint_password", "password of the station's fingerprint module")


def _rewritten(text: str, wanted: dict[str, Any]) -> str:
    """Line by line, below the headers [[terminals]] and [station]."""
    values = {(secret.where.rpartition(".")[0], secret.name): secret.value for secret in _secrets(wanted) if secret.sealed}
    section, terminals, lines = "", -1, []
    for line in text.splitlines(keepends=True):
        header = _HEADER.match(line)
        if header:
            terminals += header[2] == "terminals"
            section = f"terminals.{terminals}" if header[2] == "terminals" else header[2]
        name, equals, rest = line.partition("=")
        value = values.get((section, name.strip()))
        lines.append(line if value is None or not equals else f"{name}={_exchanged(rest, value)}")
    return "".join(lines)


def _exchanged(rest: str, value: str) -> str:
    return re.sub(rf"^(\s*)({_NUMBER.pattern}|\"[^\"]*\"|'[^']*')", lambda found: f'{found[1]}"{value}"', rest, count=1)
