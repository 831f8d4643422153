"""What a company sets for its staff records."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StaffSettings:
    """most_document_mb: the largest file that is taken as a document. The others: so many days before something ends it waits in a list."""

    most_document_mb: int = 20
    contract_days: int = 60
    probation_days: int = 15
    document_days: int = 30
    birthday_days: int = 14
    retirement_days: int = 180


SETTING_LIMITS: Mapping[str, tuple[int, int]] = {
    "most_document_mb": (1, 50),
    "contract_days": (30, 180),
    "probation_days": (3, 90),
    "document_days": (7, 180),
    "birthday_days": (0, 31),
    "retirement_days": (30, 730),
}
