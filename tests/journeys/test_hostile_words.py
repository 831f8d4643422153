"""Words of terminals, edges, files and people that are no words: on every page of clock-in points, and in its exports, they do nothing."""

import csv
import io
import re
from datetime import UTC, datetime
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from server.access.model import Role
from server.wiring import build_pages
from tests.support.full_fleet import ADDRESSES, PASSWORD, found_full_fleet

EVIL = "=\"'><script>alert(1)</script>"
SAID = (
    "alarm_mute.reason", "alarm_rule.name", "area.name", "department.name", "dispatch_order.reason", "edge_finding.detail",
    "edge_finding.source", "edge_run.place", "order_part.detail", "person.name", "punch_file.name", "quarantine.note",
    "quarantine.terminal_user", "refused_message.detail", "refused_message.topic", "site.name", "terminal.name",
    "terminal_health.address", "terminal_health.last_error", "terminal_reading.reason", "webhook.name",
)  # fmt: skip
"""Columns that hold what others said."""


@pytest.fixture
def app(tmp_path):
    made = build_pages(found_full_fleet(tmp_path, datetime.now(UTC)))
    yield made
    made.state.database.close()


def test_given_scripts_and_formulas_in_place_of_words_then_they_are_shown_as_they_stand_and_begin_no_cell(app):
    with app.state.database.writing() as uow:
        for table, column in (one.split(".") for one in SAID):
            uow.execute(text(f"UPDATE {table} SET {column} = :evil || {column}"), {"evil": EVIL})
    client = TestClient(app, base_url="http://clockbridge.test", headers={"accept-language": "en", "sec-fetch-site": "same-origin"})
    client.post("/sign-in", data={"login": Role.ADMINISTRATOR.value, "password": PASSWORD})

    pages = {address: client.get(address) for address in ADDRESSES}
    exports = {unescape(link) for page in pages.values() for link in re.findall(r'href="(/[^"]+\.csv[^"]*)"', page.text)}
    cells = [cell for link in sorted(exports) for row in csv.reader(io.StringIO(client.get(link).text.lstrip("\ufeff"))) for cell in row]

    assert {address: page.status_code for address, page in pages.items() if page.status_code != 200} == {}
    assert [address for address, page in pages.items() if "<script>alert(1)" in page.text] == []
    assert sum("&lt;script&gt;alert(1)" in page.text for page in pages.values()) > 20, "they are there, and are text"
    assert [cell for cell in cells if cell.startswith(("=", "@"))] == []
    assert any(cell.startswith("'=") for cell in cells)
