"""HR's own fields: what each kind takes, and that values lie sealed."""

import pytest
from sqlalchemy import select

from server.audit.store import newest
from server.errors import InvalidInputError, NotFoundError
from server.hr.staff import actions as staff
from server.hr.staff.engine.own_fields import checked_choices, checked_value
from server.hr.staff.model import DocumentAccess, FieldKind, OwnField
from server.hr.staff.tables import emergency_contact, own_field_value
from tests.support.company import NOW, TESTER, found_company


def field(kind: FieldKind, *choices: str) -> OwnField:
    return OwnField(1, "Size", kind, choices, needed=False, access=DocumentAccess.HR, place=1, archived=False)


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (FieldKind.TEXT, " <b>O</b> ", "<b>O</b>"),
        (FieldKind.NUMBER, "1,200.50", "1200.50"),
        (FieldKind.NUMBER, "-3", "-3"),
        (FieldKind.DATE, "2026-11-23", "2026-11-23"),
        (FieldKind.CHOICE, "M", "M"),
        (FieldKind.YES_NO, "yes", "yes"),
        (FieldKind.DATE, "  ", ""),
    ],
)
def test_given_a_value_of_its_kind_then_it_is_taken_in_one_form(kind, typed, value):
    assert checked_value(field(kind, "S", "M"), typed) == value


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (FieldKind.TEXT, "x" * 501),
        (FieldKind.NUMBER, "twelve"),
        (FieldKind.NUMBER, "1e400"),
        (FieldKind.NUMBER, "NaN"),
        (FieldKind.DATE, "23.11.2026"),
        (FieldKind.CHOICE, "XXL"),
        (FieldKind.YES_NO, "perhaps"),
    ],
)
def test_given_another_value_then_the_field_is_named(kind, typed):
    with pytest.raises(InvalidInputError) as refused:
        checked_value(field(kind, "S", "M"), typed)

    assert refused.value.facts["field"] == "Size"


def test_choices_are_one_a_line_and_none_twice():
    assert checked_choices(FieldKind.CHOICE, "S\n M \n\nS\n") == ("S", "M")
    assert checked_choices(FieldKind.TEXT, "S\nM") == ()
    with pytest.raises(InvalidInputError):
        checked_choices(FieldKind.CHOICE, "S")


def test_given_fields_when_filled_in_then_values_are_sealed_and_the_trail_has_names_only(database):
    one = found_company(database).people["A1"]
    with database.writing() as uow:
        access = {"needed": True, "access": DocumentAccess.RESTRICTED, "by": TESTER, "now": NOW}
        blood = staff.add_own_field(uow, "Blood group", FieldKind.CHOICE, "A\nB\nO", **access)
        mentor = staff.add_own_field(uow, "Mentor", FieldKind.PERSON, "", **access)
        hobby = staff.add_own_field(uow, "Hobby", FieldKind.TEXT, "", **access)
        with pytest.raises(InvalidInputError, match="such a field"):
            staff.add_own_field(uow, "blood GROUP", FieldKind.TEXT, "", **access)
        with pytest.raises(InvalidInputError, match="nobody with the employee number A99"):
            staff.change_own_values(uow, one, {mentor.id: "A99"}, TESTER, NOW)
        with pytest.raises(NotFoundError):
            staff.change_own_values(uow, one, {999: "x"}, TESTER, NOW)
        values = {blood.id: "O", mentor.id: "A2", hobby.id: "playing chess"}
        assert staff.change_own_values(uow, one, values, TESTER, NOW)
        assert not staff.change_own_values(uow, one, {blood.id: "O"}, TESTER, NOW)
        assert staff.own_values(uow, one) == values
        assert all(b"chess" not in bytes(row.sealed) for row in uow.fetch_all(select(own_field_value)))
        assert newest(uow, limit=1)[0].after == {"filled": ["Blood group", "Mentor", "Hobby"]}
        staff.change_own_values(uow, one, {mentor.id: ""}, TESTER, NOW)
        assert staff.own_values(uow, one) == {blood.id: "O", hobby.id: "playing chess"}


def test_given_a_field_when_archived_then_it_takes_nothing_more_and_keeps_what_it_has(database):
    one = found_company(database).people["A1"]
    with database.writing() as uow:
        made = staff.add_own_field(uow, "Size", FieldKind.TEXT, "", needed=False, access=DocumentAccess.HR, by=TESTER, now=NOW)
        staff.change_own_values(uow, one, {made.id: "M"}, TESTER, NOW)
        staff.change_own_field(
            uow, made.id, "Shirt", "", needed=True, access=DocumentAccess.SELF, place=3, archived=True, by=TESTER, now=NOW
        )

        assert [(each.name, each.archived, each.place) for each in staff.own_fields(uow)] == [("Shirt", True, 3)]
        assert staff.own_values(uow, one) == {made.id: "M"}
        with pytest.raises(NotFoundError):
            staff.change_own_values(uow, one, {made.id: "L"}, TESTER, NOW)


def test_contacts_are_sealed_added_and_taken_away(database):
    company = found_company(database)
    one, other = company.people["A1"], company.people["A2"]
    with database.writing() as uow:
        staff.add_contact(uow, one, "王芳", "配偶", "138 0013 8000", TESTER, NOW)
        with pytest.raises(InvalidInputError, match="number to call"):
            staff.add_contact(uow, one, "王芳", "", " ", TESTER, NOW)
        (made,) = staff.contacts_of(uow, one)
        assert (made.name, made.relation, made.mobile) == ("王芳", "配偶", "13800138000")
        assert b"13800138000" not in bytes(uow.scalar(select(emergency_contact.c.sealed)))
        with pytest.raises(NotFoundError):
            staff.remove_contact(uow, other, made.id, TESTER, NOW)
        staff.remove_contact(uow, one, made.id, TESTER, NOW)
        assert staff.contacts_of(uow, one) == []
