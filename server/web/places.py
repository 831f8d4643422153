"""The places of the navigation, in groups: what a visitor may not see is not offered, and a group of which nothing is left is not there.

A new page that people go to by itself is one line in its group here (address, English name, permission) and what it is for in
`help`; its Chinese stands in the catalogue as every text does. Pages below a place (`/people/7` below `/people`) belong to it by their
address.
"""

from collections.abc import Iterable, Set as AbstractSet
from dataclasses import dataclass, replace

from server.web.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the navigation. name: an English text. beside: other addresses whose pages belong to it."""

    address: str
    name: str
    permission: str
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Places that belong together. own: about the visitor as a person; on a phone its places are the bar at the bottom."""

    name: str
    places: tuple[Place, ...]
    own: bool = False


GROUPS: tuple[Group, ...] = (
    Group(
        "Attendance",
        (
            Place("/today", "Today", "see-days"),
            Place("/attendance/month", "Month grid", "see-days"),
            Place("/attendance/exceptions", "Exceptions", "see-days"),
            Place("/grants", "Grants", "see-days"),
            Place("/periods", "Periods", "see-days"),
            Place("/rules", "Rule sets", "see-days", ("/trials",)),
        ),
    ),
    Group(
        "Requests",
        (
            Place("/requests", "Requests", "see-requests"),
            Place("/request-rules", "Rules of asking", "see-requests"),
        ),
    ),
    Group(
        "Roster",
        (
            Place("/roster", "Roster", "see-roster"),
            Place("/shifts", "Shifts", "see-roster"),
            Place("/patterns", "Patterns", "see-roster"),
            Place("/assignments", "Who works by what", "see-roster"),
            Place("/exemptions", "Need not punch", "see-roster"),
            Place("/calendar", "Holiday calendar", "see-roster"),
            Place("/roster/settings", "Roster settings", "see-roster"),
        ),
    ),
    Group(
        "Clocking in",
        (
            Place("/board", "Live board", "see-punches"),
            Place("/punches", "Punches", "see-punches"),
            Place("/quarantine", "Quarantine", "see-quarantine"),
            Place("/silent-terminals", "Silent terminals", "see-fleet"),
        ),
    ),
    Group(
        "Terminals",
        (
            Place("/fleet", "Fleet", "see-fleet"),
            Place("/terminals", "Terminals", "see-fleet"),
            Place("/sites", "Sites", "see-fleet"),
            Place("/edges", "Edges", "see-fleet"),
            Place("/discovery", "New terminals", "change-fleet"),
            Place("/areas", "Areas", "see-fleet"),
            Place("/orders", "Orders", "see-fleet"),
            Place("/clocks", "Clocks", "see-fleet"),
            Place("/alarms", "Alarms", "see-fleet"),
            Place("/templates-to-erase", "Templates to erase", "change-fleet"),
        ),
    ),
    Group(
        "People",
        (
            Place("/people", "People", "see-people"),
            Place("/absent", "Not punched", "see-people"),
            Place("/departments", "Departments", "see-people"),
            Place("/org", "Org chart", "see-people"),
            Place("/positions", "Positions", "see-people"),
            Place("/legal-entities", "Legal entities", "see-people"),
            Place("/pay-groups", "Pay groups", "see-people"),
            Place("/enrolments", "Enrolments", "see-people"),
            Place("/imports", "Import", "change-people"),
        ),
    ),
    Group(
        "Records",
        (
            Place("/staff/waiting", "Waiting in records", "see-staff"),
            Place("/staff/find", "Find by a number", "see-identity"),
            Place("/staff/fields", "Fields of records", "see-staff"),
            Place("/staff/settings", "Settings of records", "see-staff"),
            Place("/privacy", "Consents", "manage-privacy"),
            Place("/privacy/erasure", "Erasure", "manage-privacy"),
            Place("/privacy/keep-times", "Keep times", "manage-privacy"),
        ),
    ),
    Group(
        "Leave",
        (
            Place("/away", "Who is away", "see-roster"),
            Place("/leave/balances", "Leave balances", "see-leave"),
            Place("/leave/types", "Kinds of leave", "see-leave"),
        ),
    ),
    Group(
        "Administration",
        (
            Place("/recalculate", "Recalculate days", "see-days"),
            Place("/jobs", "Long work", "see-days"),
            Place("/flows", "Approval flows", "see-flows"),
            Place("/accounts", "Accounts", "manage-accounts"),
            Place("/support", "Support", "change-fleet"),
            Place("/sign-in-codes", "Sign-in codes", "change-people"),
            Place("/sign-in-ways", "Ways to sign in", "manage-accounts"),
            Place("/audit", "Trail", "see-audit"),
        ),
    ),
    Group(
        "Mine",
        (
            Place("/me", "My day", "see-own"),
            Place("/me/requests", "My requests", "ask"),
            Place("/me/month", "My month", "see-own"),
            Place("/approvals", "Approvals", "decide", ("/delegations",)),
            Place("/me/leave", "My leave", "see-own"),
            Place("/me/periods", "Confirm", "see-own"),
            Place("/me/record", "My data", "see-own"),
            Place("/me/privacy", "My personal data", "see-own"),
            Place("/notices", "Notices", "see-own"),
        ),
        own=True,
    ),
)
"""In the order in which they stand. The first place that a visitor may see is also the first page after the sign-in."""
PERSON = (
    Place("/people/{id}", "Overview", "see-people"),
    Place("/people/{id}/employment", "Timeline", "see-people"),
    Place("/people/{id}/record", "Staff record", "see-staff"),
    Place("/people/{id}/leave", "Leave balances", "see-leave"),
    Place("/requests?person={id}", "Requests", "see-requests"),
    Place("/attendance/month?text={number}", "Month grid", "see-days"),
    Place("/people/{id}/terminals", "On terminals", "see-fleet"),
    Place("/grants?person={id}", "Grants", "see-days"),
    Place("/punches?person={id}", "All punches", "see-punches"),
    Place("/people?manager={id}", "Reports to this person", "see-people"),
    Place("/privacy/people/{id}", "Personal data", "manage-privacy"),
)
"""What there is about one person, with their id and employee number: the same row above each of these pages."""
MOST_IN_BAR = 4
BAR = ("/me", "/me/requests", "/approvals", "/notices")
"""What the bar of a phone has first; where one of them is not offered, the next of the own places takes its room."""


def groups_for(visitor: Visitor | None) -> tuple[Group, ...]:
    """What this visitor is offered. Somebody who is nobody's account has no own places, unless there is nothing else."""
    if visitor is None or visitor.must_change or visitor.must_prove:
        return ()
    offered = tuple(_offered(GROUPS, visitor.permissions))
    others = tuple(group for group in offered if not group.own)
    return offered if visitor.person_id is not None or not others else others


def _offered(groups: Iterable[Group], permissions: AbstractSet[str]) -> Iterable[Group]:
    for group in groups:
        places = tuple(place for place in group.places if place.permission in permissions)
        if places:
            yield replace(group, places=places)


def bar_for(groups: Iterable[Group]) -> tuple[Place, ...]:
    """The places of the bar at the bottom of a phone: of those about oneself the ones that are used on the way, at most four."""
    own = [place for group in groups if group.own for place in group.places]
    first = sorted((place for place in own if place.address in BAR), key=lambda place: BAR.index(place.address))
    chosen = [*first, *(place for place in own if place.address not in BAR)][:MOST_IN_BAR]
    return tuple(sorted(chosen, key=lambda place: place.address == "/notices"))


def place_of(groups: Iterable[Group], path: str) -> Place | None:
    """The place that an address belongs to: of those that it begins with, the one that says most."""
    found = [
        (len(address), place)
        for group in groups
        for place in group.places
        for address in (place.address, *place.beside)
        if path == address or path.startswith(f"{address}/")
    ]
    return max(found, key=lambda one: one[0], default=(0, None))[1]


def first_page(visitor: Visitor | None) -> str:
    """Where a visitor begins: with what waits for them."""
    return next((place.address for group in groups_for(visitor) for place in group.places), "/password")
