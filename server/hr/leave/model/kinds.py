"""Kinds of leave as data: what each is, who may have it, how much of it, and what becomes of the rest."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from server.attendance.model.grants import LeaveKind
from server.directory.model import EmploymentKind


class Unit(StrEnum):
    """The least of it that can be asked for."""

    DAY = "day"
    HALF = "half"
    HOUR = "hour"


class Counting(StrEnum):
    """Which days of a leave count: those that would have been worked, or every day of the calendar."""

    WORK_DAYS = "work-days"
    CALENDAR_DAYS = "calendar-days"


class DayLength(StrEnum):
    """What a day off takes from the balance. STANDARD: the standard day, however long the shift is, because the law grants days; an hour
    takes its share of it. ROSTER: the minutes that were planned, because what was earned by the hour is given back by the hour."""

    STANDARD = "standard"
    ROSTER = "roster"


class Pay(StrEnum):
    """FUND: the maternity fund pays an allowance, the employer what is missing to the wage."""

    FULL = "full"
    PARTLY = "partly"
    FUND = "fund"
    NONE = "none"


class Basis(StrEnum):
    """Where an entitlement comes from. NOTHING: none is kept, it is asked for when it is needed. SERVICE: days a year by years of service.
    YEARLY: days a year. EARNED: overtime that is settled by time off."""

    NOTHING = "nothing"
    SERVICE = "service"
    YEARLY = "yearly"
    EARNED = "earned"


class Accrual(StrEnum):
    """When a year's days are granted. AT_ONCE: on 1 January. MONTHLY: a share on the first of each month. ANNIVERSARY: at once, on the day
    of the hire, with years that go from it."""

    AT_ONCE = "at-once"
    MONTHLY = "monthly"
    ANNIVERSARY = "anniversary"


class Rounding(StrEnum):
    """What is granted of a part: always down to it."""

    WHOLE_DAY = "whole-day"
    HALF_DAY = "half-day"
    MINUTE = "minute"


class Crossing(StrEnum):
    """The year in which somebody reaches more days. SPLIT: each figure for its part of the year. HIGHER: the higher one for all of it.
    NEXT_YEAR: the higher one from the year after."""

    SPLIT = "split"
    HIGHER = "higher"
    NEXT_YEAR = "next-year"


class LotEnd(StrEnum):
    """What becomes of days that are left when their time is over. PAY_OUT: at `pay_out_percent` of the daily wage. KEEP: they go on for one
    more year and are paid out then."""

    LAPSE = "lapse"
    PAY_OUT = "pay-out"
    KEEP = "keep"


class NotFor(StrEnum):
    """Why somebody cannot have a kind of leave."""

    SEX = "sex"
    EMPLOYMENT = "employment"
    TOO_YOUNG = "too-young"
    TOO_OLD = "too-old"
    SERVICE = "service"


class ServiceStep(Struct, frozen=True, kw_only=True):
    """From so many years of service on, so many days a year."""

    years: int
    days: int


class LostBySick(Struct, frozen=True, kw_only=True):
    """From so many years of service on, a year's days are lost by more than so many months of sick leave in it."""

    years: int
    months: int


class Occasion(Struct, frozen=True, kw_only=True):
    """What a leave may be taken for, and for how many days. adds: on top of another one, once for each."""

    code: str
    name_en: str
    name_zh: str
    days: int
    adds: bool = False


class Entitlement(Struct, frozen=True, kw_only=True):
    """How much there is a year, when it comes, and how it ends.

    days: of YEARLY. per_ground: so many for each ground that HR has noted, such as a child under three; without one there is nothing.
    after_months: of service in a row before the first of it. prorated: a part of a year gives days of it / `year_days`.
    carry_days: most days that go on into the next year (None: all); carry_months: how long, in whole months. valid_months: of EARNED.
    overdraft_days: how far below nothing a balance may go. pay_out_percent: of the daily wage, of which `paid_percent` was paid with wages.
    lost_by_personal_days: so many days of personal leave with pay in a year lose its days.
    """

    basis: Basis
    steps: tuple[ServiceStep, ...] = ()
    days: int = 0
    per_ground: bool = False
    after_months: int = 0
    accrual: Accrual = Accrual.AT_ONCE
    prorated: bool = True
    year_days: int = 365
    rounding: Rounding = Rounding.WHOLE_DAY
    crossing: Crossing = Crossing.SPLIT
    carry_days: int | None = 0
    carry_months: int = 0
    at_end: LotEnd = LotEnd.LAPSE
    valid_months: int = 12
    overdraft_days: int = 0
    pay_out_percent: int = 100
    paid_percent: int = 0
    lost_by_sick: tuple[LostBySick, ...] = ()
    lost_by_personal_days: int | None = None


class LeaveTerms(Struct, frozen=True, kw_only=True):
    """What a kind of leave is from one date on; the version that is edited.

    certificate_from_days: a leave of so many days needs one (1: always; None: never). sex: "female" or "male" where it is for one only.
    employment_kinds: whom it is for, nothing: everybody. least_age, most_age: in whole years, both included. least_service_months: of
    proved service in all. provincial: the figures are a province's, and HR has to set them.
    """

    name_en: str
    name_zh: str
    kind: LeaveKind
    source: str
    unit: Unit = Unit.DAY
    counting: Counting = Counting.WORK_DAYS
    day_length: DayLength = DayLength.STANDARD
    standard_day_minutes: int = 480
    pay: Pay = Pay.FULL
    certificate_from_days: int | None = None
    sex: str | None = None
    employment_kinds: tuple[EmploymentKind, ...] = ()
    least_age: int | None = None
    most_age: int | None = None
    least_service_months: int = 0
    occasions: tuple[Occasion, ...] = ()
    provincial: bool = False
    entitlement: Entitlement = Entitlement(basis=Basis.NOTHING)


@dataclass(frozen=True, slots=True)
class LeaveType:
    """A kind of leave with what holds of it on a day."""

    id: int
    code: str
    archived: bool
    version_id: int
    first_day: date
    terms: LeaveTerms

    @property
    def kind(self) -> LeaveKind:
        """What attendance knows it as."""
        return self.terms.kind

    @property
    def unit(self) -> Unit:
        return self.terms.unit

    @property
    def limited(self) -> bool:
        """Whether there is a balance, beyond which nothing can be taken."""
        return self.terms.entitlement.basis is not Basis.NOTHING

    @property
    def longest_days(self) -> int | None:
        """Most days of one leave, with one of everything that adds to it; None where no occasion limits it."""
        whole = [one.days for one in self.terms.occasions if not one.adds]
        return max(whole) + sum(one.days for one in self.terms.occasions if one.adds) if whole else None

    def name(self, language: str) -> str:
        """language: as the pages know it, such as zh_CN."""
        return self.terms.name_zh if language.startswith("zh") else self.terms.name_en

    def needs_certificate(self, days: float) -> bool:
        """Whether a leave of so many days needs one."""
        least = self.terms.certificate_from_days
        return least is not None and days >= least


@dataclass(frozen=True, slots=True)
class TypeVersion:
    """What a kind of leave is from `first_day` to the next version. withdrawn: it was a mistake, and holds for no day."""

    id: int
    type_id: int
    first_day: date
    terms: LeaveTerms
    author: str
    reason: str
    at: datetime
    withdrawn: bool
