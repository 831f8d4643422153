"""What is known of somebody as a citizen: numbers, ways to reach them, and where their pay goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Fact(StrEnum):
    """One thing that is known of a person; each is sealed by itself."""

    ID_KIND = "id_kind"
    ID_NUMBER = "id_number"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    RETIREMENT_CATEGORY = "retirement_category"
    MOBILE = "mobile"
    MAIL = "mail"
    ADDRESS = "address"
    BANK = "bank"
    BANK_HOLDER = "bank_holder"
    BANK_ACCOUNT = "bank_account"


PAY_FACTS = (Fact.BANK, Fact.BANK_HOLDER, Fact.BANK_ACCOUNT)
"""What needs the permission for pay."""
FOUND_BY = (Fact.ID_NUMBER, Fact.MOBILE, Fact.MAIL, Fact.BANK_ACCOUNT)
"""What people are found by, when it is given in full."""


class IdKind(StrEnum):
    """What the ID number stands on.

    RESIDENT: 居民身份证; RESIDENCE_PERMIT: 港澳台居民居住证, numbered in the same way; HOME_RETURN: 港澳居民来往内地通行证; TAIWAN_PASS:
    台湾居民来往大陆通行证; PERMANENT_RESIDENT: 外国人永久居留身份证.
    """

    RESIDENT = "resident"
    RESIDENCE_PERMIT = "residence-permit"
    HOME_RETURN = "home-return"
    TAIWAN_PASS = "taiwan-pass"  # noqa: S105 - a travel document, not a secret
    PASSPORT = "passport"
    PERMANENT_RESIDENT = "permanent-resident"


NUMBERED_ALIKE = frozenset({IdKind.RESIDENT, IdKind.RESIDENCE_PERMIT})
"""Kinds whose number has 18 places by GB 11643: birth date and sex are in it."""


class Sex(StrEnum):
    """As it stands on the ID; the law's retirement ages and some leave go by it."""

    MALE = "male"
    FEMALE = "female"


class RetirementCategory(StrEnum):
    """Which of the law's old ages is somebody's: 60, 55 (women in cadre positions) or 50 (women in worker positions)."""

    MALE_60 = "male"
    FEMALE_55 = "female55"
    FEMALE_50 = "female50"


Facts = Mapping[Fact, str]
"""What is known, in its one written form (dates as 2026-11-23, numbers without spaces); what is not known is not in it."""


@dataclass(frozen=True, slots=True)
class BirthAndSex:
    """What leave and retirement go by; None: not known."""

    birth_date: date | None = None
    sex: Sex | None = None
    category: RetirementCategory | None = None
