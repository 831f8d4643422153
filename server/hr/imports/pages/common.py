"""What the pages of the import room share."""

from collections.abc import Callable

from fastapi import Request

from server.access.model import Permission
from server.audit.model import Actor
from server.errors import RefusedError
from server.hr.imports import actions as imports
from server.web.visitor import needs

CHANGES = [needs(Permission.CHANGE_PEOPLE), needs(Permission.SEE_PEOPLE)]  # findings and changes tell of people who are there
LIMITED = "A file may be about anybody. Ask somebody who is responsible for everybody to import it."


def actor_of(request: Request) -> Actor:
    """Whoever acts. Raises RefusedError for an account that may not change everybody: a file can name anybody."""
    if not request.state.visitor.scope(Permission.CHANGE_PEOPLE).everybody:
        raise RefusedError(reason=LIMITED)
    return Actor(request.state.visitor.login, request.state.request_id)


def field_name(name: str, tell: Callable[..., str]) -> str:
    """A field of a change as people call it: `manager_id` is the manager."""
    told = tell(name)
    return told if told != name else tell(name.removesuffix("_id")).replace("_", " ")


def permissions_of(request: Request) -> frozenset[str]:
    return frozenset(str(one) for one in request.state.visitor.permissions)


def enrolled_of(request: Request) -> imports.Enrolled:
    """What has to be done when people became terminal users."""
    found: imports.Enrolled = getattr(request.app.state, "after_enrolment", imports.nothing_enrolled)
    return found
