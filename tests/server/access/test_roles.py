"""Whose rows an account's roles reach, who has a role, and what is masked for whom."""

from dataclasses import replace

import pytest

from server.access.actions import change_roles, create_account, disable_account, limit_role, link_account, people_with_role
from server.access.model import FIELD_RULES, PERMISSIONS, Account, AccountState, Permission, Role, Scope, mask, may_see, scope_of
from server.audit.store import newest
from server.errors import NotFoundError, RefusedError
from tests.server.access.conftest import HASHED
from tests.support.company import NOW, TESTER
from tests.support.pages import Reader

DAYS, OWN, STAFF, DECIDE = Permission.SEE_DAYS, Permission.SEE_OWN, Permission.SEE_STAFF, Permission.DECIDE
ADMIN, HR, PAY, EMPLOYEE, SUPERVISOR = Role.ADMINISTRATOR, Role.HR, Role.HR_PAY, Role.EMPLOYEE, Role.SUPERVISOR


def account(*roles, person_id=7, **limits):
    return Account(1, "x", "X", AccountState.ACTIVE, False, frozenset(roles), person_id, {Role(k): frozenset(v) for k, v in limits.items()})


class TestScope:
    def test_hr_reaches_everybody_or_the_people_of_the_legal_entities_that_the_role_is_limited_to(self):
        assert scope_of(account(HR), DAYS) == Scope(everybody=True)
        assert scope_of(account(HR, hr=[2, 3]), DAYS) == Scope(entities=frozenset({2, 3}))

    def test_a_supervisor_reaches_the_tree_below_and_an_employee_what_is_their_own(self):
        assert scope_of(account(SUPERVISOR), DECIDE) == Scope(tree_of=7)
        assert scope_of(account(EMPLOYEE), OWN) == Scope(own=7)
        assert scope_of(account(SUPERVISOR, EMPLOYEE), DECIDE) == Scope(tree_of=7, own=7)

    def test_roles_add_up_and_only_those_count_that_have_the_permission(self):
        several = replace(account(HR, EMPLOYEE, hr=[2]), limits={HR: frozenset({2}), PAY: frozenset({9})})

        assert scope_of(several, STAFF) == Scope(entities=frozenset({2}))
        assert scope_of(replace(several, roles=frozenset({HR, PAY})), STAFF) == Scope(entities=frozenset({2, 9}))
        assert scope_of(replace(several, roles=frozenset({HR, ADMIN})), STAFF) == Scope(everybody=True, entities=frozenset({2}))

    @pytest.mark.parametrize("role", Role)
    def test_without_the_permission_nobody_is_reached(self, role):
        for permission in set(Permission) - PERMISSIONS[role]:
            assert scope_of(account(role), permission) == Scope()

    def test_an_account_that_is_nobodys_has_nothing_of_its_own_and_no_tree(self):
        assert scope_of(account(SUPERVISOR, EMPLOYEE, person_id=None), DECIDE) == Scope()


@pytest.fixture
def hr(database):
    """The logins of four accounts of HR, by what they are: for persons 1, 2 (one entity), 3 (disabled), and nobody's."""
    with database.writing() as uow:
        create_account(uow, "keeper", "K", HASHED, frozenset({ADMIN}), TESTER, NOW)
        for login in ("all", "one", "gone", "nobodys"):
            create_account(uow, login, login, HASHED, frozenset({HR}), TESTER, NOW)
        for person_id, login in enumerate(("all", "one", "gone"), start=1):
            link_account(uow, login, person_id, TESTER, NOW)
        limit_role(uow, "one", HR, frozenset({5}), TESTER, NOW, reason="subsidiary")
        disable_account(uow, "gone", TESTER, NOW)


@pytest.fixture
def dialect(request) -> str:
    return "sqlite"


class TestRoles:
    def test_who_has_a_role_is_told_by_person_and_for_a_legal_entity(self, database, hr):
        with database.reading() as uow:
            assert people_with_role(uow, HR) == [1, 2]
            assert (people_with_role(uow, HR, 5), people_with_role(uow, HR, 6)) == ([1, 2], [1])
            assert people_with_role(uow, PAY) == []

    def test_a_limit_stays_while_the_role_stays_is_on_the_trail_and_goes_with_the_role(self, database, hr):
        with database.writing() as uow:
            assert newest(uow, subject=("account", "one"))[0].after["limits"] == {"hr": [5]}
            kept = change_roles(uow, "one", frozenset({HR, PAY}), TESTER, NOW)
            gone = change_roles(uow, "one", frozenset({PAY}), TESTER, NOW)
            back = change_roles(uow, "one", frozenset({HR}), TESTER, NOW)
        assert (kept.limits, gone.limits, back.limits) == ({HR: frozenset({5})}, {}, {})

    def test_only_a_role_that_one_has_and_that_is_about_people_can_be_limited(self, database, hr):
        with database.writing() as uow:
            with pytest.raises(RefusedError, match="has not this role"):
                limit_role(uow, "all", PAY, frozenset({5}), TESTER, NOW)
            with pytest.raises(RefusedError, match="cannot be limited"):
                limit_role(uow, "keeper", ADMIN, frozenset({5}), TESTER, NOW)
            with pytest.raises(NotFoundError):
                limit_role(uow, "nobody", HR, frozenset({5}), TESTER, NOW)


class TestFields:
    @pytest.mark.parametrize(
        ("field", "text", "masked"),
        [
            ("id_number", "11010519900307002X", "110***********002X"),
            ("id_number", "123", "***"),
            ("mobile", "13812345678", "138****5678"),
            ("bank_account", "6222020200112233445", "***************3445"),
            ("birth_date", "1990-03-07", "1990-**-**"),
            ("mail", "wang@example.cn", "w***@example.cn"),
            ("mail", "w@example.cn", "********"),
            ("address", "上海市浦东新区世纪大道1号", "********"),
        ],
    )
    def test_what_is_left_of_a_text(self, field, text, masked):
        assert mask(field, text) == masked

    def test_each_is_shown_in_full_to_whoever_has_its_permission_and_to_whom_it_is_about(self):
        for field, rule in FIELD_RULES.items():
            assert may_see(Reader(frozenset({rule.permission})), field)
            assert not may_see(Reader(frozenset(Permission) - {rule.permission}), field)
            assert may_see(Reader(frozenset()), field, own=True)

    def test_a_field_that_nobody_ruled_is_a_mistake_and_not_shown(self):
        with pytest.raises(KeyError):
            may_see(Reader(frozenset(Permission)), "salary_wish")
