"""Disks that get full: a small file system in memory (tmpfs), mounted where a process keeps its data. Needs root; `why_not()` says so."""

import contextlib
import functools
import os
import subprocess
import tempfile
from pathlib import Path

MOUNT_PATH = "/usr/sbin:/sbin:/usr/bin:/bin"
STEPS = (1 << 20, 4096, 1)
"""Bytes that are written at once while a disk is being filled; the last bytes one by one."""


@functools.cache
def why_not() -> str | None:
    """The reason why no small disk can be had here; None when it can."""
    if os.geteuid() != 0:
        return "a small disk needs root (mount)"
    with tempfile.TemporaryDirectory() as folder:
        try:
            with SmallDisk(Path(folder), megabytes=1):
                return None
        except subprocess.CalledProcessError as error:
            return f"no tmpfs can be mounted here: {error.stderr.decode(errors='replace').strip()}"


class SmallDisk:
    """`with SmallDisk(folder, megabytes) as disk:` mounts it over an empty folder, and unmounts it at the end."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder, self.megabytes = folder, megabytes
        self._filler = folder / "filler"

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _do("mount", "-t", "tmpfs", "-o", f"size={self.megabytes}m,mode=0700", "tmpfs", self.folder)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", str(self.folder)], check=False, capture_output=True, env={"PATH": MOUNT_PATH})

    @property
    def full(self) -> bool:
        """Whether `fill` was called last."""
        return self._filler.exists()

    def fill(self) -> None:
        """Take every byte that is left."""
        with self._filler.open("ab", buffering=0) as filler:
            for step in STEPS:
                with contextlib.suppress(OSError):
                    while filler.write(bytes(step)) == step:
                        pass

    def empty(self) -> None:
        """Give back what `fill` took."""
        self._filler.unlink(missing_ok=True)


def _do(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True, env={"PATH": MOUNT_PATH})
