"""Whether somebody may be asked for a finger, a face or a palm at a terminal: the person's own separate consent decides."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from server.dispatch.areas.actions.deriving import Consents
from server.dispatch.areas.store import rows
from server.fleet import actions as fleet
from server.storage import UnitOfWork

NOBODY = "this number is nobody's at this terminal"
NEVER_ASKED = "the person has not given the separate consent to the use of fingerprints and faces"
WITHDRAWN = "the person has withdrawn the consent to the use of fingerprints and faces"


def nobody_consented(_uow: UnitOfWork, _people: Collection[int]) -> dict[int, bool]:
    """Where no register of consents is at hand, nobody has."""
    return {}


def holders_of(uow: UnitOfWork, terminals: Collection[int], user: str, now: datetime) -> dict[int, int]:
    """Whose number this is on these terminals now, by terminal; those where it is nobody's are left out."""
    wanted = rows.rows_with_users(uow, terminals, [user])
    days: dict[date, list[int]] = defaultdict(list)
    for one in fleet.list_terminals(uow, sorted(terminals)) if terminals else ():
        days[now.astimezone(ZoneInfo(one.site.time_zone)).date()].append(one.terminal.id)
    found = {key: person for day, ids in days.items() for key, person in rows.holders_on(uow, ids, user, day).items()}
    return found | {key: row.person_id for (key, _), row in wanted.items() if row.want is not None and row.person_id is not None}


def why_not_ask(uow: UnitOfWork, terminals: Collection[int], user: str, consents: Consents, now: datetime) -> dict[int, str]:
    """Why a template of this user may not be taken there, by terminal, as a text of ours; those where it may are left out."""
    holders = holders_of(uow, terminals, user, now)
    said = consents(uow, set(holders.values()))
    reasons = {True: "", False: WITHDRAWN, None: NEVER_ASKED}
    found = {one: reasons[said.get(holders[one])] if one in holders else NOBODY for one in terminals}
    return {one: why for one, why in found.items() if why}
