"""A person's month as evidence, in a file that anybody can check without this server.

model      the file
punches    raw punches with what their edges sealed, and checking those
writing    the file of a month: punches, grants, plans, rules, days with explanations, decided differences, totals, signed
verifying  checking all of it: seals, chain, and the engine run again on what is inside
"""

from server.ingest.evidence.model import PUNCHES_ONLY, Evidence, EvidenceBatch, EvidencePunch, Finding
from server.ingest.evidence.punches import check_evidence
from server.ingest.evidence.verifying import verify_evidence
from server.ingest.evidence.writing import export_month

__all__ = [
    "PUNCHES_ONLY",
    "Evidence",
    "EvidenceBatch",
    "EvidencePunch",
    "Finding",
    "check_evidence",
    "export_month",
    "verify_evidence",
]
