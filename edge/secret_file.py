"""Writing a file that only its owner may read: whole or not at all, and on the disk before it is seen."""

import os
from contextlib import suppress
from pathlib import Path


def write_secret(path: Path, data: bytes) -> None:
    """Replace the file, or make it. One that root replaces stays its owner's. Raises OSError, with nothing changed."""
    partial = path.with_name(path.name + ".part")
    with suppress(FileNotFoundError):
        partial.unlink()
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if os.geteuid() == 0 and path.exists():
        belongs_like(partial, path)
    partial.replace(path)
    sync_folder(path.parent)


def belongs_like(new: Path, known: Path) -> None:
    """Give a file that root made to whoever owns another one."""
    owner = known.stat()
    os.chown(new, owner.st_uid, owner.st_gid)


def sync_folder(folder: Path) -> None:
    """What was made, named or removed in it is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
