"""HR is told of contracts that end, each reminder once, also when nothing ran on its day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from server.access.actions import create_account, hash_password, link_account
from server.access.model import Role
from server.directory.actions import add_person
from server.hr.staff import actions as staff
from server.hr.staff.model import ContractKind, ContractTerms
from server.notify import actions as notify
from tests.support.company import NOW, TESTER

LAST = date(2026, 12, 31)


@pytest.fixture
def hr(database) -> int:
    """Somebody of HR, and one employee whose contract ends with the year."""
    with database.writing() as uow:
        key = add_person(uow, "H1", "赵人事", TESTER, NOW, hired_on=date(2020, 1, 1)).id
        create_account(uow, "hr", "HR", hash_password("four plain words here"), frozenset({Role.HR}), TESTER, NOW, must_change=False)
        link_account(uow, "hr", key, TESTER, NOW)
        one = add_person(uow, "E1", "王伟", TESTER, NOW, hired_on=date(2024, 1, 1)).id
        staff.add_contract(uow, one, ContractTerms(ContractKind.FIXED, date(2024, 1, 1), LAST), TESTER, NOW)
    return key


def told(uow, hr: int) -> list[tuple[str, object]]:
    return [(one.text[:32], one.facts.get("n")) for one in reversed(notify.notices_of(uow, hr))]


def test_each_reminder_comes_once_and_a_missed_day_is_made_up_for(database, hr):
    with database.writing() as uow:
        for left in (61, 60, 59, 44, 43, 30, 29, 0, -1, -2):
            at = datetime.combine(LAST - timedelta(days=left), datetime.min.time(), UTC) + timedelta(hours=1)
            staff.remind_of_contracts(uow, at)

        found = told(uow, hr)
    assert [n for _, n in found] == [60, 44, 30, -1]
    assert [text for text, _ in found][-1].startswith("The contract of {who} ended on")
    assert found[0][0].startswith("The contract of {who} ends on")


def test_given_many_at_once_then_their_number_is_told(database, hr):
    with database.writing() as uow:
        for number in range(6):
            one = add_person(uow, f"M{number}", "员工", TESTER, NOW, hired_on=date(2024, 1, 1)).id
            staff.add_contract(uow, one, ContractTerms(ContractKind.FIXED, date(2024, 1, 1), LAST), TESTER, NOW)
        at = datetime(2026, 12, 20, 1, tzinfo=UTC)

        assert (staff.remind_of_contracts(uow, at), staff.remind_of_contracts(uow, at)) == (7, 0)
        assert told(uow, hr) == [("Contracts that end or have ended", 7)]
