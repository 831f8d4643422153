"""Who stands above whom on a date, probation and its end, whom a contract is with; on both dialects."""

from datetime import date

import pytest

from server.audit import store as trail
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EventKind, HeadSpan
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet import actions as fleet
from server.storage import take_changes, waiting_changes
from tests.support.company import FIRST_DAY, NOW, TESTER, found_company

TODAY = date(2026, 11, 23)
GOOD_CODE = "91350100M000100Y43"
"""The example of GB 32100-2015."""


@pytest.fixture
def company(database):
    return found_company(database, people=4)


@pytest.fixture
def add(database):
    def add(person_id, what, day, until=None, /, **sets):
        with database.writing() as uow:
            directory.add_event(uow, person_id, NewEvent(EventKind(what), day, sets, until), TESTER, NOW)

    return add


class TestManagers:
    def test_the_chain_of_a_day_is_the_nearest_first(self, database, company, add):
        who = company.people
        add(who["A1"], "transfer", date(2026, 11, 10), manager_id=who["A2"])
        add(who["A2"], "transfer", date(2026, 11, 20), manager_id=who["A3"])

        with database.reading() as uow:
            chains = [directory.manager_chain(uow, who["A1"], date(2026, 11, day)) for day in (9, 10, 20)]
            assert directory.manager_of(uow, who["A1"], date(2019, 1, 1)) is None
        assert chains == [[], [who["A2"]], [who["A2"], who["A3"]]]

    def test_hired_on_counts_a_second_employment_anew(self, database, company, add):
        who = company.people
        add(who["A1"], "leaving", date(2026, 10, 31), ground="resigned")
        add(who["A1"], "hire", date(2026, 11, 16))

        with database.reading() as uow:
            days = [directory.hired_on(uow, [who["A1"], who["A2"]], day) for day in (date(2026, 10, 1), date(2026, 11, 1), TODAY)]
        assert days == [
            {who["A1"]: FIRST_DAY, who["A2"]: FIRST_DAY},
            {who["A2"]: FIRST_DAY},
            {who["A1"]: date(2026, 11, 16), who["A2"]: FIRST_DAY},
        ]


class TestHeads:
    def test_a_head_holds_until_the_next_one_and_is_on_the_trail(self, database, company):
        who, unit = company.people, company.departments["RND"]
        with database.writing() as uow:
            directory.set_head(uow, unit, who["A1"], date(2026, 1, 1), TESTER, NOW)
            directory.set_head(uow, unit, who["A2"], date(2026, 12, 1), TESTER, NOW)
            directory.set_head(uow, unit, who["A3"], date(2026, 6, 1), TESTER, NOW)
            directory.set_head(uow, unit, None, date(2026, 8, 1), TESTER, NOW)

            assert directory.heads_of(uow, unit) == [
                HeadSpan(date(2026, 1, 1), date(2026, 5, 31), who["A1"]),
                HeadSpan(date(2026, 6, 1), date(2026, 7, 31), who["A3"]),
                HeadSpan(date(2026, 12, 1), None, who["A2"]),
            ]
            found = [directory.head_of(uow, unit, date(2026, month, 15)) for month in (3, 7, 9, 12)]
            assert found == [who["A1"], who["A3"], None, who["A2"]]
            row = trail.newest(uow, limit=1)[0]
        assert (row.action, row.before, row.after) == ("department.head", {"head": "A3"}, {"head": None, "from": "2026-08-01"})

    def test_who_has_left_is_no_head_and_cannot_become_one(self, database, company, add):
        who, unit = company.people, company.departments["RND"]
        with database.writing() as uow:
            directory.set_head(uow, unit, who["A1"], date(2026, 1, 1), TESTER, NOW)
        add(who["A1"], "leaving", date(2026, 11, 10), ground="retired")

        with database.writing() as uow:
            assert directory.head_of(uow, unit, date(2026, 11, 10)) == who["A1"]
            assert directory.head_of(uow, unit, date(2026, 11, 11)) is None
            with pytest.raises(InvalidInputError, match="not employed on"):
                directory.set_head(uow, company.departments["PROD"], who["A1"], TODAY, TESTER, NOW)
            with pytest.raises(NotFoundError):
                directory.set_head(uow, 999, who["A2"], TODAY, TESTER, NOW)

    def test_departments_above_are_the_own_first(self, database, company):
        with database.writing() as uow:
            unit = company.departments["RND"]
            group = directory.add_department(uow, "RND1", "一组", TESTER, NOW, parent_id=unit).id
            team = directory.add_department(uow, "RND11", "小组", TESTER, NOW, parent_id=group).id
            assert directory.department_chain(uow, team) == [team, group, unit]


class TestProbation:
    def test_it_is_prolonged_and_confirmed(self, database, company, add):
        who = company.people["A1"]
        add(who, "probation", date(2026, 9, 1), date(2026, 11, 30))
        add(who, "probation", date(2026, 11, 20), date(2026, 12, 31))
        add(who, "confirmation", date(2026, 12, 15))

        with database.reading() as uow:
            spans = directory.terms_of(uow, [who], date(2026, 8, 31), date(2026, 12, 31))[who]
        assert [span.terms.probation_until for span in spans] == [None, date(2026, 11, 30), date(2026, 12, 31), None]

    @pytest.mark.parametrize(
        ("before", "what", "refused"),
        [
            ([], ("confirmation", date(2026, 12, 1)), "enter the probation first"),
            ([], ("probation", date(2026, 9, 1)), "give the last day of the probation"),
            ([], ("probation", date(2026, 9, 1), date(2027, 3, 1)), "choose 2027-02-28 or an earlier day"),
            ([("kind", date(2026, 9, 1))], ("probation", date(2026, 9, 1), date(2026, 9, 30)), "no probation for part-time work"),
            (
                [("probation", date(2026, 9, 1), date(2026, 9, 30))],
                ("probation", date(2026, 10, 2), date(2026, 10, 31)),
                "by law there is no second one",
            ),
            (
                [("probation", date(2026, 9, 1), date(2026, 9, 30)), ("confirmation", date(2026, 10, 1))],
                ("probation", date(2026, 9, 15), date(2026, 10, 31)),
                "confirmed from 2026-10-01 on",
            ),
        ],
    )
    def test_what_the_law_does_not_allow_is_refused(self, company, add, before, what, refused):
        who = company.people["A1"]
        for one in before:
            add(who, *one, **({"kind": "part-time"} if one[0] == "kind" else {}))

        with pytest.raises((InvalidInputError, RefusedError), match=refused):
            add(who, *what)

    def test_leaving_has_a_ground_of_the_law(self, database, company, add):
        with pytest.raises(InvalidInputError, match="ground"):
            add(company.people["A1"], "leaving", TODAY, ground="did not like it")
        add(company.people["A1"], "leaving", TODAY, ground="dismissed-no-fault")

        with database.reading() as uow:
            (held,) = directory.employments_of(uow, company.people["A1"])
            row = trail.newest(uow, limit=1)[0]
        assert held.events[-1].sets == {"ground": "dismissed-no-fault"}
        assert row.after["ground"] == "dismissed-no-fault"


class TestLegalEntities:
    def test_somebody_is_moved_to_another_and_attendance_has_nothing_to_do(self, database, company, add):
        with database.writing() as uow:
            one = fleet.add_legal_entity(uow, "SH", "上海公司", TESTER, NOW, unified_code=GOOD_CODE.lower())
            take_changes(uow, [one.id for one in waiting_changes(uow, 10_000)])
        add(company.people["A1"], "transfer", date(2026, 11, 10), legal_entity_id=one.id)

        with database.reading() as uow:
            (span,) = directory.terms_of(uow, [company.people["A1"]], TODAY, TODAY)[company.people["A1"]]
            assert waiting_changes(uow, 10) == []
            assert fleet.list_legal_entities(uow) == [one]
            assert trail.newest(uow, limit=1)[0].after["legal_entity"] == "SH"
        assert (span.terms.legal_entity_id, one.unified_code) == (one.id, GOOD_CODE)

    def test_codes_that_cannot_be_are_refused(self, database):
        with database.writing() as uow:
            one = fleet.add_legal_entity(uow, "SH", "上海公司", TESTER, NOW, unified_code=GOOD_CODE)
            with pytest.raises(RefusedError, match="SH already"):
                fleet.add_legal_entity(uow, "SH", "another", TESTER, NOW)
            with pytest.raises(InvalidInputError, match="no unified social credit code"):
                fleet.add_legal_entity(uow, "BJ", "北京公司", TESTER, NOW, unified_code="91350100M000100Y44")
            with pytest.raises(RefusedError, match="belongs to 上海公司"):
                fleet.add_legal_entity(uow, "BJ", "北京公司", TESTER, NOW, unified_code=GOOD_CODE)
            fleet.change_legal_entity(uow, one.id, "上海总公司", "", TESTER, NOW)
            assert [(each.name, each.unified_code) for each in fleet.list_legal_entities(uow)] == [("上海总公司", None)]
