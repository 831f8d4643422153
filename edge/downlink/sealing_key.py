"""The edge's sealing key: what only this edge may read is sealed for it. Made at the first start, its owner's alone.

A key that is lost costs nothing but a new one: its public half is told in every hello, and the server seals again.
"""

import os
from pathlib import Path

import structlog

from edge.errors import SettingsError
from edge.secret_file import write_secret
from protocol.sealing import KEY_BYTES, Opener

FILE = "sealing.key"

log = structlog.get_logger(__name__)


def open_sealing_key(data_dir: Path) -> Opener:
    """The key in this folder, made where there is none that could serve; raises SettingsError where the folder cannot be written."""
    file = data_dir / FILE
    try:
        private = file.read_bytes() if file.exists() else b""
        if len(private) != KEY_BYTES:
            private = _make(file)
    except OSError as error:
        english = f"data_dir: {file} cannot be read or written ({error.strerror}): give this user the right to do so."
        raise SettingsError([(english, f"data_dir：无法读写 {file}（{error.strerror}）：请授予该用户读写权限。")]) from error
    return Opener(private)


def _make(file: Path) -> bytes:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    private = os.urandom(KEY_BYTES)
    write_secret(file, private)
    log.info("sealing_key_made")
    return private
