"""The pictures that the front pages show are there and light enough to be loaded on a poor line."""

import re
from pathlib import Path

import pytest

LIGHT = 300_000


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_pictures_of_a_front_page_are_there_and_light(page):
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", Path(page).read_text(encoding="utf-8"))

    assert shown
    assert all(0 < Path(one).stat().st_size < LIGHT for one in shown)
