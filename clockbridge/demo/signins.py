"""Who can sign in to the demo: one account for each role. Their password is made anew for each demo and printed once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from server.access import actions as access
from server.access.model import Role
from server.audit.model import Actor
from server.storage import UnitOfWork

HR, SUPERVISOR, WORKER = "CB1001", "CB1045", "CB1050"
PAY = "CB1009"


@dataclass(frozen=True, slots=True)
class SignIn:
    """An account. number: of the employee whose account it is, "" for nobody's."""

    login: str
    role: Role
    number: str = ""


SIGN_INS = (
    SignIn("hr", Role.HR, HR),
    SignIn("supervisor", Role.SUPERVISOR, SUPERVISOR),
    SignIn("worker", Role.EMPLOYEE, WORKER),
    SignIn("pay", Role.HR_PAY, PAY),
    SignIn("it", Role.IT),
    SignIn("auditor", Role.AUDITOR),
)


def give_sign_ins(uow: UnitOfWork, keys: Mapping[str, int], names: Mapping[str, str], hashed: str, by: Actor, now: datetime) -> None:
    """keys, names: of people by employee number. hashed: the password's, the same for all of them."""
    for one in SIGN_INS:
        access.create_account(uow, one.login, names.get(one.number, one.login), hashed, frozenset({one.role}), by, now, must_change=False)
        if one.number:
            access.link_account(uow, one.login, keys[one.number], by, now)
