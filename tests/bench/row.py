"""One line of the benchmark's table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, beside what bounds it, in the same run.

    ratio: measured against its limit, 1.0 = at the limit (for times: limit / measured); None where there is none.
    at_least: the ratio that users were promised; None for a plain report.
    """

    work: str
    measured: float
    unit: str
    limit: str
    limit_measured: float | None
    ratio: float | None
    at_least: float | None
    note: str = ""

    @property
    def met(self) -> bool:
        return self.at_least is None or (self.ratio is not None and self.ratio >= self.at_least)
