"""A whole rule set in plain language: what the rules say, section by section, in sentences a clerk can check."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from server.attendance.engine.rules.fields import CHOICES, WEEKDAYS
from server.attendance.engine.wording import Tell, days_of_halves, duration, rate, spoken, time_of_day
from server.attendance.model.rules import (
    Allowance,
    BreakMode,
    BreakRule,
    Consequence,
    Counter,
    DayOf,
    DayRules,
    Direction,
    LunchRule,
    OvertimeRule,
    OvertimeTier,
    OvertimeWindow,
    Pairing,
    PeriodRules,
    PeriodSum,
    Rounding,
    RoundingMode,
    Rules,
    SettledBy,
    Settlement,
    Tier,
)
from server.roster.model import DayKind

DIRECTIONS: Mapping[Direction, str] = {
    Direction.AUTO: "A punch is IN or OUT as the terminal says; where it says nothing, as the roster says, and without one in turn.",
    Direction.LABEL: "A punch is IN or OUT as the terminal says; one that says nothing is not used.",
    Direction.ROLE: "A punch is IN or OUT by what the terminal is for.",
    Direction.ALTERNATE: "Punches are IN and OUT in turn.",
    Direction.FIRST_LAST: "The first punch is IN, the last is OUT; those between say nothing.",
    Direction.ROSTER: "A punch is IN or OUT by the nearest part of the roster.",
}
PAIRINGS: Mapping[Pairing, str] = {
    Pairing.EVERY_PAIR: "The time between every IN and the OUT after it counts.",
    Pairing.FIRST_LAST: "The time from the first IN to the last OUT counts.",
}
DAYS: Mapping[DayOf, str] = {
    DayOf.START: "Work without a roster belongs to the day on which it starts.",
    DayOf.END: "Work without a roster belongs to the day on which it ends.",
    DayOf.LONGEST: "Work without a roster belongs to the day that holds the longest part of it.",
    DayOf.SPLIT_AT_MIDNIGHT: "Work without a roster is split at midnight, each day with its own minutes.",
}
COMES_TO: Mapping[Consequence, str] = {
    Consequence.PLAIN: "nothing more",
    Consequence.SERIOUS: "counts as serious",
    Consequence.MISSING: "the punch counts as missing",
    Consequence.HALF_DAY_ABSENT: "counts as half a day of absence",
    Consequence.ABSENT: "counts as a day of absence",
}
SETTLEMENTS: Mapping[Settlement, str] = {
    Settlement.PUNCHED: "what was punched",
    Settlement.APPROVED: "what was approved",
    Settlement.BOTH: "what was approved and punched, the shorter of both",
}
SUMS: Mapping[PeriodSum, str] = {
    PeriodSum.MONTH: "Comprehensive hours are summed over the calendar month; a workday owes {owed}.",
    PeriodSum.QUARTER: "Comprehensive hours are summed over the calendar quarter; a workday owes {owed}.",
    PeriodSum.YEAR: "Comprehensive hours are summed over the calendar year; a workday owes {owed}.",
}


class Section(Struct, frozen=True):
    """title and sentences in the reader's language. key: of the group of fields that it tells."""

    key: str
    title: str
    sentences: tuple[str, ...]


def describe_rules(rules: Rules, tell: Tell) -> list[Section]:
    """The rules in words. What is off is said where its absence matters, else left out."""
    speaker = _Speaker(tell)
    day, period = rules.day, rules.period
    told: tuple[tuple[str, str, Iterator[str]], ...] = (
        ("punches", "Punches", speaker.punches(day)),
        ("days", "Which day work belongs to", speaker.days(day)),
        ("rounding", "Rounding", speaker.rounding(day)),
        ("breaks", "Breaks that no roster knows", speaker.breaks(day)),
        ("late", "Late and early", speaker.lateness(day)),
        ("absence", "Absence", speaker.absence(day)),
        ("overtime", "Overtime of a day", speaker.overtime(day)),
        ("premiums", "Night and allowances", speaker.premiums(day)),
        ("period", "The period", speaker.period(period)),
    )
    return [Section(key, tell(title), tuple(sentences)) for key, title, sentences in told]


class _Speaker:
    """Says rules in one language. Minutes are durations in every sentence."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def say(self, text: str, **facts: Any) -> str:
        return self._tell(text, **{name: duration(self._tell, one) if isinstance(one, int) else one for name, one in facts.items()})

    def clock(self, minutes: int) -> str:
        """A time of day; from 24:00 on as one of the next day."""
        time = time_of_day(minutes % 1440)
        return time if minutes < 1440 else self._tell("{time} of the next day", time=time)

    def punches(self, day: DayRules) -> Iterator[str]:
        yield self.say(DIRECTIONS[day.direction])
        yield self.say(PAIRINGS[day.pairing])
        if day.duplicate_seconds is not None:
            yield self.say(
                "A punch at most {seconds} s after the one before is ignored; it stays visible.", seconds=str(day.duplicate_seconds)
            )
        yield self.say("Seconds count.") if day.whole_seconds else self.say("Seconds are cut off every punch.")
        yield (
            self.say("Time before the roster's start counts.")
            if day.count_before_start
            else self.say("Time before the roster's start does not count as worked.")
        )
        if not day.count_after_end:
            yield self.say("Time after the roster's end does not count as worked.")
        if day.geofence_metres is not None:
            yield self.say("A punch more than {metres} m from the site waits for approval.", metres=str(day.geofence_metres))

    def days(self, day: DayRules) -> Iterator[str]:
        yield self.say("With a roster, work belongs to the day on which the shift starts.")
        yield self.say(DAYS[day.day_of])
        if day.day_boundary is not None:
            yield self.say("Punches before {time} belong to the day before.", time=time_of_day(day.day_boundary))
        if day.new_shift_minutes is not None:
            yield self.say("Without a roster, a gap of {gap} or more begins a new shift.", gap=day.new_shift_minutes)
        if day.longest_shift_minutes is not None:
            yield self.say("A stay longer than {longest} is not paired; a person looks at it.", longest=day.longest_shift_minutes)
        if day.close_after_minutes is not None:
            yield self.say(
                "A stay without OUT is closed {after} after the planned work, and marked as assumed.", after=day.close_after_minutes
            )
        if day.longest_open_minutes is not None:
            yield self.say("A stay without OUT is closed {after} after its IN, and marked as assumed.", after=day.longest_open_minutes)
        if day.minimum_shift_minutes:
            yield self.say("A shift shorter than {least} is topped up to it.", least=day.minimum_shift_minutes)

    def rounding(self, day: DayRules) -> Iterator[str]:
        named = (
            ("Punches IN are rounded {how}, in steps of {step}.", day.round_in),
            ("Punches OUT are rounded {how}, in steps of {step}.", day.round_out),
            ("Punched breaks are rounded {how}, in steps of {step}.", day.round_break),
            ("The total of the day is rounded {how}, in steps of {step}.", day.round_total),
        )
        found = [(text, one) for text, one in named if one is not None]
        if not found:
            yield self.say("Nothing is rounded.")
        for text, one in found:
            yield self.say(text, how=self.say(CHOICES[RoundingMode][one.mode]), step=one.step_minutes)
            yield from self._rounding(one)

    def _rounding(self, one: Rounding) -> Iterator[str]:
        if one.grace_minutes and one.mode is RoundingMode.UP:
            yield self.say("{grace} are taken off first.", grace=one.grace_minutes)
        elif one.grace_minutes:
            yield self.say("{grace} are added first.", grace=one.grace_minutes)
        if one.near_roster:
            yield self.say("This holds within {within} of the roster's start or end only.", within=one.within_minutes)
        elif one.near is not None:
            near = time_of_day(one.near)
            yield self.say("This holds within {within} of {near} only.", within=one.within_minutes, near=near)

    def breaks(self, day: DayRules) -> Iterator[str]:
        yield from self._break(day.breaks)
        if day.lunch is not None:
            yield from self._lunch(day.lunch)
        if day.day_off_breaks:
            yield self.say("On days off the roster's breaks are worked time.")

    def _break(self, rule: BreakRule) -> Iterator[str]:
        match rule.mode:
            case BreakMode.NONE:
                yield self.say("Breaks are those of the roster, and those that were punched.")
                return
            case BreakMode.PAID:
                text = "A punched break of up to {minutes} is paid, {count} of them a day."
                yield self.say(text, minutes=rule.minutes, count=str(rule.count))
                if rule.cap_to_taken:
                    yield self.say("No more is paid than was taken.")
                if rule.merge:
                    yield self.say("They may be taken in one go.")
            case BreakMode.DEDUCT:
                yield self.say("A break of {minutes} that nobody punched is taken off.", minutes=rule.minutes)
                if rule.each_shift:
                    yield self.say("It is taken off for each shift by itself.")
                if rule.punched_counts:
                    yield self.say("What was punched counts towards it.")
        if rule.after_minutes:
            yield self.say("This holds from {after} of work on.", after=rule.after_minutes)

    def _lunch(self, rule: LunchRule) -> Iterator[str]:
        if rule.opens_after_minutes is None:
            yield self.say("An absence between two punches can be lunch at any time.")
        else:
            text = "An absence is lunch when it begins {after} after the first IN, or up to {window} later."
            yield self.say(text, after=rule.opens_after_minutes, window=rule.window_minutes)
        if rule.shortest_minutes:
            yield self.say("Lunch lasts {shortest} or more.", shortest=rule.shortest_minutes)
        if rule.longest_minutes is not None:
            yield self.say("Lunch lasts {longest} or less.", longest=rule.longest_minutes)

    def lateness(self, day: DayRules) -> Iterator[str]:
        if day.grace_in_minutes:
            text = "Coming up to {grace} after the start is not late; beyond that, lateness counts from the start."
            yield self.say(text, grace=day.grace_in_minutes)
        else:
            yield self.say("Every minute after the start is late.")
        yield from (self._tier("More than {beyond} late: {then}.", one) for one in day.late_tiers)
        if day.grace_out_minutes:
            text = "Leaving up to {grace} before the end is not early; beyond that, it counts from the end."
            yield self.say(text, grace=day.grace_out_minutes)
        else:
            yield self.say("Every minute before the end is early.")
        yield from (self._tier("More than {beyond} early: {then}.", one) for one in day.early_tiers)

    def _tier(self, text: str, tier: Tier) -> str:
        return self.say(text, beyond=tier.beyond_minutes, then=self.say(COMES_TO[tier.consequence]))

    def absence(self, day: DayRules) -> Iterator[str]:
        if day.absent_below_minutes:
            yield self.say("Less than {least} of work is a day of absence.", least=day.absent_below_minutes)
        if day.half_day_below_minutes:
            yield self.say("Less than {least} of work counts as half a day.", least=day.half_day_below_minutes)
        if not (day.absent_below_minutes or day.half_day_below_minutes):
            yield self.say("Who comes at all is not absent, however short the day.")
        if day.undertime_tolerance_minutes:
            yield self.say("Owed time up to {most} that was not worked is overlooked.", most=day.undertime_tolerance_minutes)
        if not day.holiday_work:
            yield self.say("Punches on a holiday are shown and count for nothing.")

    def overtime(self, day: DayRules) -> Iterator[str]:
        if not day.overtime_counts:
            yield self.say("There is no overtime.")
        for kind in DayKind:
            rule = day.overtime.get(kind)
            if rule is not None:
                yield from self._overtime(kind, rule)
        if day.overtime_tolerance_minutes:
            yield self.say("Overtime up to {most} is none.", most=day.overtime_tolerance_minutes)
        yield from (self._day_tier(one) for one in day.daily_tiers)
        if day.holiday_takes_all:
            yield self.say("All work on a holiday is listed by itself.")
        yield from (self._window(one) for one in day.overtime_windows)
        if day.bank_after_minutes is not None:
            yield self.say("Work above {limit} a day goes to the time bank instead.", limit=day.bank_after_minutes)
        if day.irregular_holiday_pay:
            yield self.say("Irregular hours are paid for on statutory holidays.")

    def _overtime(self, kind: DayKind, rule: OvertimeRule) -> Iterator[str]:
        facts = {"kind": spoken(self._tell, kind), "what": self.say(SETTLEMENTS[rule.settlement]), "rate": rate(rule.rate)}
        if rule.settled_by is SettledBy.TIME_OFF:
            yield self.say("Overtime on a {kind}: {what}, given as time off; what expires is paid at {rate}.", **facts)
        else:
            yield self.say("Overtime on a {kind}: {what}, paid at {rate}.", **facts)
        if rule.minimum_minutes:
            yield self.say("On a {kind} less than {least} is none.", kind=facts["kind"], least=rule.minimum_minutes)
        if rule.step_minutes:
            yield self.say("On a {kind} it is rounded down to steps of {step}.", kind=facts["kind"], step=rule.step_minutes)
        if rule.after_end_minutes:
            yield self.say("On a {kind} it begins {after} after the roster's end.", kind=facts["kind"], after=rule.after_end_minutes)
        if not rule.before_start:
            yield self.say("On a {kind} time before the roster's start is no overtime.", kind=facts["kind"])
        if rule.most_minutes is not None:
            yield self.say("On a {kind} no more than {most} counts.", kind=facts["kind"], most=rule.most_minutes)

    def _day_tier(self, tier: OvertimeTier) -> str:
        return self.say("Work above {limit} a day goes at {rate}.", limit=tier.after_minutes, rate=rate(tier.rate))

    def _window(self, window: OvertimeWindow) -> str:
        if window.start is None or window.end is None:
            return self.say("All work outside the roster is counted by itself as {name}.", name=window.name)
        facts = {"name": window.name, "start": self.clock(window.start), "end": self.clock(window.end)}
        if window.outside_roster:
            return self.say("Work from {start} to {end} outside the roster is counted by itself as {name}.", **facts)
        return self.say("Work from {start} to {end} is counted by itself as {name}.", **facts)

    def premiums(self, day: DayRules) -> Iterator[str]:
        if day.night is not None:
            yield self.say("Night is from {start} to {end}.", start=self.clock(day.night[0]), end=self.clock(day.night[1]))
        yield from (sentence for one in day.allowances for sentence in self._allowance(one))
        if day.night is None and not day.allowances:
            yield self.say("There are no allowances by the time of day.")

    def _allowance(self, one: Allowance) -> Iterator[str]:
        facts = {"name": one.name, "code": one.code, "start": self.clock(one.start), "end": self.clock(one.end)}
        yield self.say("Work from {start} to {end} earns the allowance {name} ({code}).", **facts)
        if one.weekdays:
            days = self._tell(", ").join(self._tell(WEEKDAYS[number]) for number in one.weekdays)
            yield self.say("{name} is for {days} only.", name=one.name, days=days)
        if not one.partial:
            yield self.say("{name} is for stays that lie wholly inside.", name=one.name)
        if one.shortest_minutes:
            yield self.say("{name}: less than {least} is none.", name=one.name, least=one.shortest_minutes)

    def period(self, rules: PeriodRules) -> Iterator[str]:
        yield from (sentence for one in rules.counters for sentence in self._counter(one))
        if rules.corrections_allowed is None:
            yield self.say("Corrections are not limited in number.")
        else:
            yield self.say("{count} {count:correction is|corrections are} allowed in a period.", count=str(rules.corrections_allowed))
        if rules.overtime_limit_minutes is not None:
            yield self.say(
                "More than {limit} of overtime in a period is a warning; it is paid all the same.", limit=rules.overtime_limit_minutes
            )
        if rules.overtime_day_limit_minutes is not None:
            text = "More than {limit} of overtime on a workday is a warning; it is paid all the same."
            yield self.say(text, limit=rules.overtime_day_limit_minutes)
        for tier in rules.weekly_tiers:
            text = "Work above {limit} a week goes at {rate}; no minute counts both by day and by week."
            yield self.say(text, limit=tier.after_minutes, rate=rate(tier.rate))
        if rules.weekly_tiers or rules.consecutive_from is not None:
            yield self.say("The week begins on {day}.", day=self._tell(WEEKDAYS[rules.week_starts_on]))
        if rules.consecutive_from is not None:
            text = "From worked day number {number} in a row of a week on, all work goes at {rate}."
            yield self.say(text, number=str(rules.consecutive_from), rate=rate(rules.consecutive_rate))
        yield self.say(SUMS[rules.comprehensive_over], owed=rules.standard_minutes_a_day)

    def _counter(self, one: Counter) -> Iterator[str]:
        word = spoken(self._tell, one.kind)
        facts = {"kind": word[:1].upper() + word[1:], "free": str(one.free)}
        if one.free and one.up_to_minutes is not None:
            yield self.say("{kind}: the first {free} of a period of at most {most} each are forgiven.", **facts, most=one.up_to_minutes)
        elif one.free:
            yield self.say("{kind}: the first {free} of a period are forgiven.", **facts)
        if one.each is None:
            return
        facts |= {"each": str(one.each), "days": days_of_halves(one.half_days)}
        if one.up_to_minutes is None:
            yield self.say("{kind}: every {each} {each:comes|come} to {days} {days:day|days} of absence.", **facts)
        else:
            counted = "{kind}: every {each} of at most {most} {each:comes|come} to {days} {days:day|days} of absence."
            yield self.say(counted, **facts, most=one.up_to_minutes)
