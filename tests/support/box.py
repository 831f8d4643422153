"""A small box for tests: a clean Debian 12 of its own, booted with its real service manager in namespaces beside this machine's.

The root is made once by debootstrap and kept; each box works on a layer above it, in memory. Its network is this machine's, so that a
server and simulators of a test are reached at 127.0.0.1. What of the kernel a box must not touch is read-only for it.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest

from tests.support.waiting import PATIENCE_SECONDS

PACKAGES = "python3,systemd,systemd-sysv,adduser,util-linux"
MASKED = (
    "systemd-sysctl systemd-modules-load systemd-remount-fs systemd-udevd systemd-udev-trigger systemd-timesyncd systemd-random-seed "
    "systemd-tmpfiles-setup-dev systemd-update-utmp systemd-firstboot systemd-networkd systemd-logind console-getty"
).split()

_MANAGER = "PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=null --show-status=0"
_BOOT = """\
set -e
mount --make-rprivate /
mount -t tmpfs layer {layer}
mkdir {layer}/upper {layer}/work
mount -t overlay overlay -o lowerdir={base},upperdir={layer}/upper,workdir={layer}/work {root}
mount -t proc proc {root}/proc
mount --bind -o ro {root}/proc/sys {root}/proc/sys && mount -o remount,bind,ro {root}/proc/sys
mount -t sysfs -o ro sysfs {root}/sys
mount -t cgroup2 cgroup2 {root}/sys/fs/cgroup
for place in run tmp dev; do mount -t tmpfs -o mode=0755 $place {root}/$place; done
chmod 1777 {root}/tmp
for device in null zero full random urandom tty; do touch {root}/dev/$device; mount --bind /dev/$device {root}/dev/$device; done
mkdir {root}/dev/shm {root}/dev/pts {root}/run/box
ln -s /proc/self/fd {root}/dev/fd
mount --bind {shared} {root}/run/box
echo 127.0.0.1 localhost > {root}/etc/hosts
exec chroot {root} /usr/bin/env -i container=box LANG=C.UTF-8 {manager}
"""


def clean_root() -> Path:
    """The root that boxes are laid over; made where it is not there yet. Skips with the reason where it cannot be had."""
    for program in ("debootstrap", "unshare", "nsenter"):
        if shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin") is None:
            pytest.skip(f"{program} is not installed: apt install debootstrap util-linux")
    if os.geteuid() != 0:
        pytest.skip("a clean root can be made and booted by root only")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clockbridge-tests"
    home.mkdir(parents=True, exist_ok=True)
    base = home / "debian-12"
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not base.exists():
            _make(base)
    return base


def _make(base: Path) -> None:
    partial = base.with_name(base.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    made = subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", partial], capture_output=True, text=True
    )
    if made.returncode:
        pytest.skip(f"debootstrap could not make a root: {made.stdout[-300:]}{made.stderr[-300:]}")
    for unit in MASKED:
        (partial / f"etc/systemd/system/{unit}.service").symlink_to("/dev/null")
    shutil.rmtree(partial / "var/cache/apt", ignore_errors=True)
    partial.rename(base)


class Box:
    """`with Box(folder) as box:`; `folder/shared` is /run/box in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.shared = folder, folder / "shared"
        self._root = folder / "root"
        self._group = _own_group()
        self._process: subprocess.Popen[bytes] | None = None
        self._init = 0

    def __enter__(self) -> Self:
        base = clean_root()
        for place in (self.shared, self._root, self.folder / "layer"):
            place.mkdir(parents=True)
        script = _BOOT.format(base=base, root=self._root, layer=self.folder / "layer", shared=self.shared, manager=_MANAGER)
        joined = f'echo $$ > {self._group}/cgroup.procs; exec unshare --mount --pid --uts --ipc --cgroup --fork --kill-child sh -c "$0"'
        self._process = subprocess.Popen(
            ["sh", "-c", joined, script], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        self.until(self._booted, "the box has booted")
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.kill(self._init or self._process.pid, signal.SIGKILL)  # the first process takes all others of its namespace with it
            self._process.wait()
            self._process.stderr.close()
        for group in sorted([*self._group.rglob("*/"), self._group], reverse=True):
            if group.is_dir():
                with suppress(OSError):
                    group.rmdir()

    def run(self, *words: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program in the box, as its root."""
        enter = ["nsenter", "--target", str(self._init), "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--root", "--wd"]
        clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run([*enter, *map(str, words)], capture_output=True, text=True, env=clean, stdin=subprocess.DEVNULL)
        assert not check or done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done

    def read(self, file: str) -> str:
        return self.run("cat", file).stdout

    def json(self, file: str) -> dict:
        return json.loads(self.read(file))

    def until(self, what: Callable[[], bool], said: str, seconds: float = PATIENCE_SECONDS) -> None:
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, (
                f"not in {seconds} s: {said}\n{self.run('journalctl', '-n', '40', '--no-pager', check=False).stdout}"
            )
            time.sleep(0.2)

    def _booted(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            pytest.skip(f"a box cannot be booted here: {self._process.stderr.read().decode()[-300:]}")
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        if not children or Path(f"/proc/{children[0]}/comm").read_text().strip() != "systemd":
            return False
        self._init = int(children[0])
        return "running" in (state := self.run("systemctl", "is-system-running", check=False).stdout) or "degraded" in state


def _own_group() -> Path:
    """A control group for the box alone, so that its service manager rules over nothing else."""
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines() if line.split()[2] == "cgroup2"]
    if not mounts:
        pytest.skip("this machine has no control groups of the second version")
    group = Path(mounts[0]) / f"clockbridge-box-{os.getpid()}-{time.monotonic_ns()}"
    group.mkdir()
    return group
