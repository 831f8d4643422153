"""The page of signing in, and what a browser takes along that was let in."""

from collections.abc import Mapping

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from server.access.actions.sessions import KEEP_DEVICES
from server.access.model import Duty, IdentityProvider, LockedOut, ProviderName, SignedIn
from server.access.pages.visitors import COOKIE, DEVICE_COOKIE
from server.errors import NotFoundError
from server.web.asking import own_path, shell_of, words

PATH = "/sign-in/with"
NAMES = {
    ProviderName.OIDC: "the company account",
    ProviderName.WECOM: "WeCom",
    ProviderName.DINGTALK: "DingTalk",
    ProviderName.FEISHU: "Feishu",
}


def ways_of(request: Request) -> dict[str, str]:
    """Where people can sign in elsewhere, with what they call it."""
    return {name.value: name_of(request, one) for name, one in providers_of(request).items()}


def providers_of(request: Request) -> Mapping[ProviderName, IdentityProvider]:
    found: Mapping[ProviderName, IdentityProvider] = getattr(request.app.state, "providers", {})
    return found


def provider_named(request: Request, name: str) -> IdentityProvider:
    """Raises NotFoundError for one that is not set."""
    found = {one.value: provider for one, provider in providers_of(request).items()}.get(name)
    if found is None:
        raise NotFoundError(what="way to sign in", name=name)
    return found


def return_address(request: Request, provider: IdentityProvider) -> str:
    """Where a provider sends people back to; it has to know this address."""
    return f"{request.app.state.pages_address}{PATH}/{provider.name.value}/return"


def name_of(request: Request, provider: IdentityProvider) -> str:
    return provider.label or words(request)(NAMES[provider.name])


def door(request: Request, status: int, next_path: str, login: str = "", wrong: str = "") -> Response:
    facts = {"next": own_path(next_path), "login": login, "wrong": wrong, "ways": ways_of(request)}
    return shell_of(request).page(request, "access/sign_in.html", status, **facts)


def locked_page(request: Request, found: LockedOut, next_path: str, login: str = "") -> Response:
    until = found.until.astimezone(shell_of(request).zone)
    wrong = words(request)("Too many wrong attempts. Try again at {time}.", time=f"{until:%H:%M}")
    return door(request, 429, next_path, login, wrong)


def signed_in(request: Request, found: SignedIn, next_path: str) -> Response:
    """Give the browser its cookies, and send it on."""
    answer = RedirectResponse("/second-factor" if Duty.SECOND_FACTOR in found.duties else own_path(next_path), 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, found.token, httponly=True, samesite="lax", secure=secure, path="/", expires=found.expires_at)
    if found.device:
        age = int(KEEP_DEVICES.total_seconds())
        answer.set_cookie(DEVICE_COOKIE, found.device, httponly=True, samesite="lax", secure=secure, path="/sign-in", max_age=age)
    return answer
