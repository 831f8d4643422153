"""Handing out evidence: a person's month, and what a terminal sent."""

from datetime import date, datetime

from protocol.signing import Signer
from server.attendance.model import PunchFilter
from server.audit.actions import record
from server.audit.model import Actor
from server.directory.actions import person_with_number
from server.ingest.evidence import export_month
from server.storage import UnitOfWork


def hand_out_month(uow: UnitOfWork, signer: Signer, employee_number: str, since: date, until: date, by: Actor, now: datetime) -> bytes:
    """The signed file, and a row of the trail: it leaves the house with a person's data. Raises NotFoundError or InvalidInputError."""
    who = person_with_number(uow, employee_number)
    data = export_month(uow, signer, employee_number, since, until, now)
    record(
        uow,
        by,
        "evidence.export",
        "person",
        employee_number,
        at=now,
        after={"since": since, "until": until},
        people=() if who is None else (who,),
    )
    return data


def record_raw_export(uow: UnitOfWork, serial: str, wanted: PunchFilter, by: Actor, now: datetime) -> None:
    """A row of the trail: what a terminal sent leaves the house, with numbers and times of whoever punched there."""
    after = {"since": wanted.since, "until": wanted.until, "text": wanted.text}
    record(uow, by, "evidence.export", "terminal", serial, at=now, after={name: value for name, value in after.items() if value})
