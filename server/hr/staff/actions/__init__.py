"""What can be done with staff records."""

from server.hr.staff.actions.documents import add_document, document_parts, documents_of, find_document, open_document, remove_document
from server.hr.staff.actions.identity import (
    birth_and_sex,
    change_facts,
    find_by_fact,
    look_at_facts,
    masked_facts,
    own_facts,
    people_with_fact,
    retirement_on,
)
from server.hr.staff.actions.service import (
    add_prior_service,
    prior_service_of,
    prove_prior_service,
    remove_prior_service,
    service_counted_from,
    service_on,
)

__all__ = [
    "add_document",
    "add_prior_service",
    "birth_and_sex",
    "change_facts",
    "document_parts",
    "documents_of",
    "find_by_fact",
    "find_document",
    "look_at_facts",
    "masked_facts",
    "open_document",
    "own_facts",
    "people_with_fact",
    "prior_service_of",
    "prove_prior_service",
    "remove_document",
    "remove_prior_service",
    "retirement_on",
    "service_counted_from",
    "service_on",
]
