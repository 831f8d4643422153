"""Every kind of sheet, in the order in which they build on each other."""

from collections.abc import Mapping

from server.hr.imports.actions.kinds import balances, contracts, enrolments, punches, rosters, staff, terminal_users
from server.hr.imports.actions.kinds.kind import Kind
from server.hr.imports.actions.kinds.lists import DEPARTMENTS, POSITIONS, SITES

__all__ = ["KINDS", "Kind"]

KINDS: Mapping[str, Kind] = {
    one.name: one
    for one in (
        SITES,
        DEPARTMENTS,
        POSITIONS,
        staff.KIND,
        contracts.KIND,
        balances.KIND,
        terminal_users.KIND,
        enrolments.KIND,
        rosters.KIND,
        punches.KIND,
    )
}
