"""Personal facts as people type them, brought into their one written form and held against each other.

A resident's number (GB 11643) is place, birth date, order and a check digit; the 17th digit is odd for men. Only the province is looked
at of the place: numbers are given by the counties of the day of issue, and those have come and gone since.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date

from stdnum import luhn
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from server.errors import InvalidInputError
from server.hr.staff.model import NUMBERED_ALIKE, Fact, Facts, IdKind, RetirementCategory, Sex

PROVINCES = frozenset("11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split())
SHAPES = {
    IdKind.HOME_RETURN: re.compile(r"[HM]\d{8}(\d{2})?"),
    IdKind.TAIWAN_PASS: re.compile(r"\d{8}|[A-Z]\d{10}"),
    IdKind.PASSPORT: re.compile(r"[A-Z0-9]{5,20}"),
    IdKind.PERMANENT_RESIDENT: re.compile(r"[A-Z]{3}\d{12}|9\d{16}[\dX]"),
}
MOBILE = re.compile(r"1[3-9]\d{9}")
ABROAD = re.compile(r"\+[1-9]\d{6,14}")
MAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
ACCOUNT = re.compile(r"[0-9A-Z]{5,34}")
UNION_PAY = re.compile(r"62\d{14,17}")
LONGEST = {Fact.ADDRESS: 300, Fact.BANK: 100, Fact.BANK_HOLDER: 100, Fact.MAIL: 254}
FIRST_BIRTH = date(1900, 1, 1)
YOUNGEST = 16
"""Labour Law, article 15: nobody below this age may be hired."""


def written(fact: Fact, text: str) -> str:
    """One fact in its written form, "" for none; an ID number is checked with its kind in `merged`. Raises InvalidInputError."""
    text = text.strip()
    return _FORMS[fact](fact, text) if text else ""


def merged(held: Facts, changes: Mapping[Fact, str], today: date) -> dict[Fact, str]:
    """All that is known once these changes are in; "" takes a fact away. Birth date and sex are taken from a resident's number.

    Raises InvalidInputError for what cannot be, and for what contradicts.
    """
    new = {fact: text for fact, text in (dict(held) | {fact: written(fact, text) for fact, text in changes.items()}).items() if text}
    if number := new.get(Fact.ID_NUMBER):
        kind = IdKind(new.setdefault(Fact.ID_KIND, IdKind.RESIDENT.value))
        new[Fact.ID_NUMBER] = checked_number(kind, number)
        if kind in NUMBERED_ALIKE:
            _agree(new, Fact.BIRTH_DATE, birth_in(number).isoformat())
            _agree(new, Fact.SEX, sex_in(number).value)
    else:
        new.pop(Fact.ID_KIND, None)
    _check_birth(new.get(Fact.BIRTH_DATE), today)
    _fit_category(new)
    return new


def checked_number(kind: IdKind, number: str) -> str:
    """An ID number of a kind, which is what it should be. Raises InvalidInputError."""
    if kind not in NUMBERED_ALIKE:
        if not SHAPES[kind].fullmatch(number):
            raise InvalidInputError(field="id_number", reason="this is no number of such a document; look at the document again")
        return number
    if not re.fullmatch(r"\d{17}[\dX]", number):
        raise InvalidInputError(field="id_number", reason="an ID number has 18 places: 17 digits, and a digit or X at the end")
    if ric.calc_check_digit(number) != number[-1]:
        raise InvalidInputError(field="id_number", reason="the check digit at the end is wrong: a place is mistyped, or two are swapped")
    birth_in(number)
    if number[:2] not in PROVINCES:
        raise InvalidInputError(field="id_number", reason="no province has the number {code} at the beginning", code=number[:2])
    return number


def birth_in(number: str) -> date:
    """The birth date in a resident's number. Raises InvalidInputError."""
    try:
        return ric.get_birth_date(number)
    except ValidationError as error:
        told = "there is no such birth date as its places 7 to 14 say"
        raise InvalidInputError(field="id_number", reason=told) from error


def sex_in(number: str) -> Sex:
    """The sex in a resident's number."""
    return Sex.MALE if int(number[16]) % 2 else Sex.FEMALE


def _agree(new: dict[Fact, str], fact: Fact, says: str) -> None:
    """A fact that the ID number tells is as it says, or is filled in."""
    if new.setdefault(fact, says) == says:
        return
    if fact is Fact.BIRTH_DATE:
        raise InvalidInputError(field="birth_date", reason="the ID number says {day}: one of the two is wrong", day=says)
    raise InvalidInputError(field="sex", reason="the ID number says otherwise: one of the two is wrong")


def _check_birth(text: str | None, today: date) -> None:
    if text is None:
        return
    born = date.fromisoformat(text)
    if born < FIRST_BIRTH or (today.year - born.year, today.month, today.day) < (YOUNGEST, born.month, born.day):
        reason = "nobody below {age} years may be employed; look at the date again"
        raise InvalidInputError(field="birth_date", reason=reason, age=YOUNGEST)


def _fit_category(new: dict[Fact, str]) -> None:
    """For men there is one category; a woman's is for HR to say, and must be a woman's."""
    male, category = new.get(Fact.SEX) == Sex.MALE, new.get(Fact.RETIREMENT_CATEGORY)
    if category is None:
        if male:
            new[Fact.RETIREMENT_CATEGORY] = RetirementCategory.MALE_60.value
    elif Fact.SEX in new and male != (category == RetirementCategory.MALE_60):
        raise InvalidInputError(field="retirement_category", reason="this category belongs to the other sex")


def _compact(_fact: Fact, text: str) -> str:
    return re.sub(r"[\s\-–—·]", "", _narrow(text)).upper()


def _mobile(fact: Fact, text: str) -> str:
    number = re.sub(r"[()（）]", "", _compact(fact, text))
    number = re.sub(r"^(\+86|0086)", "", number)
    if not (MOBILE.fullmatch(number) or ABROAD.fullmatch(number)):
        raise InvalidInputError(field=fact, reason="give 11 digits that begin with 13 to 19, or a number abroad with + and its country")
    return number


def _mail(fact: Fact, text: str) -> str:
    address = _short(fact, _narrow(text)).casefold()
    if not MAIL.fullmatch(address):
        raise InvalidInputError(field=fact, reason="give an address such as name@example.com")
    return address


def _account(fact: Fact, text: str) -> str:
    number = _compact(fact, text)
    if not ACCOUNT.fullmatch(number):
        raise InvalidInputError(field=fact, reason="an account number has 5 to 34 digits or letters")
    if UNION_PAY.fullmatch(number) and not luhn.is_valid(number):
        raise InvalidInputError(field=fact, reason="the check digit of this card is wrong: a place is mistyped, or two are swapped")
    return number


def _day(fact: Fact, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise InvalidInputError(field=fact, reason="give a date such as 2026-11-23") from error


def _short(fact: Fact, text: str) -> str:
    if len(text) > LONGEST[fact]:
        raise InvalidInputError(field=fact, reason="use at most {most} characters", most=LONGEST[fact])
    return " ".join(text.split())


def _one_of(kind: type[IdKind | Sex | RetirementCategory]) -> Callable[[Fact, str], str]:
    def chosen(fact: Fact, text: str) -> str:
        if text not in list(kind):
            raise InvalidInputError(field=fact, reason="choose one that the list offers")
        return text

    return chosen


def _narrow(text: str) -> str:
    """Full-width letters and digits, as Chinese keyboards make them, in plain ones."""
    return "".join(chr(ord(one) - 0xFEE0) if "！" <= one <= "～" else one for one in text)


_FORMS: Mapping[Fact, Callable[[Fact, str], str]] = {
    Fact.ID_KIND: _one_of(IdKind),
    Fact.ID_NUMBER: _compact,
    Fact.BIRTH_DATE: _day,
    Fact.SEX: _one_of(Sex),
    Fact.RETIREMENT_CATEGORY: _one_of(RetirementCategory),
    Fact.MOBILE: _mobile,
    Fact.MAIL: _mail,
    Fact.ADDRESS: _short,
    Fact.BANK: _short,
    Fact.BANK_HOLDER: _short,
    Fact.BANK_ACCOUNT: _account,
}
