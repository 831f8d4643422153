"""What waits in the fleet and in quarantine, for the reader's first page."""

from collections.abc import Iterator

from fastapi import Request

from server.access.model import Permission
from server.ingest.actions import count_rows, read_fleet
from server.ingest.actions.listing import QuarantineFilter
from server.ingest.alarms import Severity, alarms
from server.ingest.watch.actions import taken_on
from server.storage import UnitOfWork
from server.web.asking import may, now, words
from server.web.waiting import Waiting


def work_lists(request: Request, uow: UnitOfWork) -> Iterator[Waiting]:
    """Alarms, those that are wrong apart, then rows that nobody has decided about."""
    tell = words(request)
    if may(request, Permission.SEE_FLEET):
        moment = now()
        taken = taken_on(uow, moment)
        found = [one for one in alarms(read_fleet(uow), moment) if one.key not in taken]
        if found:
            wrong = any(one.severity is Severity.WRONG for one in found)
            yield Waiting("wrong" if wrong else "attention", tell("Alarms: {n}", n=len(found)), "/alarms")
    if may(request, Permission.SEE_QUARANTINE) and (rows := count_rows(uow, QuarantineFilter())):
        yield Waiting("quarantine", tell("Rows in quarantine: {n}", n=rows), "/quarantine")
