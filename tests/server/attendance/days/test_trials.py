"""Days worked out beside those that count: shown before they count, applied or dropped, and other rules tried on the past."""

import re
from datetime import date

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import text, update

from server.access.model import Role
from server.attendance import actions
from server.attendance.actions import trials
from server.attendance.engine.rules.forms import form_of
from server.attendance.jobs.trials import KINDS
from server.attendance.model.days import DayState, DayStatus, ExceptionKind
from server.attendance.model.grants import LeaveKind
from server.attendance.model.rules import DayRules, Direction, Rules
from server.attendance.model.trials import Decision, Who, WhoKind
from server.attendance.pages import trials as pages
from server.attendance.pages.figures import NAMES, name_of, value_of
from server.attendance.store import trials as store
from server.attendance.store.days import decode_day, encode_day
from server.attendance.tables import attendance_day
from server.errors import InvalidInputError, RefusedError
from server.jobs import actions as jobs
from server.roster.model import DayKind
from server.web.language import translator
from tests.server.attendance.days.conftest import LATER, at
from tests.support.company import TESTER
from tests.support.jobs import do_all
from tests.support.pages import browse

FIRST, LAST, TODAY = date(2026, 11, 16), date(2026, 11, 20), date(2026, 11, 23)
EVERYBODY = Who(WhoKind.ALL, 0, "")
STRICT = Rules(day=DayRules(direction=Direction.FIRST_LAST))
LENIENT = Rules(day=DayRules(direction=Direction.FIRST_LAST, grace_in_minutes=30))


@pytest.fixture
def week(days):
    """A1 is 20 minutes late on Tuesday and in time on the other days; the rest of the people never punch."""
    for day in range(16, 21):
        days.punch("A1", at(day, "09:20" if day == 17 else "08:55"), at(day, "18:05"))
    days.report(at(23, "09:00"))
    days.settle()
    return days


def spoil(database, person_id: int, day: date) -> None:
    """Let a stored day say something else than its inputs give, as a program that read them otherwise would have left it."""
    own = (attendance_day.c.person_id == person_id, attendance_day.c.work_date == day)
    with database.writing() as uow:
        body = bytes(uow.scalar(attendance_day.select().with_only_columns(attendance_day.c.body).where(*own)))
        wrong, _ = encode_day(_less(decode_day(body)))
        uow.execute(update(attendance_day).where(*own).values(body=wrong))


def _less(day):
    return replace(day, worked_minutes=day.worked_minutes - 60)


def recalculate(database, who=EVERYBODY, first=FIRST, last=LAST):
    with database.writing() as uow:
        trial = trials.ask_recalculation(uow, who, first, last, TESTER, LATER, TODAY)
    do_all(database, KINDS)
    return found(database, trial.id)


def try_rules(database, rules, who=EVERYBODY):
    with database.writing() as uow:
        trial = trials.ask_rules_trial(uow, who, FIRST, LAST, (rules, "试", 0), TESTER, LATER, TODAY)
    do_all(database, KINDS)
    return found(database, trial.id)


def found(database, trial_id):
    with database.reading() as uow:
        return trials.find_trial(uow, trial_id)


def changed(database, trial, **filters):
    with database.reading() as uow:
        return [(one.work_date.day, {each.name for each in one.figures}) for one in store.changed_days(uow, trial.id, **filters)]


def test_given_days_that_follow_their_inputs_when_recalculated_then_there_is_no_difference(week, database):
    trial = recalculate(database)

    assert (trial.changed_days, trial.changed_people, trial.totals) == (0, 0, ())


def test_given_a_day_that_counts_otherwise_when_recalculated_then_it_is_shown_and_nothing_counts_yet(week, database):
    person = week.company.people["A1"]
    spoil(database, person, date(2026, 11, 18))
    before = week.all()

    trial = recalculate(database)

    assert changed(database, trial) == [(18, {"worked-minutes"})]
    assert (trial.changed_days, trial.changed_people) == (1, 1)
    assert {one.name: one.after - one.before for one in trial.totals} == {"worked-minutes": 60}
    assert week.all() == before


def test_given_a_difference_when_applied_then_the_day_counts_as_worked_out_and_who_did_it_is_on_the_trail(week, database):
    person = week.company.people["A1"]
    right = week.all()
    spoil(database, person, date(2026, 11, 18))
    trial = recalculate(database)

    with database.writing() as uow:
        trials.apply_trial(uow, trial.id, TESTER, LATER)
    do_all(database, KINDS)

    assert {key: one.day for key, one in week.all().items()} == {key: one.day for key, one in right.items()}
    assert found(database, trial.id).decision is Decision.APPLIED
    assert recalculate(database).changed_days == 0
    with database.reading() as uow:
        assert uow.scalar(text("SELECT count(*) FROM audit_row WHERE action = 'recalculation.apply'")) == 1


def test_given_a_difference_when_dropped_then_the_day_stays_and_it_cannot_be_applied_any_more(week, database):
    spoil(database, week.company.people["A1"], date(2026, 11, 18))
    trial, before = recalculate(database), week.all()

    with database.writing() as uow:
        trials.drop_trial(uow, trial.id, TESTER, LATER)

    with database.writing() as uow, pytest.raises(RefusedError, match="decided already"):
        trials.apply_trial(uow, trial.id, TESTER, LATER)
    assert week.all() == before


def test_given_one_person_or_a_range_when_chosen_then_others_are_not_looked_at(week, database):
    for name in ("A1", "A2"):
        spoil(database, week.company.people[name], date(2026, 11, 18))

    one = recalculate(database, Who(WhoKind.PERSON, week.company.people["A2"], "李娜"))
    none = recalculate(database, first=date(2026, 11, 19))

    assert (one.changed_people, none.changed_days) == (1, 0)


def test_given_more_patient_rules_when_tried_then_who_is_no_longer_late_is_told_and_nothing_is_saved(week, database):
    before = week.all()

    trial = try_rules(database, LENIENT)

    assert [day for day, names in changed(database, trial) if "late-minutes" in names] == [17]
    assert {one.name: (one.before, one.after) for one in trial.totals}["late-times"] == (1, 0)
    assert week.all() == before
    with database.writing() as uow, pytest.raises(RefusedError, match="only looked at"):
        trials.apply_trial(uow, trial.id, TESTER, LATER)


def test_given_the_present_rules_when_tried_then_nobody_is_changed(week, database):
    with database.reading() as uow:
        present = actions.list_rule_sets(uow)[0].versions[0].rules

    assert try_rules(database, present).changed_people == 0


def test_given_a_changed_day_when_opened_then_both_explanations_are_there(week, database):
    trial = try_rules(database, LENIENT)

    with database.reading() as uow:
        pair = trials.day_pair(uow, trial.id, week.company.people["A1"], date(2026, 11, 17))

    assert (pair.before.late_minutes, pair.after.late_minutes) == (20, 0)
    assert pair.before.steps
    assert pair.after.steps


def test_given_a_filter_when_days_are_listed_then_only_where_that_figure_changed(week, database):
    trial = try_rules(database, LENIENT)

    assert [day for day, _ in changed(database, trial, name="late-minutes")] == [17]
    assert changed(database, trial, name="night-minutes") == []
    assert changed(database, trial, behind=(week.company.people["A1"], date(2026, 11, 17)), person_id=week.company.people["A1"]) == []


def test_given_the_night_when_days_are_looked_at_then_a_day_that_comes_out_otherwise_is_found_and_once_only(week, database):
    spoil(database, week.company.people["A1"], date(2026, 11, 18))
    with database.writing() as uow:
        first = trials.ask_sweep(uow, LATER, TODAY)
        second = trials.ask_sweep(uow, LATER, TODAY)
    do_all(database, KINDS)

    assert second is None
    assert found(database, first.id).changed_days == 1
    with database.reading() as uow:
        assert store.count_undecided(uow) == 1


def test_given_any_figure_when_told_then_its_name_and_words_are_in_the_readers_language():
    tell = translator("zh")
    kinds = [f"leave-{kind.value}-minutes" for kind in LeaveKind]
    values = [*DayStatus, *DayState, *DayKind, *ExceptionKind]

    names = [name_of(name, tell) for name in (*NAMES, "overtime-150-minutes", *kinds)]
    words = [value_of("status", value.value, tell) for value in values]

    assert [one for one in (*names, *words) if re.search("[A-Za-z]{3}", one)] == []


class TestPages:
    """As people see them."""

    @pytest.fixture
    def hr(self, week, database):
        return browse(database, [pages.router], Role.HR)

    def test_given_the_form_when_sent_then_the_trial_is_waited_for_and_then_shows_its_differences(self, hr, week, database):
        spoil(database, week.company.people["A1"], date(2026, 11, 18))

        answer = hr.post("/recalculate", {"first_day": str(FIRST), "last_day": str(LAST), "who": "all"})
        place = answer.headers["location"]
        waiting = hr.get(place).text
        do_all(database, KINDS)
        done = hr.get(place, language="zh").text

        assert answer.status_code == 303
        assert "data-job" in waiting
        assert "变化的考勤日" in done
        assert "王伟" in done
        assert f"{place}/apply" in done
        assert "2026-11-18" in hr.get(f"{place}/days.csv").text
        assert hr.get(f"{place}/days.xlsx").content[:2] == b"PK"

    def test_given_rules_when_tried_from_their_page_then_the_day_is_shown_with_both_explanations(self, hr, week, database):
        with database.reading() as uow:
            version = actions.list_rule_sets(uow)[0].versions[0].id
        edited = msgspec.json.encode(LENIENT).decode()
        form = {"version": version, "first_day": str(FIRST), "last_day": str(LAST), "who": "rule-set:1", "rules": edited}

        place = hr.post("/rules/try", form).headers["location"]
        do_all(database, KINDS)
        page = hr.get(f"{place}/days/{week.company.people['A1']}/2026-11-17").text

        assert hr.get(f"/rules/try?version={version}").status_code == 200
        assert "grace" in page
        assert "20 min" in page

    def test_given_rules_that_are_being_edited_when_tried_then_the_form_goes_on_with_them_and_keeps_nothing(self, hr, week, database):
        with database.reading() as uow:
            held = actions.list_rule_sets(uow)[0]
        typed = form_of(held.versions[0].rules) | {"day.grace_in_minutes": "30", "base": str(held.versions[0].id)}

        page = hr.post(f"/rules/{held.id}/try", typed)

        assert page.status_code == 200
        assert "as edited" in page.text
        assert "grace_in_minutes&#34;:30" in page.text
        with database.reading() as uow:
            assert len(actions.list_rule_sets(uow)[0].versions) == 1

    def test_given_nonsense_when_sent_then_it_says_what_would_be_right(self, hr):
        for change in ({"who": "nobody"}, {"first_day": "x"}, {"number": "Z9"}, {"last_day": "2026-11-01"}):
            form = {"first_day": str(FIRST), "last_day": str(LAST), "who": "all"} | change
            assert hr.post("/recalculate", form).status_code in {404, 422}, change
        assert (
            hr.post("/rules/try", {"version": 1, "rules": "{", "first_day": str(FIRST), "last_day": str(LAST), "who": "all"}).status_code
            == 422
        )

    def test_given_a_difference_when_applied_from_the_page_then_it_says_who_applied_it(self, hr, week, database):
        spoil(database, week.company.people["A1"], date(2026, 11, 18))
        trial = recalculate(database)

        hr.post(f"/trials/{trial.id}/apply")
        do_all(database, KINDS)

        assert "applied" in hr.get(f"/trials/{trial.id}").text
        assert hr.post(f"/trials/{trial.id}/drop").status_code == 409


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [(LAST, FIRST, "before the first"), (date(2024, 1, 1), LAST, "at most"), (FIRST, date(2026, 12, 1), "until today")],
)
def test_given_days_that_cannot_be_when_asked_then_it_says_which_would_be_right_and_asks_for_nothing(week, database, first, last, said):
    with database.writing() as uow, pytest.raises(InvalidInputError, match=said):
        trials.ask_recalculation(uow, EVERYBODY, first, last, TESTER, LATER, TODAY)

    with database.reading() as uow:
        assert jobs.list_jobs(uow, {"see-days"}) == []


def test_given_a_trial_that_is_not_done_when_applied_then_refused(week, database):
    with database.writing() as uow:
        trial = trials.ask_recalculation(uow, EVERYBODY, FIRST, LAST, TESTER, LATER, TODAY)

    with database.writing() as uow, pytest.raises(RefusedError, match="not worked out yet"):
        trials.apply_trial(uow, trial.id, TESTER, LATER)
