"""Feishu (飞书), an app of the company's own. Written from the documentation; not tried with the real service.

Its page of signing in (https://open.feishu.cn/document/common-capabilities/sso/api/obtain-oauth-code; within Feishu it asks nothing) sends
back a `code`, good once, for five minutes. A token comes from
https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/authentication-management/access-token/get-user-access-token (RFC 6749, a JSON
body, PKCE); who it is says https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/authen-v1/user_info/get. The mail addresses and
mobile numbers there are not verified, as that page warns, so nobody is matched by them; the employee number is the company's own.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from server.access.engine.asking import challenge_of
from server.access.model.elsewhere import Asked, Identity, Match, ProviderName, ProviderRefusedError
from server.access.providers.reaching import ask, revealed
from server.settings import FeishuSettings

PAGE = "https://accounts.feishu.cn/open-apis/authen/v1/authorize"
API = "https://open.feishu.cn"


class Feishu:
    """One app of one company. The two addresses are Feishu's own but in tests."""

    name = ProviderName.FEISHU
    label = ""

    def __init__(self, settings: FeishuSettings, page: str = PAGE, api: str = API) -> None:
        self._settings, self._page, self._api = settings, page, api
        self.match = Match(settings.match)

    def address(self, asked: Asked, browser: str) -> str:  # noqa: ARG002 - the protocol's
        questions = {
            "client_id": self._settings.app_id,
            "response_type": "code",
            "redirect_uri": asked.return_address,
            "state": asked.state,
            "code_challenge": challenge_of(asked.verifier),
            "code_challenge_method": "S256",
        }
        return f"{self._page}?{urlencode(questions)}"

    def identity(self, asked: Asked, answer: Mapping[str, str], now: datetime) -> Identity:  # noqa: ARG002 - the protocol's
        code = answer.get("code", "")
        if not code:  # `error=access_denied` for whoever refuses
            raise ProviderRefusedError("no code")
        wanted = {
            "grant_type": "authorization_code",
            "client_id": self._settings.app_id,
            "client_secret": revealed(self._settings.app_secret),
            "code": code,
            "redirect_uri": asked.return_address,
            "code_verifier": asked.verifier,
        }
        token = ask("POST", f"{self._api}/open-apis/authen/v2/oauth/token", json=wanted)
        if token.text("code") != "0" or not token.text("access_token"):
            raise ProviderRefusedError(f"token: {token.text('code')} {token.text('error')[:64]}")
        found = ask("GET", f"{self._api}/open-apis/authen/v1/user_info", headers={"authorization": f"Bearer {token.text('access_token')}"})
        who = found.body.get("data")
        if found.text("code") != "0" or not isinstance(who, dict):
            raise ProviderRefusedError(f"user_info: {found.text('code')}")
        if who.get("tenant_key") != self._settings.tenant_key or not isinstance(who.get("union_id"), str) or not who["union_id"]:
            raise ProviderRefusedError("somebody of another company")
        number = str(who.get("employee_no") or "") if self.match is Match.EMPLOYEE_NUMBER else ""
        return Identity(f"{self._settings.tenant_key} {who['union_id']}", str(who.get("name") or ""), number)
