"""A clock of its own for a process: libfaketime reads how far it is off from a file, which may be changed while the process runs.

Only what people call the time is set; the monotonic clock goes on, as it does on a machine whose clock a person or NTP sets. Needs the
package `faketime`; `why_not()` says so.
"""

from pathlib import Path

LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/local/lib/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")
READ_AGAIN_SECONDS = 1


def why_not() -> str | None:
    """The reason why no clock can be set here; None when it can."""
    return None if _library() else "libfaketime is missing (apt install faketime)"


class SetClock:
    """`environment` makes a process live by this clock; `seconds` is how far it is ahead of the true one, negative when it is behind."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.seconds = 0
        self.set(0)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": str(READ_AGAIN_SECONDS),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DISABLE_SHM": "1",  # a killed process would leave its shared memory behind
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": str(Path(__file__).with_name("by_set_clock")),
        }

    def set(self, seconds: int) -> None:
        """From within READ_AGAIN_SECONDS on, whoever lives by it is off by so much."""
        partial = self._file.with_suffix(".new")
        partial.write_text(f"{seconds:+d}\n")
        partial.replace(self._file)
        self.seconds = seconds


def _library() -> Path | None:
    return next((found for pattern in LIBRARIES for found in Path("/").glob(pattern.lstrip("/"))), None)
