"""Who is asking: an account by its session's cookie, as the web shell knows visitors."""

from collections.abc import Callable, Set as AbstractSet
from dataclasses import dataclass

from fastapi import Request

from server.access.actions import has_factor, load_session
from server.access.model import Account, Duty, Scope, Session, scope_of
from server.audit.model import Actor
from server.storage import Database, UnitOfWork
from server.web.asking import now
from server.web.visitor import Visitor

COOKIE = "session"
DEVICE_COOKIE = "device"


@dataclass(frozen=True, slots=True)
class AccountVisitor:
    """An account that is signed in, with the session it came by."""

    session: Session
    permissions: AbstractSet[str]
    has_factor: bool = False

    @property
    def account(self) -> Account:
        return self.session.account

    @property
    def login(self) -> str:
        return self.account.login

    @property
    def name(self) -> str:
        return self.account.display_name

    @property
    def person_id(self) -> int | None:
        return self.account.person_id

    @property
    def must_change(self) -> bool:
        """Whether the password that opened the session was given to them; who came by a provider gave none."""
        return (self.account.must_change and self.session.way == "password") or Duty.PASSWORD in self.session.duties

    @property
    def must_prove(self) -> bool:
        """Whether the second factor is owed; whoever has none yet chooses a password of their own first."""
        return Duty.SECOND_FACTOR in self.session.duties and (self.has_factor or not self.must_change)

    def scope(self, permission: str) -> Scope:
        return scope_of(self.account, permission)


def identify(database: Database) -> Callable[[Request], Visitor | None]:
    """For the shell: whose cookie a request carries; None for nobody's."""

    def who(request: Request) -> Visitor | None:
        token = request.cookies.get(COOKIE)
        session = load_session(database, token, now()) if token else None
        if session is None:
            return None
        factor = False
        if Duty.SECOND_FACTOR in session.duties:
            with database.reading() as uow:
                factor = has_factor(uow, session.account)
        return AccountVisitor(session, frozenset(map(str, session.account.permissions)), factor)

    return who


def visitor_of(request: Request) -> AccountVisitor:
    """The visitor of a route that needs one."""
    found: AccountVisitor = request.state.visitor
    return found


def scope_of_visitor(request: Request, permission: str) -> Scope:
    """Whose rows the visitor of a route may see by a permission that it needs."""
    found: Scope = request.state.visitor.scope(permission)
    return found


def entity_names(request: Request, uow: UnitOfWork) -> dict[int, str]:
    """Names of the legal entities that a role can be limited to, in their order; the area above that keeps them puts its list here."""
    return {one.id: one.name for one in request.app.state.legal_entities(uow)}


def actor_of(request: Request) -> Actor:
    """The account that acts, for the trail."""
    return Actor(request.state.visitor.login, request.state.request_id)
