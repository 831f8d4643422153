"""Personal facts: their written form, what contradicts, and that nobody finds them in the clear."""

from datetime import date

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import select
from stdnum.cn import ric

from server.audit.store import newest
from server.errors import InvalidInputError
from server.hr.staff import actions as staff
from server.hr.staff.engine.identity import merged
from server.hr.staff.engine.masking import masked
from server.hr.staff.model import BirthAndSex, Fact, RetirementCategory, Sex
from server.hr.staff.tables import personal_fact
from tests.support.company import NOW, TESTER, found_company

TODAY = date(2026, 11, 23)
WOMAN, MAN = "11010519491231002X", "360426199101010071"
"""Numbers that everybody may print: the standard's own example, and the one in the checker's documentation."""
CARD = "6222021234567890128"


def number_of(born: date, order: int, place: str = "310101") -> str:
    body = f"{place}{born:%Y%m%d}{order:03}0"
    return body[:-1] + ric.calc_check_digit(body)


def test_given_a_resident_when_the_number_is_typed_with_gaps_then_birth_date_and_sex_are_taken_from_it():
    known = merged({}, {Fact.ID_NUMBER: " 360426 19910101 007１ "}, TODAY)

    assert known == {
        Fact.ID_KIND: "resident",
        Fact.ID_NUMBER: MAN,
        Fact.BIRTH_DATE: "1991-01-01",
        Fact.SEX: "male",
        Fact.RETIREMENT_CATEGORY: "male",
    }
    assert merged({}, {Fact.ID_NUMBER: WOMAN.lower()}, TODAY)[Fact.SEX] == "female"


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({Fact.ID_NUMBER: "36042619910101007"}, "id_number", "18 places"),
        ({Fact.ID_NUMBER: "360426199101010072"}, "id_number", "check digit"),
        ({Fact.ID_NUMBER: "360426199110010071"}, "id_number", "check digit"),
        ({Fact.ID_NUMBER: number_of(date(1990, 1, 1), 1, "990101")}, "id_number", "no province"),
        ({Fact.ID_NUMBER: MAN, Fact.BIRTH_DATE: "1991-01-02"}, "birth_date", "1991-01-01"),
        ({Fact.ID_NUMBER: MAN, Fact.SEX: "female"}, "sex", "otherwise"),
        ({Fact.SEX: "female", Fact.RETIREMENT_CATEGORY: "male"}, "retirement_category", "other sex"),
        ({Fact.BIRTH_DATE: "2010-11-24"}, "birth_date", "16 years"),
        ({Fact.BIRTH_DATE: "1991-02-30"}, "birth_date", "a date such as"),
        ({Fact.MOBILE: "12345678901"}, "mobile", "11 digits"),
        ({Fact.MAIL: "nobody"}, "mail", "name@example.com"),
        ({Fact.BANK_ACCOUNT: CARD[:-1] + "9"}, "bank_account", "check digit"),
        ({Fact.ID_KIND: "passport", Fact.ID_NUMBER: "你好"}, "id_number", "such a document"),
        ({Fact.ID_KIND: "library-card"}, "id_kind", "list"),
        ({Fact.ADDRESS: "长" * 301}, "address", "300 characters"),
    ],
)
def test_given_what_cannot_be_when_typed_then_the_field_and_the_mend_are_named(changes, field, told):
    with pytest.raises(InvalidInputError, match=told) as refused:
        merged({}, changes, TODAY)

    assert refused.value.facts["field"] == field


def test_given_other_documents_and_ways_of_writing_then_they_are_taken_in_one_form():
    known = merged({}, {Fact.ID_KIND: "home-return", Fact.ID_NUMBER: "h1234 5678", Fact.MOBILE: "+86 138-0013-8000"}, TODAY)
    abroad = merged({}, {Fact.MOBILE: "+852 9123 4567", Fact.BANK_ACCOUNT: "6222 0212 3456 7890 128", Fact.MAIL: "A@Example.COM"}, TODAY)

    assert (known[Fact.ID_NUMBER], known[Fact.MOBILE]) == ("H12345678", "13800138000")
    assert (abroad[Fact.MOBILE], abroad[Fact.BANK_ACCOUNT], abroad[Fact.MAIL]) == ("+85291234567", CARD, "a@example.com")
    assert Fact.BIRTH_DATE not in known


@given(st.dates(date(1940, 1, 1), date(2005, 12, 31)), st.integers(0, 999), st.integers(0, 17), st.sampled_from("0123456789"))
def test_any_number_is_taken_and_any_single_wrong_digit_is_found(born, order, place, digit):
    number = number_of(born, order)
    known = merged({}, {Fact.ID_NUMBER: number}, TODAY)
    assert (known[Fact.BIRTH_DATE], known[Fact.SEX]) == (born.isoformat(), Sex.MALE if order % 2 else Sex.FEMALE)
    assert merged(known, {}, TODAY) == known

    if number[place] != digit:
        with pytest.raises(InvalidInputError):
            merged({}, {Fact.ID_NUMBER: number[:place] + digit + number[place + 1 :]}, TODAY)


def test_a_mask_shows_enough_to_know_it_again_and_leaves_kinds_alone():
    known = {Fact.ID_NUMBER: WOMAN, Fact.MOBILE: "13800138000", Fact.BANK_ACCOUNT: CARD, Fact.SEX: "female", Fact.BANK: "工商银行"}

    assert [masked(fact, text) for fact, text in known.items()] == [
        "110***********002X", "138****8000", "***************0128", "female", "工商银行"
    ]  # fmt: skip


def test_given_facts_when_stored_then_they_are_sealed_masked_in_the_trail_and_found_exactly(database):
    company = found_company(database)
    one = company.people["A1"]
    with database.writing() as uow:
        changed = staff.change_facts(uow, one, {Fact.ID_NUMBER: MAN, Fact.MOBILE: "13800138000", Fact.BANK_ACCOUNT: CARD}, TESTER, NOW)

    with database.writing() as uow:
        assert staff.find_by_fact(uow, Fact.MOBILE, "138 0013 8000", TESTER, NOW) == [one]
        assert staff.find_by_fact(uow, Fact.ID_NUMBER, MAN[:-1], TESTER, NOW) == []
        full = staff.look_at_facts(uow, one, [Fact.ID_NUMBER], TESTER, NOW)
    with database.reading() as uow:
        assert staff.masked_facts(uow, one)[Fact.ID_NUMBER] == "360***********0071"
        assert staff.birth_and_sex(uow, [one])[one] == BirthAndSex(date(1991, 1, 1), Sex.MALE, RetirementCategory.MALE_60)
        stored = b"".join(bytes(row.sealed) for row in uow.fetch_all(select(personal_fact)))
        rows = newest(uow, limit=4)
    trail = repr(rows)
    assert {Fact.ID_NUMBER, Fact.BIRTH_DATE, Fact.MOBILE} <= set(changed)
    assert full == {Fact.ID_NUMBER: MAN}
    assert [row.action for row in rows][:4] == ["personal-data.look", "identity.find", "identity.find", "identity.change"]
    for text in (MAN, "13800138000", CARD, "1991-01-01"):
        assert text.encode() not in stored
        assert text not in trail


def test_given_somebody_elses_number_when_entered_then_it_is_refused_and_a_taken_away_one_is_free_again(database):
    company = found_company(database)
    with database.writing() as uow:
        staff.change_facts(uow, company.people["A1"], {Fact.ID_NUMBER: MAN}, TESTER, NOW)
        with pytest.raises(InvalidInputError, match="another record"):
            staff.change_facts(uow, company.people["A2"], {Fact.ID_NUMBER: MAN}, TESTER, NOW)
        cleared = {Fact.ID_NUMBER: "", Fact.BIRTH_DATE: "", Fact.SEX: "", Fact.RETIREMENT_CATEGORY: ""}
        staff.change_facts(uow, company.people["A1"], cleared, TESTER, NOW)
        staff.change_facts(uow, company.people["A2"], {Fact.ID_NUMBER: MAN}, TESTER, NOW)

        assert staff.change_facts(uow, company.people["A2"], {Fact.ID_NUMBER: MAN}, TESTER, NOW) == ()
        assert uow.fetch_all(select(personal_fact).where(personal_fact.c.person_id == company.people["A1"])) == []
        assert staff.people_with_fact(uow, Fact.ID_NUMBER, [MAN, "nonsense"]) == {MAN: {company.people["A2"]}}


def test_given_a_mail_address_of_an_earlier_version_when_the_night_has_passed_then_its_person_is_found_by_it(database):
    company = found_company(database)
    one, other = company.people["A1"], company.people["A2"]
    with database.writing() as uow:
        for person in (one, other):
            staff.change_facts(uow, person, {Fact.MAIL: f"p{person}@example.cn"}, TESTER, NOW)
        uow.execute(personal_fact.update().where(personal_fact.c.field == Fact.MAIL.value).values(search=None))
        assert staff.person_with_mail(uow, f"p{one}@example.cn") is None

        assert staff.index_facts(uow, NOW) == 2

        assert staff.person_with_mail(uow, f" P{one}@Example.cn ".strip()) == one
        assert staff.index_facts(uow, NOW) == 0
