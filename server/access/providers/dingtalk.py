"""DingTalk (钉钉), an app of the company's own. Written from the documentation; not tried with the real service.

Its page of signing in (QR code, or the app's own account; https://open.dingtalk.com/document/orgapp/obtain-identity-credentials) sends
back an `authCode`; https://open.dingtalk.com/document/orgapp/obtain-user-token makes a user's token of it, and says of which company;
https://open.dingtalk.com/document/orgapp/dingtalk-retrieve-user-information says who it is. Errors are a status above 399 with `code` and
`message`. Nothing of it is an employee number, so people link it themselves.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from server.access.model.elsewhere import Asked, Identity, Match, ProviderName, ProviderRefusedError
from server.access.providers.reaching import ask, revealed
from server.settings import DingTalkSettings

PAGE = "https://login.dingtalk.com/oauth2/auth"
API = "https://api.dingtalk.com"


class DingTalk:
    """One app of one company. The two addresses are DingTalk's own but in tests."""

    name = ProviderName.DINGTALK
    label = ""
    match = Match.NONE

    def __init__(self, settings: DingTalkSettings, page: str = PAGE, api: str = API) -> None:
        self._settings, self._page, self._api = settings, page, api

    def address(self, asked: Asked, browser: str) -> str:  # noqa: ARG002 - the protocol's
        questions = {
            "redirect_uri": asked.return_address,
            "response_type": "code",
            "client_id": self._settings.client_id,
            "scope": "openid corpid",
            "state": asked.state,
            "prompt": "consent",
        }
        return f"{self._page}?{urlencode(questions)}"

    def identity(self, asked: Asked, answer: Mapping[str, str], now: datetime) -> Identity:  # noqa: ARG002 - the protocol's
        code = answer.get("authCode") or answer.get("code", "")
        if not code:
            raise ProviderRefusedError("no authCode")
        wanted = {
            "clientId": self._settings.client_id,
            "clientSecret": revealed(self._settings.client_secret),
            "code": code,
            "grantType": "authorization_code",
        }
        token = ask("POST", f"{self._api}/v1.0/oauth2/userAccessToken", json=wanted)
        if not token.is_fine or not token.text("accessToken"):
            raise ProviderRefusedError(f"userAccessToken: {token.text('code')[:64]}")
        if token.text("corpId") != self._settings.corp_id:
            raise ProviderRefusedError("another company was chosen")
        who = ask("GET", f"{self._api}/v1.0/contact/users/me", headers={"x-acs-dingtalk-access-token": token.text("accessToken")})
        if not who.is_fine or not who.text("unionId"):
            raise ProviderRefusedError(f"users/me: {who.text('code')[:64]}")
        return Identity(f"{self._settings.corp_id} {who.text('unionId')}", who.text("nick"))
