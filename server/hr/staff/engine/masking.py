"""What of a personal fact may be shown to somebody who may not see it in full; access says which facts those are."""

from server.access.model.fields import FIELD_RULES, mask
from server.hr.staff.model import Fact

HIDDEN = "***"


def masked(fact: Fact, text: str) -> str:
    """`110***********002X`, `138****5678`; kinds, categories and names of banks stay as they are."""
    return mask(fact.value, text) if fact.value in FIELD_RULES else text


def in_trail(fact: Fact, text: str) -> str:
    """What the trail may keep of a fact for good: nothing in the clear."""
    return masked(fact, text) if fact.value in FIELD_RULES else HIDDEN
