"""The steps of a period by the total that they lead to, so that a month of fifty steps can be read a total at a time. Pure."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from server.attendance.model.days import Step


class Total(StrEnum):
    """What steps lead to, in the order in which people ask for it."""

    WORKED = "worked-time"
    OVERTIME = "overtime"
    LATENESS = "lateness"
    ABSENCE = "absence"
    LEAVE = "leave"
    ALLOWANCES = "allowances"
    LIMITS = "limits"


OF_STEP: Mapping[str, Total] = {
    "period-days": Total.WORKED,
    "period-day": Total.WORKED,
    "period-day-late": Total.LATENESS,
    "period-forgiven": Total.LATENESS,
    "period-day-absent": Total.ABSENCE,
    "period-counter": Total.ABSENCE,
    "period-day-leave": Total.LEAVE,
    "period-day-allowance": Total.ALLOWANCES,
    "period-corrections": Total.LIMITS,
}
"""Every other step of a period is about overtime: what is no overtime, what the week or the sum makes of it, and what it comes to."""


def by_total(steps: Sequence[Step]) -> list[tuple[Total, list[Step]]]:
    """The steps of each total in their order; totals without a step are left out."""
    found: dict[Total, list[Step]] = {total: [] for total in Total}
    for step in steps:
        found[OF_STEP.get(step.code, Total.OVERTIME)].append(step)
    return [(total, of_it) for total, of_it in found.items() if of_it]
