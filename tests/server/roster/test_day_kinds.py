"""The worked table of docs/explanation/day-kinds.md, row by row."""

import re
from datetime import date
from pathlib import Path

import pytest

from server.roster.engine.calendars import kind_for
from server.roster.model import CalendarKind

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "day-kinds.md"
ROWS = re.findall(r"^\| (\d{4}-\d\d-\d\d) \| (\S+) \| (.+?) \| (\S+) \| (\S+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("day", "calendar", "pattern", "rostered", "expected"), ROWS)
def test_a_row_of_the_explanation_is_what_the_code_says(day, calendar, pattern, rostered, expected):
    kind = None if calendar == "–" else CalendarKind(calendar)

    found = kind_for(date.fromisoformat(day), kind, follows=pattern == "follows", rostered=pattern != "none", works=rostered == "shift")

    assert found.value == expected


def test_the_page_has_its_table():
    assert len(ROWS) == 19
