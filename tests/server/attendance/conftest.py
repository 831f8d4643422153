"""A company with its pages at a known moment: 09:05 in Shanghai on 23 November 2026."""

from datetime import date, timedelta

import pytest

from server.access.model import Role
from server.attendance import pages, routes
from server.attendance.actions import record_punches
from server.attendance.pages import absent, asked, board
from tests.support.company import NOW, new_punch
from tests.support.pages import browse

ROUTERS = (pages.router, routes.router)
MOMENT = NOW + timedelta(minutes=5)
DAY = date(2026, 11, 23)


@pytest.fixture
def at_nine(monkeypatch):
    for module in (absent, asked, board):
        monkeypatch.setattr(module, "now", lambda: MOMENT)


@pytest.fixture
def visit(database, at_nine):
    """A browser of a role or of somebody with these permissions; an administrator's when nothing is said."""
    return lambda who=Role.ADMINISTRATOR: browse(database, ROUTERS, who)


@pytest.fixture
def record(database, company):
    """Record punches as (wall, user); the next sequence each, admitted two seconds after the edge had them."""
    count = iter(range(1, 1_000_000))

    def record_now(*punches, at=NOW + timedelta(seconds=2), terminal="T1", **changes):
        rows = [new_punch(company, wall, user, next(count), terminal=terminal)._replace(**changes) for wall, user in punches]
        with database.writing() as uow:
            return record_punches(uow, rows, at)

    return record_now
