"""What somebody may at terminals: administrator or not, a password, and how they must prove who they are."""

from datetime import datetime

from sqlalchemy import select

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.dispatch.areas.actions.areas import check_word
from server.dispatch.areas.model import ADMINISTRATOR, Right
from server.dispatch.areas.store import facts, marks
from server.dispatch.areas.tables import terminal_right
from server.errors import InvalidInputError, NotFoundError
from server.storage import UnitOfWork, upsert

LONGEST_PASSWORD = 8
"""Of digits: what the terminals' own keys can type and their memory holds."""


def right_of(uow: UnitOfWork, person_id: int) -> Right:
    """Somebody's, the common one where nothing was said."""
    return facts.rights_of(uow, [person_id]).get(person_id, Right())


def set_right(
    uow: UnitOfWork,
    person_id: int,
    *,
    administrator: bool,
    verify: str,
    group: str,
    password: str | None,
    by: Actor,
    now: datetime,
    reason: str = "",
) -> Right:
    """password: digits, "" for none, None to leave it as it is. Raises NotFoundError, InvalidInputError."""
    number = directory.numbers_of(uow, [person_id]).get(person_id)
    if number is None:
        raise NotFoundError(what="person", name=person_id)
    verify, group = verify.strip(), group.strip()
    check_word(verify, "verify")
    check_word(group, "group")
    if password and not (password.isascii() and password.isdigit() and len(password) <= LONGEST_PASSWORD):
        raise InvalidInputError(field="password", reason="use 1 to {most} digits", most=LONGEST_PASSWORD)
    row = uow.fetch_one(select(terminal_right.c.password, terminal_right.c.password_version).where(terminal_right.c.person_id == person_id))
    sealed, version = (row.password, row.password_version) if row else (None, 0)
    held = right_of(uow, person_id)
    if password is not None:
        sealed = uow.vault.seal(password, password_place(person_id)) if password else None
        version += 1
    wanted = Right(ADMINISTRATOR if administrator else 0, version, verify, group)
    if wanted == held:
        return held
    values = {"person_id": person_id, "privilege": wanted.privilege, "password": sealed, "password_version": version}
    upsert(uow, terminal_right, [{**values, "verify": verify, "access_group": group}], ["person_id"])
    marks.mark(uow, [person_id], now)
    before, after = _shown(held), _shown(wanted) | ({} if password is None else {"password": "new" if password else "none"})
    record(uow, by, "terminal-right.change", "person", number, at=now, before=before, after=after, reason=reason, people=(person_id,))
    return wanted


def password_place(person_id: int) -> str:
    """Where a sealed password belongs (`storage.vault`)."""
    return f"terminal-password/{person_id}"


def _shown(right: Right) -> dict[str, object]:
    return {"administrator": right.privilege == ADMINISTRATOR, "verify": right.verify, "group": right.group}
