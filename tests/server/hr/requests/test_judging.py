"""What stands in the way of a request: examples a clerk understands."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace as changed

from server.attendance.model.days import ExceptionKind
from server.attendance.model.grants import DayPart, Grant, GrantKind, Heading, LeaveKind
from server.attendance.model.rules import SettledBy
from server.hr.leave.model import NotFor
from server.hr.requests.engine.judging import judge
from server.hr.requests.engine.leniency import for_hr
from server.hr.requests.engine.surroundings import Granted, LeaveFacts, LeaveShort, NewShift, Other, Partner, Surroundings
from server.hr.requests.engine.telling import sentence
from server.hr.requests.model import (
    RULES,
    CorrectionCause,
    CorrectionContent,
    CorrectionRules,
    FieldWorkContent,
    Finding,
    FindingCode as F,
    LeaveContent,
    LeaveRules,
    OvertimeContent,
    OvertimeRules,
    RequestKind,
    Severity,
    ShiftChangeContent,
    Span,
    SwapContent,
    TripContent,
    TripRules,
    kind_of,
    stops,
)
from server.web.language import translator
from tests.support.stored_days import instant, office_plans

MONDAY = date(2026, 11, 23)
FRIDAY, SATURDAY = MONDAY + timedelta(days=4), MONDAY + timedelta(days=5)
PLANS = {plan.work_date: plan for plan in office_plans(MONDAY - timedelta(days=40), MONDAY + timedelta(days=40))}
NOON = instant(MONDAY, "12:00")


def around(content, **more) -> Surroundings:
    facts = {"person_id": 1, "zone": "Asia/Shanghai", "today": MONDAY, "now": NOON, "plans": PLANS, "rules": RULES[kind_of(content)]()}
    return Surroundings(**facts | more)


def codes(content, **more) -> dict[F, Severity]:
    return {one.code: one.severity for one in judge(content, around(content, **more))}


def leave(first=FRIDAY, last=None, part=DayPart.DAY, code="annual") -> LeaveContent:
    return LeaveContent(leave=code, span=Span(first_day=first, last_day=last or first, part=part))


def overtime(first="18:30", last="20:30", day=MONDAY, **more) -> OvertimeContent:
    return OvertimeContent(starts_at=instant(day, first), ends_at=instant(day, last), **more)


def correction(cause=CorrectionCause.MISSING_OUT, day=MONDAY - timedelta(days=3), at="18:00") -> CorrectionContent:
    return CorrectionContent(cause=cause, work_date=day, at=instant(day, at) if at else None)


def facts(days: int = 1, **more) -> LeaveFacts:
    per_day = {FRIDAY + timedelta(days=number): 480 for number in range(days)}
    return LeaveFacts(**{"names": ("Annual leave", "年休假"), "minutes": 480 * days, "per_day": per_day} | more)


class TestWhatHoldsForAll:
    def test_nothing_stands_in_the_way_of_a_plain_request(self):
        assert codes(leave(), leave=facts()) == {}
        assert codes(overtime()) == {}
        assert codes(correction(), missing=frozenset({ExceptionKind.MISSING_OUT})) == {}
        assert codes(TripContent(place="北京", span=Span(first_day=FRIDAY))) == {}

    def test_days_without_an_employment_stop(self):
        plans = PLANS | {FRIDAY: changed(PLANS[FRIDAY], employed=False)}

        assert codes(leave(), plans=plans, leave=facts())[F.NOT_EMPLOYED] is Severity.STOPS

    def test_a_closed_period_stops_until_it_is_asked_for_as_a_late_fact(self):
        closed = frozenset({MONDAY - timedelta(days=3)})

        assert codes(correction(), closed=closed) == {F.CLOSED: Severity.STOPS}
        assert codes(correction(), closed=closed, late=True) == {F.CLOSED_LATE: Severity.WARNS}

    def test_what_stops_comes_first(self):
        found = judge(overtime(minutes=119), around(overtime(minutes=119), closed=frozenset({MONDAY}), overtime={MONDAY: 100}))

        assert [one.severity for one in found] == [Severity.STOPS, Severity.WARNS]

    @given(st.permutations(range(4)), st.booleans())
    def test_the_order_of_what_is_known_changes_nothing(self, order, late):
        spans = [leave(FRIDAY), leave(SATURDAY), leave(FRIDAY, SATURDAY), leave(MONDAY)]
        others = [Other(f"LV-2026-00000{number}", 1, spans[number]) for number in range(4)]

        def found(several):
            return judge(leave(), around(leave(), others=tuple(several), leave=facts(), late=late))

        assert set(map(repr, found(others))) == set(map(repr, found([others[number] for number in order])))


class TestClashes:
    @pytest.mark.parametrize(
        ("other", "clashes"),
        [
            (leave(FRIDAY), True),
            (leave(FRIDAY, part=DayPart.AFTERNOON), False),
            (leave(FRIDAY, part=DayPart.MORNING), True),
            (leave(SATURDAY), False),
            (TripContent(place="北京", span=Span(first_day=MONDAY, last_day=FRIDAY)), True),
            (FieldWorkContent(place="客户", span=Span(starts_at=instant(FRIDAY, "08:00"), ends_at=instant(FRIDAY, "10:00"))), True),
            (overtime(day=FRIDAY), False),
        ],
    )
    def test_a_morning_off_meets_what_else_is_asked_for_the_same_morning(self, other, clashes):
        morning = leave(part=DayPart.MORNING)

        assert (F.ASKED_ALREADY in codes(morning, others=(Other("LV-2026-000001", 1, other),), leave=facts())) is clashes

    def test_an_approved_grant_for_the_same_time_is_named_with_its_request(self):
        held = Grant(id=1, kind=GrantKind.TRIP, first_day=FRIDAY, last_day=FRIDAY)

        (found,) = judge(leave(), around(leave(), grants=(Granted(held, "TR-2026-000002"),), leave=facts()))

        assert found.code is F.GRANTED_ALREADY
        assert sentence(found, translator("en")) == (
            "Trip is approved for this time already (TR-2026-000002). Ask for a change or the cancellation of TR-2026-000002."
        )

    def test_the_same_correction_twice_stops_and_the_other_direction_does_not(self):
        held = Grant(id=1, kind=GrantKind.CORRECTION, starts_at=instant(MONDAY - timedelta(days=3), "18:00"), heading=Heading.OUT)

        assert F.GRANTED_ALREADY in codes(correction(), grants=(Granted(held, ""),))
        assert F.GRANTED_ALREADY not in codes(correction(CorrectionCause.MISSING_IN), grants=(Granted(held, ""),))
        assert F.ASKED_ALREADY in codes(correction(at="17:00"), others=(Other("CR-2026-000001", 1, correction()),))

    def test_two_overtimes_overlap_by_the_minute(self):
        assert F.ASKED_ALREADY in codes(overtime("20:00", "21:00"), others=(Other("OT-2026-000001", 1, overtime()),))
        assert F.ASKED_ALREADY not in codes(overtime("20:30", "21:00"), others=(Other("OT-2026-000001", 1, overtime()),))


class TestLeave:
    def test_over_the_balance_stops_and_says_days(self):
        short = facts(3, short=LeaveShort(FRIDAY, 1440, 720))

        (found,) = judge(leave(), around(leave(), leave=short))

        assert sentence(found, translator("en")).startswith("Up to 2026-11-27 this takes 3 days of Annual leave; left: 1.5 days.")
        assert "年休假" in sentence(found, translator("zh"))
        assert "Annual" not in sentence(found, translator("zh"))

    def test_days_without_work_use_nothing_up(self):
        weekend = facts(2, minutes=480, per_day={FRIDAY: 480, SATURDAY: 0})

        assert codes(leave(), leave=weekend) == {F.PARTLY_NO_WORK: Severity.WARNS}
        assert codes(leave(SATURDAY), leave=facts(1, minutes=0, per_day={SATURDAY: 0})) == {F.NO_WORK: Severity.STOPS}

    def test_notice_is_wanted_but_not_of_the_sick(self):
        rules = LeaveRules(notice_days=5)

        assert codes(leave(), rules=rules, leave=facts()) == {F.NOTICE: Severity.STOPS}
        assert codes(leave(MONDAY + timedelta(days=7)), rules=rules, leave=facts()) == {}
        assert codes(leave(code="sick"), rules=rules, leave=facts()) == {}

    def test_a_certificate_may_follow_where_the_company_lets_it(self):
        sick, proof = leave(code="sick"), facts(certificate=True)

        assert codes(sick, leave=proof) == {F.CERTIFICATE_LATER: Severity.WARNS}
        assert codes(sick, leave=proof, rules=LeaveRules(certificate_days=0)) == {F.ATTACHMENT: Severity.STOPS}
        assert codes(sick, leave=proof, rules=LeaveRules(certificate_days=0), attachments=1) == {}

    def test_a_type_for_others_stops(self):
        assert codes(leave(), leave=facts(not_for=NotFor.SEX)) == {F.NOT_FOR_PERSON: Severity.STOPS}


class TestCorrections:
    def test_the_quota_counts_only_what_the_company_counts(self):
        assert codes(correction(), used=3) == {F.QUOTA: Severity.STOPS}
        assert codes(correction(), used=2) == {}
        assert codes(correction(CorrectionCause.LATE_FOR_COMPANY, at="09:40"), used=3) == {}
        assert codes(correction(), used=9, rules=CorrectionRules(quota=None)) == {}

    def test_the_deadline_is_its_last_day(self):
        late = correction(day=MONDAY - timedelta(days=31))

        assert codes(late) == {}
        assert codes(late, rules=CorrectionRules(deadline_days=30)) == {F.TOO_FAR_BACK: Severity.STOPS}

    def test_nobody_corrects_what_has_not_come(self):
        assert codes(correction(day=MONDAY, at="18:00"))[F.IN_THE_FUTURE] is Severity.STOPS

    def test_a_day_that_lacks_nothing_only_warns(self):
        assert codes(correction(), missing=frozenset({ExceptionKind.LATE})) == {F.NOTHING_MISSING: Severity.WARNS}

    def test_lateness_for_the_company_lies_inside_the_plan(self):
        late = CorrectionCause.LATE_FOR_COMPANY

        assert codes(correction(late, at="09:40")) == {}
        assert codes(correction(late, at="08:40")) == {F.NO_WORK: Severity.STOPS}

    def test_causes_that_are_not_offered_and_missing_proof_stop(self):
        rules = CorrectionRules(causes=(CorrectionCause.MISSING_IN,), attachment=(CorrectionCause.MISSING_OUT,))

        assert codes(correction(), rules=rules) == {F.CAUSE_NOT_OFFERED: Severity.STOPS, F.ATTACHMENT: Severity.STOPS}

    def test_hr_is_warned_of_the_companys_limits_and_stopped_by_contradictions(self):
        found = judge(correction(), around(correction(), used=3, closed=frozenset({MONDAY - timedelta(days=3)})))

        assert {one.code: one.severity for one in for_hr(found)} == {F.CLOSED: Severity.STOPS, F.QUOTA: Severity.WARNS}


class TestOvertime:
    def test_before_only_or_until_some_days_afterwards(self):
        past = overtime(day=MONDAY - timedelta(days=3))

        assert codes(past) == {}
        assert codes(past, rules=OvertimeRules(afterwards_days=2)) == {F.TOO_FAR_BACK: Severity.STOPS}
        assert codes(past, rules=OvertimeRules(afterwards_days=0)) == {F.AFTERWARDS: Severity.STOPS}
        assert codes(overtime(), rules=OvertimeRules(afterwards_days=0)) == {}

    def test_time_off_stands_for_rest_days_only(self):
        assert codes(overtime(settled_by=SettledBy.TIME_OFF)) == {F.SETTLEMENT: Severity.STOPS}
        assert codes(overtime("09:00", "11:00", SATURDAY, settled_by=SettledBy.TIME_OFF)) == {}

    def test_the_law_warns(self):
        protected = PLANS | {MONDAY: changed(PLANS[MONDAY], protected=True)}

        assert codes(overtime(), plans=protected) == {F.PROTECTED_OVERTIME: Severity.WARNS}
        assert codes(overtime("18:00", "22:00")) == {F.DAY_OVERTIME: Severity.WARNS}
        assert codes(overtime(), overtime={MONDAY - timedelta(days=1): 35 * 60}) == {F.MONTH_OVERTIME: Severity.WARNS}
        assert codes(overtime(), overtime={MONDAY - timedelta(days=1): 34 * 60}) == {}
        assert codes(overtime(), overtime={date(2026, 10, 31): 40 * 60}) == {}

    def test_planned_work_and_time_away_are_no_overtime(self):
        away = Grant(id=1, kind=GrantKind.LEAVE, leave=LeaveKind.ANNUAL, first_day=MONDAY, last_day=MONDAY)

        assert codes(overtime("17:00", "19:00")) == {F.INSIDE_THE_PLAN: Severity.WARNS}
        assert codes(overtime(), grants=(Granted(away, ""),)) == {F.ON_LEAVE: Severity.WARNS}

    def test_what_is_too_long_stops(self):
        assert codes(overtime("18:00", "20:00"), rules=OvertimeRules(longest_minutes=119))[F.TOO_LONG] is Severity.STOPS


class TestTrips:
    def test_length_proof_and_days_off(self):
        long = TripContent(place="北京", span=Span(first_day=FRIDAY, last_day=FRIDAY + timedelta(days=3)))

        assert codes(long, rules=TripRules(longest_days=3, attachment=True)) == {F.TOO_LONG: Severity.STOPS, F.ATTACHMENT: Severity.STOPS}
        assert codes(TripContent(place="北京", span=Span(first_day=SATURDAY))) == {F.NO_WORK: Severity.WARNS}


NIGHT = NewShift("夜班", instant(FRIDAY, "22:00"), instant(SATURDAY, "06:00"))
EARLY = NewShift("早班", instant(FRIDAY, "00:30"), instant(FRIDAY, "08:30"))


class TestOtherShifts:
    def test_the_same_shift_and_too_late_stop(self):
        assert codes(ShiftChangeContent(day=FRIDAY, shift_id=1), shift=NIGHT)[F.SAME_SHIFT] is Severity.STOPS
        assert codes(ShiftChangeContent(day=MONDAY, shift_id=2), shift=replace(NIGHT))[F.NOTICE] is Severity.STOPS

    def test_short_rest_warns_only_where_the_company_wants_more(self):
        asked = ShiftChangeContent(day=FRIDAY, shift_id=2)

        assert codes(asked, shift=EARLY, rest_minutes=11 * 60) == {F.SHORT_REST: Severity.WARNS}
        assert codes(asked, shift=EARLY) == {}

    def test_shifts_that_overlap_stop(self):
        early = NewShift("早班", instant(FRIDAY - timedelta(days=1), "17:00"), instant(FRIDAY, "01:00"))

        assert codes(ShiftChangeContent(day=FRIDAY, shift_id=2), shift=early)[F.SHIFTS_OVERLAP] is Severity.STOPS

    def test_night_work_of_the_protected_warns(self):
        plans = PLANS | {FRIDAY: changed(PLANS[FRIDAY], protected=True)}

        assert codes(ShiftChangeContent(day=FRIDAY, shift_id=2), shift=NIGHT, plans=plans) == {F.PROTECTED_NIGHT: Severity.WARNS}

    def test_a_day_of_rest_can_be_asked_for(self):
        assert codes(ShiftChangeContent(day=FRIDAY, shift_id=None)) == {}


def evening(day: date):
    parts = (changed(PLANS[FRIDAY].parts[0], start=instant(day, "15:00"), end=instant(day, "23:00"), breaks=()),)
    return changed(PLANS[day], shift_id=2, shift_name="晚班", parts=parts)


THURSDAY = FRIDAY - timedelta(days=1)


class TestSwaps:
    SAME_DAY = SwapContent(day=FRIDAY, partner_id=2, partner_day=FRIDAY)

    def partner(self, **more) -> Partner:
        return Partner(**{"person_id": 2, "plans": PLANS | {FRIDAY: evening(FRIDAY)}} | more)

    def test_a_swap_with_enough_rest_on_both_sides_is_free(self):
        assert codes(self.SAME_DAY, partner=self.partner(), rest_minutes=11 * 60) == {}

    def test_the_partners_rest_is_looked_at_too(self):
        late = PLANS | {THURSDAY: evening(THURSDAY), FRIDAY: evening(FRIDAY)}

        (found,) = judge(self.SAME_DAY, around(self.SAME_DAY, partner=self.partner(plans=late), rest_minutes=11 * 60))

        assert (found.code, found.severity, found.field) == (F.SHORT_REST, Severity.WARNS, "partner")
        assert "The partner would have only 10 h of rest" in sentence(found, translator("en"))

    def test_a_partner_who_is_away_or_gone_stops_it(self):
        away = Grant(id=1, kind=GrantKind.LEAVE, leave=LeaveKind.SICK, first_day=FRIDAY, last_day=FRIDAY)
        gone = PLANS | {FRIDAY: changed(evening(FRIDAY), employed=False)}

        assert codes(self.SAME_DAY, partner=self.partner(grants=(Granted(away, ""),))) == {F.ON_LEAVE: Severity.STOPS}
        assert codes(self.SAME_DAY, partner=self.partner(plans=gone)) == {F.NOT_EMPLOYED: Severity.STOPS}

    def test_there_must_be_something_to_swap(self):
        assert codes(self.SAME_DAY, partner=self.partner(plans=PLANS)) == {F.SAME_SHIFT: Severity.STOPS}

    def test_a_cell_that_another_swap_asks_for_stops(self):
        other = Other("SW-2026-000001", 3, SwapContent(day=FRIDAY, partner_id=2, partner_day=FRIDAY))

        assert codes(self.SAME_DAY, partner=self.partner(), others=(other,)) == {F.ASKED_ALREADY: Severity.STOPS}

    def test_the_partners_closed_period_counts(self):
        assert codes(self.SAME_DAY, partner=self.partner(closed=frozenset({FRIDAY}))) == {F.CLOSED: Severity.STOPS}


EXAMPLE = {
    "day": "2026-11-27", "kind": "leave", "number": "LV-2026-000001", "days": 2, "wanted_minutes": 480, "left_minutes": 240, "minutes": 90,
    "day_minutes": 480, "name_en": "Annual leave", "name_zh": "年休假", "cause": "missing-in", "used": 3, "quota": 3, "month": "2026-11",
    "settled_by": "pay", "most_minutes": 660, "own": True,
}  # fmt: skip


@pytest.mark.parametrize(("code", "field"), [*product(F, ["day"]), (F.SAME_SHIFT, "shift"), (F.NOT_EMPLOYED, "partner")])
@pytest.mark.parametrize("facts", [EXAMPLE, EXAMPLE | {"own": False, "days": 1, "number": "", "settled_by": "law"}])
def test_every_finding_says_what_it_is_and_what_to_do_in_both_languages(code, field, facts):
    finding = Finding(code, Severity.STOPS, field, facts)

    english, chinese = sentence(finding, translator("en")), sentence(finding, translator("zh"))

    assert "{" not in english + chinese
    assert english.count(". ") >= 1
    assert "。" in chinese
    assert not set("abcdefghijklmnopqrstuvwxyz") & set(chinese.casefold().replace("lv-2026-000001", "").replace("pdf", ""))


def test_every_kind_has_rules_to_begin_with():
    assert set(RULES) == set(RequestKind)
    assert not stops(())
