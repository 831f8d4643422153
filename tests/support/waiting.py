"""What is certain to come is waited for as long as it takes; see docs/decisions/0053."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 240
"""Costs nothing where all is well: seven processes start in five seconds, and on a machine that is busy in much more."""


def until(wanted: Callable[[], bool], what: str) -> None:
    """Wait for it; where it never comes, fail with its name."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not wanted():
        assert time.monotonic() < end, f"{what}: not within {PATIENCE_SECONDS} s"
        time.sleep(0.05)
