"""Whom a terminal user stands for: a number means one person in one zone on one day. On both dialects."""

from datetime import date

import pytest

from protocol.identifiers import EdgeId
from server.attendance import actions as attendance
from server.directory import actions as directory
from server.directory.store import enrolments_at
from server.errors import RefusedError
from server.fleet import actions as fleet
from tests.support.company import NOW, TESTER
from tests.support.sending import SendingEdge, row

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def test_given_the_same_number_at_two_sites_when_both_punch_then_they_are_two_people(database, company):
    with database.writing() as uow:
        branch = fleet.add_site(uow, "branch", "分店", "Asia/Shanghai", TESTER, NOW)
        back = fleet.add_terminal(uow, "T9", "back door", "branch", TESTER, NOW, edge=EdgeId("edge-hq"))
        other = directory.add_person(uow, "B1", "陈晨", TESTER, NOW, site_id=branch.id)
        directory.enrol(uow, other.id, fleet.own_zone(uow, branch).id, "1", date(2020, 1, 1), TESTER, NOW)

    SendingEdge(database).send(row("1", terminal="T1"), row("1", terminal="T9", number=1))

    with database.reading() as uow:
        terminals = [[one.terminal_id for one in attendance.evidence_punches(uow, who, *YEAR)] for who in (company.people["A1"], other.id)]
    assert terminals == [[company.terminals["T1"]], [back.id]]


def test_given_a_number_that_was_given_on_when_punches_are_looked_at_then_each_day_has_its_person(database, company):
    with database.writing() as uow:
        (first,) = enrolments_at(uow, company.zone, "1")
        directory.end_enrolment(uow, first.id, date(2026, 11, 20), TESTER, NOW)
        directory.enrol(uow, company.people["A2"], company.zone, "1", date(2026, 11, 22), TESTER, NOW)

    SendingEdge(database).send(
        row("1", wall="2026-11-20 23:59:59"), row("1", wall="2026-11-21 08:00:00", number=1), row("1", wall="2026-11-22 00:00:00", number=2)
    )

    with database.reading() as uow:
        days = [[one.wall // 1_000_000 for one in attendance.evidence_punches(uow, company.people[who], *YEAR)] for who in ("A1", "A2")]
    assert days == [[20261120], [20261122]], "the day between is nobody's, and waits in quarantine"


@pytest.mark.parametrize("since", [date(2026, 1, 1), date(2019, 1, 1)])
def test_given_a_number_that_is_somebody_when_another_would_have_it_on_the_same_days_then_it_is_refused(database, company, since):
    with pytest.raises(RefusedError), database.writing() as uow:
        directory.enrol(uow, company.people["A2"], company.zone, "1", since, TESTER, NOW)
