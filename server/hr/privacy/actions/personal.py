"""What the register of consents and its neighbours hold about somebody."""

from server.hr.privacy.tables import consent, erasure_due, erasure_receipt, personal_export
from server.storage import Holding

HOLDINGS = (
    Holding(consent, "Consents", lambda one: consent.c.person_id == one.person_id),
    Holding(personal_export, "Files about a person", lambda one: personal_export.c.person_id == one.person_id),
    Holding(erasure_due, "To be erased", lambda one: erasure_due.c.person_id == one.person_id),
    Holding(erasure_receipt, "Receipts", lambda one: erasure_receipt.c.person_id == one.person_id, secret=("digest",)),
)
