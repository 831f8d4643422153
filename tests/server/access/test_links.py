"""Links to identities elsewhere as they are stored, on both databases: nothing of whom in the clear, one for each, spent returns."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from server.access import store
from server.access.actions import create_account, link_outside, links_of, reset_password, unlink_outside
from server.access.model import AccountFilter, Identity, ProviderName, Role
from server.access.tables import outside_link
from server.errors import NotFoundError, RefusedError
from tests.server.access.conftest import HASHED
from tests.support.company import NOW, TESTER

WEI = Identity("https://login.example.com wei", "王伟")


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request) -> str:
    return request.param


@pytest.fixture
def two(database):
    with database.writing() as uow:
        return [create_account(uow, login, f"{login} 王", HASHED, frozenset({Role.HR}), TESTER, NOW) for login in ("wei", "li")]


def test_a_link_names_nobody_in_the_clear_and_is_one_for_each_side(database, two):
    wei, li = two
    with database.writing() as uow:
        link_outside(uow, wei, ProviderName.OIDC, WEI, TESTER, NOW)
        for account, identity in ((li, WEI), (wei, Identity("https://login.example.com other", "别人"))):
            with pytest.raises(RefusedError):
                link_outside(uow, account, ProviderName.OIDC, identity, TESTER, NOW)
        link_outside(uow, wei, ProviderName.FEISHU, WEI, TESTER, NOW)

    with database.reading() as uow:
        assert store.linked_account(uow, ProviderName.OIDC, WEI.subject) == wei
        assert store.linked_account(uow, ProviderName.WECOM, WEI.subject) is None
        assert [(one.provider, one.name) for one in links_of(uow, wei)] == [(ProviderName.FEISHU, "王伟"), (ProviderName.OIDC, "王伟")]
        assert store.links_per_provider(uow) == {ProviderName.OIDC: 1, ProviderName.FEISHU: 1}
        stored = b"".join(bytes(row.subject_index) + bytes(row.sealed_name) for row in uow.fetch_all(select(outside_link)))
    assert b"wei" not in stored
    assert "王伟".encode() not in stored


def test_a_link_is_taken_away_once_and_all_go_with_a_new_password(database, two):
    wei, _ = two
    with database.writing() as uow:
        link_outside(uow, wei, ProviderName.OIDC, WEI, TESTER, NOW)
        unlink_outside(uow, wei, ProviderName.OIDC, TESTER, NOW)
        with pytest.raises(NotFoundError):
            unlink_outside(uow, wei, ProviderName.OIDC, TESTER, NOW)
        link_outside(uow, wei, ProviderName.WECOM, WEI, TESTER, NOW)

    reset_password(database, "wei", TESTER, NOW)

    with database.reading() as uow:
        assert links_of(uow, wei) == []


def test_a_return_is_spent_once_and_forgotten_when_it_could_not_come_any_more(database):
    with database.writing() as uow:
        tries = [store.spend_return(uow, b"s" * 32, NOW, NOW - timedelta(minutes=20)) for _ in range(2)]
        much_later = store.spend_return(uow, b"s" * 32, NOW + timedelta(hours=1), NOW + timedelta(minutes=40))

    assert tries == [True, False]
    assert much_later


def test_accounts_are_found_by_part_of_a_name_in_any_case_and_signs_are_only_signs(database, two):
    with database.reading() as uow:
        found = [
            [one.login for one in store.accounts(uow, AccountFilter(text), after="", limit=9)] for text in ("WE", "王", "li 王", "%", "_")
        ]

    assert found == [["wei"], ["li", "wei"], ["li"], [], []]
