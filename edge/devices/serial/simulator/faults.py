"""What goes wrong on a serial line. Everything drawn by chance follows from the seed."""

import random
from dataclasses import dataclass, field


@dataclass(slots=True)
class Faults:
    """lost, noise: of so many bytes one is lost, or has one of noise before it; 0 for none. silent: nothing is answered.
    wrong_checksums: so many of the next answers are damaged. seconds: each answer takes so long.
    """

    lost: int = 0
    noise: int = 0
    wrong_checksums: int = 0
    silent: bool = False
    seconds: float = 0.0
    seed: int = 1
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311 - repeatable chance is wanted

    def on_the_way(self, data: bytes) -> bytes:
        """What arrives of an answer."""
        if self.silent:
            return b""
        if self.wrong_checksums > 0 and data:
            self.wrong_checksums -= 1
            data = data[:-1] + bytes([data[-1] ^ 0xFF])
        return b"".join(self._byte(one) for one in data)

    def _byte(self, one: int) -> bytes:
        before = bytes([self._chance.randrange(256)]) if self._hits(self.noise) else b""
        return before if self._hits(self.lost) else before + bytes([one])

    def _hits(self, one_in: int) -> bool:
        return one_in > 0 and self._chance.randrange(one_in) == 0
