"""Reading single cells of the roster, exemptions and settings."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Row, or_, select

from server.roster.model import Entry, EntryKind, PunchExemption, RosterSettings
from server.roster.tables import punch_exemption, roster_entry, roster_settings
from server.storage import UnitOfWork


def entries(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> list[Entry]:
    """Published entries and drafts of these people from first to last."""
    conditions = (roster_entry.c.person_id.in_(person_ids), roster_entry.c.day >= first, roster_entry.c.day <= last)
    return [_entry(row) for row in uow.fetch_all(select(roster_entry).where(*conditions))]


def people_with_drafts(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> set[int]:
    """Who of these people has a draft from first to last."""
    conditions = (
        roster_entry.c.person_id.in_(person_ids),
        roster_entry.c.day >= first,
        roster_entry.c.day <= last,
        roster_entry.c.draft.is_(True),
    )
    return {row.person_id for row in uow.fetch_all(select(roster_entry.c.person_id).where(*conditions).distinct())}


def published(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, dict[date, tuple[int, int | None]]]:
    """Entries that count: by person and day the entry's number and its shift, None for rest."""
    columns = (roster_entry.c.person_id, roster_entry.c.day, roster_entry.c.id, roster_entry.c.shift_id)
    conditions = (roster_entry.c.person_id.in_(person_ids), roster_entry.c.day >= first, roster_entry.c.day <= last)
    found: dict[int, dict[date, tuple[int, int | None]]] = defaultdict(dict)
    for row in uow.fetch_all(select(*columns).where(*conditions, roster_entry.c.draft.is_(False))):
        found[row.person_id][row.day] = (row.id, row.shift_id)
    return found


def people_with_shift(uow: UnitOfWork, shift_id: int, first: date, last: date | None) -> set[int]:
    """Whom published entries give this shift on a day from first to last."""
    conditions = [roster_entry.c.shift_id == shift_id, roster_entry.c.draft.is_(False), roster_entry.c.day >= first]
    if last is not None:
        conditions.append(roster_entry.c.day <= last)
    return {row.person_id for row in uow.fetch_all(select(roster_entry.c.person_id).where(*conditions).distinct())}


def exemptions(uow: UnitOfWork) -> list[PunchExemption]:
    """All exemptions, the latest first."""
    order = (punch_exemption.c.first_day.desc(), punch_exemption.c.id.desc())
    return [_exemption(row) for row in uow.fetch_all(select(punch_exemption).order_by(*order))]


def exemption_by_id(uow: UnitOfWork, exemption_id: int) -> PunchExemption | None:
    row = uow.fetch_one(select(punch_exemption).where(punch_exemption.c.id == exemption_id))
    return None if row is None else _exemption(row)


def exemptions_between(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date | None) -> list[PunchExemption]:
    """Exemptions of these people that share a day with first..last."""
    conditions = [
        punch_exemption.c.person_id.in_(person_ids),
        or_(punch_exemption.c.last_day.is_(None), punch_exemption.c.last_day >= first),
    ]
    if last is not None:
        conditions.append(punch_exemption.c.first_day <= last)
    return [_exemption(row) for row in uow.fetch_all(select(punch_exemption).where(*conditions).order_by(punch_exemption.c.first_day))]


def settings(uow: UnitOfWork) -> RosterSettings:
    row = uow.fetch_one(select(roster_settings))
    assert row is not None, "the migration writes it"
    return RosterSettings(row.calendar_id, row.minimum_rest_minutes, row.most_days_in_row)


def hold_rosters(uow: UnitOfWork) -> None:
    """Let others who assign or exempt wait until this transaction ends: what may not overlap is looked at before it is written."""
    uow.execute(select(roster_settings.c.id).with_for_update())


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.id, row.person_id, row.day, EntryKind(row.kind), row.shift_id, row.draft, row.author, row.at)


def _exemption(row: Row[Any]) -> PunchExemption:
    return PunchExemption(row.id, row.person_id, row.first_day, row.last_day, row.reason, row.author, row.at)
