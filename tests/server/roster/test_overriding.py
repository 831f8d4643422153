"""Whose pattern counts where several mean one person, and where the list of assignments says so."""

from datetime import timedelta

import pytest

from server.access.model import Role
from server.roster import pages, routes
from server.roster.actions import assign_pattern, end_assignment, reach_of
from server.roster.model import Scope
from server.web.asking import now
from tests.server.roster.conftest import START
from tests.support.company import NOW, TESTER
from tests.support.pages import browse


@pytest.fixture
def assigned(database, company, office_week, rotation):
    """The company works office weeks; research by a rotation; A1 of research by office weeks again."""
    with database.writing() as uow:
        whole = assign_pattern(uow, office_week.id, Scope.COMPANY, 0, START, None, TESTER, NOW)
        research = assign_pattern(uow, rotation.id, Scope.DEPARTMENT, company.departments["RND"], START, None, TESTER, NOW)
        alone = assign_pattern(uow, office_week.id, Scope.PERSON, company.people["A1"], START, None, TESTER, NOW)
    return whole.id, research.id, alone.id


def test_given_three_for_one_person_then_the_narrowest_counts_and_the_others_stand_behind_it(database, assigned):
    whole, research, alone = assigned

    with database.reading() as uow:
        reach = reach_of(uow, now().date())

    assert {key: one.people for key, one in reach.items()} == {whole: 1, research: 1, alone: 1}  # A2, A3, A1
    assert reach[alone].over == {research: 1, whole: 1}
    assert reach[research].over == {whole: 1}
    assert reach[whole].under == {alone: 1, research: 1}
    assert reach[research].under == {alone: 1}


def test_given_the_narrow_one_has_ended_then_the_next_counts_again(database, assigned):
    (whole, research, alone), today = assigned, now().date()
    with database.writing() as uow:
        end_assignment(uow, alone, today - timedelta(days=1), TESTER, NOW)

    with database.reading() as uow:
        reach = reach_of(uow, today)

    assert (reach[research].people, reach[whole].people, alone in reach) == (2, 1, False)


def test_given_the_list_then_each_line_says_for_how_many_it_counts_and_who_is_overridden(database, assigned):
    hr = browse(database, (pages.router, routes.router), Role.HR)

    page = hr.get("/assignments").text

    whole, research, alone = (row for row in page.split("<tbody>")[1].split("</tr>")[:3])
    assert "1 person today" in whole
    assert "overridden by" in whole
    assert "王伟 A1" in whole
    assert "研发部" in whole
    assert "王伟 A1" in research
    assert "overridden by" not in alone
    assert "研发部, the whole company" in alone
    assert "被以下覆盖" in hr.get("/assignments", language="zh").text
