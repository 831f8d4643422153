"""Pages of what ingest and the fleet know: terminals, edges, alarms, a punch's evidence, quarantine."""

from fastapi import APIRouter

from server.ingest.pages.alarm_rules import router as alarm_rules
from server.ingest.pages.alarms import router as alarms
from server.ingest.pages.edges import router as edges
from server.ingest.pages.enrolments import router as enrolments
from server.ingest.pages.evidence import router as evidence
from server.ingest.pages.files import router as files
from server.ingest.pages.fleet import router as fleet
from server.ingest.pages.punch import router as punch
from server.ingest.pages.quarantine import router as quarantine
from server.ingest.pages.quarantine_decisions import router as quarantine_decisions
from server.ingest.pages.refused import router as refused
from server.ingest.pages.terminal_evidence import router as terminal_evidence
from server.ingest.pages.terminal_forms import router as terminal_forms
from server.ingest.pages.terminals import router as terminals
from server.ingest.pages.waiting import work_lists
from server.ingest.pages.webhooks import router as webhooks

__all__ = ["router", "work_lists"]

router = APIRouter(include_in_schema=False)
for _part in (
    fleet, files, terminals, terminal_evidence, terminal_forms, edges, alarms, alarm_rules, webhooks, punch, evidence, refused, quarantine,
    quarantine_decisions, enrolments,
):  # fmt: skip
    router.include_router(_part)
