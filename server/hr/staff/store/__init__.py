"""Reading and writing staff records."""

from server.hr.staff.store.documents import add_document, document_by_id, documents_of, parts_of, remove_document
from server.hr.staff.store.facts import BIRTHDAY, RETIRES, facts_of, people_with, portions, write_facts
from server.hr.staff.store.service import add_prior, prior_of, prove_prior, remove_prior
from server.hr.staff.store.settings import settings_now, write_settings

__all__ = [
    "BIRTHDAY",
    "RETIRES",
    "add_document",
    "add_prior",
    "document_by_id",
    "documents_of",
    "facts_of",
    "parts_of",
    "people_with",
    "portions",
    "prior_of",
    "prove_prior",
    "remove_document",
    "remove_prior",
    "settings_now",
    "write_facts",
    "write_settings",
]
