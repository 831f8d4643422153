"""The worked table of docs/explanation/approvals.md comes out as it is printed, and the reference names what there is."""

import re
from pathlib import Path

import pytest

from server.hr.approvals.engine.resolving import Chart, resolve
from server.hr.approvals.model import KINDS, Agreement, Comparison, Flow, On, Step, TimeUp, Unit, Who

DOCS = Path(__file__).parents[4] / "docs"
PEOPLE = dict(zip("WLHGABX", range(1, 8), strict=True))
NAMES = {key: name for name, key in PEOPLE.items()}
W, L, H, G, A, B, X = PEOPLE.values()
CHARTS = {
    "W": ((L, H, G), (L, H, None)),
    "L": ((H, G), (L, H, None)),
    "G": ((), (None,)),
    "A": ((G,), (None,)),
}
EMPLOYED = frozenset(PEOPLE.values()) - {X}


def rows() -> list[list[str]]:
    text = (DOCS / "explanation" / "approvals.md").read_text(encoding="utf-8")
    table = text[text.index("| Who asks |") :].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def step_of(text: str) -> Step:
    """ "manager 2", "department-head 0", "all of role hr", "people X"; what stands behind a comma is not the step's."""
    named = text.partition(",")[0]
    who, _, more = named.removeprefix("all of ").partition(" ")
    agreement = Agreement.ALL if named.startswith("all of ") else Agreement.ONE
    people = (PEOPLE[more],) if more in PEOPLE else ()
    return Step(Who(who), nth=int(more) if more.isdecimal() else 1, role=more, people=people, agreement=agreement)


@pytest.mark.parametrize(("who", "step", "agreed", "asks"), rows())
def test_given_a_row_of_the_table_then_it_comes_out_so(who, step, agreed, asks):
    managers, heads = ((), ()) if "nobody above" in step else CHARTS[who]
    chart = Chart(PEOPLE[who], managers, heads, {"hr": (A, B)}, EMPLOYED)
    deputies = tuple(PEOPLE[one] for one in re.findall(r"deputy (\w)", step))

    found = resolve(step_of(step), Flow((), deputies), chart, {PEOPLE[agreed]} if agreed in PEOPLE else ())

    assert (", ".join(f"{NAMES[one.person_id]}: {one.why.value}" for one in found.asked) or "passed over") == asks


def test_the_table_is_there():
    assert len(rows()) == 16


def test_the_reference_names_every_kind_condition_comparison_and_choice():
    text = (DOCS / "reference" / "approval-flows.md").read_text(encoding="utf-8")

    named = set(re.findall(r"`([\w-]+)`", text))

    assert {*KINDS, *(one.value for kind in (On, Comparison, Who, Unit, TimeUp) for one in kind)} - named == set()
