"""What requests add to a person's page."""

from fastapi import Request as Asked

from server.access.model import Permission
from server.attendance.pages.asked import today
from server.hr.requests import actions as requests
from server.hr.requests.engine.words import KINDS, STATES
from server.hr.requests.model import RequestFilter
from server.hr.requests.pages.others import when_of_line
from server.storage import UnitOfWork
from server.web.asking import may
from server.web.page_parts import Card

LATEST = 5


def person_card(asked: Asked, uow: UnitOfWork, person_id: int) -> Card | None:
    """The latest requests, for those who may see them."""
    if not may(asked, Permission.SEE_REQUESTS):
        return None
    scope, wanted = asked.state.visitor.scope(Permission.SEE_REQUESTS), RequestFilter(person_id=person_id)
    found, _ = requests.list_requests(uow, wanted, scope, today(asked), limit=LATEST)
    facts = {"lines": found, "kinds": KINDS, "states": STATES, "when": when_of_line(asked)}
    return Card("Requests", "requests/on_person.html", facts) if found else None
