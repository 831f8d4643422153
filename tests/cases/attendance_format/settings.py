"""The rules of a case: every feature off, then what the case switches on."""

from datetime import date

from msgspec.structs import replace

from server.attendance.model.rules import (
    Allowance,
    BreakMode,
    BreakRule,
    Consequence,
    DayOf,
    DayRules,
    Direction,
    LunchRule,
    OvertimeTier,
    OvertimeWindow,
    Pairing,
    PeriodRules,
    Rounding,
    RoundingMode,
    Rules,
    Tier,
)
from tests.cases.attendance_format import CaseError
from tests.cases.attendance_format.keys import WEEKDAYS
from tests.cases.attendance_format.moments import minutes_of

DIRECTIONS = {"label": Direction.LABEL, "alternate": Direction.ALTERNATE, "roster": Direction.ROSTER}
PAIRINGS = {"first_last": Pairing.FIRST_LAST, "every_pair": Pairing.EVERY_PAIR}
DAYS = {"start": DayOf.START, "end": DayOf.END, "most_worked": DayOf.LONGEST, "split_at_midnight": DayOf.SPLIT_AT_MIDNIGHT}
MODES = {"up": RoundingMode.UP, "down": RoundingMode.DOWN}
FIRST_RATE = 150


def rules_of(case: dict, first: date) -> Rules:
    """first: D0, on which the week of the case begins."""
    given, shift, context = case.get("rules", {}), case["shift"], case.get("context", {})
    return Rules(day=_day_rules(given, shift, context), period=_period_rules(given, first))


def _day_rules(given: dict, shift: dict, context: dict) -> DayRules:
    plain = {
        "duplicate_seconds": given.get("duplicate_window_sec"),
        "count_before_start": given.get("count_before_start", True),
        "count_after_end": given.get("count_after_end", True),
        "new_shift_minutes": given.get("new_shift_gap_min"),
        "longest_shift_minutes": given.get("max_shift_min"),
        "whole_seconds": given.get("resolution") == "second",
        "half_day_below_minutes": given.get("half_day_below_min", 0),
        "absent_below_minutes": given.get("absent_below_min", 0),
        "holiday_work": given.get("evaluate_on_holiday", True),
        "day_off_breaks": given.get("break_counts_on_day_off", False),
        "holiday_takes_all": given.get("holiday") == "all",
        "bank_after_minutes": given.get("bank_after_min"),
        "overtime_counts": given.get("basis") != "none",
        "overtime_tolerance_minutes": given.get("overtime_tolerance_min", 0),
        "undertime_tolerance_minutes": given.get("undertime_tolerance_min", 0),
        "minimum_shift_minutes": given.get("minimum_shift_min", 0),
        "close_after_minutes": given.get("auto_checkout_tolerance_min"),
        "longest_open_minutes": given.get("max_open_min"),
        "geofence_metres": given.get("geofence_radius_m"),
        "grace_in_minutes": shift.get("grace_in_min", 0),
        "grace_out_minutes": shift.get("grace_out_min", 0),
        "day_boundary": minutes_of(given["day_boundary"]) if "day_boundary" in given else None,
        "night": _window(context["night"]) if "night" in context else None,
    }
    rules = replace(
        DayRules(**plain),
        direction=DIRECTIONS.get(given.get("direction"), Direction.AUTO),
        pairing=PAIRINGS[given.get("pairing", "every_pair")],
        day_of=DAYS[given.get("assign_shift_to", "start")],
        breaks=_breaks(given, shift),
        lunch=_lunch(given),
        late_tiers=_late_tiers(shift),
        daily_tiers=_tiers(given, "daily"),
        overtime_windows=_timing(given),
        allowances=_premium(given),
    )
    return _rounded(rules, given)


def _window(texts: list[str]) -> tuple[int, int]:
    return minutes_of(texts[0]), minutes_of(texts[1])


def _late_tiers(shift: dict) -> tuple[Tier, ...]:
    limits = {
        "late_as_late_min": Consequence.SERIOUS,
        "late_as_missing_min": Consequence.MISSING,
        "half_day_absent_after_late_min": Consequence.HALF_DAY_ABSENT,
    }
    return tuple(Tier(beyond_minutes=shift[key], consequence=reached) for key, reached in limits.items() if key in shift)


def _tiers(given: dict, span: str) -> tuple[OvertimeTier, ...]:
    if span in given and f"{span}_after_min" in given:
        raise CaseError(f"rules.{span}: given together with {span}_after_min")
    if f"{span}_after_min" in given:
        return (OvertimeTier(after_minutes=given[f"{span}_after_min"], rate=FIRST_RATE),)
    return tuple(OvertimeTier(after_minutes=one["after_min"], rate=round(one["rate"] * 100)) for one in given.get(span, ()))


def _timing(given: dict) -> tuple[OvertimeWindow, ...]:
    return tuple(
        OvertimeWindow(
            name=one["name"],
            start=minutes_of(one["from"]) if "from" in one else None,
            end=minutes_of(one["to"]) if "to" in one else None,
            outside_roster=one.get("outside_schedule", False),
        )
        for one in given.get("timing", ())
    )


def _premium(given: dict) -> tuple[Allowance, ...]:
    if "premium_window" not in given:
        return ()
    start, end = _window(given["premium_window"])
    weekdays = tuple(sorted(WEEKDAYS.index(one) for one in given.get("weekdays", ())))
    return (Allowance(code="premium", name="premium", start=start, end=end, weekdays=weekdays, partial=given.get("partial", True)),)


def _lunch(given: dict) -> LunchRule | None:
    if "lunch_window" not in given and "lunch_duration" not in given:
        return None
    window, (shortest, longest) = given.get("lunch_window", {}), given.get("lunch_duration", (0, None))
    return LunchRule(
        opens_after_minutes=window.get("after_start_min"),
        window_minutes=window.get("length_min", 0),
        shortest_minutes=shortest,
        longest_minutes=longest,
    )


def _breaks(given: dict, shift: dict) -> BreakRule:
    deducted = given.get("auto_deduct_break_min")
    if deducted is None and not shift.get("start"):
        deducted = shift.get("auto_deduct_break_min")
    if deducted is not None:
        if given.get("break", "auto_deduct") != "auto_deduct":
            raise CaseError("rules.auto_deduct_break_min: given together with another break rule")
        return BreakRule(
            mode=BreakMode.DEDUCT,
            minutes=deducted,
            after_minutes=given.get("after_min", 0),
            each_shift=given.get("scope") == "shift",
            punched_counts=given.get("punched_break_counts", False),
        )
    mode = {"none": BreakMode.NONE, "paid": BreakMode.PAID, "auto_deduct": BreakMode.DEDUCT}[given.get("break", "none")]
    return BreakRule(
        mode=mode,
        minutes=given.get("minutes", 0),
        after_minutes=given.get("after_min", 0),
        cap_to_taken=given.get("cap_to_taken", False),
        count=given.get("count", 1),
        merge=given.get("merge", False),
        each_shift=given.get("scope") == "shift",
        punched_counts=given.get("punched_break_counts", False),
    )


def _rounded(rules: DayRules, given: dict) -> DayRules:
    """Rounding of ends, breaks and the total; a case that gives two rules for one end is refused."""
    found: dict[str, Rounding] = {}

    def add(end: str, rule: Rounding) -> None:
        if end in found:
            raise CaseError(f"rules: two ways of rounding for {end}")
        found[end] = rule

    for end in ("round_in", "round_out"):
        if end in given:
            one = given[end]
            add(end, Rounding(mode=MODES[one["mode"]], step_minutes=one["step"], grace_minutes=one.get("grace", 0)))
    if "round_total" in given:
        one = given["round_total"]
        near = {"near": one.get("near_min"), "within_minutes": one.get("within_min", 0)}
        add("round_total", Rounding(mode=MODES[one["mode"]], step_minutes=one["step"], grace_minutes=one.get("grace", 0), **near))
    if "round_near" in given:
        _round_near(given["round_near"], add)
    if "round_break" in given:
        add("round_break", Rounding(mode=RoundingMode.NEAREST, step_minutes=given["round_break"]["step"]))
    if "mode" in given:
        _by_mode(given, add)
    return replace(rules, **found)


def _round_near(one: dict, add) -> None:
    terms = {"mode": MODES[one["mode"]], "step_minutes": one["step"], "within_minutes": one["within_min"]}
    if one.get("source") == "schedule":
        for end in ("round_in", "round_out"):
            add(end, Rounding(**terms, near_roster=True))
        return
    for end, key in (("round_in", "in"), ("round_out", "out")):
        if key in one:
            add(end, Rounding(**terms, near=minutes_of(one[key])))


def _by_mode(given: dict, add) -> None:
    up, down, nearest = RoundingMode.UP, RoundingMode.DOWN, RoundingMode.NEAREST
    modes = {"closest": (nearest, nearest, nearest), "ceil": (up, up, up), "default": (down, up, up)}[given["mode"]]
    steps = (given.get("in", given.get("step")), given.get("out", given.get("step")), given.get("duration"))
    for end, mode, step in zip(("round_in", "round_out", "round_total"), modes, steps, strict=True):
        if step:
            add(end, Rounding(mode=mode, step_minutes=step))


def _period_rules(given: dict, first: date) -> PeriodRules:
    consecutive = given.get("consecutive_days", {})
    return PeriodRules(weekly_tiers=_tiers(given, "weekly"), week_starts_on=first.weekday(), consecutive_from=consecutive.get("from"))
