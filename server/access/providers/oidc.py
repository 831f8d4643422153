"""OpenID Connect: authorization code with PKCE, and an ID token whose signature and claims are checked.

OpenID Connect Core 1.0, section 3.1; Discovery 1.0, section 4; RFC 7636 (PKCE, S256 only); RFC 9207 (`iss` in the answer).
"""

from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from server.access.engine.asking import challenge_of
from server.access.model.elsewhere import Asked, Identity, Match, ProviderDownError, ProviderName, ProviderRefusedError
from server.access.providers.reaching import ask, revealed
from server.settings import OidcSettings

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a private key. Never `none`; never HS256, whose key would be the client's secret."""
LEEWAY_SECONDS = 60
KEEP_SECONDS = 3600.0
"""Metadata and keys are asked for anew after this."""
ASK_AGAIN_SECONDS = 30.0
"""A key that is not known makes us ask again, but no more often: anybody can send a token with a made-up key."""
DOWN_SECONDS = 10.0
"""For so long nobody else waits for a provider that did not answer: strangers could hold all threads by asking for the way out."""
LONGEST_SUBJECT = 255


class OpenId:
    """One provider by its issuer. Constructing does not reach out; what discovery said is remembered for an hour."""

    name = ProviderName.OIDC

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self.label = settings.label
        self.match = Match(settings.match)
        self._lock = Lock()
        self._metadata: Mapping[str, Any] = {}
        self._keys: KeySet | None = None
        self._asked_at = float("-inf")
        self._keys_at = float("-inf")
        self._down_at = float("-inf")

    def address(self, asked: Asked, browser: str) -> str:  # noqa: ARG002 - the protocol's
        questions = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": asked.return_address,
            "scope": " ".join(("openid", *(one for one in self._settings.scopes if one != "openid"))),
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": challenge_of(asked.verifier),
            "code_challenge_method": "S256",
        }
        endpoint = self._endpoint("authorization_endpoint")
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(questions)}"

    def identity(self, asked: Asked, answer: Mapping[str, str], now: datetime) -> Identity:
        if answer.get("iss", self._settings.issuer) != self._settings.issuer:
            raise ProviderRefusedError("the answer names another issuer")
        tokens = self._tokens(asked, answer.get("code", ""))
        claims = self._checked(str(tokens.get("id_token", "")), asked.nonce, now)
        if self.match is not Match.NONE and self._settings.claim_name not in claims and "userinfo_endpoint" in self._found():
            claims = {**self._userinfo(str(tokens.get("access_token", "")), claims["sub"]), **claims}
        ways = claims.get("amr")
        return Identity(
            f"{self._settings.issuer} {claims['sub']}",
            _text(claims, "name") or _text(claims, "preferred_username") or _text(claims, "email"),
            self._claim(claims),
            proved_twice=self._settings.trust_mfa and isinstance(ways, list) and "mfa" in ways,
        )

    def _tokens(self, asked: Asked, code: str) -> Mapping[str, Any]:
        if not code:
            raise ProviderRefusedError("no code")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asked.return_address,
            "code_verifier": asked.verifier,
            "client_id": self._settings.client_id,
        }
        secret, auth = revealed(self._settings.client_secret), None
        if secret and "client_secret_basic" in self._found().get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            auth = (self._settings.client_id, secret)
        elif secret:
            form["client_secret"] = secret
        found = ask("POST", self._endpoint("token_endpoint"), data=form, auth=auth, headers={"accept": "application/json"})
        if not found.is_fine:
            raise ProviderRefusedError(f"token endpoint: {found.text('error')[:64]}")
        return found.body

    def _checked(self, token: str, nonce: str, now: datetime) -> dict[str, Any]:
        """The claims of an ID token that is for us, for this browser, and of now."""
        try:
            claims = self._decoded(token).claims
            rules = jwt.JWTClaimsRegistry(
                now=int(now.timestamp()),
                leeway=LEEWAY_SECONDS,
                iss={"essential": True, "value": self._settings.issuer},
                aud={"essential": True, "value": self._settings.client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            )
            rules.validate(claims)
        except (JoseError, ValueError) as error:
            raise ProviderRefusedError(f"ID token: {error}"[:200]) from error
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != self._settings.client_id:
            raise ProviderRefusedError("ID token: made for another client")
        if not claims["sub"] or len(claims["sub"]) > LONGEST_SUBJECT:
            raise ProviderRefusedError("ID token: no subject")
        return claims

    def _decoded(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, self._signers(KEEP_SECONDS), algorithms=list(ALGORITHMS))
        except InvalidKeyIdError:  # its keys may have changed since
            return jwt.decode(token, self._signers(ASK_AGAIN_SECONDS), algorithms=list(ALGORITHMS))

    def _signers(self, oldest_seconds: float) -> KeySet:
        with self._lock:
            known, at = self._keys, self._keys_at
        if known is not None and monotonic() - at < oldest_seconds:
            return known
        found = ask("GET", self._endpoint("jwks_uri"))
        try:
            keys = KeySet.import_key_set({"keys": [one for one in found.body["keys"] if one.get("use", "sig") == "sig"]})
        except (KeyError, TypeError, AttributeError, ValueError, JoseError) as error:
            raise ProviderDownError("its keys cannot be read") from error
        with self._lock:
            self._keys, self._keys_at = keys, monotonic()
        return keys

    def _found(self) -> Mapping[str, Any]:
        """What discovery says, as far as it is about this issuer."""
        with self._lock:
            known, at, down_at = self._metadata, self._asked_at, self._down_at
        if known and monotonic() - at < KEEP_SECONDS:
            return known
        if monotonic() - down_at < DOWN_SECONDS:
            raise ProviderDownError("it did not answer just now")
        try:
            found = self._discovered()
        except ProviderDownError:
            with self._lock:
                self._down_at = monotonic()
            raise
        with self._lock:
            self._metadata, self._asked_at = found, monotonic()
        return found

    def _discovered(self) -> Mapping[str, Any]:
        found = ask("GET", f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        if not found.is_fine or found.text("issuer") != self._settings.issuer:
            raise ProviderDownError("discovery does not speak of this issuer")
        return found.body

    def _endpoint(self, name: str) -> str:
        """An address out of discovery, as well protected as the issuer's."""
        found = self._found().get(name)
        if not isinstance(found, str) or urlsplit(found).scheme not in {"https", urlsplit(self._settings.issuer).scheme}:
            raise ProviderDownError(f"discovery names no {name}")
        return found

    def _userinfo(self, token: str, subject: str) -> Mapping[str, Any]:
        found = ask("GET", self._endpoint("userinfo_endpoint"), headers={"authorization": f"Bearer {token}"})
        if not found.is_fine or found.body.get("sub") != subject:
            raise ProviderRefusedError("userinfo is not about the one who signed in")
        return found.body

    def _claim(self, claims: Mapping[str, Any]) -> str:
        """What the match goes by; a mail address that the provider has not verified is none."""
        if self.match is Match.NONE or (self.match is Match.MAIL and claims.get("email_verified") is not True):
            return ""
        return _text(claims, self._settings.claim_name)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value.strip()[:254] if isinstance(value, str) else ""
