"""Who is asking, and what a route needs. The shell knows visitors by this protocol only; `wiring` says where they come from."""

from collections.abc import Callable, Set as AbstractSet
from typing import Any, Protocol

from fastapi import Depends, Request

from server.errors import NotAllowedError


class Visitor(Protocol):
    """Somebody who is signed in. permissions: words, as the areas' routes name them."""

    @property
    def login(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def permissions(self) -> AbstractSet[str]: ...
    @property
    def person_id(self) -> int | None: ...
    @property
    def must_change(self) -> bool: ...
    @property
    def must_prove(self) -> bool: ...
    def scope(self, permission: str) -> Any:
        """Whose rows they may see by a permission: a `server.access.model.Scope`, which this area does not know."""
        ...


class SignInNeededError(Exception):
    """Nobody is signed in: pages lead to the sign-in, the API answers 401."""


class PasswordChangeNeededError(Exception):
    """The password was given to this person and is good for choosing another only."""


class SecondFactorNeededError(Exception):
    """The password was right, and the second factor is still owed."""


PUBLIC = "public"
SIGNED_IN = "signed-in"


class Need:
    """What a route needs: a permission, `SIGNED_IN`, or `PUBLIC`. A test finds every route without one, and the app refuses to start.

    A permission is good for the people of the visitor's scope only. Where an address names a person (`person_id`), the application's
    `require_person` says so before the route is asked; wiring gives it, because this area knows no people.
    """

    def __init__(self, permission: str) -> None:
        self.permission = permission

    def __call__(self, request: Request) -> Visitor | None:
        visitor: Visitor | None = request.state.visitor
        if self.permission == PUBLIC:
            return visitor
        if request.state.unknown:
            raise request.state.unknown
        if visitor is None:
            raise SignInNeededError
        if visitor.must_prove:
            if not request.url.path.startswith(("/second-factor", "/sign-out")):
                raise SecondFactorNeededError
        elif visitor.must_change and not request.url.path.startswith(("/password", "/sign-out")):
            raise PasswordChangeNeededError
        if self.permission not in {SIGNED_IN, *visitor.permissions}:
            raise NotAllowedError(permission=self.permission)
        if self.permission != SIGNED_IN and "person_id" in request.path_params:
            request.app.state.require_person(request, self.permission)
        return visitor


def needs(permission: str) -> Any:
    """For `dependencies=[needs(...)]` of a route, or as a default where the visitor is wanted."""
    return Depends(Need(str(permission)))


def needs_of(route: Any) -> frozenset[str]:
    """The permissions a route declares, all of which it needs; empty when it declares none."""
    calls: list[Callable[..., Any]] = [dependency.call for dependency in route.dependant.dependencies if dependency.call]
    return frozenset(call.permission for call in calls if isinstance(call, Need))
