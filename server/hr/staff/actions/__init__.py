"""What can be done with staff records."""

from server.hr.staff.actions.contracts import add_contract, contract_advice, contracts_of, next_signing_order, withdraw_contract
from server.hr.staff.actions.documents import add_document, document_parts, documents_of, find_document, open_document, remove_document
from server.hr.staff.actions.identity import (
    birth_and_sex,
    change_facts,
    find_by_fact,
    look_at_facts,
    mail_addresses,
    masked_facts,
    own_facts,
    people_with_fact,
    person_with_mobile,
    retirement_on,
)
from server.hr.staff.actions.own_changes import OwnDataHandler, ask_for_change, own_changes, withdraw_change
from server.hr.staff.actions.own_fields import (
    add_contact,
    add_own_field,
    change_own_field,
    change_own_values,
    contacts_of,
    look_at_contacts,
    own_fields,
    own_values,
    remove_contact,
)
from server.hr.staff.actions.reminders import remind_of_contracts
from server.hr.staff.actions.service import (
    add_prior_service,
    prior_service_of,
    prove_prior_service,
    remove_prior_service,
    service_counted_from,
    service_on,
)
from server.hr.staff.actions.settings import change_settings, settings_now
from server.hr.staff.actions.waiting import count_waiting, key_of, needed_data, waiting_rows

__all__ = [
    "OwnDataHandler",
    "add_contact",
    "add_contract",
    "add_document",
    "add_own_field",
    "add_prior_service",
    "ask_for_change",
    "birth_and_sex",
    "change_facts",
    "change_own_field",
    "change_own_values",
    "change_settings",
    "contacts_of",
    "contract_advice",
    "contracts_of",
    "count_waiting",
    "document_parts",
    "documents_of",
    "find_by_fact",
    "find_document",
    "key_of",
    "look_at_contacts",
    "look_at_facts",
    "mail_addresses",
    "masked_facts",
    "needed_data",
    "next_signing_order",
    "open_document",
    "own_changes",
    "own_facts",
    "own_fields",
    "own_values",
    "people_with_fact",
    "person_with_mobile",
    "prior_service_of",
    "prove_prior_service",
    "remind_of_contracts",
    "remove_contact",
    "remove_document",
    "remove_prior_service",
    "retirement_on",
    "service_counted_from",
    "service_on",
    "settings_now",
    "waiting_rows",
    "withdraw_change",
    "withdraw_contract",
]
