"""Reading and writing staff records."""

from server.hr.staff.store.contracts import add_contract, contract_by_id, contracts_of, withdraw_contract
from server.hr.staff.store.documents import add_document, document_by_id, documents_of, parts_of, remove_document
from server.hr.staff.store.facts import BIRTHDAY, RETIRES, facts_of, index_facts, people_with, write_facts
from server.hr.staff.store.own_changes import add_change, changes_by_id, changes_of, rewrite_change, set_state
from server.hr.staff.store.own_fields import (
    add_contact,
    add_own_field,
    change_own_field,
    contacts_of,
    own_fields,
    remove_contact,
    values_of,
    write_values,
)
from server.hr.staff.store.service import add_prior, prior_of, prove_prior, remove_prior
from server.hr.staff.store.settings import settings_now, write_settings

__all__ = [
    "BIRTHDAY",
    "RETIRES",
    "add_change",
    "add_contact",
    "add_contract",
    "add_document",
    "add_own_field",
    "add_prior",
    "change_own_field",
    "changes_by_id",
    "changes_of",
    "contacts_of",
    "contract_by_id",
    "contracts_of",
    "document_by_id",
    "documents_of",
    "facts_of",
    "index_facts",
    "own_fields",
    "parts_of",
    "people_with",
    "prior_of",
    "prove_prior",
    "remove_contact",
    "remove_document",
    "remove_prior",
    "rewrite_change",
    "set_state",
    "settings_now",
    "values_of",
    "withdraw_contract",
    "write_facts",
    "write_settings",
    "write_values",
]
