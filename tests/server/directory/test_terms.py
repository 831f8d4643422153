"""Terms out of dated events: what holds on any day, and which days a change can touch. Pure."""

from datetime import UTC, date, datetime, timedelta
from itertools import count, pairwise

import pytest
from hypothesis import given, strategies as st

from server.directory.engine import differing_days, manager_loop, spans_of, terms_on
from server.directory.model import (
    EmploymentEvent,
    EmploymentKind,
    EmploymentTerms,
    EventKind,
    HoursSystem,
    PayGroup,
    StartDay,
    TermsSpan,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)
DAY = timedelta(days=1)
_keys = count(1)


def event(what, day, until=None, /, *, cancelled=False, **sets):
    return EmploymentEvent(next(_keys), 7, EventKind(what), day, until, sets, "hr", "", NOW, NOW if cancelled else None)


def november(day):
    return date(2026, 11, day)


class TestProbation:
    def test_it_holds_to_its_last_day_and_a_later_word_prolongs_it(self):
        events = [event("hire", november(1)), event("probation", november(1), november(10)), event("probation", november(8), november(20))]

        assert [(span.first_day, span.last_day, span.terms.probation_until) for span in spans_of(events)] == [
            (november(1), november(7), november(10)),
            (november(8), november(20), november(20)),
            (november(21), None, None),
        ]

    def test_a_confirmation_ends_it_before_its_day(self):
        events = [event("hire", november(1)), event("probation", november(1), november(20)), event("confirmation", november(15))]

        assert [(span.last_day, span.terms.probation_until) for span in spans_of(events)] == [(november(14), november(20)), (None, None)]

    def test_neither_it_nor_the_legal_entity_changes_a_day_of_attendance(self):
        hire = event("hire", november(1))
        more = [hire, event("probation", november(1), november(20)), event("transfer", november(5), legal_entity_id=2)]

        assert spans_of(more) != spans_of([hire])
        assert differing_days(spans_of([hire]), spans_of(more)) == []


class TestSpans:
    def test_given_a_hire_alone_then_its_terms_go_on_for_ever(self):
        spans = spans_of([event("hire", november(1), department_id=3, kind="intern")])

        assert spans == (TermsSpan(november(1), None, EmploymentTerms(7, department_id=3, kind=EmploymentKind.INTERN)),)

    def test_given_a_transfer_and_a_leaving_then_each_day_has_its_terms_and_the_last_day_of_work_is_included(self):
        spans = spans_of(
            [
                event("leaving", november(20)),
                event("hire", november(1), department_id=3),
                event("transfer", november(10), department_id=4, manager_id=9),
            ]
        )

        assert [(span.first_day, span.last_day, span.terms.department_id) for span in spans] == [
            (november(1), november(9), 3),
            (november(10), november(20), 4),
        ]
        assert terms_on(spans, november(20)) is not None
        assert terms_on(spans, november(21)) is None

    def test_given_a_protection_with_a_last_day_then_only_its_days_are_protected(self):
        spans = spans_of([event("hire", november(1)), event("protection", november(5), november(9), protection="pregnancy")])

        assert [(span.first_day, span.last_day, span.terms.protected) for span in spans] == [
            (november(1), november(4), False),
            (november(5), november(9), True),
            (november(10), None, False),
        ]

    def test_given_an_event_that_was_cancelled_then_it_counts_no_more(self):
        hire = event("hire", november(1))

        assert spans_of([hire, event("hours", november(3), cancelled=True, hours_system="irregular")]) == spans_of([hire])
        assert spans_of([event("hire", november(1), cancelled=True)]) == ()

    def test_given_a_change_of_hours_system_then_it_is_read_as_one(self):
        spans = spans_of(
            [event("hire", november(1)), event("hours", november(3), hours_system="comprehensive", hours_approval="沪人社 12")]
        )

        assert spans[-1].terms.hours_system is HoursSystem.COMPREHENSIVE

    @given(st.lists(st.tuples(st.integers(1, 28), st.integers(1, 3)), max_size=8), st.none() | st.integers(1, 28))
    def test_spans_never_overlap_never_leave_a_gap_and_tell_each_day_what_was_said_last(self, transfers, last):
        events = [event("hire", november(5), department_id=0)]
        events += [event("transfer", november(day), department_id=unit) for day, unit in transfers if 5 <= day <= (last or 28)]
        events += [event("leaving", november(last))] if last and last >= 5 else []

        spans = spans_of(reversed(events))

        for one, following in pairwise(spans):
            assert one.last_day + DAY == following.first_day
            assert one.terms != following.terms
        for day in map(november, range(1, 31)):
            said = [one for one in events[: len(transfers) + 1] if one.kind is not EventKind.LEAVING and one.effective_on <= day]
            employed = said and not (last and last >= 5 and day > november(last))
            found = terms_on(spans, day)
            assert (found is not None) == bool(employed)
            if found:
                assert found.department_id == max(said, key=lambda one: (one.effective_on, one.id)).sets["department_id"]


class TestDifferingDays:
    def test_given_a_transfer_in_the_middle_then_the_days_from_it_on(self):
        hire = event("hire", november(1), department_id=3)

        found = differing_days(spans_of([hire]), spans_of([hire, event("transfer", november(10), department_id=4)]))

        assert found == [(november(10), None)]

    def test_given_a_change_that_a_later_one_ends_then_only_the_days_between(self):
        events = [event("hire", november(1), department_id=3), event("transfer", november(20), department_id=5)]

        found = differing_days(spans_of(events), spans_of([*events, event("transfer", november(10), department_id=4)]))

        assert found == [(november(10), november(19))]

    def test_given_another_manager_alone_then_no_day(self):
        hire = event("hire", november(1))

        assert differing_days(spans_of([hire]), spans_of([hire, event("transfer", november(10), manager_id=4)])) == []

    def test_given_somebody_new_then_every_day_from_the_hire_to_the_leaving(self):
        assert differing_days((), spans_of([event("hire", november(1)), event("leaving", november(3))])) == [(november(1), november(3))]


class TestManagerLoop:
    def spans(self, first, last, manager):
        return TermsSpan(first, last, EmploymentTerms(1, manager_id=manager))

    def test_given_two_who_manage_each_other_on_some_days_then_the_first_such_day_is_told(self):
        managed = {
            1: (self.spans(november(1), None, 2),),
            2: (self.spans(november(1), november(9), None), self.spans(november(10), None, 1)),
        }

        assert manager_loop(1, lambda who: managed.get(who, ())) == ([1, 2], november(10))

    def test_given_two_who_manage_each_other_one_after_the_other_then_there_is_no_circle(self):
        managed = {1: (self.spans(november(1), november(9), 2),), 2: (self.spans(november(10), None, 1),)}

        assert manager_loop(1, lambda who: managed.get(who, ())) is None


class TestPeriods:
    def group(self, *starts):
        return PayGroup(
            1,
            "A",
            "A",
            tuple(StartDay(date(2000 if place == 0 else 2026, 1 if place == 0 else m, 1), day) for place, (m, day) in enumerate(starts)),
        )

    def test_given_the_26th_then_a_month_is_from_the_26th_to_the_25th(self):
        group = self.group((1, 26))

        assert group.period(november(1)) == (date(2026, 10, 26), november(25))
        assert group.month_of(november(25)) == november(1)
        assert group.month_of(november(26)) == date(2026, 12, 1)

    def test_given_the_first_then_a_month_is_itself(self):
        assert self.group((1, 1)).period(date(2028, 2, 1)) == (date(2028, 2, 1), date(2028, 2, 29))

    @pytest.mark.parametrize(("old", "new", "december"), [(26, 1, (26, 11, 31, 12)), (1, 26, (1, 12, 25, 12))])
    def test_given_another_start_day_from_december_on_then_that_period_is_longer_or_shorter(self, old, new, december):
        group = self.group((1, old), (12, new))
        day, month, last, last_month = december

        assert group.period(date(2026, 12, 1)) == (date(2026, month, day), date(2026, last_month, last))
        assert group.period(date(2026, 11, 1))[1] + DAY == date(2026, month, day)

    @given(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 28)), min_size=1, max_size=4, unique_by=lambda one: one[0]))
    def test_every_day_is_in_exactly_one_period(self, starts):
        group = self.group((1, starts[0][1]), *sorted(starts))
        day = date(2026, 1, 1)
        while day < date(2027, 2, 1):
            first, last = group.period(group.month_of(day))
            assert first <= day <= last
            day += DAY
