"""Stand-ins of WeCom, DingTalk and Feishu on one real port, which answer as their documentation says, errors too.

They check what they are sent as the real ones say they do; nothing of them was held against the real services.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CORP, AGENT, APP, TENANT, SECRET = "ww-corp", "1000002", "app-1", "tenant-1", "the app's secret"


@dataclass
class Services:
    """members: what each service says of somebody, by who they are. codes: given out and not used yet. token: WeCom's, for the app."""

    members: dict[str, dict] = field(default_factory=dict)
    codes: dict[str, tuple[str, dict]] = field(default_factory=dict)
    token: str = "token-1"
    tokens_given: int = 0
    corp: str = CORP
    tenant: str = TENANT
    is_down: bool = False

    @property
    def app(self) -> Starlette:
        found = {
            "/wecom/sso": self.wecom_page,
            "/cgi-bin/gettoken": self.wecom_token,
            "/cgi-bin/auth/getuserinfo": self.wecom_user,
            "/v1.0/oauth2/userAccessToken": self.dingtalk_token,
            "/v1.0/contact/users/me": self.dingtalk_user,
            "/open-apis/authen/v2/oauth/token": self.feishu_token,
            "/open-apis/authen/v1/user_info": self.feishu_user,
        }
        return Starlette(routes=[Route(path, self._guarded(do), methods=["GET", "POST"]) for path, do in found.items()])

    def _guarded(self, do):
        async def answer(request: Request) -> Response:
            if self.is_down:
                return Response("Bad Gateway", 502)
            return await do(request)

        return answer

    def code_for(self, who: str, asked: dict) -> str:
        """What goes back once somebody has said yes on their phone; good once."""
        code = secrets.token_urlsafe(12)
        self.codes[code] = (who, asked)
        return code

    async def wecom_page(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if (asked.get("login_type"), asked.get("appid"), asked.get("agentid")) != ("CorpApp", CORP, AGENT):
            return Response("redirect_uri 参数错误", 400)
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': self.code_for('wei', asked), 'state': asked['state']})}", 303)

    async def wecom_token(self, request: Request) -> Response:
        if dict(request.query_params) != {"corpid": CORP, "corpsecret": SECRET}:
            return JSONResponse({"errcode": 40001, "errmsg": "invalid credential"})
        self.tokens_given += 1
        return JSONResponse({"errcode": 0, "errmsg": "ok", "access_token": self.token, "expires_in": 7200})

    async def wecom_user(self, request: Request) -> Response:
        if request.query_params.get("access_token") != self.token:
            return JSONResponse({"errcode": 40014, "errmsg": "invalid access_token"})
        who, _ = self.codes.pop(request.query_params.get("code", ""), (None, {}))
        if who is None:
            return JSONResponse({"errcode": 40029, "errmsg": "invalid code"})
        return JSONResponse({"errcode": 0, "errmsg": "ok", **self.members[who]})

    async def dingtalk_token(self, request: Request) -> Response:
        wanted = json.loads(await request.body())
        if (wanted.get("clientId"), wanted.get("clientSecret"), wanted.get("grantType")) != (APP, SECRET, "authorization_code"):
            return JSONResponse({"code": "invalidClientIdOrSecret", "message": "无效的clientId或者clientSecret", "requestid": "R"}, 400)
        who, _ = self.codes.pop(wanted.get("code", ""), (None, {}))
        if who is None:
            return JSONResponse({"code": "invalidParameter.authCode.notFound", "message": "不存在的临时授权码", "requestid": "R"}, 400)
        return JSONResponse({"accessToken": f"user-{who}", "refreshToken": "r", "expireIn": 7200, "corpId": self.corp})

    async def dingtalk_user(self, request: Request) -> Response:
        who = request.headers.get("x-acs-dingtalk-access-token", "").removeprefix("user-")
        if who not in self.members:
            return JSONResponse({"code": "InvalidAuthentication", "message": "不合法的access_token", "requestid": "R"}, 401)
        return JSONResponse({"nick": f"{who} 钉钉", "openId": f"o-{who}", **self.members[who]})

    async def feishu_token(self, request: Request) -> Response:
        wanted = json.loads(await request.body())
        if (wanted.get("client_id"), wanted.get("client_secret")) != (APP, SECRET):
            return JSONResponse({"code": 20002, "error": "invalid_client", "error_description": "The client secret is invalid."}, 400)
        who, asked = self.codes.pop(wanted.get("code", ""), (None, {}))
        if who is None:
            return JSONResponse({"code": 20003, "error": "invalid_grant", "error_description": "The code is invalid."}, 400)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(wanted.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        if challenge != asked["code_challenge"] or wanted.get("redirect_uri") != asked["redirect_uri"]:
            return JSONResponse({"code": 20049, "error": "invalid_grant", "error_description": "PKCE verification failed."}, 400)
        return JSONResponse({"code": 0, "access_token": f"u-{who}", "token_type": "Bearer", "expires_in": 7200, "scope": ""})

    async def feishu_user(self, request: Request) -> Response:
        who = request.headers.get("authorization", "").removeprefix("Bearer u-")
        if who not in self.members:
            return JSONResponse({"code": 20005, "msg": "The user access token passed is invalid."}, 401)
        return JSONResponse({"code": 0, "msg": "success", "data": {"name": who, "tenant_key": self.tenant, **self.members[who]}})
