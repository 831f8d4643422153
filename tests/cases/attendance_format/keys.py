"""Every key and enumerated value a case may have, and where. Readers (note, source ...) are told in `meta`."""

import re
from collections.abc import Callable
from typing import Any

from tests.cases.attendance_format import CaseError

Check = Callable[[str, Any], None]


def anything(_where: str, _value: Any) -> None:
    return


def _must(holds: bool, where: str, value: Any, wanted: str) -> None:
    if not holds:
        raise CaseError(f"{where}: {value!r} is not {wanted}")


def number(where: str, value: Any) -> None:
    _must(isinstance(value, int | float) and not isinstance(value, bool), where, value, "a number")


def flag(where: str, value: Any) -> None:
    _must(isinstance(value, bool), where, value, "true or false")


def text(where: str, value: Any) -> None:
    _must(isinstance(value, str), where, value, "a text")


def form(pattern: str, wanted: str) -> Check:
    compiled = re.compile(pattern, re.ASCII)

    def check(where: str, value: Any) -> None:
        _must(isinstance(value, str) and compiled.fullmatch(value) is not None, where, value, wanted)

    return check


clock = form(r"\d{1,2}:\d\d(:\d\d)?", "a time of day")
day = form(r"D-?\d+", "a day such as D0")
moment = form(r"(D-?\d+ )?\d{1,2}:\d\d(:\d\d)?", "a time such as D0 09:00")
now = form(r"((D-?\d+|\d{4}-\d\d-\d\d) )?\d{1,2}:\d\d(:\d\d)?", "a time, or a date and a time")
calendar_date = form(r"\d{4}-\d\d-\d\d", "a date")


def one_of(*known: Any) -> Check:
    def check(where: str, value: Any) -> None:
        if isinstance(value, bool) != isinstance(known[0], bool) or value not in known:
            raise CaseError(f"{where}: unknown value {value!r}")

    return check


def or_none(check: Check) -> Check:
    return lambda where, value: None if value is None else check(where, value)


def listed(check: Check) -> Check:
    def check_list(where: str, value: Any) -> None:
        _must(isinstance(value, list), where, value, "a list")
        for place, one in enumerate(value):
            check(f"{where}[{place}]", one)

    return check_list


def pair_of(check: Check) -> Check:
    def check_pair(where: str, value: Any) -> None:
        _must(isinstance(value, list) and len(value) == 2, where, value, "a list of two")
        for one in value:
            check(where, one)

    return check_pair


def known(**keys: Check) -> Check:
    """An object that has these keys and no others; `in_` and `from_` stand for words Python keeps for itself."""
    checks = {key.rstrip("_"): check for key, check in keys.items()}

    def check(where: str, value: Any) -> None:
        _must(isinstance(value, dict), where, value, "an object")
        for key, one in value.items():
            name = f"{where}.{key}" if where else key
            if key not in checks:
                raise CaseError(f"{name}: unknown key")
            checks[key](name, one)

    return check


def mapped(key_check: Check, check: Check) -> Check:
    def check_map(where: str, value: Any) -> None:
        _must(isinstance(value, dict), where, value, "an object")
        for key, one in value.items():
            key_check(where, key)
            check(f"{where}.{key}", one)

    return check_map


def either(*checks: Check) -> Check:
    """The first that takes the value decides; the last one's complaint is told."""

    def check(where: str, value: Any) -> None:
        for one in checks[:-1]:
            try:
                return one(where, value)
            except CaseError:
                continue
        return checks[-1](where, value)

    return check


KINDS = ("workday", "rest_day", "public_holiday", "statutory_holiday")
STATUSES = ("present", "absent", "half_day", "leave", "holiday", "off", "pending", "incomplete", "not_employed")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
status = one_of(*STATUSES)

SHIFT = known(
    start=or_none(clock),
    end=or_none(clock),
    breaks=listed(known(start=clock, end=clock, paid=flag)),
    segments=listed(known(name=text, start=clock, end=clock, day=day)),
    window_before_min=number,
    window_after_min=number,
    grace_in_min=number,
    grace_out_min=number,
    flex_late_min=number,
    late_as_late_min=number,
    late_as_missing_min=number,
    half_day_absent_after_late_min=number,
    required_min=number,
    auto_deduct_break_min=number,
)

_rounding = known(mode=one_of("up", "down"), step=number, grace=number)
_tiers = listed(known(after_min=number, rate=number))

RULES = known(
    direction=one_of("label", "alternate", "roster"),
    pairing=one_of("first_last", "every_pair"),
    duplicate_window_sec=number,
    count_before_start=flag,
    count_after_end=flag,
    new_shift_gap_min=number,
    max_shift_min=number,
    assign_shift_to=one_of("start", "end", "most_worked", "split_at_midnight"),
    day_boundary=clock,
    resolution=one_of("minute_floor", "second"),
    round_in=_rounding,
    round_out=_rounding,
    round_total=known(mode=one_of("down"), step=number, grace=number, near_min=number, within_min=number),
    round_near=known(in_=clock, out=clock, within_min=number, mode=one_of("down"), step=number, source=one_of("schedule")),
    round_break=known(step=number),
    mode=one_of("closest", "ceil", "default"),
    in_=number,
    out=number,
    duration=number,
    step=number,
    break_=one_of("none", "paid", "auto_deduct"),
    minutes=number,
    after_min=number,
    cap_to_taken=flag,
    count=number,
    merge=flag,
    scope=one_of("shift"),
    auto_deduct_break_min=number,
    punched_break_counts=flag,
    lunch_window=known(after_start_min=number, length_min=number),
    lunch_duration=pair_of(number),
    half_day_below_min=number,
    absent_below_min=number,
    evaluate_on_holiday=flag,
    break_counts_on_day_off=flag,
    holiday=one_of("all"),
    daily=_tiers,
    weekly=_tiers,
    daily_after_min=number,
    weekly_after_min=number,
    consecutive_days=known(from_=number, reset=one_of("week")),
    bank_after_min=number,
    basis=one_of("quantity", "none"),
    timing=listed(known(name=text, from_=clock, to=clock, outside_schedule=flag)),
    overtime_tolerance_min=number,
    undertime_tolerance_min=number,
    premium_window=pair_of(clock),
    partial=flag,
    weekdays=listed(one_of(*WEEKDAYS)),
    minimum_shift_min=number,
    late_leave=listed(known(after_min=number, next_start_plus_min=number)),
    auto_checkout_tolerance_min=number,
    max_open_min=number,
    geofence_radius_m=number,
)

_span = known(from_=day, to=or_none(day))

CONTEXT = known(
    date=calendar_date,
    tz=text,
    weekday=one_of(*WEEKDAYS),
    now=now,
    day_type=either(mapped(day, one_of(*KINDS)), one_of(*KINDS)),
    assignment=_span,
    assignments=listed(_span),
    default_shift=known(start=clock, end=clock),
    biweekly=known(work_on=day),
    joined=day,
    left=day,
    approved_request=known(kind=one_of("on_duty"), from_=day, to=day),
    approved_at=day,
    approved_leave=known(from_=day, to=day, part=one_of("day", "morning")),
    approved_outside=known(from_=moment, to=moment),
    approved_correction=moment,
    correction_request=moment,
    quota=number,
    used=number,
    edited=known(punch=moment, was=moment),
    arrived=moment,
    locked=known(from_=day, to=day),
    night=pair_of(clock),
    tz_punched=text,
    tz_now=text,
    period=one_of("quarter"),
    worked_total_min=number,
    on_statutory_min=number,
)

PUNCH = known(
    at=moment,
    dir=one_of("in", "out", "auto"),
    arrives=number,
    deliveries=number,
    mapped_at=moment,
    terminal=text,
    user=text,
    raw_code=number,
    distance_m=number,
)

_direction = one_of("in", "out")
_missing = listed(one_of("in", "out", "break_in"))
RESULT: dict[str, Check] = {
    "worked_min": number,
    "worked_sec": number,
    "regular_min": number,
    "overtime_min": either(mapped(form(r"\d\.\d|holiday|consecutive", "a rate"), number), number),
    "overtime_by_rule": mapped(text, number),
    "banked_min": number,
    "undertime_min": number,
    "standard_min": number,
    "scheduled_min": number,
    "premium_min": number,
    "by_date": mapped(day, number),
    "night_min": number,
    "day_min": number,
    "status": status,
    "by_segment": mapped(text, status),
    "late": flag,
    "late_min": number,
    "early": flag,
    "early_min": number,
    "leave_days": number,
    "absent_days": number,
    "required_in": clock,
    "required_out": clock,
    "attendance_day": day,
    "matched_day": or_none(day),
    "matched_shift": or_none(text),
    "matched": mapped(moment, or_none(text)),
    "window": pair_of(moment),
    "windows": mapped(text, pair_of(moment)),
    "shifts": number,
    "day_type": one_of(*KINDS),
    "directions": listed(_direction),
    "break_pair": or_none(pair_of(clock)),
    "pieces": listed(anything),
    "rounded": listed(clock),
    "rounded_in": clock,
    "rounded_out": clock,
    "missing": _missing,
    "open_punch": or_none(moment),
    "anomalies": listed(one_of("double_in", "double_out", "leading_out")),
    "ignored_punches": listed(moment),
    "needs_review": flag,
    "auto_out": or_none(moment),
    "reason": or_none(one_of("on_duty", "auto_closed")),
    "out": or_none(moment),
    "accepted": flag,
    "corrected": flag,
}


def _result(where: str, value: Any) -> None:
    known(**RESULT)(where, value)


EXPECTED = known(
    **RESULT,
    history=pair_of(status),
    by_day=mapped(day, _result),
    request=one_of("refused"),
    quota_left=number,
    before=_result,
    after=_result,
    stored_punches=number,
    persons=number,
    watermark=moment,
    before_watermark=status,
    after_watermark=status,
)

CASE = known(
    id=text,
    group=text,
    source=anything,
    shift=SHIFT,
    rules=RULES,
    context=CONTEXT,
    punches=listed(PUNCH),
    expected=EXPECTED,
    stance=one_of("adopt", "config", "avoid"),
    note=text,
    basis=one_of("test", "executed", "issue", "code_read", "doc", "data", "own"),
    peer_result=anything,
    arithmetic_checked=flag,
)


def check_case(case: Any) -> None:
    """Raises CaseError for what nobody documented: an unknown key or value anywhere, a key that is missing."""
    CASE("", case)
    for key in ("id", "shift", "punches", "expected"):
        if key not in case:
            raise CaseError(f"{key}: missing")
