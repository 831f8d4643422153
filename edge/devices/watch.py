"""Somebody who follows what a terminal and the edge say to each other, without the content: no names, templates, numbers or keys."""

from typing import Protocol


class Watch(Protocol):
    """Told each frame or request when it passes."""

    def note(self, direction: str, name: str, length: int, shown: str) -> None:
        """direction: `in` from the terminal or `out` to it. length: bytes. shown: what may be shown of it, redacted by its family."""
        ...


class Nobody:
    """Nobody follows."""

    def note(self, direction: str, name: str, length: int, shown: str) -> None:
        """Forget it."""
