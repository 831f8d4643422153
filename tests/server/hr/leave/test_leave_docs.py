"""The pages about leave say what the program does: worked tables are worked out again, the kinds are those that are delivered."""

import json
import re
from datetime import date
from pathlib import Path

import msgspec
import pytest

from server.hr.leave.engine.describing import SENTENCES as RULES, tell_terms
from server.hr.leave.engine.entitling import Stint, share_by_service
from server.hr.leave.engine.telling import KINDS, SENTENCES
from server.hr.leave.model import LeaveTerms
from server.web.language import chinese, translator

DATA = Path("server/hr/leave/data/china-2026-11.json")
EXPLANATION = Path("docs/explanation/leave-balances.md")
PAGE = Path("docs/reference/leave-types.md")
HEAD = """# Kinds of leave

What a new installation begins with (`server/hr/leave/data/china-2026-11.json`). HR changes each from a date on; the versions stay.
**P**: the figures are a province's or the company's, common ones are entered, and HR has to set them.
How days are counted: [how a balance comes about](../explanation/leave-balances.md).

"""


def kinds() -> dict[str, tuple[str, LeaveTerms]]:
    types = json.loads(DATA.read_text(encoding="utf-8"))["types"]
    return {one["code"]: (one["first_day"], msgspec.convert(one["terms"], LeaveTerms)) for one in types}


def table() -> str:
    """The kinds as the page lists them."""
    tell = translator("en")
    parts = []
    for code, (first_day, terms) in kinds().items():
        mark = " **P**" if terms.provincial else ""
        rules = " ".join(tell_terms(terms, tell))
        occasions = ", ".join(f"{one.name_en} {'+' if one.adds else ''}{one.days}" for one in terms.occasions)
        parts.append(f"## {terms.name_en} ({terms.name_zh}, `{code}`){mark}\n\n{rules}")
        if occasions:
            parts.append(f"Days: {occasions}.")
        parts.append(f"From {first_day} on. Source: {terms.source}.")
    return "\n\n".join(parts)


def rows_of(page: Path) -> list[list[str]]:
    """The rows of the table that begins with hire dates."""
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if re.match(r"\| \d{4}-", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("row", rows_of(EXPLANATION), ids=lambda row: row[5])
def test_worked_years_of_annual_leave_come_out_as_the_page_says(row):
    hired, service, left, year, days, _ = row
    _, terms = kinds()["annual"]
    stint = Stint(date.fromisoformat(hired), None if left == "–" else date.fromisoformat(left))

    share = share_by_service(terms, date.fromisoformat(service), stint, (date(int(year), 1, 1), date(int(year), 12, 31)))

    assert (share.minutes if share else 0) == int(days) * terms.standard_day_minutes


def test_the_kinds_that_are_delivered_are_those_of_the_reference():
    assert PAGE.read_text(encoding="utf-8") == HEAD + table() + "\n"


def test_every_sentence_of_a_movement_and_every_source_has_its_chinese():
    sentences = {*SENTENCES.values(), *KINDS.values(), *RULES, *(terms.source for _, terms in kinds().values())}

    assert sentences - chinese().keys() == set()
