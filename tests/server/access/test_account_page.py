"""The list of accounts and the page of one: found, exported, and roles that are limited to legal entities."""

import re

import pytest

from server.access import store
from server.access.actions import change_roles, create_account
from server.access.model import AccountFilter, Role, Scope, scope_of
from server.fleet.actions import add_legal_entity
from tests.server.access.conftest import HASHED, place
from tests.support.company import NOW, TESTER


@pytest.fixture
def entities(database) -> dict[str, int]:
    with database.writing() as uow:
        return {code: add_legal_entity(uow, code, f"{code} Ltd", TESTER, NOW).id for code in ("SH", "BJ")}


@pytest.fixture
def boss(accounts, person):
    browser = person()
    browser.sign_in("administrator")
    return browser


def account(database, login="hr"):
    with database.reading() as uow:
        return store.account_by_login(uow, login)


class TestALimit:
    def test_is_set_on_the_page_shown_wherever_the_role_is_and_taken_away_again(self, database, entities, boss):
        assert place(boss.post("/accounts/hr/limits", role="hr", entity=entities["SH"], reason="Shanghai's HR")) == "/accounts/hr"

        assert scope_of(account(database), "see-people") == Scope(entities=frozenset({entities["SH"]}))
        page = boss.get("/accounts/hr").text
        assert f'value="{entities["SH"]}" checked' in page
        assert "limited" in page
        assert re.search(r"account: limit.*Shanghai(&#39;|')s HR", page, re.DOTALL)
        assert "(SH Ltd)" in re.sub(r"<[^>]+>", "", boss.get("/accounts").text)
        assert "hr: SH Ltd" in boss.get("/accounts.csv").text

        boss.post("/accounts/hr/limits", role="hr")
        assert scope_of(account(database), "see-people") == Scope(everybody=True)

    @pytest.mark.parametrize(
        ("login", "form", "status", "said"),
        [
            ("hr", {"role": "hr", "entity": 999}, 422, "choose one that the list offers"),
            ("hr", {"role": "king"}, 422, "choose one that the list offers"),
            ("hr", {"role": "auditor"}, 409, "has not this role"),
            ("it", {"role": "it"}, 409, "cannot be limited"),
            ("nobody", {"role": "hr"}, 404, ""),
        ],
    )
    def test_that_cannot_be_is_refused_in_words_and_nothing_is_changed(self, database, entities, boss, login, form, status, said):
        answer = boss.post(f"/accounts/{login}/limits", **form)

        assert answer.status_code == status
        assert said in answer.text
        assert not account(database).limits

    def test_is_offered_where_there_are_legal_entities_and_a_role_that_can_have_it(self, boss):
        assert "There is one company" in boss.get("/accounts/hr").text
        assert "this account has none of them" in boss.get("/accounts/it").text
        assert boss.get("/accounts/nobody").status_code == 404


class TestTheList:
    def test_is_searched_by_login_name_and_role_and_goes_on_page_by_page(self, database, boss):
        with database.writing() as uow:
            for number in range(101):
                create_account(uow, f"w{number:03}", f"工人 {number:03}", HASHED, frozenset({Role.EMPLOYEE}), TESTER, NOW)

        page = boss.get("/accounts?role=employee").text
        assert page.count("data-href") == 100
        following = re.search(r'href="(/accounts\?[^"]*after=[^"]*)"', page).group(1).replace("&amp;", "&")
        assert boss.get(following).text.count("data-href") == 2
        assert boss.get("/accounts?search=工人 07").text.count("data-href") == 10
        assert boss.get("/accounts?search=W099").text.count("data-href") == 1
        assert "Nothing fits" in boss.get("/accounts?search=%25").text
        assert boss.get("/accounts?role=king").status_code == 422
        assert boss.get("/accounts.csv?role=employee").text.count("\n") == 103
        with database.reading() as uow:
            assert [one.login for one in store.accounts(uow, AccountFilter(role=Role.IT), after="", limit=5)] == ["it"]

    def test_shows_what_has_changed(self, database, boss):
        with database.writing() as uow:
            change_roles(uow, "it", frozenset({Role.IT, Role.AUDITOR}), TESTER, NOW)

        assert "auditor" in re.search(r'href="/accounts/it">.*?</tr>', boss.get("/accounts").text, re.DOTALL).group(0)
