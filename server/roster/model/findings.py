"""Something wrong with what somebody entered."""

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """field: the input in a path such as `parts.0.end`. problem, remedy: English texts and at once keys of the translation, with `{names}`
    of the facts."""

    field: str
    problem: str
    remedy: str
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.field}: {self.problem.format(**self.facts)}; {self.remedy.format(**self.facts)}"
