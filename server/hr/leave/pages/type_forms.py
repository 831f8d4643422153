"""The form of a kind of leave: its fields as texts, and read from them again."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from server.attendance.model.grants import LeaveKind
from server.directory.model import EmploymentKind
from server.errors import InvalidInputError
from server.hr.leave.model import (
    Accrual,
    Basis,
    Counting,
    Crossing,
    DayLength,
    Entitlement,
    LeaveTerms,
    LostBySick,
    LotEnd,
    Occasion,
    Pay,
    Rounding,
    ServiceStep,
    Unit,
)
from server.web.asking import whole

STEPS, OCCASIONS = 5, 8
"""Rows that the form has."""
Choice = TypeVar("Choice", bound=StrEnum)
Typed = Mapping[str, str]


def fields_of(terms: LeaveTerms) -> dict[str, str]:
    """Every field as the form shows it."""
    one = terms.entitlement
    fields = {
        "name_en": terms.name_en, "name_zh": terms.name_zh, "leave_kind": terms.kind, "source": terms.source, "unit": terms.unit,
        "counting": terms.counting, "day_length": terms.day_length, "standard_day_minutes": str(terms.standard_day_minutes),
        "pay": terms.pay, "certificate_from_days": _text(terms.certificate_from_days), "sex": terms.sex or "",
        "least_age": _text(terms.least_age), "most_age": _text(terms.most_age),
        "least_service_months": str(terms.least_service_months),
        "provincial": "1" if terms.provincial else "", "basis": one.basis, "days": str(one.days),
        "per_ground": "1" if one.per_ground else "",
        "after_months": str(one.after_months), "accrual": one.accrual, "prorated": "1" if one.prorated else "",
        "year_days": str(one.year_days), "rounding": one.rounding, "crossing": one.crossing, "carry_days": _text(one.carry_days),
        "carry_months": str(one.carry_months), "at_end": one.at_end, "valid_months": str(one.valid_months),
        "overdraft_days": str(one.overdraft_days), "pay_out_percent": str(one.pay_out_percent), "paid_percent": str(one.paid_percent),
        "lost_by_personal_days": _text(one.lost_by_personal_days),
    }  # fmt: skip
    fields |= {f"employment.{kind.value}": "1" for kind in terms.employment_kinds}
    for number, step in enumerate(one.steps[:STEPS]):
        lost = next((sick.months for sick in one.lost_by_sick if sick.years == step.years), None)
        fields |= {f"step.{number}.years": str(step.years), f"step.{number}.days": str(step.days), f"step.{number}.sick": _text(lost)}
    for number, each in enumerate(terms.occasions[:OCCASIONS]):
        row = f"occasion.{number}"
        fields |= {f"{row}.code": each.code, f"{row}.name_en": each.name_en, f"{row}.name_zh": each.name_zh}
        fields |= {f"{row}.days": str(each.days), f"{row}.adds": "1" if each.adds else ""}
    return {name: str(value) for name, value in fields.items()}


def read_terms(typed: Typed) -> LeaveTerms:
    """The terms that were typed; raises InvalidInputError for a field that cannot be read."""
    sex = typed.get("sex", "")
    if sex not in {"", "female", "male"}:
        raise InvalidInputError(field="sex", reason="choose one that the list offers")
    return LeaveTerms(
        name_en=typed.get("name_en", "").strip(),
        name_zh=typed.get("name_zh", "").strip(),
        kind=_choice(typed, "leave_kind", LeaveKind),
        source=typed.get("source", "").strip(),
        unit=_choice(typed, "unit", Unit),
        counting=_choice(typed, "counting", Counting),
        day_length=_choice(typed, "day_length", DayLength),
        standard_day_minutes=_number(typed, "standard_day_minutes"),
        pay=_choice(typed, "pay", Pay),
        certificate_from_days=_maybe(typed, "certificate_from_days"),
        sex=sex or None,
        employment_kinds=tuple(kind for kind in EmploymentKind if typed.get(f"employment.{kind.value}")),
        least_age=_maybe(typed, "least_age"),
        most_age=_maybe(typed, "most_age"),
        least_service_months=_number(typed, "least_service_months"),
        occasions=tuple(_occasions(typed)),
        provincial=bool(typed.get("provincial")),
        entitlement=_entitlement(typed),
    )


def _entitlement(typed: Typed) -> Entitlement:
    rows = [number for number in range(STEPS) if typed.get(f"step.{number}.years")]
    steps = tuple(ServiceStep(years=_number(typed, f"step.{row}.years"), days=_number(typed, f"step.{row}.days")) for row in rows)
    lost = tuple(
        LostBySick(years=_number(typed, f"step.{row}.years"), months=_number(typed, f"step.{row}.sick"))
        for row in rows
        if typed.get(f"step.{row}.sick")
    )
    return Entitlement(
        basis=_choice(typed, "basis", Basis),
        steps=steps,
        days=_number(typed, "days"),
        per_ground=bool(typed.get("per_ground")),
        after_months=_number(typed, "after_months"),
        accrual=_choice(typed, "accrual", Accrual),
        prorated=bool(typed.get("prorated")),
        year_days=_number(typed, "year_days"),
        rounding=_choice(typed, "rounding", Rounding),
        crossing=_choice(typed, "crossing", Crossing),
        carry_days=_maybe(typed, "carry_days"),
        carry_months=_number(typed, "carry_months"),
        at_end=_choice(typed, "at_end", LotEnd),
        valid_months=_number(typed, "valid_months"),
        overdraft_days=_number(typed, "overdraft_days"),
        pay_out_percent=_number(typed, "pay_out_percent"),
        paid_percent=_number(typed, "paid_percent"),
        lost_by_sick=lost,
        lost_by_personal_days=_maybe(typed, "lost_by_personal_days"),
    )


def _occasions(typed: Typed) -> list[Occasion]:
    found = []
    for row in (f"occasion.{number}" for number in range(OCCASIONS)):
        names = {name: typed.get(f"{row}.{name}", "").strip() for name in ("code", "name_en", "name_zh")}
        if any(names.values()):
            if not all(names.values()):
                raise InvalidInputError(field="occasions", reason="name each occasion by a code, in Chinese and in English")
            found.append(Occasion(**names, days=_number(typed, f"{row}.days", "occasions"), adds=bool(typed.get(f"{row}.adds"))))
    return found


def _choice(typed: Typed, field: str, kind: type[Choice]) -> Choice:
    try:
        return kind(typed.get(field, ""))
    except ValueError:
        raise InvalidInputError(field=field, reason="choose one that the list offers") from None


def _number(typed: Typed, name: str, field: str = "") -> int:
    field = field or ("steps" if name.startswith("step.") else name)
    found = whole(typed.get(name, "").strip(), field)
    if found is None or found > 100_000:
        raise InvalidInputError(field=field, reason="give a whole number")
    return found


def _maybe(typed: Typed, field: str) -> int | None:
    return _number(typed, field) if typed.get(field, "").strip() else None


def _text(value: int | None) -> str:
    return "" if value is None else str(value)
