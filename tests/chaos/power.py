"""Power cuts without a plug: an ext4 image on a loop device, its blocks copied at a random moment, and the copy mounted.

What the kernel had not yet written to the image is not in the copy, as it would not be on a disk that lost its power. Needs root,
loop devices and ext4; `why_not()` says what is missing.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path


def why_not() -> str | None:
    """The reason why power cannot be cut here; None when it can."""
    if os.geteuid() != 0:
        return "cutting power needs root (loop devices)"
    if not Path("/dev/loop-control").exists():
        return "this kernel offers no loop devices"
    if not shutil.which("mkfs.ext4", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        return "mkfs.ext4 is missing (e2fsprogs)"
    return None


class Disk:
    """A small disk in a file, mounted at `folder`; unmounted and gone after the block."""

    def __init__(self, base: Path, megabytes: int = 64) -> None:
        self.base, self.megabytes = base, megabytes
        self.image, self.folder = base / "disk.img", base / "disk"

    def __enter__(self):
        with self.image.open("wb") as file:
            file.truncate(self.megabytes * 1024 * 1024)
        # ordered data and barriers are the defaults, as on a real edge; a journal commit each second lets unsynced data differ
        _do("mkfs.ext4", "-q", "-F", self.image)
        self.folder.mkdir()
        _do("mount", "-o", "loop,commit=1", self.image, self.folder)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.folder], check=False, capture_output=True)

    @contextlib.contextmanager
    def after_power_cut(self) -> Iterator[Path]:
        """The disk as it would be found after a cut right now; a copy, so the disk itself goes on.

        Whoever writes must be stopped while this is entered: a copy that takes many moments is of no moment, and no disk ever looked so.
        """
        copy, found = self.base / "cut.img", self.base / "cut"
        shutil.copyfile(self.image, copy)
        found.mkdir(exist_ok=True)
        _do("mount", "-o", "loop", copy, found)
        try:
            yield found
        finally:
            _do("umount", found)
            copy.unlink()


def _do(*command) -> None:
    subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, env=os.environ | {"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"}
    )
