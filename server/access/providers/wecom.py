"""WeCom (企业微信), an app of the company's own. Written from the documentation; not tried with the real service.

In a desktop browser the page with the QR code (https://developer.work.weixin.qq.com/document/path/98152), within WeCom its OAuth page
without a question (https://developer.work.weixin.qq.com/document/path/91022). The code that comes back is good once, for five minutes;
who it is says https://developer.work.weixin.qq.com/document/path/98176 with the app's token (…/path/91039), which has to be remembered
because asking for it often is refused. Error codes: https://developer.work.weixin.qq.com/document/path/90313.
"""

from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from time import monotonic
from urllib.parse import urlencode

from server.access.model.elsewhere import Asked, Identity, Match, ProviderDownError, ProviderName, ProviderRefusedError
from server.access.providers.reaching import Answer, ask, revealed
from server.settings import WeComSettings

QR_PAGE = "https://login.work.weixin.qq.com/wwlogin/sso/login"
IN_APP_PAGE = "https://open.weixin.qq.com/connect/oauth2/authorize"
API = "https://qyapi.weixin.qq.com"
TOKEN_IS_OVER = {"40014", "41001", "42001"}
"""The app's token is not valid, missing, or over: WeCom may end one before its time."""
CODE_IS_NONE = {"40029", "42003"}
RENEW_SECONDS = 60


class WeCom:
    """One app of one company. The three addresses are WeCom's own but in tests."""

    name = ProviderName.WECOM
    label = ""

    def __init__(self, settings: WeComSettings, qr_page: str = QR_PAGE, in_app_page: str = IN_APP_PAGE, api: str = API) -> None:
        self._settings = settings
        self.match = Match(settings.match)
        self._qr_page, self._in_app_page, self._api = qr_page, in_app_page, api
        self._lock = Lock()
        self._token, self._token_until = "", float("-inf")

    def address(self, asked: Asked, browser: str) -> str:
        app = {"appid": self._settings.corp_id, "agentid": self._settings.agent_id}
        back = {"redirect_uri": asked.return_address, "state": asked.state}
        if "wxwork/" in browser:
            questions = urlencode({**app, "response_type": "code", "scope": "snsapi_base", **back})
            return f"{self._in_app_page}?{questions}#wechat_redirect"
        return f"{self._qr_page}?{urlencode({'login_type': 'CorpApp', **app, **back})}"

    def identity(self, asked: Asked, answer: Mapping[str, str], now: datetime) -> Identity:  # noqa: ARG002 - the protocol's
        code = answer.get("code", "")
        if not code:  # whoever presses cancel comes back without one
            raise ProviderRefusedError("no code")
        found = self._who(code, anew=False)
        if found.text("errcode") in TOKEN_IS_OVER:
            found = self._who(code, anew=True)
        if found.text("errcode") != "0":
            raise (ProviderRefusedError if found.text("errcode") in CODE_IS_NONE else ProviderDownError)(f"errcode {found.text('errcode')}")
        user = found.text("userid")
        if not user:  # an outsider has an openid only
            raise ProviderRefusedError("not one of the company's members")
        return Identity(f"{self._settings.corp_id} {user}", user, user if self.match is Match.EMPLOYEE_NUMBER else "")

    def _who(self, code: str, *, anew: bool) -> Answer:
        questions = {"access_token": self._app_token(anew=anew), "code": code}
        return ask("GET", f"{self._api}/cgi-bin/auth/getuserinfo", params=questions)

    def _app_token(self, *, anew: bool) -> str:
        with self._lock:
            if not anew and monotonic() < self._token_until:
                return self._token
        questions = {"corpid": self._settings.corp_id, "corpsecret": revealed(self._settings.secret)}
        found = ask("GET", f"{self._api}/cgi-bin/gettoken", params=questions)
        token, seconds = found.text("access_token"), found.text("expires_in")
        if found.text("errcode") != "0" or not token or not seconds.isdecimal():
            raise ProviderDownError(f"no token, errcode {found.text('errcode')}")
        with self._lock:
            self._token, self._token_until = token, monotonic() + int(seconds) - RENEW_SECONDS
        return token
