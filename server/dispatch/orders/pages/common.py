"""What the pages of orders share: who may give which, and to whom somebody means to give one."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request

from protocol.messages import OrderKind
from server.access.model import Permission
from server.dispatch.areas import actions as areas
from server.dispatch.orders.model import TERMS, Targets
from server.errors import InvalidInputError, NotAllowedError
from server.fleet import actions as fleet
from server.fleet.model import TerminalOverview
from server.storage import UnitOfWork
from server.web.asking import may, words

SITE, AREA, EVERY = "site", "area", "all"
OF_MACHINES = {OrderKind.SCAN, OrderKind.PROTOCOL_LOG, OrderKind.SUPPORT_BUNDLE}
"""About the network and the programs, which is for those who look after them."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A group of terminals to choose: how it stands in an address, and its name. name: a site's or an area's, as people wrote it."""

    value: str
    kind: str
    name: str


def permission_for(kind: OrderKind) -> Permission:
    """What somebody needs to give an order of this kind."""
    if TERMS[kind].grave:
        return Permission.GIVE_GRAVE_ORDERS
    return Permission.CHANGE_FLEET if kind in OF_MACHINES else Permission.GIVE_ORDERS


def require_may_give(request: Request, kind: OrderKind) -> None:
    """Raises NotAllowedError."""
    if not may(request, permission_for(kind)):
        raise NotAllowedError(permission=permission_for(kind).value)


def kind_asked(word: str) -> OrderKind:
    """A kind that can be given, by its word; raises InvalidInputError."""
    try:
        return next(kind for kind in TERMS if kind.value == word)
    except StopIteration as error:
        raise InvalidInputError(field="order", reason="choose one of {allowed}", allowed=", ".join(TERMS)) from error


def kinds_for(request: Request) -> list[OrderKind]:
    """The kinds for terminals that this reader may give."""
    return [kind for kind, terms in TERMS.items() if not terms.of_edge and may(request, permission_for(kind))]


def choices(uow: UnitOfWork) -> list[Choice]:
    """Sites and areas, as groups of terminals."""
    sites = [Choice(f"{SITE}:{one.code}", SITE, one.name) for one in fleet.list_sites(uow)]
    return sites + [Choice(f"{AREA}:{one.code}", AREA, one.name) for one in areas.list_areas(uow)]


def terminals_of(uow: UnitOfWork, group: str) -> list[TerminalOverview]:
    """Terminals of a group by serial number; "all": every one; raises InvalidInputError for a group that is none."""
    kind, _, code = group.partition(":")
    found = fleet.list_terminals(uow)
    if kind == EVERY:
        return found
    if kind == SITE:
        return [one for one in found if one.site.code == code]
    area = next((one for one in areas.list_areas(uow) if one.code == code), None) if kind == AREA else None
    if area is None:
        raise InvalidInputError(field="group", reason="choose a site or an area")
    return [one for one in found if one.terminal.id in area.terminals]


def targets_of(request: Request, uow: UnitOfWork, group: str, terminal_ids: list[int]) -> Targets:
    """Some terminals, told as the group that they are if they are all of it, else by their names."""
    chosen = [one.terminal for one in fleet.list_terminals(uow, terminal_ids)] if terminal_ids else []
    name = next((one.name for one in choices(uow) if one.value == group), "")
    if name and {one.id for one in chosen} == {one.terminal.id for one in terminals_of(uow, group)}:
        return Targets(name, tuple(terminal_ids))
    names = "、".join(one.name for one in chosen[:3])
    told = names if len(chosen) <= 3 else words(request)("{names} and {n} more", names=names, n=len(chosen) - 3)
    return Targets(told, tuple(terminal_ids))


def numbers_of(values: list[Any], field: str) -> list[int]:
    """Ids from a form; raises InvalidInputError."""
    if not all(str(one).isdecimal() for one in values):
        raise InvalidInputError(field=field, reason="give a whole number")
    return [int(str(one)) for one in values]
