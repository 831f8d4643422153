"""What the ids in flows are called."""

from collections.abc import Iterable

from fastapi import Request

from server.directory import actions as directory
from server.fleet import actions as fleet
from server.hr.approvals.engine.wording import Names
from server.hr.approvals.model import KINDS, Flow, FlowVersion
from server.hr.approvals.pages.asked import kind_names
from server.hr.approvals.pages.wording import kind_name
from server.storage import UnitOfWork
from server.web.asking import words


def names_for(request: Request, uow: UnitOfWork, versions: Iterable[FlowVersion]) -> Names:
    """The names that reading these versions needs."""
    return names_in(request, uow, [one.flow for one in versions if one.flow is not None])


def names_in(request: Request, uow: UnitOfWork, flows: Iterable[Flow]) -> Names:
    """The names that reading these flows needs, and all that the editor offers."""
    tell, narrower = words(request), kind_names(request, uow)
    people = {key for flow in flows for key in people_in(flow)}
    return Names(
        directory.names_of(uow, people),
        {one.id: one.name for one in directory.list_departments(uow)},
        {one.id: one.name for one in fleet.list_sites(uow)},
        {one.id: one.name for one in fleet.list_legal_entities(uow)},
        {one: kind_name(one, tell, narrower) for one in (*KINDS, *narrower)},
    )


def people_in(flow: Flow) -> set[int]:
    """Everybody whom a flow names."""
    return {*flow.deputies, *(key for branch in flow.branches for step in branch.steps for key in step.people)}
