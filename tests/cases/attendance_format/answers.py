"""What the product says for every key of `expected`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from server.attendance.engine.day.overtime import cut_at_parts
from server.attendance.engine.day.verdict import settles_at
from server.attendance.engine.locking import Fate, fate_of
from server.attendance.engine.period.assessing import assess_period
from server.attendance.engine.period.hours_sums import excess_of, whole_standard
from server.attendance.model.days import AttendanceDay, ExceptionKind, Horizon, Overtime, PunchUse
from server.attendance.model.grants import Grant, Heading
from server.attendance.model.rules import PeriodSum, Rules
from tests.cases.attendance_format import CaseError
from tests.cases.attendance_format.facts import Facts
from tests.cases.attendance_format.moments import Clock
from tests.cases.attendance_format.rosters import KINDS, Roster
from tests.cases.attendance_format.settings import rules_of
from tests.support.days import assess_days

LONG_AFTER = 400 * 86400
MISSING = {
    ExceptionKind.MISSING_IN: "in",
    ExceptionKind.MISSING_OUT: "out",
    ExceptionKind.MISSING_BREAK_IN: "break_in",
    ExceptionKind.MISSING_BREAK_OUT: "break_out",
}
ANOMALIES = {ExceptionKind.DOUBLE_IN: "double_in", ExceptionKind.DOUBLE_OUT: "double_out", ExceptionKind.LEADING_OUT: "leading_out"}
NO_REVIEW = {ExceptionKind.LATE, ExceptionKind.EARLY_LEAVE}
KIND_NAMES = {kind: name for name, kind in KINDS.items()}


@dataclass(frozen=True)
class Outcomes:
    """The days of a case under one state of its inputs, with what the period makes of their overtime."""

    days: dict[date, AttendanceDay]
    overtime: dict[date, tuple[Overtime, ...]]
    regular: dict[date, int]


class Answers:
    """One case, its punches coming in one order."""

    def __init__(self, case: dict, order: Callable[[list[int]], list[int]]) -> None:
        self.case, self.context, self.expected = case, case.get("context", {}), case["expected"]
        self.clock = Clock(self.context)
        self.rules: Rules = rules_of(case, self.clock.first)
        self.roster, self.facts = Roster(case, self.clock), Facts(case, self.clock)
        if "consecutive_days" in case.get("rules", {}) and "reset" not in case["rules"]["consecutive_days"]:
            raise CaseError("rules.consecutive_days: the product counts rows of days within a week, so it needs reset: week")
        self.order = order(self.facts.arriving())
        self.punches, self.places = self.facts.punches(self.order)
        self.grants = self.facts.grants()
        correction = self.facts.correction()
        self.before = self._assess(self.punches, self.grants)
        self.now = self._assess(self.punches, [*self.grants, correction]) if correction else self.before
        self.main, self.asked_by_day = self._main_day(), False

    def of(self, key: str):
        """The answer for one key of `expected`."""
        if key == "by_day":
            return {day: self._by_day(day, wanted) for day, wanted in self.expected[key].items()}
        if key in {"before", "after"}:
            outcomes = self.before if key == "before" else self.now
            return {name: self._result(name, outcomes, self._main_day()) for name in self.expected[key]}
        asked = getattr(self, f"_{key}", None)
        return asked() if asked is not None else self._result(key, self.now, self.main)

    # Assessing -------------------------------------------------------------------------------------------------------------------

    def _horizon(self) -> Horizon:
        moment = self.clock.instant(self.context["now"]) if "now" in self.context else self.roster.plans[-1].ends + LONG_AFTER
        return Horizon(now=moment, reported_until=moment)

    def _assess(self, punches, grants: Sequence[Grant], horizon: Horizon | None = None) -> Outcomes:
        plans = self.roster.plans
        first, last = plans[3].work_date, plans[-4].work_date
        days = assess_days(plans, punches, grants, self.rules.day, horizon or self._horizon(), first, last)
        period = assess_period(days, plans, self.rules.period, first, last)
        settled = {day.work_date: day for day in period.days}
        return Outcomes(
            days={day.work_date: day for day in days},
            overtime={day.work_date: settled[day.work_date].overtime if day.work_date in settled else day.overtime for day in days},
            regular={
                day.work_date: settled[day.work_date].regular_minutes if day.work_date in settled else day.regular_minutes for day in days
            },
        )

    def _main_day(self) -> date:
        """The day that keys without a day are about: D0, or where all the work was booked."""
        first = self.clock.first
        if self.now.days[first].uses:
            return first
        worked = [day for day, one in self.now.days.items() if one.intervals]
        return worked[0] if worked else first

    def _by_day(self, day: str, wanted: dict) -> dict:
        self.asked_by_day = True
        try:
            return {key: self._result(key, self.now, self.clock.date(day)) for key in wanted}
        finally:
            self.asked_by_day = False

    def _summed(self, when: date) -> list[date]:
        """Amounts without a day are about all the work of the case."""
        worked = [day for day, one in self.now.days.items() if one.intervals]
        return worked if not self.asked_by_day and when in worked else [when]

    def wants_split(self, when: date) -> bool:
        """Whether `expected` wants the overtime of that day split."""
        by_day = self.expected.get("by_day", {}).get(self.clock.day(when), {})
        wanted = by_day.get("overtime_min") if self.asked_by_day else self.expected.get("overtime_min")
        return isinstance(wanted, dict)

    # Keys about the whole case ---------------------------------------------------------------------------------------------------

    def _history(self) -> list[str]:
        late = self.grants if "approved_at" not in self.context else [one for one in self.grants if one.id != 1]
        early = [punch for punch in self.punches if "arrived" not in self.context and "mapped_at" not in self._listed(punch.id)]
        first = self._assess(early, late)
        return [_status(outcomes.days[self.main]) for outcomes in (first, self.now)]

    def _listed(self, punch_id: int) -> dict:
        return self.facts.listed[self.places[punch_id]]

    def _stored_punches(self) -> int:
        return len(self.facts.admitted(self.order))

    def _persons(self) -> int:
        return len({(identity.terminal, identity.user) for identity, _ in self.facts.admitted(self.order)})

    def _quota_left(self) -> int:
        used = self.context.get("used", 0) + (1 if "approved_correction" in self.context else 0)
        return self.context["quota"] - used

    def _request(self) -> str:
        return "refused" if self.context.get("used", 0) >= self.context["quota"] else "accepted"

    def _watermark(self) -> str:
        return self.clock.told(self._settles_at())

    def _before_watermark(self) -> str:
        return self._status_at(self._settles_at() - 1)

    def _after_watermark(self) -> str:
        return self._status_at(self._settles_at())

    def _settles_at(self) -> int:
        return settles_at(self.roster.plan(self.clock.day(self.main)), self.rules.day)

    def _status_at(self, moment: int) -> str:
        return _status(self._assess(self.punches, self.grants, Horizon(now=moment, reported_until=moment)).days[self.main])

    def _standard_min(self) -> int:
        return whole_standard(PeriodSum.QUARTER, self.rules.period.standard_minutes_a_day)

    def _accepted(self) -> bool:
        if "locked" in self.context:
            first, last = (self.clock.date(self.context["locked"][end]) for end in ("from", "to"))
            before = self._assess([], self.grants)
            fates = {fate_of(before.days[day], now, locked=first <= day <= last) for day, now in self.now.days.items()}
            return Fate.DIFFERENCE not in fates
        if not self.case["punches"]:
            return not self.roster.refused()
        return not any(use.reason == "unused.away" for use in self._uses())

    # Keys about punches ----------------------------------------------------------------------------------------------------------

    def _uses(self) -> list[PunchUse]:
        """One use for each punch, in the order the case lists them."""
        found = {}
        for day in self.now.days.values():
            for use in day.uses:
                if use.punch_id:
                    found.setdefault(self.places[use.punch_id], use)
        return [found[place] for place in sorted(found)]

    def _day_of(self, use: PunchUse) -> date:
        return next(day for day, one in self.now.days.items() if use in one.uses)

    def _directions(self) -> list[str | None]:
        return [use.heading and use.heading.value for use in self._uses()]

    def _rounded(self) -> list[str]:
        return [self.clock.time_of_day(use.counted_at) for use in self._uses()]

    def _rounded_in(self) -> str:
        return self.clock.time_of_day(min(use.counted_at for use in self._uses() if use.heading is Heading.IN))

    def _rounded_out(self) -> str:
        return self.clock.time_of_day(max(use.counted_at for use in self._uses() if use.heading is Heading.OUT))

    def _ignored_punches(self) -> list[str]:
        return [self.facts.listed[self.places[use.punch_id]]["at"] for use in self._uses() if use.reason == "unused.duplicate"]

    def _matched_day(self) -> str | None:
        days = {self.clock.day(self._day_of(use)) if use.part is not None else None for use in self._uses()}
        if len(days) > 1:
            raise CaseError(f"matched_day: the punches belong to {sorted(map(str, days))}")
        return days.pop() if days else None

    def _matched_shift(self) -> str | None:
        names = {self._part_name(use) for use in self._uses()}
        if len(names) > 1:
            raise CaseError(f"matched_shift: the punches belong to {sorted(map(str, names))}")
        return names.pop() if names else None

    def _part_name(self, use: PunchUse) -> str | None:
        if use.part is None:
            return None
        plan = self.roster.plan(self.clock.day(self._day_of(use)))
        return plan.parts[use.part].name or "assigned"

    def _matched(self) -> dict[str, str | None]:
        found = {}
        for use in self._uses():
            at = self.facts.listed[self.places[use.punch_id]]["at"]
            name = self._part_name(use)
            found[at] = self.clock.day(self._day_of(use)) if name == "assigned" else name
        return {at: found.get(at) for at in self.expected["matched"]}

    def _window(self) -> list[str]:
        parts = self.roster.plan("D0").parts
        return [self.clock.told(parts[0].opens), self.clock.told(parts[-1].closes)]

    def _windows(self) -> dict[str, list[str]]:
        found = {part.name: [self.clock.told(part.opens), self.clock.told(part.closes)] for part in self.roster.plan("D0").parts}
        return {name: found[name] for name in self.expected["windows"]}

    def _attendance_day(self) -> str:
        return self.clock.day(self.main)

    # Keys about a day ------------------------------------------------------------------------------------------------------------

    def _result(self, key: str, outcomes: Outcomes, when: date):
        asked = DAY_ANSWERS.get(key)
        if asked is None:
            raise CaseError(f"expected.{key}: this runner has no answer")
        return asked(self, outcomes, when)


def _status(day: AttendanceDay) -> str:
    return day.status.value.replace("-", "_")


def _sum(field: str):
    return lambda answers, outcomes, when: sum(getattr(outcomes.days[day], field) for day in answers._summed(when))


def _one(field: str):
    return lambda answers, outcomes, when: getattr(outcomes.days[when], field)


def _overtime(answers: Answers, outcomes: Outcomes, when: date):
    """As many minutes as `expected` splits them into: a total, or by rate and name."""
    found: dict[str, int] = {}
    context = answers.context
    if "worked_total_min" in context:
        worked, statutory = context["worked_total_min"], context.get("on_statutory_min", 0)
        excess = excess_of(worked, statutory, answers._standard_min())
        found = {rate: minutes for rate, minutes in (("3.0", statutory), ("1.5", excess)) if minutes}
    else:
        for day in answers._summed(when):
            for one in outcomes.overtime[day]:
                name = one.name if one.name in {"holiday", "consecutive"} else f"{one.rate / 100:.1f}"
                found[name] = found.get(name, 0) + one.minutes
    return found if answers.wants_split(when) else sum(found.values())


def _undertime(answers: Answers, outcomes: Outcomes, when: date) -> int:
    if "worked_total_min" in answers.context:
        return max(0, answers._standard_min() - answers.context["worked_total_min"])
    return outcomes.days[when].undertime_minutes


def _pieces(answers: Answers, outcomes: Outcomes, when: date) -> list[list[str]]:
    plan, clock = answers.roster.plan(answers.clock.day(when)), answers.clock
    cut = [piece for one in outcomes.days[when].intervals for piece in cut_at_parts(one.start, one.end, plan)]
    return [[clock.time_of_day(start), clock.time_of_day(end), "ot" if outside else "normal"] for start, end, outside in cut]


def _kinds(outcomes: Outcomes, when: date) -> list[ExceptionKind]:
    return [one.kind for one in outcomes.days[when].exceptions]


def _premium(answers: Answers, outcomes: Outcomes, when: date) -> int:
    days = [outcomes.days[day] for day in answers._summed(when)]
    return sum(day.top_up_minutes + sum(minutes for _, minutes in day.allowances) for day in days)


def _by_date(answers: Answers, outcomes: Outcomes, when: date) -> dict[str, int]:
    found: dict[str, int] = {}
    for day in answers._summed(when):
        for calendar_date, minutes in outcomes.days[day].premium_by_date:
            found[answers.clock.day(calendar_date)] = found.get(answers.clock.day(calendar_date), 0) + minutes
    return found


def _open_punch(answers: Answers, outcomes: Outcomes, when: date) -> str | None:
    found = [one.at for one in outcomes.days[when].exceptions if one.kind is ExceptionKind.MISSING_OUT]
    return answers.clock.told(found[0]) if found and found[0] is not None else None


def _auto_out(answers: Answers, outcomes: Outcomes, when: date) -> str | None:
    found = [one.at for one in outcomes.days[when].exceptions if one.kind is ExceptionKind.ASSUMED_OUT]
    return answers.clock.told(found[0]) if found and found[0] is not None else None


def _reason(answers: Answers, outcomes: Outcomes, when: date) -> str | None:
    if outcomes.days[when].on_duty:
        return "on_duty"
    return "auto_closed" if ExceptionKind.ASSUMED_OUT in _kinds(outcomes, when) else None


def _by_segment(answers: Answers, outcomes: Outcomes, when: date) -> dict[str, str]:
    plan, day = answers.roster.plan(answers.clock.day(when)), outcomes.days[when]
    return {part.name: one.status.value.replace("-", "_") for part, one in zip(plan.parts, day.parts, strict=True)}


def _part_time(field: str, place: int):
    def told(answers: Answers, outcomes: Outcomes, when: date) -> str | None:
        parts = outcomes.days[when].parts
        return answers.clock.time_of_day(getattr(parts[place], field)) if parts else None

    return told


def _lunch(answers: Answers, outcomes: Outcomes, when: date) -> list[str] | None:
    lunch = outcomes.days[when].lunch
    return [answers.clock.time_of_day(one) for one in lunch] if lunch else None


def _out(answers: Answers, outcomes: Outcomes, when: date) -> str | None:
    left = outcomes.days[when].left_at
    return answers.clock.told(left) if left is not None else None


DAY_ANSWERS = {
    "worked_min": _sum("worked_minutes"),
    "worked_sec": _sum("worked_seconds"),
    "regular_min": lambda answers, outcomes, when: sum(outcomes.regular[day] for day in answers._summed(when)),
    "overtime_min": _overtime,
    "overtime_by_rule": lambda answers, outcomes, when: dict(outcomes.days[when].by_rule),
    "banked_min": _sum("banked_minutes"),
    "undertime_min": _undertime,
    "scheduled_min": _one("owed_minutes"),
    "premium_min": _premium,
    "by_date": _by_date,
    "night_min": _sum("night_minutes"),
    "day_min": lambda answers, outcomes, when: sum(
        outcomes.days[day].worked_minutes - outcomes.days[day].night_minutes for day in answers._summed(when)
    ),
    "status": lambda answers, outcomes, when: _status(outcomes.days[when]),
    "by_segment": _by_segment,
    "late": lambda answers, outcomes, when: outcomes.days[when].late_minutes > 0,
    "late_min": _one("late_minutes"),
    "early": lambda answers, outcomes, when: outcomes.days[when].early_minutes > 0,
    "early_min": _one("early_minutes"),
    "leave_days": lambda answers, outcomes, when: sum(one.halves for one in outcomes.days[when].leave) / 2,
    "absent_days": lambda answers, outcomes, when: outcomes.days[when].absent_halves / 2,
    "required_in": _part_time("required_in", 0),
    "required_out": _part_time("required_out", -1),
    "shifts": _one("shifts"),
    "day_type": lambda answers, outcomes, when: KIND_NAMES[outcomes.days[when].kind],
    "break_pair": _lunch,
    "pieces": _pieces,
    "missing": lambda answers, outcomes, when: {MISSING[kind] for kind in _kinds(outcomes, when) if kind in MISSING},
    "open_punch": _open_punch,
    "anomalies": lambda answers, outcomes, when: {ANOMALIES[kind] for kind in _kinds(outcomes, when) if kind in ANOMALIES},
    "needs_review": lambda answers, outcomes, when: any(kind not in NO_REVIEW for kind in _kinds(outcomes, when)),
    "auto_out": _auto_out,
    "reason": _reason,
    "out": _out,
    "corrected": _one("corrected"),
}
