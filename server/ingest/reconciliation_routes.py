"""For programs: `/api/v1/terminals/{id}/reconciliation`."""

from dataclasses import dataclass
from datetime import date, datetime

from fastapi import APIRouter, Request

from server.access.model import Permission
from server.fleet import actions as fleet
from server.ingest.reconciliation.actions import last_reconciliation
from server.ingest.reconciliation.model import ReconciledDay
from server.web.asking import database_of
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["ingest"])


@dataclass(frozen=True)
class ReconciledDayOut:
    """A day of the terminal's own clock. state: equal, erased (as many, some without their users), more (here), gap.

    most_missing, gap_since: of the latest gap, also when it is closed; filled_at: when it was seen to be. order: by which it was asked for.
    extra: how many are here only. certain: whether it is known which ones; then missing_at and extra_at have the times of the first 40, and
    extra_from how many came from a file, from another edge (other-edge), or from this edge, which does not know them any more (forgotten).
    """

    day: date
    at_edge: int
    here: int
    state: str
    missing: int
    most_missing: int
    gap_since: datetime | None
    asked_at: datetime | None
    order: int | None
    filled_at: datetime | None
    extra: int
    certain: bool
    missing_at: list[str]
    extra_at: list[str]
    extra_from: dict[str, int]


@dataclass(frozen=True)
class ReconciliationOut:
    """The last comparison of a terminal's days with what its edge took; edge and times are None where there was none yet."""

    edge: str | None
    at: datetime | None
    first: date | None
    last: date | None
    missing: int
    days: list[ReconciledDayOut]


@router.get("/terminals/{terminal_id}/reconciliation", dependencies=[needs(Permission.SEE_FLEET)])
def reconciliation(request: Request, terminal_id: int) -> ReconciliationOut:
    """Whether every punch that the edge took is here, day by day, the latest first."""
    with database_of(request).reading() as uow:
        fleet.find_terminal(uow, terminal_id)
        found = last_reconciliation(uow, terminal_id)
    if found is None:
        return ReconciliationOut(None, None, None, None, 0, [])
    return ReconciliationOut(found.edge, found.at, found.first, found.last, found.missing, [_day(one) for one in found.days])


def _day(one: ReconciledDay) -> ReconciledDayOut:
    missing_at, extra_at, extra_from = [], [], {}
    if one.named is not None:
        missing_at, extra_at = [*one.named.missing_times], [each.time for each in one.named.extra_punches]
        extra_from = {origin.value: n for origin, n in one.named.origins}
    return ReconciledDayOut(
        one.day, one.at_edge, one.here, one.state.value, one.missing, one.most_missing, one.gap_since, one.asked_at, one.order_id,
        one.filled_at, one.extra, one.is_sure, missing_at, extra_at, extra_from,
    )  # fmt: skip
