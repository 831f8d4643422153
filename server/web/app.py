"""The application around the areas' routes: guard, static files, errors as pages or as JSON, and no route without a declared need."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from server.errors import ServerError
from server.web.asking import own_path, said, words
from server.web.language import COOKIE, LANGUAGES
from server.web.phone import router as phone
from server.web.places import first_page
from server.web.security import Guard
from server.web.shell import Shell
from server.web.visitor import (
    PUBLIC,
    SIGNED_IN,
    PasswordChangeNeededError,
    SecondFactorNeededError,
    SignInNeededError,
    Visitor,
    needs,
    needs_of,
)

API = "/api/"
MOST_BYTES = 1024 * 1024
"""Of a request, or a stranger could fill the memory: a form is read before its sender is looked at. Routes that take files say more."""


def create_app(shell: Shell, identify: Callable[[Request], Visitor | None], routers: Sequence[APIRouter], *, tls: bool) -> FastAPI:
    """Put it together. Raises RuntimeError for a route that declares no need: a forgotten check must not serve anybody."""
    app = FastAPI(
        title="Clockbridge",
        version=shell.version,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        max_body_size=MOST_BYTES,
    )
    app.state.shell = shell
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    for router in (*routers, phone, _own_routes()):
        for route in routes_of(router):
            if not needs_of(route):
                raise RuntimeError(f"{route.path} declares no need")
        app.include_router(router)

    @app.middleware("http")
    async def who(request: Request, call_next: Any) -> Response:
        from starlette.concurrency import run_in_threadpool

        request.state.visitor, request.state.unknown = None, None
        request.state.request_id = secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request=request.state.request_id)
        if not request.url.path.startswith("/static/"):
            try:
                request.state.visitor = await run_in_threadpool(identify, request)
            except ServerError as error:  # the database is away: told where somebody has to be known, `/healthz` goes on
                request.state.unknown = error
        answer: Response = await call_next(request)
        answer.headers["x-request-id"] = request.state.request_id
        return answer

    app.add_middleware(Guard, tls=tls)
    _answer_errors(app, shell)
    return app


def routes_of(router: APIRouter) -> Iterator[APIRoute]:
    """Every route of a router and of those it includes. Raises TypeError for what it cannot look into."""
    for route in router.routes:
        inner = getattr(route, "original_router", None)  # FastAPI keeps an included router as it is
        if isinstance(inner, APIRouter):
            yield from routes_of(inner)
        elif isinstance(route, APIRoute):
            yield route
        else:
            raise TypeError(f"{route!r} is no route of which anybody could see what it needs")


def _own_routes() -> APIRouter:
    router = APIRouter()

    @router.get("/", include_in_schema=False, dependencies=[needs(SIGNED_IN)])
    def begin(request: Request) -> Response:
        """The first page: what waits for this visitor."""
        return RedirectResponse(first_page(request.state.visitor), 303)

    @router.get("/language/{name}", include_in_schema=False, dependencies=[needs(PUBLIC)])
    def choose_language(request: Request, name: str) -> Response:
        """Remember the reader's language and go back to where they were."""
        back = request.headers.get("referer", "/")
        own = back.split("//", 1)[-1].split("/", 1)
        answer = RedirectResponse(own_path("/" + own[1]) if len(own) > 1 and own[0] == request.headers.get("host") else "/", 303)
        if name in LANGUAGES:
            answer.set_cookie(COOKIE, name, max_age=31_536_000, httponly=True, samesite="lax", secure=request.url.scheme == "https")
        return answer

    return router


def _answer_errors(app: FastAPI, shell: Shell) -> None:
    @app.exception_handler(SignInNeededError)
    def sign_in(request: Request, _error: SignInNeededError) -> Response:
        if request.url.path.startswith(API):
            return JSONResponse({"code": "sign-in-needed", "message": "Sign in first."}, 401)
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "") if request.method == "GET" else "/"
        return RedirectResponse(f"/sign-in?{_query(next=wanted)}", 303)

    @app.exception_handler(PasswordChangeNeededError)
    def change_password(request: Request, _error: PasswordChangeNeededError) -> Response:
        if request.url.path.startswith(API):
            return JSONResponse({"code": "password-change-needed", "message": "Choose a password of your own first."}, 403)
        return RedirectResponse("/password", 303)

    @app.exception_handler(SecondFactorNeededError)
    def prove(request: Request, _error: SecondFactorNeededError) -> Response:
        if request.url.path.startswith(API):
            return JSONResponse({"code": "second-factor-needed", "message": "Give your second factor first."}, 403)
        return RedirectResponse("/second-factor", 303)

    @app.exception_handler(ServerError)
    def in_words(request: Request, error: ServerError) -> Response:
        return _told(shell, request, error.status, error.code, said(request, error))

    @app.exception_handler(HTTPException)
    def by_status(request: Request, error: HTTPException) -> Response:
        texts = {404: "There is no such page.", 413: "This is more than can be taken at once."}
        text = texts.get(error.status_code, "The server could not do this.")
        return _told(shell, request, error.status_code, f"http-{error.status_code}", words(request)(text))

    @app.exception_handler(RequestValidationError)
    def not_understood(request: Request, error: RequestValidationError) -> Response:
        place = ".".join(str(part) for part in error.errors()[0]["loc"][1:])
        text = "The address or form has a value that cannot be used: {field}."
        return _told(shell, request, 422, "invalid-input", words(request)(text, field=place))


def _told(shell: Shell, request: Request, status: int, code: str, message: str) -> Response:
    if request.url.path.startswith(API):
        return JSONResponse({"code": code, "message": message}, status)
    request.state.visitor = getattr(request.state, "visitor", None)
    return shell.page(request, "error.html", status, said=message, code=status)


def _query(**values: str) -> str:
    from urllib.parse import urlencode

    return urlencode(values)
