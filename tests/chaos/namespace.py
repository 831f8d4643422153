"""A network of its own for a process, and the cable to it, which can be pulled. Needs root and iproute2; `why_not()` says so.

Our end of the cable is in another network of its own, where we are meanwhile: a browser of another test would see this machine's networks
change, and break off what it loads.
"""

import contextlib
import ctypes
import functools
import os
import shutil
import subprocess

TOOLS_PATH = "/usr/sbin:/sbin:/usr/bin:/bin"
CLONE_NEWNET = 0x4000_0000
HERE, THERE = "169.254.213.1", "169.254.213.2"


@functools.cache
def why_not() -> str | None:
    """The reason why no network namespace can be had here; None when it can."""
    if os.geteuid() != 0:
        return "a network namespace needs root"
    missing = [tool for tool in ("ip", "nsenter") if not shutil.which(tool, path=TOOLS_PATH)]
    if missing:
        return f"{' and '.join(missing)} missing (apt install iproute2 util-linux)"
    try:
        with Namespace("cb-try"):
            return None
    except OSError as error:
        return f"no network namespace can be made here: {error}"
    except subprocess.CalledProcessError as error:
        return f"no network namespace can be made here: {error.stderr.decode(errors='replace').strip()}"


class Namespace:
    """`with Namespace(name) as there:` makes it, reachable at THERE; what runs in it finds us at HERE.

    We: this thread, and the processes that it starts.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._near, self._far = f"{name}-h", f"{name}-t"

    def __enter__(self):
        with contextlib.ExitStack() as undo:
            self._home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
            undo.callback(self.remove)
            _call("unshare", CLONE_NEWNET)
            _ip("link", "set", "lo", "up")
            _ip("netns", "add", self.name)
            _ip("link", "add", self._near, "type", "veth", "peer", "name", self._far, "netns", self.name)
            _ip("address", "add", f"{HERE}/30", "dev", self._near)
            _ip("-n", self.name, "address", "add", f"{THERE}/30", "dev", self._far)
            _ip("-n", self.name, "link", "set", "lo", "up")
            _ip("link", "set", self._near, "up")
            self.join()
            undo.pop_all()
        return self

    def __exit__(self, *_):
        self.remove()

    def inside(self, command: list[str]) -> list[str]:
        """The command that runs this one there."""
        return [shutil.which("nsenter", path=TOOLS_PATH), f"--net=/run/netns/{self.name}", *command]

    def cut(self) -> None:
        """Pull the cable at the far end: what is sent from here goes nowhere, and nobody is told."""
        _ip("-n", self.name, "link", "set", self._far, "down")

    def join(self) -> None:
        _ip("-n", self.name, "link", "set", self._far, "up")

    def remove(self) -> None:
        """Both ends of the cable go with it."""
        with contextlib.suppress(subprocess.CalledProcessError):
            _ip("netns", "delete", self.name)
        _call("setns", self._home, CLONE_NEWNET)
        os.close(self._home)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, env={"PATH": TOOLS_PATH})


def _call(name: str, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments):
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
