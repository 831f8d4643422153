"""Which templates to bring to a terminal, and which to tell the server of. Pure.

Somebody may have been enrolled at the terminal since it was looked at last: such a template is told and not overwritten. What is as it
was brought or told last, and wanted otherwise, is older than what the server has, and is overwritten.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from edge.downlink.users.reasons import OTHER_ALGORITHM
from protocol.wanted import Kind, Template


@dataclass(frozen=True, slots=True)
class Plan:
    """For one user. bring: to write. tell: to send to the server. remark: why something wanted is not brought, empty for nothing."""

    bring: list[Template] = field(default_factory=list)
    tell: list[Template] = field(default_factory=list)
    remark: str = ""


def name_of(template: Template) -> str:
    """How it stands in reports: "finger-6", "face"."""
    return f"{template.kind}-{template.place}" if template.kind is Kind.FINGER else str(template.kind)


def names_of(templates: Iterable[Template]) -> tuple[str, ...]:
    """The same of several."""
    return tuple(name_of(one) for one in templates)


def plan(wanted: Iterable[Template], there: Iterable[Template], known: Mapping[str, bytes], takes: Mapping[Kind, str]) -> Plan:
    """wanted: by the server. there: on the terminal now. known: digests of what was brought or told last. takes: algorithm of each kind
    that can be written there.
    """
    held = {name_of(one): one for one in there}
    fresh = {name for name, one in held.items() if known.get(name) != sha256(one.data).digest()}
    fitting = {name_of(one): one for one in wanted if takes.get(one.kind) == one.algorithm}
    left_out = sorted({_why_not(one, takes) for one in wanted if name_of(one) not in fitting} - {""})
    same = {name for name, one in fitting.items() if name in held and held[name].data == one.data}
    bring = [one for name, one in fitting.items() if name not in same and name not in fresh]
    tell = [held[name] for name in sorted(fresh - same)]
    return Plan(bring, tell, "; ".join(left_out))


def _why_not(template: Template, takes: Mapping[Kind, str]) -> str:
    if template.kind not in takes:
        return f"{template.kind} templates cannot be brought to this terminal"
    return OTHER_ALGORITHM
