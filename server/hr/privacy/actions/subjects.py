"""Who somebody is to the holdings of all areas."""

from server.access import actions as access
from server.directory import actions as directory
from server.storage import DataSubject, UnitOfWork


def subject_of(uow: UnitOfWork, person_id: int) -> DataSubject:
    """Raises NotFoundError."""
    person = directory.see_person(uow, person_id)[0].person
    logins = tuple(account.login for account in access.accounts_of_person(uow, person_id))
    return DataSubject(person_id, person.employee_number, person.name, logins)
