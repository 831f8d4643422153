"""Edits of the grid as steps: drafted, undone, redone, refused when somebody else was there in between; published and withdrawn."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.roster import actions as roster
from server.roster.actions import CellChange
from server.roster.engine.marks import PATTERN, REST
from server.roster.model import RosterSource
from server.roster.tables import roster_edit, roster_entry
from server.storage.changes import Subject, waiting_changes
from tests.support.company import NOW, TESTER
from tests.support.rosters import make_shifts, make_week

MONDAY = date(2026, 11, 23)
SUNDAY = MONDAY + timedelta(days=6)
OTHER = Actor("other")


@pytest.fixture
def shifts(database, company):
    with database.writing() as uow:
        made = make_shifts(uow)
        make_week(uow, made["常"])
    return made


@pytest.fixture
def edit(database, company, shifts):
    """Wish as {(person, weekday): sign or mark}; `was` is what is there, unless said."""
    keys = iter(range(1_000))

    def edit_now(wishes, by=TESTER, was=None, now=NOW):
        with database.writing() as uow:
            there = marks(uow, company)
            changes = []
            for (number, weekday), to in wishes.items():
                person, day = company.people[number], MONDAY + timedelta(days=weekday)
                mark = shifts.get(to, to)
                changes.append(CellChange(person, day, mark, there.get((person, day), PATTERN) if was is None else shifts.get(was, was)))
            roster.edit_cells(uow, f"edit-{next(keys):04}", changes, by, now)

    return edit_now


def marks(uow, company):
    """What is wanted of the cells of the week, where it is not the pattern."""
    days = roster.roster_of(uow, list(company.people.values()), MONDAY, SUNDAY)
    found = {}
    for person, cells in days.items():
        for cell in cells:
            entry = cell.draft or cell.published
            if entry and (mark := {"rest": REST, "pattern": PATTERN}.get(entry.kind, entry.shift_id)) != PATTERN:
                found[(person, cell.wanted.work_date)] = mark
    return found


@pytest.fixture
def wanted(database, company, shifts):
    signs = {mark: sign for sign, mark in shifts.items()} | {REST: "休"}
    numbers = {person: number for number, person in company.people.items()}

    def read():
        with database.reading() as uow:
            return {(numbers[person], (day - MONDAY).days): signs[mark] for (person, day), mark in marks(uow, company).items()}

    return read


@pytest.fixture
def counting(database, company):
    """The shift that counts on the Monday of somebody."""

    def read(number, weekday=0):
        with database.reading() as uow:
            day = roster.roster_of(uow, [company.people[number]], MONDAY, SUNDAY)[company.people[number]][weekday]
        return day.counts.shift_name

    return read


@pytest.fixture
def do(database, company):
    def act(action, by=TESTER, now=NOW, **more):
        with database.writing() as uow:
            return action(uow, by=by, now=now, **more)

    return act


@pytest.fixture
def publish(do, company):
    def publish_now(blocked=None, by=TESTER):
        return do(roster.publish_roster, by, person_ids=list(company.people.values()), first=MONDAY, last=SUNDAY, blocked=blocked or {})

    return publish_now


class TestUndo:
    def test_given_many_steps_when_undone_and_redone_then_each_is_as_it_was(self, edit, do, wanted):
        states = [wanted()]
        for wishes in ({("A1", 0): "早"}, {("A1", 0): "夜", ("A2", 3): REST}, {("A1", 0): PATTERN}):
            edit(wishes)
            states.append(wanted())

        for state in reversed(states[:-1]):
            do(roster.undo_edit)
            assert wanted() == state
        for state in states[1:]:
            do(roster.redo_edit)
            assert wanted() == state

    def test_given_nothing_left_then_it_says_so(self, edit, do):
        edit({("A1", 0): "早"})
        do(roster.undo_edit)

        with pytest.raises(RefusedError, match="nothing to undo"):
            do(roster.undo_edit)
        with pytest.raises(RefusedError, match="nothing to undo"):
            do(roster.undo_edit, OTHER)

    def test_given_a_new_step_after_an_undo_then_there_is_nothing_to_redo(self, edit, do, wanted):
        edit({("A1", 0): "早"})
        do(roster.undo_edit)
        edit({("A2", 0): "中"})

        with pytest.raises(RefusedError, match="nothing to redo"):
            do(roster.redo_edit)
        assert wanted() == {("A2", 0): "中"}

    def test_given_somebody_else_changed_a_cell_in_between_then_undo_is_refused_with_their_words_and_nothing_changes(
        self, edit, do, wanted
    ):
        edit({("A1", 0): "早", ("A2", 1): "中"})
        edit({("A2", 1): "夜"}, by=OTHER)

        with pytest.raises(RefusedError, match="李娜 on 2026-11-24"):
            do(roster.undo_edit)
        assert wanted() == {("A1", 0): "早", ("A2", 1): "夜"}

        do(roster.undo_edit, OTHER)
        do(roster.undo_edit)
        assert wanted() == {}

    def test_given_it_was_published_meanwhile_then_undo_is_a_new_draft(self, edit, do, wanted, publish, counting):
        edit({("A1", 0): "早"})
        publish()
        do(roster.undo_edit)

        assert wanted() == {}
        assert counting("A1") == "早班"
        publish()
        assert counting("A1") == "常日班"

    def test_given_half_a_day_is_over_then_steps_are_forgotten_and_their_rows_go(self, database, edit, do):
        edit({("A1", 0): "早"})
        late = NOW + timedelta(hours=12)

        with pytest.raises(RefusedError):
            do(roster.undo_edit, now=late)
        edit({("A1", 1): "早"}, now=late)
        with database.reading() as uow:
            assert uow.scalar(select(func.count()).select_from(roster_edit)) == 1
            assert roster.steps_of(uow, TESTER, late) == roster.Steps(1, 0)

    def test_given_more_steps_than_are_kept_then_the_oldest_go(self, database, edit, monkeypatch):
        monkeypatch.setattr("server.roster.actions.editing.MOST_STEPS", 3)
        for weekday in range(5):
            edit({("A1", weekday): "早"})

        with database.reading() as uow:
            assert roster.steps_of(uow, TESTER, NOW).undo == 3

    def test_dropping_drafts_is_a_step_like_any_other(self, edit, do, wanted, company):
        edit({("A1", 0): "早"})
        edit({("A2", 2): REST}, by=OTHER)
        do(roster.drop_as_step, person_ids=list(company.people.values()), first=MONDAY, last=SUNDAY)
        assert wanted() == {}

        do(roster.undo_edit)
        assert wanted() == {("A1", 0): "早", ("A2", 2): "休"}


class TestBadEdits:
    def test_given_a_cell_is_not_what_was_seen_then_nothing_of_the_edit_is_kept(self, edit, wanted):
        edit({("A1", 0): "早"}, by=OTHER)

        with pytest.raises(RefusedError, match="王伟 on 2026-11-23"):
            edit({("A2", 0): "中", ("A1", 0): "夜"}, was=PATTERN)
        assert wanted() == {("A1", 0): "早"}

    @pytest.mark.parametrize("mark", [999, -2, 2**70])
    def test_given_a_shift_that_there_is_not_then_nothing_is_kept(self, edit, wanted, mark):
        with pytest.raises(InvalidInputError):
            edit({("A1", 0): "早", ("A2", 0): mark})
        assert wanted() == {}

    @pytest.mark.parametrize(("person", "was"), [(12345, PATTERN), (12345, 3), (0, PATTERN), (2**63, PATTERN)])
    def test_given_nobody_then_it_says_so(self, do, shifts, person, was):
        with pytest.raises(NotFoundError):
            do(roster.edit_cells, key="edit-1234", changes=[CellChange(person, MONDAY, REST, was)])

    def test_given_two_rosters_for_one_day_then_it_is_refused(self, do, shifts, company):
        twice = [CellChange(company.people["A1"], MONDAY, mark, PATTERN) for mark in (REST, shifts["早"])]

        with pytest.raises(InvalidInputError, match="two rosters"):
            do(roster.edit_cells, key="edit-1234", changes=twice)

    def test_given_too_many_cells_or_none_or_days_far_apart_then_it_is_refused(self, do, company):
        person = company.people["A1"]
        many = [CellChange(person, date(2000, 1, 1) + timedelta(days=number), REST, PATTERN) for number in range(20_001)]

        for changes, said in (([], "at least one"), (many, "at most 20,000"), ([many[0], many[-1]], "400 days apart")):
            with pytest.raises(InvalidInputError, match=said):
                do(roster.edit_cells, key="edit-1234", changes=changes)

    def test_given_the_same_edit_twice_then_it_is_taken_once(self, database, do, company, wanted):
        for _ in range(2):
            do(roster.edit_cells, key="edit-1234", changes=[CellChange(company.people["A1"], MONDAY, REST, PATTERN)])

        assert wanted() == {("A1", 0): "休"}
        with database.reading() as uow:
            assert roster.steps_of(uow, TESTER, NOW).undo == 1


class TestPublishing:
    def test_given_drafts_when_published_then_they_count_and_attendance_is_told(self, database, edit, publish, counting, company):
        edit({("A1", 0): "夜", ("A1", 1): REST, ("A2", 0): "早"})
        assert counting("A1") == "常日班"

        made = publish()

        assert (made.cells, made.people, made.withdrawn) == (3, 2, False)
        assert (counting("A1"), counting("A1", 1), counting("A2")) == ("夜班", "", "早班")
        with database.reading() as uow:
            told = {one.subject_id for one in waiting_changes(uow, 100) if one.subject is Subject.PERSON and one.what == "entry"}
        assert told == {company.people["A1"], company.people["A2"]}

    def test_given_a_cell_that_may_not_be_published_then_nothing_is(self, edit, publish, counting, company):
        edit({("A1", 0): "夜", ("A2", 1): "早"})

        with pytest.raises(RefusedError, match="李娜 on 2026-11-24 cannot be published: not hired yet"):
            publish({(company.people["A2"], MONDAY + timedelta(days=1)): "not hired yet"})
        assert counting("A1") == "常日班"

    def test_given_a_blocked_cell_without_a_draft_then_it_keeps_nobody_from_publishing(self, edit, publish, company):
        edit({("A1", 0): "夜"})

        assert publish({(company.people["A2"], MONDAY): "no matter"}).cells == 1

    def test_given_no_drafts_then_it_says_so(self, publish, shifts):
        with pytest.raises(RefusedError, match="no drafts"):
            publish()

    def test_given_a_publication_when_withdrawn_then_what_was_there_counts_again_and_the_drafts_are_back(
        self, database, edit, do, publish, counting, wanted
    ):
        edit({("A1", 0): "早", ("A1", 1): "早"})
        publish()
        edit({("A1", 0): "夜", ("A1", 1): PATTERN})
        second = publish()

        withdrawn = do(roster.withdraw_publication, publication_id=second.id)

        assert withdrawn.withdrawn
        assert (counting("A1"), counting("A1", 1)) == ("早班", "早班")
        assert wanted() == {("A1", 0): "夜"}
        publish()
        assert (counting("A1"), counting("A1", 1)) == ("夜班", "常日班")

    def test_given_a_draft_made_since_then_it_stays(self, edit, do, publish, wanted):
        edit({("A1", 0): "早", ("A2", 0): "早"})
        made = publish()
        edit({("A1", 0): "夜"})

        do(roster.withdraw_publication, publication_id=made.id)

        assert wanted() == {("A1", 0): "夜", ("A2", 0): "早"}

    def test_given_a_day_was_published_anew_or_it_is_withdrawn_already_then_it_is_refused(self, edit, do, publish, counting):
        edit({("A1", 0): "早"})
        first = publish()
        edit({("A1", 0): "夜"})
        second = publish()

        with pytest.raises(RefusedError, match="published anew"):
            do(roster.withdraw_publication, publication_id=first.id)
        do(roster.withdraw_publication, publication_id=second.id)
        with pytest.raises(RefusedError, match="already"):
            do(roster.withdraw_publication, publication_id=second.id)
        do(roster.withdraw_publication, publication_id=first.id)
        assert counting("A1") == "常日班"

    def test_entries_are_one_for_a_cell_whatever_happens(self, database, edit, do, publish):
        edit({("A1", 0): "早"})
        made = publish()
        edit({("A1", 0): "夜"})
        do(roster.withdraw_publication, publication_id=made.id)
        do(roster.undo_edit)

        with database.reading() as uow:
            rows = uow.fetch_all(select(roster_entry.c.person_id, roster_entry.c.day, roster_entry.c.draft))
        assert len(rows) == len(set(rows)) == 1


def test_what_counts_is_from_the_pattern_until_it_is_published(database, company, edit):
    edit({("A1", 0): "早"})

    with database.reading() as uow:
        (day, *_) = roster.roster_of(uow, [company.people["A1"]], MONDAY, SUNDAY)[company.people["A1"]]

    assert (day.counts.source, day.wanted.source) == (RosterSource.PATTERN, RosterSource.ENTRY)
