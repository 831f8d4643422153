"""A small OpenID provider on a real port, with real signing keys. It checks what a client must send as strictly as the standards say;
what it answers can be forged, to see what the client takes."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "clockbridge", "a secret that both know"


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"}, private=True)


@dataclass
class Provider:
    """people: claims by subject. forged: claims that stand over the right ones. issuer: where it is served, known once it is."""

    people: dict[str, dict]
    return_address: str = ""
    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: new_key("one"))
    published: list[RSAKey] = field(default_factory=list)
    forged: dict = field(default_factory=dict)
    codes: dict[str, dict] = field(default_factory=dict)
    is_down: bool = False
    key_requests: int = 0
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        self.published = [self.key]

    @property
    def app(self) -> Starlette:
        found = {
            "/.well-known/openid-configuration": self.configuration,
            "/authorize": self.authorize,
            "/allow": self.allow,
            "/token": self.token,
            "/keys": self.keys,
            "/userinfo": self.userinfo,
        }
        nothing = Route("/favicon.ico", lambda _request: Response(status_code=204))
        return Starlette(routes=[nothing, *(Route(path, do, methods=["GET", "POST"]) for path, do in found.items())])

    def configuration(self, _request: Request) -> Response:
        if self.is_down:
            return Response("out of order", 503)
        names = ("authorize", "token", "userinfo")
        return JSONResponse(
            {f"{'authorization' if name == 'authorize' else name}_endpoint": f"{self.issuer}/{name}" for name in names}
            | {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", "token_endpoint_auth_methods_supported": ["client_secret_basic"]}
        )

    def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        right = {"client_id": CLIENT, "redirect_uri": self.return_address, "response_type": "code", "code_challenge_method": "S256"}
        if any(asked.get(name) != value for name, value in right.items()) or "openid" not in asked.get("scope", "").split():
            return JSONResponse({"error": "invalid_request"}, 400)
        links = "".join(f'<p><a href="/allow?{urlencode(asked | {"who": who})}">{who}</a></p>' for who in self.people)
        return HTMLResponse(f"<!doctype html><title>Provider</title><h1>Who are you?</h1>{links}")

    def allow(self, request: Request) -> Response:
        return RedirectResponse(self.come_back(dict(request.query_params)), 303)

    def come_back(self, asked: dict) -> str:
        """Where the browser goes once `who` has signed in here."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    async def token(self, request: Request) -> Response:
        form = await request.form()
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self.codes.pop(str(form["code"]), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest()).decode().rstrip("=")
        if asked is None or challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        token = self.id_token(asked["who"], asked["nonce"])
        return JSONResponse({"access_token": asked["who"], "token_type": "Bearer", "id_token": token})

    def id_token(self, who: str, nonce: str) -> str:
        now = int(self.clock())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": who, "nonce": nonce, "iat": now, "exp": now + 300, "name": f"{who} there"}
        algorithm = self.forged.get("alg", "RS256")
        header = {"alg": algorithm, "kid": self.key.kid}
        claims |= self.people[who] | {name: value for name, value in self.forged.items() if name != "alg"}
        told = {name: value for name, value in claims.items() if value is not None}
        if algorithm == "none":
            return ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in (header, told)) + "."
        key = OctKey.import_key(SECRET) if algorithm == "HS256" else self.key
        return jwt.encode(header, told, key, algorithms=[algorithm])

    def keys(self, _request: Request) -> Response:
        self.key_requests += 1
        return JSONResponse({"keys": [one.as_dict(private=False) for one in self.published]})

    def userinfo(self, request: Request) -> Response:
        who = request.headers.get("authorization", "").removeprefix("Bearer ")
        return JSONResponse({"sub": who, "employee_number": self.people[who].get("number_at_userinfo", "")})
