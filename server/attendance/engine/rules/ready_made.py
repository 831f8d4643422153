"""Rule sets that are ready to use, lawful in China as they stand: a company takes the nearest and changes what it does otherwise.

Overtime is approved and punched, the shorter; it is paid, and time off is what a company chooses itself, for rest days only. 36 hours a
month and 3 hours a day warn and cut nothing. Nothing is rounded to the employee's harm, nobody loses more than the time they were away.
"""

from collections.abc import Mapping

from msgspec import Struct, structs

from server.attendance.engine.wording import Tell
from server.attendance.model.days import ExceptionKind
from server.attendance.model.rules import (
    Allowance,
    Consequence,
    Counter,
    DayRules,
    Direction,
    OvertimeRule,
    Pairing,
    PeriodRules,
    PeriodSum,
    Rules,
    Settlement,
    Tier,
    lawful_overtime,
)
from server.roster.model import DayKind

NIGHT = (22 * 60, 30 * 60)
"""22:00 to 06:00."""


class ReadyMade(Struct, frozen=True, kw_only=True):
    """title, purpose: English texts and keys of their translation, like the names of its allowances."""

    key: str
    title: str
    purpose: str
    rules: Rules


def localized(rules: Rules, tell: Tell) -> Rules:
    """The same rules with the names of allowances in the reader's language, to be stored."""
    allowances = tuple(structs.replace(one, name=tell(one.name)) for one in rules.day.allowances)
    return structs.replace(rules, day=structs.replace(rules.day, allowances=allowances))


def _overtime(*, minimum_minutes: int = 0, step_minutes: int = 0, before_start: bool = False) -> dict[DayKind, OvertimeRule]:
    """Approved and punched, the shorter, at the lawful rates. On days off the least and the steps hold likewise."""
    return {
        kind: structs.replace(
            rule,
            settlement=Settlement.BOTH,
            minimum_minutes=minimum_minutes,
            step_minutes=step_minutes,
            before_start=before_start or kind is not DayKind.WORKDAY,
        )
        for kind, rule in lawful_overtime().items()
    }


def _rostered_holidays(overtime: dict[DayKind, OvertimeRule]) -> dict[DayKind, OvertimeRule]:
    """Work on a statutory holiday counts as punched: under comprehensive hours the roster asks for it, and nobody approves it again."""
    statutory = structs.replace(overtime[DayKind.STATUTORY_HOLIDAY], settlement=Settlement.PUNCHED)
    return overtime | {DayKind.STATUTORY_HOLIDAY: statutory}


def _period(**others: object) -> PeriodRules:
    limits = PeriodRules(overtime_limit_minutes=36 * 60, overtime_day_limit_minutes=180, corrections_allowed=3)
    return structs.replace(limits, **others)


_TIERS = (Tier(beyond_minutes=30, consequence=Consequence.SERIOUS), Tier(beyond_minutes=180, consequence=Consequence.HALF_DAY_ABSENT))

READY_MADE: Mapping[str, ReadyMade] = {
    one.key: one
    for one in (
        ReadyMade(
            key="office",
            title="Office",
            purpose="One shift a day, first IN to last OUT, a few minutes of grace, overtime on request.",
            rules=Rules(
                day=DayRules(
                    direction=Direction.FIRST_LAST,
                    pairing=Pairing.FIRST_LAST,
                    duplicate_seconds=60,
                    count_before_start=False,
                    grace_in_minutes=5,
                    grace_out_minutes=0,
                    late_tiers=_TIERS,
                    overtime=_overtime(minimum_minutes=30),
                    night=NIGHT,
                ),
                period=_period(counters=(Counter(kind=ExceptionKind.LATE.value, free=3, up_to_minutes=10),)),
            ),
        ),
        ReadyMade(
            key="factory",
            title="Factory with three shifts",
            purpose="Early, late and night shift around the clock, every stay counted, allowances for the late and the night shift.",
            rules=Rules(
                day=DayRules(
                    direction=Direction.AUTO,
                    duplicate_seconds=120,
                    count_before_start=False,
                    new_shift_minutes=240,
                    longest_shift_minutes=16 * 60,
                    grace_in_minutes=3,
                    late_tiers=_TIERS,
                    overtime=_overtime(minimum_minutes=30, step_minutes=30),
                    night=NIGHT,
                    allowances=(
                        Allowance(code="S2", name="Late shift", start=16 * 60, end=24 * 60, shortest_minutes=240),
                        Allowance(code="S3", name="Night shift", start=24 * 60, end=32 * 60, shortest_minutes=240),
                    ),
                ),
                period=_period(),
            ),
        ),
        ReadyMade(
            key="shop",
            title="Shop",
            purpose="Split shifts by the roster, breaks punched or taken from the roster, busy weekends.",
            rules=Rules(
                day=DayRules(
                    direction=Direction.ROSTER,
                    duplicate_seconds=120,
                    count_before_start=False,
                    grace_in_minutes=5,
                    grace_out_minutes=2,
                    late_tiers=_TIERS,
                    overtime=_overtime(minimum_minutes=30),
                    night=NIGHT,
                ),
                period=_period(counters=(Counter(kind=ExceptionKind.LATE.value, free=2, up_to_minutes=10),)),
            ),
        ),
        ReadyMade(
            key="drivers",
            title="Drivers",
            purpose="Comprehensive hours summed over a quarter, long trips over midnight, work counted from IN to OUT wherever it ends.",
            rules=Rules(
                day=DayRules(
                    direction=Direction.AUTO,
                    duplicate_seconds=120,
                    new_shift_minutes=360,
                    longest_shift_minutes=20 * 60,
                    grace_in_minutes=15,
                    grace_out_minutes=15,
                    overtime=_rostered_holidays(_overtime(before_start=True)),
                    night=NIGHT,
                ),
                period=_period(comprehensive_over=PeriodSum.QUARTER),
            ),
        ),
        ReadyMade(
            key="irregular",
            title="Irregular hours",
            purpose="Leaders and field sales under approved irregular hours: presence is recorded, nothing is late, no overtime.",
            rules=Rules(
                day=DayRules(direction=Direction.FIRST_LAST, pairing=Pairing.FIRST_LAST, duplicate_seconds=60, overtime=_overtime()),
                period=_period(overtime_limit_minutes=None, overtime_day_limit_minutes=None),
            ),
        ),
    )
}
