"""What waits for a reader stands on the first page, and leads to where it is done."""

import re
from datetime import UTC, datetime

import pytest

from server.access.model import Permission, Role
from server.attendance import pages as attendance
from server.ingest import pages
from tests.support.pages import browse
from tests.support.sending import SendingEdge, row


@pytest.fixture
def waits(database):
    """(where it leads, what it says) for a reader, as the board shows it and as it asks again."""

    def shown(who=Role.ADMINISTRATOR, language="en"):
        browser = browse(database, (attendance.router, pages.router), who)
        board, again = browser.get("/board", language).text, browser.get("/board/waiting", language).text
        part = board.split('<nav id="waiting"')[1].split("</nav>")[0]
        found = [re.findall(r'<a class="cb-state cb-(\w+)" href="([^"]+)">([^<]+)</a>', text) for text in (part, again)]
        assert found[0] == found[1]
        assert bool(found[0]) != ("cb-ok" in again)
        return found[0]

    return shown


def test_nothing_at_first(database, waits):
    assert waits() == []


def test_alarms_and_rows_in_quarantine_the_gravest_first(database, company, waits):
    edge = SendingEdge(database, now=datetime.now(UTC))
    edge.send(row("1", number=1), row("8", number=2), row("9", number=3))

    assert waits() == [("attention", "/alarms", "Alarms: 1"), ("quarantine", "/quarantine", "Rows in quarantine: 2")]
    assert [words for _, _, words in waits(language="zh")] == ["告警：1", "隔离记录：2"]


def test_only_what_the_reader_may_see(database, company, waits):
    edge = SendingEdge(database, now=datetime.now(UTC))
    edge.send(row("9", number=1))

    assert waits([Permission.SEE_PUNCHES]) == []
    assert [href for _, href, _ in waits([Permission.SEE_PUNCHES, Permission.SEE_QUARANTINE])] == ["/quarantine"]
    assert [href for _, href, _ in waits([Permission.SEE_PUNCHES, Permission.SEE_FLEET])] == ["/alarms"]
